"""What providers report, through the real address: proved, in any order, as often as they like, and never an error."""

from __future__ import annotations

import hmac
import itertools
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from connectors.receipts import Notice
from delivery import worker as worker_module
from rules.receipt_address import receipt_address
from storage.receipts import DELIVERED, FAILED, NONE, SENT
from tests.delivery.standby import TAKEN, TWILIO, ask
from tests.kit import SECRET_KEY, House, away, open_house
from tests.provider import Provider

SID = TAKEN["sid"]


@pytest.fixture
def twilio(house: House) -> Iterator[House]:
    """The application with Twilio in use."""
    with Provider() as provider:
        provider.answer(201, TAKEN)
        use_twilio(house, provider.url)
        yield house


def use_twilio(house: House, url: str) -> None:
    house.set(connectors={"active": "twilio", "configurations": {"twilio": TWILIO | {"base_url": url}}})


def path_of(house: House, connector: str = "twilio") -> str:
    services = house.services
    address = receipt_address(services.environment, services.keys, connector)
    return address.removeprefix(services.environment.public_url)


def signature(house: House, path: str, fields: dict[str, str]) -> str:
    text = house.services.environment.public_url + path + "".join(k + v for k, v in sorted(fields.items()))
    return b64encode(hmac.digest(TWILIO["auth_token"].encode(), text.encode(), "sha1")).decode()


def report(house: House, status: str, sid: str = SID, path: str = "", **more: str) -> int:
    """Twilio's own request, without a cookie. The status of our reply."""
    path, fields = path or path_of(house), {"MessageSid": sid, "MessageStatus": status, **more}
    headers = {"X-Twilio-Signature": signature(house, path, fields)}
    return house.app.test_client().post(path, data=fields, headers=headers).status_code


def told(house: House) -> tuple[int, str | None]:
    row = house.sql("SELECT receipt, refusal FROM messages ORDER BY created_at DESC LIMIT 1")[0]
    return row.receipt, row.refusal


def test_a_receipt_moves_the_message_forward_only(twilio: House) -> None:
    ask(twilio)
    assert told(twilio) == (NONE, None)
    expected = [("queued", NONE), ("sent", SENT), ("sent", SENT), ("queued", SENT), ("delivered", DELIVERED)]
    expected += [("sent", DELIVERED), ("undelivered", DELIVERED), ("delivered", DELIVERED)]
    for status, state in expected:
        assert report(twilio, status) == 200
        assert told(twilio) == (state, None)
    assert twilio.sql("SELECT receipt_at FROM messages")[0].receipt_at == pytest.approx(twilio.clock(), abs=10)


def test_a_failure_is_told_by_its_kind_and_a_late_delivery_outweighs_it(twilio: House) -> None:
    ask(twilio)
    assert report(twilio, "undelivered", ErrorCode="30003") == 200
    assert told(twilio) == (FAILED, "bad_number")
    twilio.clock.forward(5 * 86400)
    assert report(twilio, "delivered") == 200
    assert told(twilio) == (DELIVERED, None)


