"""Private addresses are called only where the operator allows it: by the real caller, against a real server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Request
from delivery import caller
from delivery.caller import CallFailed
from delivery.connecting import Stage
from flows import connector_setup
from flows.connector_setup import Place
from flows.outcomes import Done, Refused
from tests.kit import House, environment, open_house
from tests.pages.test_console import in_console
from tests.provider import Provider

BODY = '{"to": "{to}", "text": "{text}"}'
CURE = "DOORCODE_PRIVATE_ADDRESSES=on"


@pytest.fixture
def closed_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with open_house(database_url, tmp_path / "instance", PRIVATE_ADDRESSES="off") as opened:
        yield opened


def failure(url: str) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        caller.call(Request("POST", url), private=False)
    return caught.value


def named(port: int, *addresses: str) -> list[Any]:
    """What a look-up answers."""
    families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
    ends: list[Any] = [(a, port, 0, 0) if ":" in a else (a, port) for a in addresses]
    return [(family, socket.SOCK_STREAM, 6, "", end) for family, end in zip(families, ends, strict=True)]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_called_however_it_is_written(provider: Provider, host: str) -> None:
    failed = failure(f"http://{host}:{provider.port}")
    assert (failed.sent, failed.reason) == (False, Stage.PRIVATE.value)
    assert CURE in str(failed)
    assert "127" not in str(failed)
    assert provider.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_a_public_name_with_a_private_address_is_not_called(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: named(provider.port, address))
    assert failure("http://provider.example").reason == Stage.PRIVATE.value
    assert provider.connections == 0


def test_a_name_is_looked_up_once_so_that_it_cannot_answer_otherwise_later(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([named(provider.port, "127.0.0.1"), named(provider.port, "1.1.1.1")])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: next(answers))
    assert failure("http://provider.example").reason == Stage.PRIVATE.value
    assert len(list(answers)) == 1


def test_an_open_connection_of_before_is_not_used(provider: Provider) -> None:
    assert caller.call(Request("POST", provider.url), private=True).status == 200
    assert failure(provider.url).reason == Stage.PRIVATE.value
    assert len(provider.requests) == 1


def test_a_message_is_refused_and_nothing_was_sent(closed_house: House, provider: Provider) -> None:
    house = closed_house
    house.use_provider(provider.url)
    browser = house.browser().sign_in("06 12 34 56 78")
    for _attempt in range(4):
        house.deliver()
        house.clock.forward(7)
    assert "Nothing was sent" in browser.open("/sign-in/code").text
    row = house.sql("SELECT m.state, a.detail FROM messages m JOIN attempts a ON a.message_id = m.id")[0]
    assert (row.state, CURE in row.detail) == ("refused", True)
    assert provider.connections == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:8025/", "https://localhost/send", "http://[fd00::1]/"])
def test_a_private_address_is_refused_at_its_field(closed_house: House, url: str) -> None:
    services = closed_house.services
    typed = {"url": url, "body": BODY}
    tested = connector_setup.test(services, "ada", "http", typed, "+33612345678", "", "en")
    saved = connector_setup.save(services, "test", "http", typed, Place("active"))
    for refused in (tested, saved):
        assert isinstance(refused, Refused)
        assert list(refused.values["problems"]) == ["url"]
        assert CURE in str(refused.values["problems"]["url"])
    assert services.settings().connectors.active == "development"


def test_the_console_says_why_and_what_to_do(closed_house: House) -> None:
    browser = in_console(closed_house)
    browser.open("/admin/connectors/http").send(
        method="POST", body_kind="json", url="http://169.254.169.254/", body=BODY, action="save"
    )
    assert browser.status == 422
    assert len(browser.errors) == 1
    assert "private network" in browser.errors[0]
    assert CURE in browser.errors[0]


def test_where_they_are_allowed_they_are_saved_and_called(house: House, provider: Provider) -> None:
    typed = {"url": provider.url, "body": BODY}
    assert isinstance(connector_setup.save(house.services, "test", "http", typed, Place("active")), Done)
    house.browser().sign_in("06 12 34 56 78")
    house.deliver()
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        ({}, True),
        ({"PRIVATE_ADDRESSES": "off"}, False),
        ({"ENV": "production"}, False),
        ({"ENV": "production", "PRIVATE_ADDRESSES": "on"}, True),
    ],
)
def test_the_operator_decides(tmp_path: Path, variables: dict[str, str], allowed: bool) -> None:
    found = environment("sqlite://", tmp_path, PUBLIC_URL="https://login.example.com", **variables)
    assert found.private_addresses == allowed
