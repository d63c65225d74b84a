"""The guard's room in the console: an admin sees what happens, why, and what it costs, and has the last word."""

from __future__ import annotations

import re

import pytest

from flows import guard_pass
from storage import guard
from storage.guard import Record, Stop
from tests.flows.test_guard import ask, attack, numbered, prove, stranger
from tests.kit import ADMIN, PASSWORD, Browser, House
from tests.pages.test_console import in_console

BLOCK = "block4:+3361234"


@pytest.fixture
def room(house: House) -> Browser:
    house.set(guard={"mode": "on"})
    return in_console(house)


def shown(browser: Browser) -> str:
    return re.sub("[\u2066\u2069]", "", browser.open("/admin/guard").text)  # what keeps numbers from left to right


def test_all_is_quiet_at_first(room: Browser) -> None:
    page = shown(room)
    assert "Nobody asked for a code by text message in this time." in page
    assert "Nothing is challenged or refused at the moment." in page
    assert "for money" not in room.open("/admin/settings").text


def test_an_attack_is_told_on_every_page_and_stopped_in_two_clicks(house: House, room: Browser) -> None:
    attack(house, 30)
    for path in ("/admin/settings", "/admin/messages", "/admin/users"):
        page = room.open(path)
        assert "Somebody seems to be making us send text messages for money." in page.text
        assert re.search(r"In the last hour the guard stopped 2\d requests for codes", page.text)
        assert 'href="/admin/guard">See and stop it' in page.page.text  # the first click
    page = shown(room)
    assert "need do nothing" in page
    assert re.search(r"0 of \d codes to this block of 10,000 numbers were typed back in \d+ minutes?\.", page), page
    assert "+3361234••••" in page
    subject = room.field("subject")
    room.send("/admin/guard/react", subject=subject, action="refuse", note="call the provider")  # the second
    assert "By an admin, until somebody changes it." in room.text
    for n in range(31, 40):
        guard_pass.solved(house.services, house.visitor(f"b{n}"))
        ask(house, numbered(n), address=stranger(n), browser=f"b{n}")
    assert house.count("messages") <= 6
    assert re.search(r"ada refuses \+3361234•+ *: call the provider", shown(room)), room.text


def held(house: House, scores: dict[str, float], country: str = "FR") -> None:
    """What stands against some levels, each of which stopped somebody just now."""
    now = house.clock()
    with house.services.database.write() as connection:
        guard.save(connection, [Record(key, score, since=now - 600, sent=3, at=now) for key, score in scores.items()])
        for key in scores:
            reason = "block_unproved" if key.startswith("block") else "country_unproved"
            guard.add_stop(connection, Stop("refuse", reason, key, country, "{}", watched=False), now)


def test_a_country_that_is_held_names_the_blocks_in_it(house: House, room: Browser) -> None:
    """A suspicious block is refused in it, but nowhere else. No more than five are named, the strongest first."""
    held(house, {f"block4:+33{n}1234": 3 + n / 10 for n in range(1, 8)})
    assert "Nothing is challenged or refused at the moment." in shown(room)
    held(house, {"country:FR": 9})
    held(house, {"block4:+4474001": 4}, "GB")
    page = shown(room)
    assert "France challenged 0 of 3 codes were typed back in 10 minutes." in page
    assert re.findall(r"\+(\d+)•••• refused 0 of 3 codes", page) == [f"33{n}1234" for n in (7, 6, 5, 4, 3)]
    assert "And 2 more." in page
    room.send("/admin/guard/react", kind="country", region="FR", action="challenge", **{"from": ""})
    page = shown(room)
    assert "France challenged" in page
    assert "•••• refused" not in page
    held(house, {"block4:+3391234": 6})
    room.send("/admin/guard/react", subject="block4:+3381234", action="refuse")
    page = shown(room)
    assert "+3391234•••• would be challenged" in page, "an admin's word stands above it"
    assert "+3381234•••• refused By an admin" in page


