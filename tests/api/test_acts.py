"""A fresh proof as a service: a code that comes with the act's text, and a signed statement that is good once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import text
from werkzeug.test import TestResponse

from oidc import acts
from rules.acts import LONGEST, act_hash, read
from storage import spent_tokens
from storage.database import Database
from tests.api.kit import ACCOUNT, ALL_SCOPES, MANAGE, Program, account_program, add_account_app, manage_program, reason
from tests.kit import House
from tests.oidc.kit import Shop, claims_of, signed_in
from tests.racing import PROCESSES, Meeting, race

ACT = "Transfer of 500 euros to Ann Smith"
REDEEM = "/act-redemptions"


def way(program: Program) -> str:
    return next(str(each["id"]) for each in program.get("/verifications/ways").json["items"] if each["by"] == "code")


def begun(program: Program, act: str = ACT) -> str:
    reply = program.post("/acts", {"text": act, "send_code_to": way(program)})
    assert reply.status_code == 202, reply.text
    assert reply.json["act_hash"] == act_hash(act)
    return str(reply.json["id"])


def check(program: Program, ticket: str, code: str, act: str = ACT) -> TestResponse:
    return program.post(f"/acts/{ticket}/check", {"text": act, "code": code})


def statement(program: Program, act: str = ACT) -> str:
    reply = check(program, begun(program, act), program.house.newest_code(), act)
    assert reply.status_code == 200, reply.text
    return str(reply.json["statement"])


def redeem(program: Program, token: str, act: str = ACT, **more: str) -> TestResponse:
    return program.post(REDEEM, {"statement": token, "text": act, **more})


def program_of(house: House, shop: Shop, number: str) -> Program:
    return Program(house, ACCOUNT, shop.tokens(signed_in(house, number), scope=ALL_SCOPES)["access_token"])


def test_the_text_comes_with_the_code_and_the_statement_says_what_was_confirmed(house: House) -> None:
    program = account_program(house)
    token = statement(program)
    assert f'code to confirm "{ACT}"' in house.texts()[0]
    told = claims_of(house, token)
    assert set(told) == {"iss", "sub", "aud", "iat", "exp", "jti", "act_hash", "amr", "acr"}
    assert (told["act_hash"], told["amr"], told["acr"]) == (act_hash(ACT), ["otp", "sms"], "urn:doorcode:acr:1")
    assert told["exp"] - told["iat"] == acts.SECONDS
    taken = redeem(program, token)
    assert taken.json == {name: told[name] for name in ("sub", "act_hash", "amr", "acr")} | {
        "confirmed_at": told["iat"]
    }
    [event] = [each for each in program.get("/events").json["items"] if each["kind"] == "act_confirmed"]
    assert event["details"] == {"act_hash": act_hash(ACT)}


def test_the_person_reads_what_was_confirmed_as_long_as_its_message_is_kept(house: House) -> None:
    browser = signed_in(house)
    statement(account_program(house, browser))
    assert f"Confirmed with a code {ACT}" in browser.open("/account/events").text
    assert ACT in browser.open("/account/data").send().page.text
    assert ACT not in repr(house.sql("SELECT details FROM events"))
    house.sql("DELETE FROM messages")
    assert "Confirmed with a code" in browser.open("/account/events").text
    assert ACT not in browser.page.text + browser.open("/account/data").send().page.text
    assert act_hash(ACT) in browser.page.text


def test_a_statement_is_refused_for_another_act_another_person_twice_and_late(house: House) -> None:
    shop = add_account_app(house)
    ann, ben = program_of(house, shop, "06 12 34 56 78"), program_of(house, shop, "06 11 22 33 44")
    token = statement(ann)
    assert reason(redeem(ann, token, "Transfer of 900 euros to Ann Smith")) == "other_act"
    assert reason(redeem(ben, token)) == "other_person"
    assert reason(redeem(account_program(house, signed_in(house, "06 99 88 77 66")), token)) == "bad_statement"
    assert redeem(ann, token).status_code == 200, "what was refused has spent nothing"
    assert (redeem(ann, token).status_code, reason(redeem(ann, token))) == (409, "used_statement")
    house.clock.forward(31)
    token = statement(ann)
    house.clock.forward(acts.SECONDS)
    assert reason(redeem(ann, token)) == "late_statement"


def test_a_program_without_the_persons_token_takes_it_as_well_and_once_in_all(house: House) -> None:
    shop = add_account_app(house)
    ann, robot = program_of(house, shop, "06 12 34 56 78"), manage_program(house, "verifications")
    token = statement(ann)
    whose = {"sub": claims_of(house, token)["sub"], "client_id": shop.client_id}
    assert reason(redeem(robot, token, **whose | {"sub": "somebody"})) == "other_person"
    assert reason(redeem(robot, token, **whose | {"client_id": "0" * 32})) == "bad_statement"
    assert reason(redeem(robot, token, "Another", **whose)) == "other_act"
    assert redeem(robot, token, **whose).json["act_hash"] == act_hash(ACT)
    assert reason(redeem(robot, token, **whose)) == reason(redeem(ann, token)) == "used_statement"


def test_a_code_for_one_act_confirms_no_other_and_nothing_else(house: House) -> None:
    shop = add_account_app(house)
    ann, ben = program_of(house, shop, "06 12 34 56 78"), program_of(house, shop, "06 11 22 33 44")
    ticket = begun(ann)
    code = house.newest_code()
    assert reason(check(ann, ticket, code, "Transfer of 900 euros to Ann Smith")) == "not_found"
    assert reason(check(ben, ticket, code)) == "not_found"
    assert reason(ann.post(f"/verifications/{ticket}/check", {"code": code})) == "not_found"
    looked = ann.get(f"/acts/{ticket}?act_hash={act_hash(ACT)}").json
    assert (looked["digits"], looked["hint"]) == (6, "78")
    assert reason(ann.get(f"/acts/{ticket}?act_hash={act_hash('Another')}")) == "not_found"
    wrong = check(ann, ticket, f"{(int(code) + 1) % 10**6:06}")
    assert (reason(wrong), wrong.json["tries_left"]) == ("wrong_code", 4)
    assert check(ann, ticket, code).status_code == 200
    assert reason(check(ann, ticket, code)) == "used_code"


def test_the_waits_and_limits_hold_and_another_code_shows_the_text_again(house: House) -> None:
    house.clock.stop()
    program = account_program(house)
    house.clock.forward(1)  # the newest message is told by its time
    ticket = begun(program)
    assert begun(program) == ticket, "a second click sends nothing"
    early = program.post("/acts", {"text": "Another", "send_code_to": way(program)})
    assert (reason(early), early.headers["Retry-After"]) == ("wait", "30")
    house.clock.forward(31)
    assert reason(program.post(f"/acts/{ticket}/send-again", {"text": "Another"})) == "not_found"
    assert program.post(f"/acts/{ticket}/send-again", {"text": ACT}).status_code == 202
    house.deliver()
    assert [ACT in each for each in house.texts()[:2]] == [True, True]
    house.set(limits={"number_hour": 2})
    house.clock.forward(61)
    assert reason(program.post("/acts", {"text": ACT, "send_code_to": way(program)})) == "too_many_messages"


def test_by_e_mail_it_says_so_too_and_in_the_persons_language(house: House) -> None:
    house.set(connectors={"email": "development"})
    program = account_program(house)
    house.sql("UPDATE identifiers SET kind = 'email', value = 'ann@example.com', country = ''")
    program.headers = {"Accept-Language": "fr"}
    token = statement(program)
    assert claims_of(house, token)["amr"] == ["otp"]
    assert f"votre code Doorcode pour confirmer :\n\n{ACT}\n\n" in house.texts()[0]


@pytest.mark.parametrize(
    "act",
    [
        "", " Transfer", "Transfer ", "Two\nlines", "x" * (LONGEST + 1), "See https://a.example", "See example.com",
        "See www.example.com", "See EXAMPLE\uff0ecom", "Transfer\u202e500", "Transfer\u200b", "A\x00", "a\u2028b",
    ],
)  # fmt: skip
def test_a_text_that_could_mislead_is_no_act(act: str) -> None:
    assert read(act) is None


@pytest.mark.parametrize("act", [ACT, "Pay 1.500,00 € to Zoë – No. 7", "确认转账 500 欧元", "x" * LONGEST])
def test_a_plain_text_is_one(act: str) -> None:
    assert read(act) == act


def test_such_a_text_sends_nothing(sqlite_house: House) -> None:
    program = account_program(sqlite_house)
    before = sqlite_house.count("messages")
    reply = program.post("/acts", {"text": "Win at example.com", "send_code_to": way(program)})
    assert (reply.status_code, reason(reply)) == (422, "bad_act")
    unknown = program.post("/acts", {"text": ACT, "send_code_to": "0" * 32})
    assert reason(unknown) == "start_again"
    assert sqlite_house.count("messages") == before


def test_what_is_no_statement_of_ours_is_refused(sqlite_house: House) -> None:
    browser = signed_in(sqlite_house)
    shop = add_account_app(sqlite_house)
    tokens = shop.tokens(browser, scope=ALL_SCOPES)
    program = Program(sqlite_house, ACCOUNT, tokens["access_token"])
    token = statement(program)
    told, key = claims_of(sqlite_house, token), ECKey.generate_key("P-256")
    forged = jwt.encode({"alg": "ES256", "typ": acts.TYPE, "jwk": key.as_dict(private=False)}, told, key)
    for wrong in (forged, tokens["access_token"], tokens["id_token"], token[:-4] + "AAAA", "", "x"):
        assert reason(redeem(program, wrong)) == "bad_statement"


def test_who_signed_out_or_was_suspended_has_confirmed_nothing(sqlite_house: House) -> None:
    browser, robot = signed_in(sqlite_house), manage_program(sqlite_house, "verifications")
    shop = add_account_app(sqlite_house)
    scope = ALL_SCOPES.replace(" offline_access", "")
    program = Program(sqlite_house, ACCOUNT, shop.tokens(browser, scope=scope)["access_token"])
    token = statement(program)
    whose = {"sub": claims_of(sqlite_house, token)["sub"], "client_id": shop.client_id}
    sqlite_house.sql("DELETE FROM sessions WHERE audience = 'account'")
    assert reason(redeem(robot, token, **whose)) == "late_statement"


# 20 at once

THREADS = 5  # in each process


def redeem_all(house: House, share: tuple[str, list[dict[str, str]]]) -> list[str]:
    """What each is answered: the reason, or "taken"."""
    program = Program(house, MANAGE, share[0])
    with ThreadPoolExecutor(THREADS) as threads:
        replies = list(threads.map(lambda body: program.post(REDEEM, body), share[1]))
    return ["taken" if reply.status_code == 200 else reason(reply) for reply in replies]


def spend_by_reading_first() -> None:
    meeting = Meeting(THREADS)

    def spend(connection: Any, token_id: str, expires_at: float) -> bool:
        known = spent_tokens.is_spent(connection, token_id)
        meeting.wait()
        connection.execute(
            text("INSERT INTO spent_tokens VALUES (:i, :e) ON CONFLICT DO NOTHING"), {"i": token_id, "e": expires_at}
        )
        return not known

    spent_tokens.spend = spend
    Database.write = Database.read


def redeem_20(house: House, tmp_path: Path, breaking: str = "") -> Counter[str]:
    house.set(limits={"calls_minute": 1000})
    shop = add_account_app(house)
    robot = manage_program(house, "verifications")
    token = statement(program_of(house, shop, "06 12 34 56 78"))
    body = {"statement": token, "text": ACT, "sub": claims_of(house, token)["sub"], "client_id": shop.client_id}
    shares = [(robot.token, [body] * (20 // PROCESSES)) for _ in range(PROCESSES)]
    path = f"{__name__}:{breaking}" if breaking else ""
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:redeem_all", shares, path)
    return Counter(each for answer in answers for each in answer)


def test_of_20_redemptions_at_once_one_wins(house: House, tmp_path: Path) -> None:
    assert redeem_20(house, tmp_path) == {"taken": 1, "used_statement": 19}


def test_more_would_win_if_the_statement_were_looked_for_before_it_is_spent(house: House, tmp_path: Path) -> None:
    assert redeem_20(house, tmp_path, "spend_by_reading_first")["taken"] > 1
