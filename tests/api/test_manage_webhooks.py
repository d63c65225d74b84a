"""Webhooks looked after by a program: added, changed, tried, rotated, switched, sent again, removed."""

from __future__ import annotations

from tests.api.kit import Program, manage_program, reason
from tests.delivery.test_webhooks import happen
from tests.hooks import add, tell, types, verified
from tests.kit import House
from tests.oidc.kit import random_id
from tests.provider import Provider


def program_of(house: House) -> Program:
    return manage_program(house, "webhooks:read", "webhooks:write")


def test_a_webhook_is_added_told_changed_and_removed(house: House, provider: Provider) -> None:
    program = program_of(house)
    settings = {"url": f"{provider.url}/hooks", "events": ["account.created"]}
    made = program.post("/webhooks", settings, Idempotency_Key="one")
    assert made.status_code == 201, made.text
    assert program.post("/webhooks", settings, Idempotency_Key="one").json == made.json, "the secret is told again"
    one = f"/webhooks/{made.json['id']}"
    assert made.json["secret"] not in program.get(one).text
    assert program.post(f"{one}/test").status_code == 204
    tell(house)
    assert types(provider) == ["webhook.test"]
    assert verified(provider.requests[-1], made.json["secret"])
    wrong = program.call("PUT", one, {"url": "ftp://x", "events": ["account.created"]})
    assert (wrong.status_code, [each["pointer"] for each in wrong.json["errors"]]) == (422, ["/url"])
    changed = program.call("PUT", one, settings | {"events": ["phone.added"], "identifiers": True})
    assert (changed.json["events"], changed.json["identifiers"]) == (["phone.added"], True)
    assert [each["id"] for each in program.get("/webhooks").json["items"]] == [made.json["id"]]
    assert program.delete(one).status_code == 204
    assert reason(program.get(one)) == "not_found"
    [(actor,)] = house.sql("SELECT DISTINCT actor FROM audit WHERE action LIKE 'webhook.%'")
    assert actor == "The Shop (API)"


def test_two_secrets_sign_until_the_old_one_is_ended(sqlite_house: House, provider: Provider) -> None:
    program, made = program_of(sqlite_house), add(sqlite_house, provider)
    one = f"/webhooks/{made.endpoint_id}"
    second = program.post(f"{one}/secrets").json["secret"]
    assert program.get(one).json["secrets"] == 2
    program.post(f"{one}/test")
    tell(sqlite_house)
    assert verified(provider.requests[-1], made.secret) == verified(provider.requests[-1], second)
    assert program.post(f"{one}/end-old-secret").status_code == 204
    assert program.get(one).json["secrets"] == 1


def test_one_that_was_switched_off_by_itself_is_switched_on_again(sqlite_house: House, provider: Provider) -> None:
    program, made = program_of(sqlite_house), add(sqlite_house, provider)
    one = f"/webhooks/{made.endpoint_id}"
    provider.answer(410, {})
    program.post(f"{one}/test")
    tell(sqlite_house)
    off = program.get(one).json
    assert (off["off"], off["off_at"] is not None) == ("gone", True)
    assert reason(program.post(f"{one}/test")) == "webhook_off"
    assert program.post(f"{one}/switch-on").json["off"] is None
    assert program.post(f"{one}/switch-off").json["off"] == "admin"


def test_what_was_told_is_read_a_page_at_a_time_and_sent_again(house: House, provider: Provider) -> None:
    program, made = program_of(house), add(house, provider)
    happen(house, random_id(), "password_set", times=40)
    tell(house)
    path = f"/webhooks/{made.endpoint_id}/deliveries"
    first = program.get(path).json
    rest = program.get(f"{path}?cursor={first['next']}").json
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (20, 20, None)
    assert {each["state"] for each in first["items"]} == {"delivered"}
    newest = f"{path}/{first['items'][0]['number']}"
    read = program.get(newest).json
    assert (read["status"], read["next_at"], read["body"]["type"]) == (200, None, "password.changed")
    calls = len(provider.requests)
    again = program.post(f"{newest}/send-again").json
    assert (again["state"], again["event"]) == ("waiting", read["event"])
    tell(house)
    assert len(provider.requests) == calls + 1
    other = add(house, provider)
    assert reason(program.get(newest.replace(made.endpoint_id, other.endpoint_id))) == "not_found"
    assert reason(program.get(f"{path}/{10**30}")) == "not_found"


def test_reading_is_not_writing(sqlite_house: House, provider: Provider) -> None:
    add(sqlite_house, provider)
    reader = manage_program(sqlite_house, "webhooks:read")
    [found] = reader.get("/webhooks").json["items"]
    assert reason(reader.delete(f"/webhooks/{found['id']}")) == "scope_missing"
