"""What an operator's own programs do, as admins do it in the console."""

from __future__ import annotations

from typing import Any

import pytest

from flows import change_settings
from flows.services import Services
from tests.api.kit import manage_program, reason
from tests.kit import House
from tests.oidc.kit import add_shop, signed_in
from tests.provider import Provider

TO = "+33612345678"


def test_an_account_is_made_found_suspended_opened_and_deleted(house: House) -> None:
    program = manage_program(house, "users:read", "users:write", "audit")
    made = program.post("/users", {"identifier": TO})
    assert (made.status_code, made.json["identifiers"][0]["value"]) == (201, TO)
    user = f"/users/{made.json['id']}"
    assert reason(program.post("/users", {"identifier": TO})) == "name_taken"
    [found] = program.get("/users?search=%2B33+6+12+34+56+78").json["items"]
    assert (found["id"], found["value"], found["suspended"]) == (made.json["id"], TO, False)
    assert program.post(f"{user}/suspend").json["suspended_at"]
    assert program.post(f"{user}/open").json["suspended_at"] is None
    assert program.post(f"{user}/end-sessions").json["sessions"] == []
    assert program.delete(user).status_code == 204
    assert reason(program.get(user)) == "not_found"
    first, *rest = program.get("/audit").json["items"]
    assert (first["action"], first["actor"]) == ("user.deleted", "The Shop (API)")
    assert program.get("/audit?limit=1").json["next"]
    assert len(rest) >= 4


