"""The manners of both APIs: who may call, how a fault is told, once or again, how often, and from which site."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from api import problems
from flows import clients
from flows.outcomes import Done
from pages import phone_words, words
from rules.passwords import Weakness
from rules.phones import PhoneReason
from rules.refusals import Reason
from settings.clients import write_client
from tests.api.kit import ACCOUNT, ALL_SCOPES, Program, account_program, add_account_app, manage_program, reason
from tests.kit import House
from tests.oidc.kit import add_shop, signed_in

OTHER = {"value": "+33687654321"}


def test_without_a_good_token_for_this_api_nothing_is_told(sqlite_house: House) -> None:
    program = account_program(sqlite_house)
    strangers = {
        "": "no_token",
        "rubbish": "bad_token",
        program.token[:-6] + "AAAAAA": "bad_token",
        add_shop(sqlite_house).tokens(signed_in(sqlite_house, "06 87 65 43 21"))["access_token"]: "bad_token",
        manage_program(sqlite_house, "users:read").token: "bad_token",
    }
    for token, expected in strangers.items():
        reply = Program(sqlite_house, ACCOUNT, token).get("/phones")
        assert (reply.status_code, reason(reply)) == (401, expected)
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    sqlite_house.clock.forward(16 * 60)
    assert reason(program.get("/phones")) == "bad_token"


def test_a_token_is_worth_nothing_once_its_person_took_it_back_or_is_suspended(house: House) -> None:
    browser = signed_in(house)
    program = account_program(house, browser)
    house.sql("UPDATE accounts SET suspended_at = 1")
    assert program.get("/phones").status_code == 401
    house.sql("UPDATE accounts SET suspended_at = NULL")
    assert program.get("/phones").status_code == 200
    [(client_id,)] = house.sql("SELECT id FROM clients")
    browser.open("/account/applications").send(client=client_id)
    assert program.get("/phones").status_code == 401


def test_the_missing_scope_is_named(sqlite_house: House) -> None:
    reply = account_program(sqlite_house, scope="openid email").get("/phones")
    assert (reply.status_code, reason(reply), reply.json["scope"]) == (403, "scope_missing", "phone")
    assert 'scope="phone"' in reply.headers["WWW-Authenticate"]


WRONG_BODIES: list[tuple[bytes, str, int, str | None]] = [
    (b"{", "application/json", 400, "not_json"),
    (b"[" * 100_000, "application/json", 400, "not_json"),
    (b'{"value": NaN}', "application/json", 400, "not_json"),
    (b"\xff\xfe", "application/json", 400, "not_json"),
    (b"value=1", "application/x-www-form-urlencoded", 415, "not_accepted"),
    (b'{"value": "' + b"1" * 200_000 + b'"}', "application/json", 413, "too_long"),
    (b"[]", "application/json", 422, "invalid"),
    (b"{}", "application/json", 422, "invalid"),
    (b'{"value": 7}', "application/json", 422, "invalid"),
    (b'{"value": "+33687654321", "more": 1}', "application/json", 422, "invalid"),
    (b'{"value": "\\u0000"}', "application/json", 422, "invalid"),
    (b'{"value": "\\ud800"}', "application/json", 422, "invalid"),
    (b'{"value": "12"}', "application/json", 422, None),
]


def test_a_body_that_is_wrong_is_told_where(sqlite_house: House) -> None:
    program = account_program(sqlite_house).proved()
    headers = {"Authorization": f"Bearer {program.token}", **program.headers}
    for body, kind, status, expected in WRONG_BODIES:
        reply = sqlite_house.app.test_client().post(f"{ACCOUNT}/phones", data=body, content_type=kind, headers=headers)
        assert reply.status_code == status, reply.text
        assert expected in (None, reason(reply))
        if expected == "invalid":
            assert all(each["pointer"] == "" or each["pointer"].startswith("/") for each in reply.json["errors"])


def test_what_is_not_there_is_a_problem_too(sqlite_house: House) -> None:
    program = account_program(sqlite_house)
    assert reason(program.get("/nothing")) == "not_found"
    wrong = program.call("PUT", "/phones")
    assert (wrong.status_code, reason(wrong), set(wrong.headers["Allow"].split(", "))) == (
        405,
        "no_method",
        {"GET", "HEAD", "POST", "OPTIONS"},
    )
    assert reason(program.get("/phones?colour=red")) == "bad_query"
    assert reason(program.proved().delete("/phones/1")) == "not_found"
    assert "text/html" in sqlite_house.app.test_client().get("/nothing").content_type


def test_the_same_key_is_done_once_and_answered_the_same(house: House) -> None:
    program = account_program(house).proved()
    house.clock.forward(31)
    messages = house.count("messages")
    first = program.post("/phones", OTHER, Idempotency_Key="a-key")
    again = program.post("/phones", OTHER, Idempotency_Key='"a-key"')
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert house.count("messages") == messages + 1
    other = program.post("/phones", {"value": "+33611223344"}, Idempotency_Key="a-key")
    assert (other.status_code, reason(other)) == (422, "other_request")
    assert reason(program.post("/phones", OTHER, Idempotency_Key="no spaces")) == "bad_key"
    kept = json.dumps([str(row) for row in house.sql("SELECT * FROM idempotency_keys")])
    assert first.json["id"] not in kept, "answers are sealed"


def test_a_key_whose_call_was_refused_for_now_is_free_again(sqlite_house: House) -> None:
    program = account_program(sqlite_house).proved()
    sqlite_house.clock.forward(31)
    sqlite_house.set(limits={"number_hour": 1})
    assert program.post("/phones", OTHER, Idempotency_Key="first").status_code == 202
    ticket = sqlite_house.sql("SELECT id FROM tickets ORDER BY created_at DESC LIMIT 1")[0][0]
    again = f"/pending-phones/{ticket}/send-again"
    early = program.post(again, Idempotency_Key="again")
    assert (early.status_code, early.headers["Retry-After"]) == (429, str(early.json["wait"]))
    sqlite_house.set(limits={"number_hour": 1000})
    sqlite_house.clock.forward(121)
    assert program.post(again, Idempotency_Key="again").status_code == 202


def unchecked(program: Program, path: str, body: object, *, key: str) -> TestResponse:
    """A call whose answer may be one that no document has."""
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": key, **program.headers}
    return program.house.app.test_client().post(program.api + path, json=body, headers=headers)


def test_a_key_whose_call_failed_on_our_side_is_free_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    program = account_program(house).proved()
    house.clock.forward(31)
    before = house.count("messages")
    with monkeypatch.context() as broken:
        broken.setattr("flows.contacts.send_code", lambda *_, **_more: 1 / 0)
        assert reason(unchecked(program, "/phones", OTHER, key="one")) == "failed"
    assert (house.count("messages"), house.count("idempotency_keys")) == (before, 0)
    done = program.post("/phones", OTHER, Idempotency_Key="one")
    again = program.post("/phones", OTHER, Idempotency_Key="one")
    assert (done.status_code, again.json, house.count("messages")) == (202, done.json, before + 1)


def test_a_key_whose_database_went_away_is_not(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether the last word to it was heard."""
    program = account_program(sqlite_house).proved()

    def gone(*_given: object, **_more: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("gone"))

    with monkeypatch.context() as broken:
        broken.setattr("flows.contacts.send_code", gone)
        assert reason(program.post("/phones", OTHER, Idempotency_Key="one")) == "busy"
    monkeypatch.setattr("flows.idempotency.PATIENCE", 0)
    sqlite_house.clock.forward(61)
    assert reason(program.post("/phones", OTHER, Idempotency_Key="one")) == "unfinished"


