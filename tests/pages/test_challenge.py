"""A challenge before a message, through the pages. The sums are done by the tests themselves."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from altcha.v2 import Challenge, Payload, solve_challenge

from flows import challenge as flow
from rules import guarding, proof_of_work
from settings.keys import Use
from storage import guard
from tests.kit import Browser, House
from tests.oidc.kit import add_shop, answer, signed_in
from tests.pages.test_second_factors import PASSWORD, sms_member

NUMBER, OTHER = "06 12 34 56 78", "06 12 34 56 99"


@pytest.fixture(autouse=True)
def challenged(house: House) -> None:
    """Strangers in France are asked for a challenge, and those whom we know."""
    house.set(guard={"mode": "on"})
    pin(house, "challenge")


def pin(house: House, word: str, key: str = "country:FR") -> None:
    with house.services.database.write() as connection:
        guard.pin(connection, key, word, house.clock())


def hidden(page: str) -> dict[str, str]:
    """What the page's last form but the languages' would send."""
    forms = re.findall(r'<form method="post" action="/challenge["?].*?</form>', page, re.S)
    return {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', forms[-1])}


def sum_of(browser: Browser) -> str:
    """The sum that the page asks for, done."""
    found = re.search(r'data-puzzle="([^"]*)"', browser.page.text)
    assert found, browser.text
    puzzle = Challenge.from_dict(json.loads(html.unescape(found[1])))
    solution = solve_challenge(puzzle)
    assert solution
    return Payload(puzzle, solution).to_base64()


def solve(browser: Browser, **fields: str) -> Browser:
    answer = {"altcha": fields.pop("altcha", None) or sum_of(browser)}
    return browser.send("/challenge", **hidden(browser.page.text) | answer | fields)


def test_a_sum_sends_the_code_that_was_asked_for(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    assert (browser.path, browser.status, house.count("messages")) == ("/challenge", 200, 0)
    assert "A check before we send a code" in browser.text
    solve(browser)
    assert (browser.path, house.count("messages")) == ("/sign-in/code", 1)
    assert browser.type_code().path.startswith(("/account", "/sign-in/create-account"))


def test_a_solved_challenge_sent_once_more_sends_nothing(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    form = hidden(browser.page.text) | {"altcha": sum_of(browser)}
    browser.send("/challenge", **form)
    house.clock.forward(40)
    browser.send("/challenge", **form | {"phone": OTHER})
    assert (browser.path, house.count("messages")) == ("/challenge", 1)
    assert browser.field("challenge") != form["challenge"]


def test_the_answer_to_one_challenge_opens_no_other(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    answer = sum_of(browser)
    other = browser.sign_in(NUMBER)
    solve(other, altcha=answer)
    assert (other.status, house.count("messages")) == (422, 0)
    assert other.errors == ["The check did not come to an end. Let it run once more."]
    assert solve(other).path == "/sign-in/code"


def test_another_browser_gets_nowhere_with_it(house: House) -> None:
    browser, other = house.browser().sign_in(NUMBER), house.browser().sign_in(OTHER)
    form = hidden(browser.page.text) | {"altcha": sum_of(browser)}
    other.send("/challenge", **form | {"csrf_token": other.field("csrf_token")})
    assert (other.path, house.count("messages")) == ("/sign-in", 0)


def test_after_half_an_hour_it_is_asked_for_anew(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    form = hidden(browser.page.text) | {"altcha": sum_of(browser)}
    house.clock.forward(flow.SECONDS)
    browser.send("/challenge", **form)
    assert (browser.status, house.count("messages")) == (409, 0)
    assert "This check is over" in browser.text
    browser.send("/sign-in", phone=NUMBER, country="FR")
    assert solve(browser).path == "/sign-in/code"


def easier(payload: dict[str, Any]) -> None:
    payload["challenge"]["parameters"]["cost"] = 1


def without_prefix(payload: dict[str, Any]) -> None:
    payload["challenge"]["parameters"]["keyPrefix"] = ""


def wrong(payload: dict[str, Any]) -> None:
    payload["solution"]["counter"] += 1


def unsigned(payload: dict[str, Any]) -> None:
    del payload["challenge"]["signature"]


def no_solution(payload: dict[str, Any]) -> None:
    payload["solution"] = []


@pytest.mark.parametrize("change", [easier, without_prefix, wrong, unsigned, no_solution])
def test_what_was_tampered_with_is_refused(house: House, change: Callable[[dict[str, Any]], None]) -> None:
    browser = house.browser().sign_in(NUMBER)
    payload = json.loads(base64.b64decode(sum_of(browser)))
    change(payload)
    solve(browser, altcha=base64.b64encode(json.dumps(payload).encode()).decode())
    assert (browser.status, house.count("messages")) == (422, 0)


@pytest.mark.parametrize("payload", ["x", "e30=", "bnVsbA==", "W10=", "x" * 5000, "\x00", "é"])
def test_what_is_no_answer_is_refused(house: House, payload: str) -> None:
    browser = house.browser().sign_in(NUMBER)
    assert solve(browser, altcha=payload).status == 422
    assert browser.errors


def test_our_own_easier_puzzle_is_no_answer_to_a_hard_one(house: House) -> None:
    key = house.services.keys.all(Use.CHALLENGES)[0]
    easy = Challenge.from_dict(json.loads(proof_of_work.puzzle(key, "one", 1)))
    solution = solve_challenge(easy)
    assert solution
    payload = Payload(easy, solution).to_base64()
    assert proof_of_work.is_solved([key], "one", 1, payload)
    assert not proof_of_work.is_solved([key], "one", 2, payload)
    assert not proof_of_work.is_solved([key], "two", 1, payload)
    assert not proof_of_work.is_solved([b"another"], "one", 1, payload)


def test_a_wait_does_instead_and_not_before_it_is_over(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    browser.send("/challenge", **hidden(browser.page.text))
    assert (browser.status, browser.errors) == (429, ["The wait is not over yet."])
    browser.send("/challenge/wait", challenge=browser.field("challenge"))
    assert (browser.path, browser.status) == ("/challenge", 200)
    browser.send("/challenge", **hidden(browser.page.text))
    assert (browser.status, house.count("messages")) == (429, 0)
    assert browser.page.headers["Retry-After"]
    house.clock.forward(flow.WAIT_SECONDS + 1)
    browser.send("/challenge", **hidden(browser.page.text))
    assert (browser.path, house.count("messages")) == ("/sign-in/code", 1)


def test_who_waits_in_one_network_waits_one_after_the_other(house: House) -> None:
    browsers = [house.browser().sign_in(f"06 12 34 56 {n}") for n in range(10, 13)]
    for _ in range(2):  # a second click changes nothing
        for browser in browsers:
            browser.send("/challenge/wait", challenge=hidden(browser.page.text)["challenge"])
    house.clock.forward(flow.WAIT_SECONDS + 1)
    assert [browser.send("/challenge", **hidden(browser.page.text)).status for browser in browsers] == [200, 429, 429]
    house.clock.forward(2 * flow.WAIT_SECONDS)
    for browser in browsers[1:]:
        browser.send("/challenge", **hidden(browser.page.text))
    assert house.count("messages") == 3


def test_a_line_that_is_too_long_takes_nobody_more(house: House) -> None:
    found = []
    for n in range(flow.LONGEST_WAIT // flow.WAIT_SECONDS + 2):
        browser = house.browser().sign_in(f"06 12 34 {n:02} 10")
        found.append(browser.send("/challenge/wait", challenge=browser.field("challenge")).status)
    assert found == [200] * (flow.LONGEST_WAIT // flow.WAIT_SECONDS) + [429] * 2
    assert solve(browser).path == "/sign-in/code"  # the sum is still to be had


def test_who_asks_again_for_the_same_number_is_not_asked_again(house: House) -> None:
    browser = solve(house.browser().sign_in(NUMBER))
    house.clock.forward(40)
    browser.send("/sign-in/send-again", ticket=browser.field("ticket"))
    assert (browser.path, house.count("messages")) == ("/sign-in/code", 2)
    house.clock.forward(70)
    browser.send("/sign-in/send-again", ticket=browser.field("ticket"))  # a third one is
    assert (browser.path, house.count("messages")) == ("/challenge", 2)
    assert solve(browser).path == "/sign-in/code"


def test_who_proved_a_number_is_not_asked_again_within_the_hour(house: House) -> None:
    browser = solve(house.browser().sign_in(NUMBER)).type_code()
    browser.send("/sign-in/create-account")
    assert browser.path == "/account"
    browser.send("/sign-out")
    house.clock.forward(1200)
    assert browser.sign_in(NUMBER).path == "/sign-in/code"
    browser.type_code()
    house.clock.forward(1200)
    browser.send("/sign-out")
    house.clock.forward(guarding.PASS_HOUR)
    assert browser.sign_in(NUMBER).path == "/challenge"


def busy(house: House) -> None:
    """What neighbours behind the same address did lately: much evidence, short of what refuses everybody."""
    house.sql(
        "UPDATE guard_evidence SET score = 13, since = :now - 600, at = :now WHERE key = 'address:127.0.0.1'",
        now=house.clock(),
    )


def test_a_person_behind_a_busy_address_is_asked_once_an_hour(house: House) -> None:
    pin(house, "")
    house.browser().sign_in("06 55 44 33 22")
    busy(house)
    browser = house.browser().sign_in(NUMBER)
    assert browser.path == "/challenge"
    solve(browser).type_code().send("/sign-in/create-account")
    for number in (NUMBER, OTHER):
        browser.send("/sign-out")
        house.clock.forward(900)
        busy(house)
        assert house.browser().sign_in("06 77 88 99 00").path == "/challenge"
        assert browser.sign_in(number).path == "/sign-in/code"
        browser.type_code()
        if browser.path == "/sign-in/create-account":
            browser.send("/sign-in/create-account")
        assert browser.path == "/account"


def test_one_that_is_not_proved_lets_no_other_number_through(house: House) -> None:
    browser = solve(house.browser().sign_in(NUMBER))
    assert browser.sign_in(OTHER).path == "/challenge"


def test_every_flow_asks_and_goes_on_where_it_was(house: House) -> None:
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER)
    assert browser.path == "/challenge"
    assert solve(browser).path == "/sign-up/code"
    house.set(sign_in={"phone": "password_or_code"}, sign_up={"password": True})
    browser = house.browser().open("/forgot-password").send(country="FR", phone=OTHER)
    assert browser.path == "/challenge"
    assert solve(browser).path == "/forgot-password/code"
    browser = house.browser().open("/sign-in").send(country="FR", phone="06 12 34 56 11")
    assert browser.path == "/sign-in/password"
    browser.send("/sign-in/use-code")
    assert browser.path == "/challenge"
    assert 'href="/sign-in/password?ticket=' in browser.page.text
    assert solve(browser).path == "/sign-in/code"


def test_a_number_that_is_added_and_a_fresh_proof_ask_too(house: House) -> None:
    pin(house, "")
    browser = house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    pin(house, "challenge")
    browser.open("/account/phones/add").send(country="FR", phone=OTHER)
    assert browser.path == "/challenge"
    assert solve(browser).path == "/account/phones/code"
    house.clock.forward(40)
    assert browser.send("/account/phones/send-again").path == "/account/phones/code"
    house.clock.forward(4000)
    house.sql("UPDATE sessions SET proved_at = proved_at - 6000")
    browser.open("/account/prove").send("/account/prove/send", place="0")
    assert browser.path == "/challenge"
    assert 'href="/account/prove"' in browser.page.text
    assert solve(browser).path == "/account/prove/code"


def test_a_second_step_by_text_message_asks_too(house: House) -> None:
    pin(house, "")
    browser = sms_member(house)
    assert browser.path == "/mfa/sms"
    pin(house, "challenge")
    browser.send("/mfa/sms", place="0")
    assert browser.path == "/challenge"
    assert 'href="/mfa/sms?ticket=' in browser.page.text
    assert solve(browser).path == "/mfa/code"


@pytest.mark.parametrize("closed", [{"guard": {"sms": False}}, "refuse", "challenge"])
def test_where_no_code_is_to_be_had_a_password_still_opens(house: House, closed: Any) -> None:
    pin(house, "")
    house.set(sign_up={"password": True}, sign_in={"phone": "code_or_password"})
    house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code().send(new_password=PASSWORD)
    if isinstance(closed, str):
        pin(house, closed)
    else:
        house.set(**closed)
    for number in (NUMBER, OTHER):  # strangers see the same
        browser = house.browser().sign_in(number)
        if closed == "challenge":
            browser.send("/sign-in/use-password", **hidden(browser.page.text))
        assert browser.path == "/sign-in/password"
        browser.send("/sign-in/password", password=PASSWORD)
        assert browser.path == ("/account" if number == NUMBER else "/sign-in/password")


def test_who_has_an_address_here_may_be_asked_there_instead(house: House) -> None:
    house.set(
        connectors={"email": "development"},
        sign_up={"identifier": "phone_or_email"},
        sign_in={"phone": "code", "email": "code"},
    )
    pin(house, "")
    house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()
    pin(house, "challenge")
    for number in (NUMBER, OTHER):  # strangers see the same
        browser = house.browser().sign_in(number)
        back = re.search(r'href="([^"]*)">Use your e-mail address instead', browser.page.text)
        assert back, browser.text
        browser.open(html.unescape(back[1])).send(phone=f"ann{number[-2:]}@example.com")
        assert browser.path == "/sign-in/code"
        assert "a•••@example.com" in browser.text
    house.set(connectors={"email": ""})
    assert "Use your e-mail address instead" not in house.browser().sign_in(NUMBER).text


def test_who_comes_for_an_application_may_use_a_password_too(house: House) -> None:
    house.set(sign_up={"password": True}, sign_in={"phone": "code_or_password"})
    browser = house.browser().open(add_shop(house).url())
    browser.send(here(browser), country="FR", phone=NUMBER)
    action = re.search(r'action="(/sign-in/use-password[^"]*)"', browser.page.text)
    assert action
    browser.send(html.unescape(action[1]), **hidden(browser.page.text))
    assert browser.path == "/sign-in/password"
    assert "request_id=" in here(browser)


def test_a_password_that_is_not_allowed_is_no_way_around(house: House) -> None:
    browser = house.browser().sign_in(NUMBER)
    assert "Use your password instead" not in browser.text
    browser.send("/sign-in/use-password", phone=NUMBER, country="FR")
    assert (browser.path, browser.status) == ("/sign-in/use-password", 403)


def test_without_text_messages_the_page_says_so(house: House) -> None:
    house.set(guard={"sms": False})
    assert "We cannot send codes at the moment." in house.browser().open("/sign-in").text


def test_a_stranger_who_is_refused_hears_of_the_other_ways(house: House) -> None:
    pin(house, "refuse")
    browser = house.browser().sign_in(NUMBER)
    assert browser.status == 429
    assert "Use another way in" in browser.errors[0]


def test_a_challenge_of_nobody_leads_to_the_beginning(house: House) -> None:
    assert house.browser().open("/challenge?challenge=nothing").path == "/sign-in"
    browser = house.browser().open("/sign-in")
    assert browser.send("/challenge", challenge="nothing").path == "/sign-in"
    assert browser.open("/sign-in").send("/challenge/wait", challenge="nothing").path == "/sign-in"


# What stands around the form that waits


def test_who_comes_for_an_application_still_does_after_it(house: House) -> None:
    shop, browser = add_shop(house), house.browser()
    browser.open(shop.url(screen_hint="sign_up"))
    browser.send(here(browser), country="FR", phone=NUMBER)
    assert browser.path == "/challenge"
    for line in browser.page.text.splitlines():
        if "Another way" in line:
            assert "request_id=" in line
    solve_here(browser)
    assert browser.path == "/sign-up/code"
    form = {"csrf_token": browser.field("csrf_token"), "ticket": browser.field("ticket"), "code": house.newest_code()}
    entered = browser.client.post(here(browser), data=form)
    back = browser.client.get(browser.client.get(entered.location).location)
    assert shop.redeem(answer(back)["code"]).status_code == 200


def test_in_a_frame_it_may_be_shown_by_its_site(house: House) -> None:
    headers = {"Sec-Fetch-Dest": "iframe"}
    shop, browser = add_shop(house, frame_origins=["https://shop.example.com"]), house.browser(**headers)
    browser.open(shop.url(screen_hint="sign_up", display="frame", response_mode="web_message"))
    browser.send(here(browser), country="FR", phone=NUMBER)
    assert browser.path == "/challenge"
    assert "frame-ancestors https://shop.example.com" in browser.page.headers["Content-Security-Policy"]
    solve_here(browser)
    assert (browser.path, house.count("messages")) == ("/sign-up/code", 1)


def test_a_number_that_is_to_take_anothers_place_still_does(house: House) -> None:
    pin(house, "")
    browser = signed_in(house)
    pin(house, "challenge")
    page = f"/account/phones/add?replaces={browser.contact(0)}"
    browser.open(page).send(page, country="FR", phone=OTHER)
    assert browser.path == "/challenge"
    solve(browser)
    browser.send("/account/phones/code", code=house.newest_code())
    assert [row.value for row in house.sql("SELECT value FROM identifiers")] == ["+33612345699"]


def test_who_keeps_a_number_that_somebody_else_has_proved_is_asked_too(house: House) -> None:
    pin(house, "")
    browser = signed_in(house)
    pin(house, "challenge")
    browser.send("/account/phones", place=browser.contact(0), action="prove")
    assert browser.path == "/challenge"
    assert solve(browser).path == "/account/phones/code"


def here(browser: Browser) -> str:
    return browser.page.request.full_path


def solve_here(browser: Browser) -> None:
    """By the form's own address."""
    action = html.unescape(re.findall(r'action="(/challenge[^"]*)"', browser.page.text)[0])
    browser.send(action, **hidden(browser.page.text) | {"altcha": sum_of(browser)})