def test_accounts_come_a_page_at_a_time_and_none_twice(house: House) -> None:
    program = manage_program(house, "users:read", "users:write")
    for n in range(4):
        assert program.post("/users", {"identifier": f"+3361234567{n}"}).status_code == 201
    house.sql("UPDATE accounts SET created_at = 1000")  # as an import leaves them
    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = program.get(f"/users?limit=2&cursor={cursor}").json
        found += [each["value"] for each in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert (pages, sorted(found)) == (2, [f"+3361234567{n}" for n in range(4)])
    assert reason(program.get("/users?cursor=x")) == "bad_query"


def test_a_factor_is_removed_for_a_reason(sqlite_house: House) -> None:
    program = manage_program(sqlite_house, "users:read", "users:write")
    user = program.post("/users", {"identifier": TO}).json
    nobodys = {"factor": "0" * 32, "reason": "The phone was lost"}
    assert reason(program.post(f"/users/{user['id']}/remove-factor", nobodys)) == "not_found"


def test_the_settings_are_one_document_and_who_saw_another_is_told(house: House) -> None:
    program = manage_program(house, "settings")
    read = program.get("/settings")
    document = read.json | {"codes": read.json["codes"] | {"length": 8}}
    assert reason(program.call("PUT", "/settings", document)) == "precondition_needed"
    saved = program.call("PUT", "/settings", document, If_Match=read.headers["ETag"])
    assert (saved.status_code, saved.json["codes"]["length"]) == (200, 8)
    again = program.call("PUT", "/settings", document, If_Match=read.headers["ETag"])
    assert (again.status_code, reason(again)) == (412, "precondition_failed")
    wrong = saved.json | {"codes": saved.json["codes"] | {"length": 99}}
    refused = program.call("PUT", "/settings", wrong, If_Match=saved.headers["ETag"])
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/codes/length")
    blocked = {"blocked_numbers": ["+3389*"]}
    section = program.call("PUT", "/settings/exceptions", blocked, If_Match=saved.headers["ETag"])
    assert section.json["blocked_numbers"] == ["+3389*"]
    newest, before = program.get("/settings/versions").json["items"][:2]
    assert (newest["changed"], newest["author"]) == (["exceptions.blocked_numbers"], "The Shop (API)")
    back = program.post("/settings/roll-back", {"version": before["version"]}, If_Match=section.headers["ETag"])
    assert back.json["exceptions"]["blocked_numbers"] == []
    assert reason(program.get("/settings/nothing")) == "not_found"


@pytest.mark.parametrize("path", ["/settings", "/settings/codes"])
def test_a_save_between_a_version_and_its_document_is_not_saved_over(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    program, export = manage_program(sqlite_house, "settings"), change_settings.export

    def export_and_save(services: Services) -> dict[str, Any]:
        document = export(services)
        monkeypatch.setattr(change_settings, "export", export)
        sqlite_house.set(application={"name": "The Other"})
        return document

    monkeypatch.setattr(change_settings, "export", export_and_save)
    read = program.get(path)
    assert sqlite_house.services.settings().application.name == "The Other"
    saved = program.call("PUT", path, read.json, If_Match=read.headers["ETag"])
    assert (saved.status_code, reason(saved)) == (412, "precondition_failed")


def test_whichever_state_there_is_is_still_the_whole_of_it(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With If-Match: * a section is saved, and nothing of what others save at the same moment is undone."""
    program, export, others = manage_program(sqlite_house, "settings"), change_settings.export, iter("AB")

    def export_and_save(services: Services) -> dict[str, Any]:
        document = export(services)
        if name := next(others, ""):
            with monkeypatch.context() as plain:
                plain.setattr(change_settings, "export", export)
                sqlite_house.set(application={"name": name})
        return document

    codes = program.get("/settings/codes").json | {"length": 8}
    monkeypatch.setattr(change_settings, "export", export_and_save)
    saved = program.call("PUT", "/settings/codes", codes, If_Match="*")
    assert (saved.status_code, saved.json["length"]) == (200, 8)
    settings = sqlite_house.services.settings()
    assert (settings.codes.length, settings.application.name) == (8, "B")
    others = iter("12345678")
    refused = program.call("PUT", "/settings/codes", codes | {"length": 7}, If_Match="*")
    assert (refused.status_code, reason(refused)) == (412, "precondition_failed")
    assert sqlite_house.services.settings().codes.length == 8


def test_secrets_do_not_leave_and_are_kept_where_they_are_left_out(sqlite_house: House, provider: Provider) -> None:
    config = {"account_sid": "AC" + "0" * 32, "auth_token": "very-secret", "sender": "+15005550006"}
    sqlite_house.set(connectors={"active": "twilio", "configurations": {"twilio": config}})
    program = manage_program(sqlite_house, "settings")
    read = program.get("/settings")
    assert "very-secret" not in read.text
    document = read.json | {"codes": read.json["codes"] | {"length": 7}}
    saved = program.call("PUT", "/settings", document, If_Match=read.headers["ETag"])
    assert saved.status_code == 200, saved.text
    kept = sqlite_house.services.settings().connectors.configurations["twilio"]["auth_token"]
    assert kept == "very-secret"


def test_messages_and_their_receipts(house: House) -> None:
    program = manage_program(house, "messages", "verifications")
    sent = program.post("/verifications", {"to": TO, "purpose": "p"}).json
    code = house.newest_code()
    listed = program.get("/messages?usage=generic")
    [message] = listed.json["items"]
    assert (message["id"], message["recipient"], message["state"]) == (sent["message_id"], TO, "accepted")
    life = program.get(f"/messages/{message['id']}")
    assert [each["outcome"] for each in life.json["calls"]] == ["accepted"]
    assert code not in listed.text + life.text
    assert reason(program.get("/messages?state=odd")) == "bad_query"
    assert reason(program.get(f"/messages/{'0' * 32}")) == "not_found"


def test_a_connector_is_tried(sqlite_house: House, provider: Provider) -> None:
    program = manage_program(sqlite_house, "connectors")
    sqlite_house.use_provider(provider.url)
    roles = {each["name"]: each["role"] for each in program.get("/connectors").json["items"]}
    assert roles["http"] == "active"
    provider.answer(402, {"error": "no credit"})
    tried = program.post("/connectors/http/test", {"to": TO})
    assert (tried.json["outcome"], tried.json["refusal"]) == ("refused", "no_balance")
    assert reason(program.post("/connectors/twilio/test", {"to": TO})) == "connector_not_set_up"
    assert reason(program.post("/connectors/nothing/test", {"to": TO})) == "not_found"


def test_a_test_message_costs_what_any_other_does(house: House, provider: Provider) -> None:
    house.clock.stop()
    one, other = manage_program(house, "connectors"), manage_program(house, "connectors")
    house.use_provider(provider.url)
    for _ in range(5):
        assert one.post("/connectors/http/test", {"to": TO}).status_code == 200
    many = one.post("/connectors/http/test", {"to": TO})
    assert (many.status_code, reason(many)) == (429, "too_many_tests")
    assert 0 < int(many.headers["Retry-After"]) <= 120
    assert other.post("/connectors/http/test", {"to": TO}).status_code == 200, "each program has its own"
    house.clock.forward(121)
    house.set(money={"price": 1.0, "day_cap": 1})
    spent = one.post("/connectors/http/test", {"to": TO})
    assert (spent.status_code, reason(spent)) == (503, "no_messages_now")
    assert len(provider.requests) == 6


def test_a_test_message_that_is_refused_costs_nothing_and_counts_as_a_test(house: House, provider: Provider) -> None:
    program = manage_program(house, "connectors")
    house.use_provider(provider.url)
    house.set(money={"price": 1.0, "day_cap": 2})
    for status, times in ((402, 2), (200, 1)):
        provider.answer(status, {})
        for _ in range(times):
            program.post("/connectors/http/test", {"to": TO})
    kept = "SELECT current + previous AS times FROM counters WHERE key LIKE :key"
    assert [row.times for row in house.sql(kept, key="money:%")] == [10_000, 10_000]
    assert [row.times for row in house.sql(kept, key="country:%")] == [1]
    assert [row.times for row in house.sql(kept, key="test:%")] == [3]
    provider.cut_after_reading()
    assert program.post("/connectors/http/test", {"to": TO}).json["outcome"] == "unknown"
    assert [row.times for row in house.sql(kept, key="money:%")] == [20_000, 20_000], "it may have been sent"


def test_applications_are_managed_but_none_gets_more_than_the_program_has(sqlite_house: House) -> None:
    program = manage_program(sqlite_house, "clients")
    settings = {"name": "Shop", "redirect_uris": ["https://shop.example.com/callback"]}
    made = program.post("/clients", {"kind": "web", "settings": settings})
    assert (made.status_code, bool(made.json["secret"])) == (201, True)
    client = f"/clients/{made.json['id']}"
    assert program.get(client).json["settings"]["name"] == "Shop"
    assert program.post(f"{client}/secrets").json["secret"] != made.json["secret"]
    assert program.get(client).json["secrets"] == 2
    assert program.post(f"{client}/end-old-secret").status_code == 204
    wrong = program.call("PUT", client, {"settings": settings | {"redirect_uris": ["http://*"]}})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/redirect_uris")
    for scopes, status in ((["users:write"], 403), (["clients"], 201)):
        body = {"kind": "machine", "settings": {"name": "Robot", "manage": scopes}}
        assert program.post("/clients", body).status_code == status
    assert program.delete(client).status_code == 204
    assert reason(program.get(client)) == "not_found"


def test_no_program_lends_itself_the_secret_of_one_that_may_more(sqlite_house: House) -> None:
    program, stronger = (
        manage_program(sqlite_house, "clients"),
        add_shop(sqlite_house, "machine", name="Strong", manage=["users:write"]),
    )
    client = f"/clients/{stronger.client_id}"
    before = program.get(client).json
    for reply in (
        program.post(f"{client}/secrets"),
        program.call("PUT", client, {"settings": {"name": "Weak"}}),
        program.post(f"{client}/end-old-secret"),
        program.delete(client),
    ):
        assert (reply.status_code, reason(reply)) == (403, "more_than_own")
    assert program.get(client).json == before


@pytest.mark.parametrize("path", ["/users", "/settings", "/messages"])
def test_no_browser_of_any_site_reads_it(sqlite_house: House, path: str) -> None:
    program = manage_program(sqlite_house, "users:read", "settings", "messages")
    reply = program.get(path, Origin="https://shop.example.com")
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_number_that_nobody_proved_is_marked(house: House) -> None:
    program = manage_program(house, "users:read", "users:write")
    user = program.post("/users", {"identifier": TO}).json
    path = f"/users/{user['id']}"
    more = program.post(f"{path}/identifiers", {"identifier": "+33687654321"})
    assert [each["vouched_by"] for each in more.json["identifiers"]] == ["The Shop (API)"] * 2
    assert reason(program.post(f"{path}/identifiers", {"identifier": TO})) == "belongs_to_another"
    gone = program.post(f"{path}/remove-identifier", {"kind": "phone", "value": TO})
    assert [(each["value"], each["main"]) for each in gone.json["identifiers"]] == [("+33687654321", True)]
    told = house.sql("SELECT usage, recipient FROM messages ORDER BY usage, recipient")
    left = "notice_contact_changed"
    assert [tuple(row) for row in told] == [("notice_contact_added", TO), (left, TO), (left, "+33687654321")]
    last = program.post(f"{path}/remove-identifier", {"kind": "phone", "value": "+33687654321"})
    assert reason(last) == "last_way"
    signed_in(house, "06 11 22 33 44")
    [found] = program.get("/users?search=%2B33611223344").json["items"]
    assert program.get(f"/users/{found['id']}").json["identifiers"][0]["vouched_by"] is None