def test_what_stands_is_let_through_and_begins_anew(house: House, room: Browser) -> None:
    attack(house, 30)
    sent = house.count("messages")
    shown(room)
    assert "If nothing new comes, this ends" in room.text
    room.send("/admin/guard/react", subject=BLOCK, action="allow")
    ask(house, numbered(700), address=stranger(700))
    assert house.count("messages") == sent + 1
    room.send("/admin/guard/react", subject=BLOCK, action="free")
    ask(house, numbered(701), address=stranger(701))
    assert house.count("messages") == sent + 1
    for kind in ("block2", "block3", "block4", "block6"):
        prefix = numbered(702)[: -int(kind[5:])]
        room.send("/admin/guard/react", subject=f"{kind}:{prefix}", action="lift")
    room.send("/admin/guard/react", subject="country:FR", action="lift")
    ask(house, numbered(702), address=stranger(702))
    assert house.count("messages") == sent + 2
    actions = [row.action for row in house.sql("SELECT action FROM audit WHERE action LIKE 'guard.%' ORDER BY id")]
    assert actions[:2] == ["guard.allow", "guard.free"]
    assert set(actions[2:]) == {"guard.lift"}


def test_addresses_that_are_judged_together_can_begin_anew(house: House, room: Browser) -> None:
    held(house, {"homes:FR": 22})
    assert "France, from addresses that proved a few numbers refused 0 of 3 codes" in shown(room)
    room.send("/admin/guard/react", subject="homes:FR", action="refuse")
    assert room.status == 422
    shown(room)
    room.send("/admin/guard/react", subject="homes:FR", action="lift")
    assert "Nothing is challenged or refused at the moment." in shown(room)


@pytest.mark.parametrize(
    ("kind", "typed", "key"),
    [
        ("country", "FR", "country:FR"),
        ("network", "203.0.113.77/24", "network:203.0.113.0/24"),
        ("address", " 203.0.113.77 ", "address:203.0.113.77"),
        ("address", "2001:db8::7", "address:2001:db8::"),
        ("network", "2001:db8::/48", "network:2001:db8::/48"),
    ],
)
def test_a_country_a_network_or_an_address_is_refused(
    house: House, room: Browser, kind: str, typed: str, key: str
) -> None:
    shown(room)
    room.send("/admin/guard/react", kind=kind, region=typed, **{"from": typed}, action="refuse", note="as agreed")
    assert room.path == "/admin/guard"
    assert [row.key for row in house.sql("SELECT key FROM guard_evidence WHERE pin = 'refuse'")] == [key]
    assert "as agreed" in room.text
    address = "203.0.113.77" if ":" not in typed else "2001:db8::7"
    ask(house, numbered(1), address=address)
    assert house.count("messages") == 0
    assert "An admin decided so." in shown(room)
    assert "for money" not in room.text, "what an admin refuses is no attack"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "address", "from": "somewhere", "action": "refuse"},
        {"kind": "network", "from": "1.2.3.4/99", "action": "refuse"},
        {"kind": "country", "region": "ZZ", "action": "refuse"},
        {"kind": "planet", "from": "1.2.3.4", "action": "refuse"},
        {"subject": "number:+33612345678", "action": "refuse"},
        {"subject": "country:FR", "action": "delete"},
        {"subject": "known:FR", "action": "allow"},
        {"subject": "elsewhere:", "action": "refuse"},
        {"subject": "country:", "action": "refuse"},
        {"subject": "network:" + "x" * 100, "action": "refuse"},
    ],
)
def test_what_makes_no_sense_changes_nothing(sqlite_house: House, fields: dict[str, str]) -> None:
    room = in_console(sqlite_house)
    shown(room)
    room.send("/admin/guard/react", **fields)
    assert room.status == 422
    assert room.errors == ["Write an address such as 192.0.2.7, or a network such as 192.0.2.0/24."]
    assert sqlite_house.count("guard_evidence") == 0
    if "from" in fields:
        assert room.field("from") == fields["from"]


