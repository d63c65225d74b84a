"""Each act on a page and its twin over the API leave the same rows, events, notices and messages; and each has one."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import request, request_started
from sqlalchemy import make_url

from api.account import api
from tests.api import acts
from tests.api.acts import MAIL, OTHER, OTHER_E164, OTHER_MAIL, PHRASE, Act, Stage, both, nothing, page, program
from tests.api.kit import account_program
from tests.kit import House, open_house
from tests.oidc.kit import E164, signed_in

TEMPLATES = Path(__file__).parents[2] / "templates"
SETTINGS: dict[str, Any] = {
    "connectors": {"email": "development"},
    "second_factors": {"policy": "offered", "totp": True, "passkey": True, "backup_codes": True},
    "sign_in": {"username": "password", "email": "code"},
    "limits": {"resend_waits": ["0"]},
}
# What an act leaves behind, without what is random or a time: of each table the columns that tell.
TELLING = {
    "accounts": "locale, password_hash IS NULL AS no_password, suspended_at, terms_version",
    "identifiers": "kind, value, country, is_primary",
    "number_claims": "value",
    "factors": "kind, name",
    "events": "kind, details",
    "messages": "usage, channel, recipient, country, locale, digits, state, verified_at IS NULL AS unproved",
    "sessions": "audience, pending",
    "trusted_browsers": "device",
    "upstream_identities": "name",
    "organization_members": "roles, left_at IS NULL AS lives",
    "invitations": "kind, address, roles, invited_by, times, withdrawn_at IS NULL AS lives",
    "grants": "ended_at IS NULL AS lives",
    "audit": "action, details",
}
# The program's own ways in: its application, and the proof that it keeps beside the session.
OWN = ("client.created", "verification")


# Each house with its database as it was before any act.
Kept = list[tuple[Stage, sqlite3.Connection]]


@dataclass(frozen=True)
class Twins:
    """``before``: what both find. ``pages`` and ``operations``: those that the act is about, with the action that a
    page of several is sent."""

    pages: str
    operations: str
    by_page: Act
    by_program: Act
    before: Act = nothing


NUMBER = {"country": "FR", "phone": OTHER}
SAME = {"country": "FR", "value": OTHER}
FACTOR_PAGES = "enrol.begin enrol.app enrol.backup_codes"
TWINS: dict[str, Twins] = {
    "add a number": Twins("contacts.add contacts.check_code", "add_phone check_phone",
        acts.page_adds("phones", **NUMBER), acts.program_adds("phones", **SAME)),
    "add an address": Twins("contacts.add contacts.check_code", "add_email check_email",
        acts.page_adds("emails", email=MAIL), acts.program_adds("emails", value=MAIL)),
    "ask for another code to a number": Twins("contacts.send_again", "send_phone_again",
        acts.page_asks_again("phones", **NUMBER), acts.program_asks_again("phones", **SAME)),
    "ask for another code to an address": Twins("contacts.send_again", "send_email_again",
        acts.page_asks_again("emails", email=MAIL), acts.program_asks_again("emails", value=MAIL)),
    "replace a number": Twins("contacts.add", "add_phone",
        acts.page_replaces("phones", **NUMBER), acts.program_replaces("phones", E164, **SAME)),
    "replace an address": Twins("contacts.add", "add_email", acts.page_replaces("emails", email=OTHER_MAIL),
        acts.program_replaces("emails", MAIL, value=OTHER_MAIL), acts.page_adds_mail),
    "make a number the main one": Twins("contacts.change:main", "make_main_phone",
        acts.page_changes("phones", "main", 1),
        acts.program_changes("POST", "/phones/{id}/make-main", OTHER_E164), acts.page_adds_number),
    "make an address the main one": Twins("contacts.change:main", "make_main_email",
        acts.page_changes("emails", "main", 1),
        acts.program_changes("POST", "/emails/{id}/make-main", OTHER_MAIL), acts.page_adds_second_mail),
    "prove a number again": Twins("contacts.change:prove", "prove_phone",
        acts.page_changes("phones", "prove", 0),
        acts.program_changes("POST", "/phones/{id}/prove", E164), acts.is_claimed("phone", E164)),
    "prove an address again": Twins("contacts.change:prove", "prove_email",
        acts.page_changes("emails", "prove", 0),
        acts.program_changes("POST", "/emails/{id}/prove", MAIL), acts.page_adds_mail),
    "remove a number": Twins("contacts.change:remove", "remove_phone",
        acts.page_changes("phones", "remove", 0),
        acts.program_changes("DELETE", "/phones/{id}", E164), acts.page_adds_number),
    "remove an address": Twins("contacts.change:remove", "remove_email",
        acts.page_changes("emails", "remove", 0),
        acts.program_changes("DELETE", "/emails/{id}", MAIL), acts.page_adds_mail),
    "choose a username": Twins("username.change", "change_username",
        page("/account/username", username="ann"), program("PUT", "/username", {"username": "ann"})),
    "give a username up": Twins("username.change", "change_username",
        page("/account/username", username=""), program("PUT", "/username", {"username": None}),
        page("/account/username", username="ann")),
    "set a password": Twins("password.change", "change_password",
        page("/account/password", new_password=PHRASE),
        program("PUT", "/password", {"password": PHRASE, "end_sessions": False})),
    "set a password and end the other sessions": Twins("password.change", "change_password",
        page("/account/password", new_password=PHRASE, end_sessions="y"),
        program("PUT", "/password", {"password": PHRASE}), acts.signs_in_elsewhere),
    "add an app and backup codes": Twins(FACTOR_PAGES, "begin_totp add_totp make_backup_codes",
        acts.page_adds_app, acts.program_adds_app),
    "make other backup codes": Twins("enrol.begin enrol.backup_codes", "make_backup_codes",
        both(page("/mfa/enrol", kind="backup_code"), page("")), acts.program_makes_codes, acts.page_adds_app),
    "add a passkey and backup codes": Twins("enrol.ask_passkey enrol.new_passkey", "ask_passkey add_passkey",
        acts.page_adds_passkey, acts.program_adds_passkey),
    "rename a factor": Twins("security.factor", "rename_factor", acts.page_changes_factor(name="Old"),
        acts.program_changes_factor("PATCH", {"name": "Old"}), acts.page_adds_app),
    "remove a factor": Twins("security.factor:remove", "remove_factor", acts.page_changes_factor(action="remove"),
        acts.program_changes_factor("DELETE"), acts.page_adds_app),
    "trust a browser no more": Twins("security.forget_browser", "forget_browser",
        page("/account/security", browser="1" * 32), program("DELETE", "/trusted-browsers/" + "1" * 32),
        acts.trusts_browsers),
    "trust no browser any more": Twins("security.forget_browser", "forget_browsers",
        page("/account/security", browser="all"), program("DELETE", "/trusted-browsers"), acts.trusts_browsers),
    "end the other sessions": Twins("account.end_session", "end_other_sessions",
        page("/account/sessions", session="others"), program("DELETE", "/sessions"), acts.signs_in_elsewhere),
    "end a session": Twins("account.end_session", "end_session", acts.page_ends_one,
        acts.program_ends(current=False), acts.signs_in_elsewhere),
    "sign out": Twins("account.sign_out", "end_session", page("/account", "/sign-out"),
        acts.program_ends(current=True)),
    "take back an application": Twins("applications.revoke", "revoke_application", acts.page_revokes,
        acts.program_revokes),
    "unlink an account elsewhere": Twins("linked.change", "unlink", page("/account/linked", unlink="a" * 32),
        program("DELETE", "/linked/" + "a" * 32), acts.links),
    "leave an organisation": Twins("memberships.leave", "leave_organization", acts.page_leaves, acts.program_leaves,
        acts.belongs),
    "invite, again, and withdraw": Twins(
        "memberships.invite:invite memberships.invite:again memberships.invite:withdraw",
        "invite send_invitation_again withdraw_invitation", acts.page_invites, acts.program_invites, acts.belongs),
    "take one's data along": Twins("account.download", "", acts.page_downloads, acts.program_downloads),
    "delete the account": Twins("account.delete", "delete_account", page("/account/delete", confirm="delete"),
        program("DELETE", "/profile")),
    "prove it by a code": Twins("proof.send_code proof.check_code", "begin_verification check_verification",
        both(page("/account", "/account/prove/send", place="0"), acts.page_types_code),
        acts.program_proves_by_code()),
    "prove it by a second code": Twins("proof.send_again", "send_verification_again",
        both(page("/account", "/account/prove/send", place="0"), page("", "/account/prove/send-again"),
             acts.page_types_code), acts.program_proves_by_code(again=True)),
    "prove it by the password": Twins("proof.check_password", "check_verification",
        acts.page_proves("password", password=PHRASE), acts.program_proves(password=PHRASE),
        page("/account/password", new_password=PHRASE)),
    "prove it by an app": Twins("proof.check_app", "check_verification",
        acts.page_proves_by_app, acts.program_proves_by_app, acts.page_adds_app),
}  # fmt: skip
# Pages' acts without a twin, and why.
PAGES_ALONE = {
    "account.overview": "shows the whole number; GET /phones tells it",
    "enrol.offer": "says no to an offer of the pages; programs make none",
    "language.switch": "the language of a browser; a program says Accept-Language",
    "proof.ask_passkey": "a passkey is bound to our pages, and answers no program",
    "proof.check_passkey": "likewise",
}
# Programs' acts without a twin: an act is confirmed to an application, and not to us (docs/decisions.md).
PROGRAMS_ALONE = ("begin_act", "check_act", "send_act_again", "redeem_act")
# The pages of the account, by their blueprints; of the front, what stands on each page.
ROOMS = ("account", "applications", "contacts", "enrol", "linked", "memberships", "password", "proof", "security",
         "username", "language")  # fmt: skip
# Pages that do several things: what the button says is in the template.
SEVERAL = {
    "contacts.html": "contacts.change",
    "factor.html": "security.factor",
    "invitations.html": "memberships.invite",
}


@pytest.fixture(scope="module")
def houses(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Two that are alike, on SQLite: what differs between databases is tested elsewhere."""
    with ExitStack() as stack:
        made = []
        for name in ("page", "program"):
            folder = tmp_path_factory.mktemp(name)
            path = folder / "doorcode.db"
            path.write_bytes(sqlite_template.read_bytes())
            house = stack.enter_context(open_house(f"sqlite:///{path}", folder / "instance"))
            house.set(**SETTINGS)
            browser = signed_in(house)
            made.append(Stage(house, browser, account_program(house, browser).proved()))
        yield [(stage, kept(stage.house)) for stage in made]


