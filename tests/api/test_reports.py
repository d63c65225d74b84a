"""Reports as they come over the web: by a gateway of one's own, and Meta's question before the first one."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from flows import connector_setup
from tests.kit import House
from tests.provider import Provider


def receipts_of(name: str, house: House) -> tuple[FlaskClient, str]:
    return house.app.test_client(), urlsplit(connector_setup.receipts_at(house.services, name)).path


@pytest.mark.parametrize("named", ["theirs", "ours"])
def test_a_gateway_of_ones_own_reports_by_its_number_or_by_ours(house: House, provider: Provider, named: str) -> None:
    house.use_provider(provider.url, signing_secret="shared", id_path="id")
    provider.answer(200, {"id": "gateway-17"})
    house.browser().sign_in("06 12 34 56 78")
    house.deliver()
    ours = provider.requests[0].headers["idempotency-key"]
    body = json.dumps({"id": "gateway-17" if named == "theirs" else ours, "state": "delivered"}).encode()
    at = int(house.clock())
    digest = hmac.new(b"shared", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    client, address = receipts_of("http", house)
    wrong = client.post(address, data=body, headers={"Doorcode-Signature": f"t={at},v1={'0' * 64}"})
    assert (wrong.status_code, house.sql("SELECT receipt FROM messages")) == (503, [(0,)]), "it is to report once more"
    assert client.post(f"{address[:-1]}x", data=body).status_code == 404, "who does not know the address learns nothing"
    right = client.post(address, data=body, headers={"Doorcode-Signature": f"t={at},v1={digest}"})
    assert (right.status_code, house.sql("SELECT receipt FROM messages")) == (200, [(3,)])


def test_numbers_and_codes_in_a_report_are_neither_kept_nor_logged(
    house: House, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    house.use_provider(provider.url, id_path="id")
    provider.answer(200, {"id": "gateway-17"})
    house.browser().sign_in("06 12 34 56 78")
    house.deliver()
    code = house.codes()[0]
    words = f"no route to +33 6 12 34 56 78 for {code[:3]} {code[3:]} (+33612345678)"
    told = {"id": "gateway-17", "state": "failed", "code": "to 33612345678", "detail": words}
    client, address = receipts_of("http", house)
    with caplog.at_level(logging.INFO):
        assert client.post(address, data=json.dumps(told)).status_code == 200
    kept = house.sql("SELECT code, detail FROM receipts WHERE provider_id = 'gateway-17'")[0]
    assert tuple(kept) == ("to •••", "no route to ••• for ••• (•••)")
    assert "receipt of http: failed to •••" in caplog.text
    for secret in (code, "612345678"):
        assert secret not in caplog.text


WHATSAPP: dict[str, Any] = {
    "phone_number_id": "106540352242922",
    "access_token": "token",
    "templates": [{"id": "my_code:en_US", "parameters": ["code"]}],
    "app_secret": "secret",
    "verify_token": "words-of-ours",
}
QUESTION = {"hub.mode": "subscribe", "hub.verify_token": "words-of-ours", "hub.challenge": "1158201444"}


def test_metas_question_is_answered_with_its_challenge(sqlite_house: House) -> None:
    client, address = receipts_of("whatsapp", sqlite_house)
    assert client.get(address, query_string=QUESTION).status_code == 404, "it is not set up yet"
    sqlite_house.set(connectors={"active": "whatsapp", "configurations": {"whatsapp": WHATSAPP}})
    answer = client.get(address, query_string=QUESTION)
    assert (answer.status_code, answer.data) == (200, b"1158201444")
    for wrong in ({"hub.verify_token": "other"}, {"hub.challenge": "<b>"}):
        assert client.get(address, query_string=QUESTION | wrong).status_code == 404
    assert client.get(f"{address[:-1]}x", query_string=QUESTION).status_code == 404
