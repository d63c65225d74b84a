"""Codes as a service: whatever holds for the codes of our own pages holds for those of a program."""

from __future__ import annotations

from tests.api.kit import manage_program, reason
from tests.kit import House
from tests.provider import Provider

TO = "+33612345678"
ASKED = {"to": TO, "purpose": "confirm-transfer"}


def test_a_code_is_sent_checked_and_good_once(house: House) -> None:
    program = manage_program(house, "verifications")
    sent = program.post("/verifications", ASKED | {"to": "06 12 34 56 78", "country": "FR", "language": "fr"})
    assert (sent.status_code, sent.json["verified"], sent.json["to"]) == (201, False, None)
    code = house.newest_code()
    assert "votre code Doorcode" in house.texts()[0]
    check = f"/verifications/{sent.json['id']}/check"
    right = program.post(check, {"purpose": "confirm-transfer", "code": f"{code[:3]} {code[3:]}"})
    assert (right.json["verified"], right.json["to"]) == (True, TO)
    again = program.post(check, {"purpose": "confirm-transfer", "code": code})
    assert (again.status_code, reason(again)) == (409, "used_code")
    looked = program.get(f"/verifications/{sent.json['id']}?purpose=confirm-transfer")
    assert looked.json["verified"]
    assert house.count("accounts") == 0, "a number that was proved is no account"
    for reply in (sent, right, again, looked):
        assert code not in reply.text


def test_five_tries_and_no_more(house: House) -> None:
    program = manage_program(house, "verifications")
    sent = program.post("/verifications", ASKED).json
    code, body = house.newest_code(), {"purpose": "confirm-transfer", "code": "000000"}
    told = [program.post(f"/verifications/{sent['id']}/check", body) for _ in range(6)]
    assert [reply.json.get("tries_left") for reply in told] == [4, 3, 2, 1, 0, None]
    assert [reason(reply) for reply in told] == ["wrong_code"] * 4 + ["too_many_tries"] * 2
    late = program.post(f"/verifications/{sent['id']}/check", body | {"code": code})
    assert (late.status_code, reason(late)) == (429, "too_many_tries")


def test_the_waits_and_the_limits_of_a_number_hold(house: House) -> None:
    house.clock.stop()
    program = manage_program(house, "verifications")
    sent = program.post("/verifications", ASKED).json
    for path, body in (
        ("/verifications", ASKED),
        ("/verifications", ASKED | {"purpose": "another"}),
        (f"/verifications/{sent['id']}/send-again", {"purpose": "confirm-transfer"}),
    ):
        early = program.post(path, body)
        assert (early.status_code, reason(early)) == (429, "wait")
        assert early.headers["Retry-After"] == "30"
    house.clock.forward(31)
    assert program.post(f"/verifications/{sent['id']}/send-again", {"purpose": "confirm-transfer"}).status_code == 202
    house.set(limits={"number_hour": 2})
    house.clock.forward(61)
    assert reason(program.post("/verifications", ASKED)) == "too_many_messages"
    house.set(limits={"number_hour": 100}, money={"day_cap": 0.1})
    over = program.post("/verifications", ASKED)
    assert (over.status_code, reason(over)) == (503, "no_messages_now")


def test_the_address_of_the_person_is_counted_where_the_program_tells_it(house: House) -> None:
    program = manage_program(house, "verifications")
    house.set(limits={"address_hour": 2, "block_hour": 1000})
    told = [
        program.post("/verifications", {"to": f"+336123456{n:02}", "purpose": "p", "address": "203.0.113.9"})
        for n in range(3)
    ]
    assert [reply.status_code for reply in told] == [201, 201, 429]
    assert program.post("/verifications", {"to": "+33612345699", "purpose": "p"}).status_code == 201
    wrong = program.post("/verifications", {"to": "+33612345698", "purpose": "p", "address": "1.2.3"})
    assert (wrong.status_code, reason(wrong)) == (422, "bad_address")


def test_a_code_is_of_one_program_and_for_one_purpose(sqlite_house: House) -> None:
    program, other = manage_program(sqlite_house, "verifications"), manage_program(sqlite_house, "verifications")
    sent = program.post("/verifications", ASKED | {"text": "sign_in"}).json
    code, path = sqlite_house.newest_code(), f"/verifications/{sent['id']}"
    assert reason(other.post(f"{path}/check", {"purpose": "confirm-transfer", "code": code})) == "not_found"
    assert reason(program.post(f"{path}/check", {"purpose": "another", "code": code})) == "not_found"
    assert reason(other.get(f"{path}?purpose=confirm-transfer")) == "not_found"
    person = sqlite_house.browser().open("/sign-in")
    person.send("/sign-in/code", ticket=sent["id"], code=code)
    assert person.open("/account").path == "/sign-in", "it signs nobody in"
    assert program.post(f"{path}/check", {"purpose": "confirm-transfer", "code": code}).json["verified"]


def test_what_the_provider_refused_is_told_and_costs_no_wait(sqlite_house: House, provider: Provider) -> None:
    program = manage_program(sqlite_house, "verifications")
    sqlite_house.use_provider(provider.url)
    provider.answer(400, {"error": "no such number"})
    sent = program.post("/verifications", ASKED).json
    sqlite_house.deliver()
    looked = program.get(f"/verifications/{sent['id']}?purpose=confirm-transfer").json
    assert (looked["state"], looked["resend_in"]) == ("refused", 0)


def test_what_is_no_number_and_no_address_is_told(sqlite_house: House) -> None:
    program = manage_program(sqlite_house, "verifications")
    sqlite_house.set(phones={"all_countries": False, "countries": ["FR"]}, connectors={"email": "development"})
    told = {}
    for to in ("+4915112345678", "12", "ann@", "ann@example.com"):
        reply = program.post("/verifications", {"to": to, "purpose": "p"})
        told[to] = "" if reply.status_code == 201 else reason(reply)
        assert reply.status_code in (201, 422)
    assert told == {
        "+4915112345678": "country_not_allowed",
        "12": "neither_number_nor_address",
        "ann@": "bad_email",
        "ann@example.com": "",
    }


def test_the_guard_stops_a_row_of_codes_that_nobody_types(house: House) -> None:
    house.set(guard={"mode": "on"})
    program, told = manage_program(house, "verifications"), []
    for n in range(30):
        to = f"+3361234{n * 3701 % 10000:04d}"
        reply = program.post("/verifications", {"to": to, "purpose": "p"})
        told.append("" if reply.status_code == 201 else reason(reply))
        assert reply.status_code in (201, 429)
    assert 1 <= told.count("") <= 6
    assert set(told) <= {"", "challenge", "not_to_strangers"}
