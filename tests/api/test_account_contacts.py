"""What an application does for its people's numbers and addresses."""

from __future__ import annotations

from tests.api.kit import account_program, reason
from tests.kit import House
from tests.oidc.kit import E164

OTHER = "06 87 65 43 21"
OTHER_E164 = "+33687654321"


def test_a_number_is_added_proved_made_main_and_removed(house: House) -> None:
    program = account_program(house).proved()
    house.clock.forward(31)
    pending = program.post("/phones", {"value": OTHER, "country": "FR"})
    assert pending.status_code == 202, pending.text
    ticket = pending.json["id"]
    wrong = program.post(f"/pending-phones/{ticket}/check", {"code": "000000"})
    assert (wrong.status_code, reason(wrong), wrong.json["tries_left"]) == (422, "wrong_code", 4)
    assert program.post(f"/pending-phones/{ticket}/check", {"code": house.newest_code()}).status_code == 204
    first, second = program.get("/phones").json["items"]
    assert (first["value"], first["main"], second["value"]) == (E164, True, OTHER_E164)
    assert program.post(f"/phones/{second['id']}/make-main").status_code == 204
    assert program.delete(f"/phones/{first['id']}").status_code == 204
    [left] = program.get("/phones").json["items"]
    assert (left["value"], left["main"]) == (OTHER_E164, True)
    last = program.delete(f"/phones/{left['id']}")
    assert (last.status_code, reason(last)) == (422, "last_way")


def test_a_change_needs_a_proof_of_this_program_that_is_fresh(sqlite_house: House) -> None:
    program = account_program(sqlite_house)
    [number] = program.get("/phones").json["items"]
    assert reason(program.post("/phones", {"value": OTHER_E164})) == "proof_needed"
    proved = program.proved()
    assert reason(proved.delete(f"/phones/{number['id']}")) == "last_way"
    sqlite_house.clock.forward(601)
    assert reason(proved.delete(f"/phones/{number['id']}")) == "proof_needed"


def test_a_code_for_a_new_number_proves_nothing_else(sqlite_house: House) -> None:
    program = account_program(sqlite_house)
    proved = program.proved()
    sqlite_house.clock.forward(31)
    ticket = proved.post("/phones", {"value": OTHER_E164}).json["id"]
    proved.post(f"/pending-phones/{ticket}/check", {"code": sqlite_house.newest_code()})
    reply = program.post("/phones", {"value": "+33611111111"}, Doorcode_Verification_Id=ticket)
    assert reason(reply) == "proof_needed"


def test_an_email_address_is_added(sqlite_house: House) -> None:
    sqlite_house.set(connectors={"email": "development"}, sign_in={"email": "code"})
    program = account_program(sqlite_house).proved()
    ticket = program.post("/emails", {"value": "Ann@Example.com"}).json["id"]
    assert program.post(f"/pending-emails/{ticket}/check", {"code": sqlite_house.newest_code()}).status_code == 204
    assert [each["value"] for each in program.get("/emails").json["items"]] == ["ann@example.com"]


def test_a_number_takes_the_place_of_another_even_where_there_is_no_room_for_one_more(house: House) -> None:
    house.set(account_centre={"most_phones": 1})
    program = account_program(house).proved()
    house.clock.forward(31)
    [old] = program.get("/phones").json["items"]
    assert reason(program.post("/phones", {"value": OTHER_E164})) == "too_many_contacts"
    ticket = program.post("/phones", {"value": OTHER_E164, "replaces": old["id"]}).json["id"]
    assert program.post(f"/pending-phones/{ticket}/check", {"code": house.newest_code()}).status_code == 204
    assert [(each["value"], each["main"]) for each in program.get("/phones").json["items"]] == [(OTHER_E164, True)]
    kinds = {each["kind"] for each in program.get("/events").json["items"]}
    assert "phone_replaced" in kinds


def test_a_number_that_is_not_the_persons_own_is_not_replaced(sqlite_house: House) -> None:
    program = account_program(sqlite_house).proved()
    sqlite_house.clock.forward(31)
    body = {"value": OTHER_E164, "replaces": "0" * 32}
    assert reason(program.post("/phones", body)) == "start_again"
    assert len(program.get("/phones").json["items"]) == 1