def test_a_receipt_that_comes_before_the_reply_counts(twilio: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real = worker_module.send
    answers: list[int] = []

    def report_and_answer(*arguments: Any, **more: Any) -> Any:
        answer = real(*arguments, **more)
        answers.extend([report(twilio, "sent"), report(twilio, "delivered")])
        return answer

    monkeypatch.setattr(worker_module, "send", report_and_answer)
    ask(twilio)
    assert answers == [200, 200]
    assert told(twilio) == (DELIVERED, None)
    assert twilio.sql("SELECT state FROM messages")[0].state == "accepted"


def test_unknown_ids_and_pruned_messages_do_no_harm(twilio: House) -> None:
    ask(twilio)
    for sid in ("SM" + "9" * 32, "", "x" * 5000, "\0\n\ufffd", "\U0001f600" * 300):
        assert report(twilio, "delivered", sid) == 200
    assert told(twilio) == (NONE, None)
    twilio.clock.forward(31 * 86400)
    twilio.worker._housekeeping.run()
    assert [twilio.count("messages"), twilio.count("receipts")] == [0, 0]
    assert report(twilio, "delivered") == 200
    assert twilio.count("messages") == 0


def test_wrong_secrets_and_connectors_are_not_found_wrong_signatures_asked_again_and_nothing_changes(
    twilio: House,
) -> None:
    ask(twilio)
    right, client = path_of(twilio), twilio.app.test_client()
    fields = {"MessageSid": SID, "MessageStatus": "delivered"}
    wrong_paths = [right[:-1], right + "0", right.rsplit("/", 1)[0] + "/é", path_of(twilio, "http")]
    wrong_paths += [path_of(twilio, "development"), path_of(twilio, "pigeon"), right.replace("twilio", "http")]
    for path in wrong_paths:
        assert report(twilio, "delivered", path=path) == 404, path
    good = signature(twilio, right, fields)
    for headers in ({}, {"X-Twilio-Signature": good[:-2] + "A="}, {"X-Twilio-Signature": "é"}):
        assert client.post(right, data=fields, headers=headers).status_code == 503
    assert client.post(right, data=fields | {"To": "+1"}, headers={"X-Twilio-Signature": good}).status_code == 503
    assert client.get(right).status_code == 503
    assert [told(twilio), twilio.count("receipts")] == [(NONE, None), 0]
    assert client.post(right, data=fields, headers={"X-Twilio-Signature": good}).status_code == 200


def test_a_connector_that_is_no_longer_set_up_is_not_found(twilio: House) -> None:
    ask(twilio)
    twilio.set(connectors={"active": "", "configurations": {}})
    assert report(twilio, "delivered") == 404
    assert twilio.count("receipts") == 0


HOSTILE = [
    b"x",
    b"\0" * 1000,
    b"\xff\xfe\xfd" * 100,
    b"[" * 50_000,
    b"{" * 50_000,
    b"&".join(b"a%d=1" % n for n in range(5000)),
    b"MessageStatus=delivered&MessageStatus=sent&MessageSid=%00%ff",
    b'{"MessageStatus": ' + b"9" * 50_000 + b"}",
    b"MessageStatus=delivered&MessageSid=" + b"%F0%9F%98%80" * 5000,
]


@pytest.mark.parametrize("signed", [True, False])
def test_hostile_bodies_are_no_error_of_ours(twilio: House, signed: bool) -> None:
    for body in HOSTILE:
        for kind in ("application/x-www-form-urlencoded", "application/json", "multipart/form-data", "x" * 3000):
            path = path_of(twilio)
            text = twilio.services.environment.public_url + path + _fields_of(body)
            proof = b64encode(hmac.digest(TWILIO["auth_token"].encode(), text.encode(), "sha1")).decode()
            headers = {"X-Twilio-Signature": proof if signed else "nonsense"}
            reply = twilio.app.test_client().post(path, data=body, content_type=kind, headers=headers)
            assert reply.status_code == (200 if signed else 503), (body[:40], kind)


def _fields_of(body: bytes) -> str:
    """As the connector reads them: none where there are too many."""
    return "".join(name + value for name, value in sorted(Notice("POST", "", body=body).form().items()))


HOSTILE_QUERIES = ["\xff\xfe", "%ff=%00", "a" * 20_000, "=&&=?#", "a=1\nb"]


def test_hostile_addresses_are_no_error_of_ours(twilio: House) -> None:
    paths = (path_of(twilio), "/receipts/twilio/\xff\xfe", "/receipts/\xe9\xff/1")
    for path, query in itertools.product(paths, HOSTILE_QUERIES):
        environ = EnvironBuilder(method="POST", path="/", data=b"").get_environ()
        environ |= {"PATH_INFO": path, "QUERY_STRING": query}
        _body, status, _headers = run_wsgi_app(twilio.app, environ, buffered=True)
        assert status == ("503 SERVICE UNAVAILABLE" if path == path_of(twilio) else "404 NOT FOUND")


def test_a_body_that_is_too_long_is_refused(sqlite_house: House) -> None:
    use_twilio(sqlite_house, "http://127.0.0.1:1")
    reply = sqlite_house.app.test_client().post(path_of(sqlite_house), data=b"x" * 200_000)
    assert reply.status_code == 413


def test_while_the_database_is_away_the_provider_is_told_to_repeat(twilio: House) -> None:
    ask(twilio)
    with away(twilio.database_url):
        assert report(twilio, "delivered") == 503
    assert report(twilio, "delivered") == 200
    assert told(twilio) == (DELIVERED, None)


def test_the_door_counts_no_receipts(twilio: House) -> None:
    twilio.set(limits={"posts_minute": 10})
    ask(twilio)
    assert {report(twilio, "sent", f"SM{n:032d}") for n in range(60)} == {200}
    page = twilio.browser().open("/sign-in").send(country="FR", phone="06 12 34 56 99")
    assert page.status == 200


def test_addresses_of_an_older_secret_keep_working(database_url: str, tmp_path: Path) -> None:
    with open_house(database_url, tmp_path / "instance") as before:
        old = path_of(before)
    newer = "another-key-0123456789-abcdefghijklmnop"
    with open_house(database_url, tmp_path / "instance", SECRET_KEY=f"{newer},{SECRET_KEY}") as house, Provider() as p:
        p.answer(201, TAKEN)
        use_twilio(house, p.url)
        ask(house)
        assert path_of(house) != old
        assert report(house, "sent", path=old) == 200
        assert told(house) == (SENT, None)
        assert report(house, "delivered") == 200
        assert told(house) == (DELIVERED, None)
    with open_house(database_url, tmp_path / "instance", SECRET_KEY=newer) as house:
        assert report(house, "delivered", path=old) == 404


def test_the_provider_is_given_the_address_only_where_it_can_reach_us(database_url: str, tmp_path: Path) -> None:
    for public_url in ("https://login.example.com", "http://127.0.0.1:8000"):
        with open_house(database_url, tmp_path / "instance", PUBLIC_URL=public_url) as house, Provider() as provider:
            provider.answer(201, TAKEN)
            use_twilio(house, provider.url)
            ask(house, f"+336123456{len(public_url)}")
            address = urlencode({"StatusCallback": public_url + path_of(house)})
            assert (address in provider.requests[0].body.decode()) == public_url.startswith("https")
