"""The development connector hands messages to the page that shows them."""

from __future__ import annotations

import json
from dataclasses import asdict

from connectors import development
from connectors.contract import Outcome, Reply
from connectors.registry import connectors
from connectors.testkit import MESSAGE, ConnectorContract


class TestDevelopment(ConnectorContract):
    module = development
    accepted = ((Reply(200), ""),)
    unknown = (Reply(404),)


def test_the_message_goes_to_the_page_as_it_is() -> None:
    request = development.build({}, MESSAGE)
    assert (request.method, request.url) == ("PUT", "development:messages")
    assert json.loads(request.body) == asdict(MESSAGE)


def test_it_is_not_for_production() -> None:
    assert connectors()["development"].production is False


def test_only_a_page_that_took_it_accepts() -> None:
    assert development.read({}, Reply(200)).outcome is Outcome.ACCEPTED
    assert development.read({}, Reply(404)).outcome is Outcome.UNKNOWN