def test_a_key_belongs_to_one_grant(sqlite_house: House) -> None:
    ann, ben = account_program(sqlite_house), account_program(sqlite_house, signed_in(sqlite_house, "06 11 22 33 44"))
    one = ann.post("/verifications", {}, Idempotency_Key="k")
    assert one.json != ben.post("/verifications", {}, Idempotency_Key="k").json
    assert reason(ben.get(f"/verifications/{one.json['id']}")) == "not_found"


def test_calls_that_change_something_are_counted(house: House) -> None:
    house.clock.stop()
    program = account_program(house)
    house.set(limits={"calls_minute": 2})
    first = program.post("/verifications", {})
    assert first.headers["RateLimit-Policy"] == '"calls";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"calls";r=1;t=')
    program.post("/verifications", {})
    third = program.post("/verifications", {})
    assert (third.status_code, reason(third)) == (429, "too_many_calls")
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    assert program.get("/phones").status_code == 200, "reading is not counted"


def test_scripts_of_the_applications_own_sites_may_call(sqlite_house: House) -> None:
    client, shop = sqlite_house.app.test_client(), add_account_app(sqlite_house)
    add_shop(sqlite_house, redirect_uris=["https://other.example.com/back"])
    token = shop.tokens(signed_in(sqlite_house), scope=ALL_SCOPES)["access_token"]
    allowed = "Access-Control-Allow-Origin"
    origins = {"https://shop.example.com": True, "https://other.example.com": False, "https://evil.example": False}
    for origin, may in origins.items():
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = client.options(f"{ACCOUNT}/phones", headers=headers)
        reply = client.get(f"{ACCOUNT}/phones", headers={"Origin": origin, "Authorization": f"Bearer {token}"})
        assert (preflight.headers.get(allowed), reply.headers.get(allowed)) == (
            (origin, origin) if may else (None, None)
        )
        assert "Access-Control-Allow-Credentials" not in reply.headers


