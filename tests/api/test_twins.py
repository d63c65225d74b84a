"""Each act on a page and its twin over the API leave the same rows, events, notices and messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rules import totp
from tests.api.kit import Program, account_program
from tests.kit import Browser, House, open_house
from tests.oidc.kit import E164, signed_in
from tests.pages.factors_kit import add_app

OTHER, OTHER_E164 = "06 87 65 43 21", "+33687654321"
MAIL = "ann@example.com"
PHRASE = "seven tall lamps beside the river"
SETTINGS: dict[str, Any] = {
    "connectors": {"email": "development"},
    "second_factors": {"policy": "offered", "totp": True, "backup_codes": True},
}
# What an act leaves behind, without what is random or a time: of each table the columns that tell.
TELLING = {
    "accounts": "locale, password_hash IS NULL AS no_password, suspended_at, terms_version",
    "identifiers": "kind, value, country, is_primary",
    "factors": "kind, name",
    "events": "kind, details",
    "messages": "usage, channel, recipient, country, locale, digits, state, verified_at IS NULL AS unproved",
    "sessions": "audience, pending",
    "trusted_browsers": "device",
    "grants": "ended_at IS NULL AS lives",
    "audit": "action",
}
# The program's own ways in: its application, and the proof that it keeps beside the session.
OWN = ("client.created",)


@dataclass
class Stage:
    """One house with one person, who has a browser and a program."""

    house: House
    browser: Browser
    program: Program

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        for table, columns in TELLING.items():
            rows = [tuple(row) for row in self.house.sql(f"SELECT {columns} FROM {table}")]  # noqa: S608 - constants
            kept = [row for row in rows if row[0] not in (*OWN, "verification")]
            found[table] = sorted(kept, key=repr)
        return found


Act = Callable[[Stage], None]


def page_adds(which: str, **typed: str) -> Act:
    def act(stage: Stage) -> None:
        stage.browser.open(f"/account/{which}/add").send(**typed)
        stage.browser.type_code()
        assert stage.browser.path == f"/account/{which}", stage.browser.text

    return act


def program_adds(which: str, **typed: str) -> Act:
    def act(stage: Stage) -> None:
        ticket = stage.program.post(f"/{which}", typed).json["id"]
        reply = stage.program.post(f"/pending-{which}/{ticket}/check", {"code": stage.house.newest_code()})
        assert reply.status_code == 204, reply.text

    return act


def with_second(act: Act) -> Act:
    """After a second number was added."""

    def both(stage: Stage) -> None:
        page_adds("phones", country="FR", phone=OTHER)(stage)
        act(stage)

    return both


def page_changes(action: str, place: int) -> Act:
    return lambda stage: settle(stage.browser.open("/account/phones").send(action=action, place=str(place)))


def settle(browser: Browser) -> None:
    assert browser.status == 200, browser.text


def program_changes(path: str, value: str, method: str) -> Act:
    def act(stage: Stage) -> None:
        numbers = {each["value"]: each["id"] for each in stage.program.get("/phones").json["items"]}
        reply = stage.program.call(method, path.format(id=numbers[value]))
        assert reply.status_code == 204, reply.text

    return act


def page_replaces(stage: Stage) -> None:
    add = "/account/phones/add?replaces=0"
    stage.browser.open(add).send(add, country="FR", phone=OTHER)
    stage.browser.type_code()
    assert stage.browser.path == "/account/phones", stage.browser.text


def program_replaces(stage: Stage) -> None:
    [mine] = stage.program.get("/phones").json["items"]
    program_adds("phones", value=OTHER, country="FR", replaces=mine["id"])(stage)


def with_names(act: Act) -> Act:
    """Where people may sign in with a name."""

    def both(stage: Stage) -> None:
        stage.house.set(**SETTINGS, sign_in={"username": "password"})
        act(stage)

    return both


def page_name(stage: Stage) -> None:
    settle(stage.browser.open("/account/username").send(username="ann"))


def program_name(stage: Stage) -> None:
    assert stage.program.call("PUT", "/username", {"username": "ann"}).status_code == 204


def page_password(stage: Stage) -> None:
    stage.browser.open("/account/password").send(new_password=PHRASE)
    assert stage.house.sql("SELECT 1 FROM accounts WHERE password_hash IS NOT NULL"), stage.browser.text


def program_password(stage: Stage) -> None:
    reply = stage.program.call("PUT", "/password", {"password": PHRASE, "end_sessions": False})
    assert reply.status_code == 204, reply.text


def page_app(stage: Stage) -> None:
    add_app(stage.house, stage.browser)
    assert stage.browser.path == "/mfa/enrol/backup-codes", stage.browser.text
    stage.browser.send()


def program_app(stage: Stage) -> None:
    app = stage.program.post("/totp").json
    code = totp.code_at(app["key"], int(stage.house.clock() // 30))
    assert stage.program.post(f"/totp/{app['id']}/check", {"code": code}).status_code == 204
    assert stage.program.post("/backup-codes").status_code == 201


def with_app(act: Act) -> Act:
    def both(stage: Stage) -> None:
        page_app(stage)
        act(stage)

    return both


def page_factor(**typed: str) -> Act:
    def act(stage: Stage) -> None:
        [(factor_id,)] = stage.house.sql("SELECT id FROM factors WHERE kind = 'totp'")
        stage.browser.open(f"/account/security/factor?id={factor_id}").send(
            "/account/security/factor", id=factor_id, **typed
        )
        settle(stage.browser)

    return act


def program_factor(method: str, body: Any = None) -> Act:
    def act(stage: Stage) -> None:
        [factor] = stage.program.get("/factors").json["factors"]
        assert stage.program.call(method, f"/factors/{factor['id']}", body).status_code == 204

    return act


def with_other_session(act: Act) -> Act:
    def both(stage: Stage) -> None:
        stage.house.clock.forward(31)
        stage.house.browser().sign_in("06 12 34 56 78").type_code()
        act(stage)

    return both


def page_ends_others(stage: Stage) -> None:
    settle(stage.browser.open("/account/sessions").send(session="others"))


def program_ends_others(stage: Stage) -> None:
    assert stage.program.delete("/sessions").status_code == 204


def page_ends_one(stage: Stage) -> None:
    found = re.findall(r'name="session" value="([0-9a-f]{32})"', stage.browser.open("/account/sessions").page.text)
    settle(stage.browser.send(session=found[0]))


def program_ends_one(stage: Stage) -> None:
    other = next(each for each in stage.program.get("/sessions").json["items"] if not each["current"])
    assert stage.program.delete(f"/sessions/{other['id']}").status_code == 204


def page_revokes(stage: Stage) -> None:
    [(client_id,)] = stage.house.sql("SELECT id FROM clients")
    settle(stage.browser.open("/account/applications").send(client=client_id))


def program_revokes(stage: Stage) -> None:
    [application] = stage.program.get("/applications").json["items"]
    assert stage.program.delete(f"/applications/{application['client_id']}").status_code == 204


def page_deletes(stage: Stage) -> None:
    stage.browser.open("/account/delete").send(confirm="delete")


def program_deletes(stage: Stage) -> None:
    assert stage.program.delete("/profile").status_code == 204


ACTS: dict[str, tuple[Act, Act]] = {
    "add a number": (
        page_adds("phones", country="FR", phone=OTHER),
        program_adds("phones", value=OTHER, country="FR"),
    ),
    "add an address": (page_adds("emails", email=MAIL), program_adds("emails", value=MAIL)),
    "make main": (
        with_second(page_changes("make_main", 1)),
        with_second(program_changes("/phones/{id}/make-main", OTHER_E164, "POST")),
    ),
    "remove": (
        with_second(page_changes("remove", 0)),
        with_second(program_changes("/phones/{id}", E164, "DELETE")),
    ),
    "replace a number": (page_replaces, program_replaces),
    "choose a username": (with_names(page_name), with_names(program_name)),
    "set a password": (page_password, program_password),
    "add an app and backup codes": (page_app, program_app),
    "rename a factor": (
        with_app(page_factor(action="rename", name="Old")),
        with_app(program_factor("PATCH", {"name": "Old"})),
    ),
    "remove a factor": (with_app(page_factor(action="remove")), with_app(program_factor("DELETE"))),
    "end the other sessions": (with_other_session(page_ends_others), with_other_session(program_ends_others)),
    "end a session": (with_other_session(page_ends_one), with_other_session(program_ends_one)),
    "take back an application": (page_revokes, program_revokes),
    "delete the account": (page_deletes, program_deletes),
}


@pytest.fixture
def stages(sqlite_template: Path, tmp_path: Path) -> Iterator[list[Stage]]:
    """Two houses that are alike, on SQLite: what differs between databases is tested elsewhere."""
    made = []
    with ExitStack() as stack:
        for name in ("page", "program"):
            path = tmp_path / f"{name}.db"
            path.write_bytes(sqlite_template.read_bytes())
            house = stack.enter_context(open_house(f"sqlite:///{path}", tmp_path / name))
            house.set(**SETTINGS)
            browser = signed_in(house)
            program = account_program(house, browser).proved()
            house.clock.forward(31)
            made.append(Stage(house, browser, program))
        yield made


@pytest.mark.parametrize("act", ACTS)
def test_a_page_and_a_program_leave_the_same_behind(stages: list[Stage], act: str) -> None:
    by_page, by_program = stages
    before = by_page.rows()
    assert before == by_program.rows()
    ACTS[act][0](by_page)
    ACTS[act][1](by_program)
    for stage in stages:
        stage.house.deliver()
    assert by_page.rows() == by_program.rows()
    assert by_page.rows() != before, "nothing was done"