def test_text_messages_are_switched_off_and_the_page_says_who_still_gets_in(house: House, room: Browser) -> None:
    assert "without text messages nobody can sign in" in shown(room)
    house.set(sign_in={"passkey": True, "phone": "code_or_password"})
    page = shown(room)
    assert "stay open to those who have set them up: a passkey phone number and password" in page
    room.send("/admin/guard/switch", sms="off", note="a bill of 900")
    assert "Saved. 1 setting changed" in room.text
    assert "No code goes out by text message." in room.text
    assert "a bill of 900" in room.text
    assert "No code goes out by text message: that is switched off" in room.open("/admin/messages").text
    ask(house, numbered(1))
    assert house.count("messages") == 0
    shown(room)
    room.send("/admin/guard/switch", sms="on")
    ask(house, numbered(1))
    assert house.count("messages") == 1


def test_watching_tells_what_it_would_have_done_and_is_ended_with_a_click(house: House, room: Browser) -> None:
    shown(room)
    room.send("/admin/guard/switch", mode="watch")
    attack(house, 30)
    page = room.open("/admin/settings").text
    assert "went to numbers that nobody proves. The guard only watches: nothing is stopped." in page
    page = shown(room)
    assert re.search(r"Watching, it would have challenged \d+ and refused \d+", page), page
    assert "would be refused" in page
    assert "Keep " not in page
    room.send("/admin/guard/switch", mode="on")
    assert house.services.settings().guard.mode == "on"
    room.send("/admin/guard/switch", mode="asleep")
    assert room.status == 422


def test_figures_by_time_country_and_money(house: House, room: Browser) -> None:
    house.set(money={"price": 0.1})
    for n in range(3):
        ask(house, numbered(n, "+3369876"), address=stranger(n))
        prove(house, numbered(n, "+3369876"))
    attack(house, 30)
    sent = house.count("messages")
    house.worker.learning.run()
    page = shown(room)
    assert f"Let through {sent}, of which {round(3 / sent * 100)}% were typed back" in page
    assert f"Money saved {(33 - sent) / 10:.3g} EUR" in page
    assert f"Money spent {sent / 10:.3g} EUR" in page
    assert re.search(rf"France {sent} ", page)
    house.clock.forward(2 * 86400)
    room = house.browser().open("/admin/sign-in").send(name=ADMIN, password=PASSWORD, code="")
    assert "Nobody asked for a code" in shown(room)
    assert f"Let through {sent}" in room.open("/admin/guard?days=7").text
    for days in ("x", "0", "9" * 30):
        assert room.open(f"/admin/guard?days={days}").status == 200
    assert "for money" not in room.text, "it is over"


def test_known_people_who_were_stopped_are_counted(house: House, room: Browser) -> None:
    number = "+33755512345"
    ask(house, number, address=stranger(900))
    prove(house, number)
    house.clock.forward(3600)
    shown(room)
    room.send("/admin/guard/react", kind="country", region="FR", action="challenge", **{"from": ""})
    ask(house, number, address=stranger(901))
    ask(house, numbered(1), address=stranger(902))
    assert "Known numbers that were stopped 1 " in shown(room)


@pytest.mark.parametrize(("role", "reads", "acts"), [("admin", 200, 200), ("auditor", 200, 403), ("support", 403, 403)])
def test_who_may_look_and_who_may_act(house: House, room: Browser, role: str, reads: int, acts: int) -> None:
    attack(house, 30)
    shown(room)
    house.sql("UPDATE admins SET role = :role", role=role)
    room.send("/admin/guard/react", subject=BLOCK, action="allow")
    assert room.status == acts
    assert room.open("/admin/guard").status == reads
    if reads == 200:
        assert ("Let through</button>" in room.page.text) == (acts == 200)
    page = room.open("/admin/messages")
    assert "for money" in page.text
    assert ("See and stop it" in page.text) == (reads == 200)


def test_a_single_number_that_is_pinned_is_shown_as_far_as_its_block(sqlite_house: House) -> None:
    sqlite_house.set(guard={"mode": "on"})
    with sqlite_house.services.database.write() as connection:
        guard.pin(connection, f"number:{numbered(1)}", "refuse", sqlite_house.clock())
    ask(sqlite_house, numbered(1))
    page = shown(in_console(sqlite_house))
    assert "+3361234••••" in page
    assert "An admin decided so." in page
    assert numbered(1) not in page