def test_a_site_is_known_a_second_after_its_application(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each browser asks before each new address: the applications are not read for each of them."""
    client, moment, reads = sqlite_house.app.test_client(), [100.0], []
    list_all = clients.list_all
    monkeypatch.setattr("api.origins.time.monotonic", lambda: moment[0])
    monkeypatch.setattr(clients, "list_all", lambda services: reads.append(1) or list_all(services))

    def may() -> bool:
        headers = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "POST"}
        return "Access-Control-Allow-Origin" in client.options(f"{ACCOUNT}/phones", headers=headers).headers

    assert not may()
    add_account_app(sqlite_house)
    assert not may()
    moment[0] += 1
    assert [may() for _ in range(5)] == [True] * 5
    assert len(reads) == 2


def test_a_fault_of_ours_is_a_problem_with_a_reference(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    program = account_program(sqlite_house)
    monkeypatch.setattr("flows.contacts.own", lambda *_: 1 / 0)
    headers = {"Authorization": f"Bearer {program.token}"}
    reply = sqlite_house.app.test_client().get(f"{ACCOUNT}/phones", headers=headers)
    assert (reply.status_code, reason(reply)) == (500, "failed")
    assert reply.json["reference"] == reply.headers["X-Request-ID"]


def test_every_reason_has_its_words() -> None:
    """One that pages deal with in another way needs words of its own here."""
    told = {*problems.OWN, *words.SENTENCES, *phone_words.WORDS}
    assert {*Reason, *PhoneReason, *Weakness} - told == set()


def test_what_is_kept_of_a_call_cannot_be_guessed_without_our_keys(sqlite_house: House) -> None:
    program = account_program(sqlite_house).proved()
    body = json.dumps({"password": "four plain words together"}).encode()
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": "one", **program.headers}
    client = sqlite_house.app.test_client()
    path = f"{ACCOUNT}/password"
    assert client.put(path, data=body, content_type="application/json", headers=headers).status_code == 204
    parts = (b"PUT", path.encode(), b"", program.headers["Doorcode-Verification-Id"].encode(), body)
    plain = sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()
    [(kept,)] = sqlite_house.sql("SELECT request FROM idempotency_keys WHERE key = 'one'")
    assert kept != plain


def test_what_an_application_may_no_more_its_tokens_open_no_more(sqlite_house: House) -> None:
    person, machine = account_program(sqlite_house), manage_program(sqlite_house, "users:read", "messages")
    assert (person.get("/phones").status_code, machine.get("/users").status_code) == (200, 200)
    for client in clients.list_all(sqlite_house.services):
        manage = ["messages"] * bool(client.settings.manage)
        settings = write_client(client.settings) | {"account_api": False, "manage": manage}
        assert isinstance(clients.save(sqlite_house.services, "test", client, settings), Done)
    assert (person.get("/phones").status_code, reason(person.get("/phones"))) == (401, "bad_token")
    assert (machine.get("/users").status_code, reason(machine.get("/users"))) == (403, "scope_missing")
    assert machine.get("/messages").status_code == 200