def file_of(house: House) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(make_url(house.database_url).database or ""))


def kept(house: House) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:")
    with file_of(house) as live:
        live.backup(copy)
    return copy


@pytest.fixture
def stages(houses: Kept) -> list[Stage]:
    """The two, as if nothing had happened yet."""
    for stage, before in houses:
        with file_of(stage.house) as live:
            before.backup(live)
        stage.house.clock.ahead = 0
    return [stage.again() for stage, _before in houses]


def rows(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = {"told": stage.told}
    for table, columns in TELLING.items():
        lines = [tuple(row) for row in stage.house.sql(f"SELECT {columns} FROM {table}")]  # noqa: S608 - constants
        found[table] = sorted((neutral(line) for line in lines if line[0] not in OWN), key=repr)
    return found


def neutral(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(re.sub("[0-9a-f]{32}", "an id", value) if isinstance(value, str) else value for value in line)


def seen(stage: Stage, act: Act) -> set[str]:
    """What is sent while the act is done: pages with the action, and operations."""
    found: set[str] = set()

    def note(_app: Any, **_more: Any) -> None:
        if request.endpoint and request.endpoint.startswith("account_api."):
            found.add(request.endpoint.removeprefix("account_api."))
        elif request.method == "POST":
            action = request.form.get("action", "")
            found.add(f"{request.endpoint}:{action}" if action else str(request.endpoint))

    with request_started.connected_to(note, stage.house.app):
        act(stage)
    return found


@pytest.mark.parametrize("act", TWINS)
def test_a_page_and_a_program_leave_the_same_behind(stages: list[Stage], act: str) -> None:
    by_page, by_program = stages
    twins = TWINS[act]
    for stage in stages:
        twins.before(stage)
        stage.house.deliver()
    before = rows(by_page)
    assert before == rows(by_program)
    assert set(twins.pages.split()) <= seen(by_page, twins.by_page)
    assert set(twins.operations.split()) <= seen(by_program, twins.by_program)
    for stage in stages:
        stage.house.deliver()
    assert rows(by_page) == rows(by_program)
    assert rows(by_page) != before, "nothing was done"


def test_each_act_has_a_twin(houses: Kept) -> None:
    """A button on a page of the account, or an operation that writes, which the table does not know."""
    app = houses[0][0].house.app
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    pages = {rule.endpoint for rule in rules if rule.endpoint.partition(".")[0] in ROOMS}
    for template in (TEMPLATES / "account").glob("*.html"):
        actions = re.findall(r'name="action" value="(\w+)"', template.read_text())
        pages |= {f"{SEVERAL[template.name]}:{action}" for action in actions}
    known = {name for twins in TWINS.values() for name in twins.pages.split()}
    assert pages - known - {name.partition(":")[0] for name in known} == set(PAGES_ALONE)
    writes = {each.name for each in api.operations if each.changes}
    twinned = {name for twins in TWINS.values() for name in twins.operations.split()}
    assert writes == twinned | set(PROGRAMS_ALONE)
