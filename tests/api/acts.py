"""What a person does on a page of their account, and what a program does for them over the API."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flows import passkeys
from rules import totp
from tests.api.kit import Program
from tests.authenticator import Authenticator
from tests.kit import Browser, House
from tests.oidc.kit import account_id
from tests.oidc.test_organizations import add_organization, put_in
from tests.pages.factors_kit import add_app, app_code

OTHER, OTHER_E164 = "06 87 65 43 21", "+33687654321"
MAIL, OTHER_MAIL = "ann@example.com", "ann@example.org"
PHRASE = "seven tall lamps beside the river"


@dataclass
class Stage:
    """One house with one person, who has a browser and a program. ``told``: what was read, for acts that only read."""

    house: House
    browser: Browser
    program: Program
    told: Any = None
    keys: list[str] = field(default_factory=list)

    def again(self) -> Stage:
        """The same with cookies of its own."""
        browser = Browser(self.house, self.house.app.test_client())
        browser.client._cookies = copy.deepcopy(self.browser.client._cookies)
        return Stage(self.house, browser, copy.copy(self.program))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.program.call(method, path, body)
        assert reply.status_code < 300, reply.text
        return reply.json if reply.data else None

    def page(self, path: str, action_at: str | None = None, /, **typed: Any) -> None:
        """Open a page, where one is named, and send its form."""
        if path:
            self.browser.open(path)
        self.browser.send(action_at, **typed)
        assert self.browser.status == 200, self.browser.text


Act = Callable[[Stage], None]


def nothing(_stage: Stage) -> None:
    """Where the act needs nothing before it."""


def both(*acts: Act) -> Act:
    """One after the other."""

    def act(stage: Stage) -> None:
        for each in acts:
            each(stage)

    return act


def page(path: str, action_at: str | None = None, /, **typed: Any) -> Act:
    return lambda stage: stage.page(path, action_at, **typed)


def program(method: str, path: str, body: Any = None) -> Act:
    return lambda stage: stage.call(method, path, body)


def page_types_code(stage: Stage) -> None:
    stage.browser.type_code()
    assert stage.browser.status == 200, stage.browser.text


def page_adds(which: str, **typed: str) -> Act:
    return both(page(f"/account/{which}/add", **typed), page_types_code)


def program_adds(which: str, **typed: str) -> Act:
    def act(stage: Stage) -> None:
        pending = stage.call("POST", f"/{which}", typed)["id"]
        stage.call("POST", f"/pending-{which}/{pending}/check", {"code": stage.house.newest_code()})

    return act


def page_asks_again(which: str, **typed: str) -> Act:
    def act(stage: Stage) -> None:
        stage.page(f"/account/{which}/add", **typed)
        stage.browser.send(f"/account/{which}/send-again")

    return act


def program_asks_again(which: str, **typed: str) -> Act:
    def act(stage: Stage) -> None:
        pending = stage.call("POST", f"/{which}", typed)["id"]
        stage.call("POST", f"/pending-{which}/{pending}/send-again")

    return act


def page_replaces(which: str, **typed: str) -> Act:
    def act(stage: Stage) -> None:
        add = f"/account/{which}/add?replaces={stage.browser.contact(0, which)}"
        stage.page(add, add, **typed)

    return both(act, page_types_code)


def page_changes(which: str, action: str, place: int) -> Act:
    return lambda stage: stage.page(f"/account/{which}", action=action, place=stage.browser.contact(place, which))


def id_of(stage: Stage, which: str, value: str) -> str:
    return next(str(each["id"]) for each in stage.call("GET", f"/{which}")["items"] if each["value"] == value)


def program_changes(method: str, path: str, value: str) -> Act:
    """``path``: of a number or an address, with {id} for its own."""
    return lambda stage: stage.call(method, path.format(id=id_of(stage, path.split("/")[1], value)))


def program_replaces(which: str, old: str, **typed: str) -> Act:
    return lambda stage: program_adds(which, replaces=id_of(stage, which, old), **typed)(stage)


page_adds_number = page_adds("phones", country="FR", phone=OTHER)
page_adds_mail = page_adds("emails", email=MAIL)
page_adds_second_mail = both(page_adds_mail, page_adds("emails", email=OTHER_MAIL))


def page_adds_app(stage: Stage) -> None:
    stage.keys.append(add_app(stage.house, stage.browser))
    assert stage.browser.path == "/mfa/enrol/backup-codes", stage.browser.text
    stage.browser.send()


def program_makes_codes(stage: Stage) -> None:
    stage.call("POST", "/backup-codes")


def program_adds_app(stage: Stage) -> None:
    app = stage.call("POST", "/totp")
    code = totp.code_at(app["key"], int(stage.house.clock() // 30))
    stage.call("POST", f"/totp/{app['id']}/check", {"code": code})
    program_makes_codes(stage)


def device(stage: Stage) -> Authenticator:
    return Authenticator(passkeys.site(stage.house.services).origin)


def page_adds_passkey(stage: Stage) -> None:
    stage.browser.open("/mfa/enrol/new-passkey")
    form = {"csrf_token": stage.browser.field("csrf_token")}
    asked = stage.browser.client.post("/mfa/enrol/new-passkey/ask", data=form).json
    answer = json.dumps(device(stage).make(asked["options"]))
    stage.browser.send(asked=asked["asked"], credential=answer, name="My phone")
    stage.browser.send()


def program_adds_passkey(stage: Stage) -> None:
    asked = stage.call("POST", "/passkeys/options")
    answer = device(stage).make(asked["options"])
    stage.call("POST", "/passkeys", {"id": asked["id"], "credential": answer, "name": "My phone"})
    program_makes_codes(stage)


def page_changes_factor(**typed: str) -> Act:
    def act(stage: Stage) -> None:
        [(factor_id,)] = stage.house.sql("SELECT id FROM factors WHERE kind = 'totp'")
        stage.page(f"/account/security/factor?id={factor_id}", "/account/security/factor", id=factor_id, **typed)

    return act


def program_changes_factor(method: str, body: Any = None) -> Act:
    def act(stage: Stage) -> None:
        [factor] = stage.call("GET", "/factors")["factors"]
        stage.call(method, f"/factors/{factor['id']}", body)

    return act


def trusts_browsers(stage: Stage) -> None:
    """Two."""
    for number in range(2):
        stage.house.sql(
            """INSERT INTO trusted_browsers (id, account_id, token_hash, device, created_at, expires_at)
            VALUES (:id, :owner, :id, :device, 1, 9e9)""",
            id=f"{number}" * 32,
            owner=account_id(stage.house),
            device=f"browser {number}",
        )


def signs_in_elsewhere(stage: Stage) -> None:
    stage.house.browser().sign_in("06 12 34 56 78").type_code()


def page_ends_one(stage: Stage) -> None:
    stage.browser.open("/account/sessions")
    found = re.findall(r'name="session" value="([0-9a-f]{32})"', stage.browser.page.text)
    stage.browser.send(session=found[0])


def program_ends(*, current: bool) -> Act:
    def act(stage: Stage) -> None:
        found = next(each for each in stage.call("GET", "/sessions")["items"] if each["current"] is current)
        stage.call("DELETE", f"/sessions/{found['id']}")

    return act


def page_revokes(stage: Stage) -> None:
    [(client_id,)] = stage.house.sql("SELECT id FROM clients")
    stage.page("/account/applications", client=client_id)


def program_revokes(stage: Stage) -> None:
    [application] = stage.call("GET", "/applications")["items"]
    stage.call("DELETE", f"/applications/{application['client_id']}")


def page_downloads(stage: Stage) -> None:
    stage.browser.open("/account/data").send()
    stage.told = shape(stage.browser.page.json)


def program_downloads(stage: Stage) -> None:
    stage.told = shape(stage.call("GET", "/data"))


def shape(value: Any) -> Any:
    """All but what is random or a time."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    random = isinstance(value, float) or (isinstance(value, str) and re.fullmatch("[0-9a-f]{32}", value))
    return type(value).__name__ if random else value


def proof_of(stage: Stage) -> None:
    """What was proved last, wherever it is kept: with the session, or in the program's verification."""
    [(proofs,)] = stage.house.sql("SELECT proofs FROM sessions ORDER BY proved_at DESC LIMIT 1")
    stage.told = shape(json.loads(proofs)[-1])


def page_proves(way: str, **typed: str) -> Act:
    return both(page("/account", f"/account/prove/{way}", **typed), proof_of)


def program_proves(**typed: str) -> Act:
    def act(stage: Stage) -> None:
        begun = stage.call("POST", "/verifications", {})["id"]
        stage.call("POST", f"/verifications/{begun}/check", typed)
        proof_of(stage)

    return act


def page_proves_by_app(stage: Stage) -> None:
    page_proves("app", code=app_code(stage.house, stage.keys[0], 1))(stage)


def program_proves_by_app(stage: Stage) -> None:
    program_proves(totp=app_code(stage.house, stage.keys[0], 1))(stage)


def program_proves_by_code(*, again: bool = False) -> Act:
    def act(stage: Stage) -> None:
        way = next(each for each in stage.call("GET", "/verifications/ways")["items"] if each["by"] == "code")
        begun = stage.call("POST", "/verifications", {"send_code_to": way["id"]})["id"]
        if again:
            stage.call("POST", f"/verifications/{begun}/send-again")
        stage.call("POST", f"/verifications/{begun}/check", {"code": stage.house.newest_code()})

    return act


def links(stage: Stage) -> None:
    stage.house.sql(
        """INSERT INTO upstream_identities (id, issuer, subject, account_id, name, email, created_at, used_at)
        VALUES (:id, 'https://id.example.com', 'ann', :owner, 'openid', 'ann@example.com', 1, 1)""",
        id="a" * 32,
        owner=account_id(stage.house),
    )


def is_claimed(kind: str, value: str) -> Act:
    """Somebody else has proved it."""

    def act(stage: Stage) -> None:
        stage.house.sql(
            """INSERT INTO number_claims (value, account_id, claimed_at, release_at, expires_at)
            SELECT value, account_id, 1, 8e9, 9e9 FROM identifiers WHERE kind = :kind AND value = :value""",
            kind=kind,
            value=value,
        )

    return act


def organization_of(stage: Stage) -> str:
    return str(stage.house.sql("SELECT id FROM organizations")[0][0])


def belongs(stage: Stage) -> None:
    put_in(stage.house, add_organization(stage.house), account_id(stage.house), "admin")


def page_leaves(stage: Stage) -> None:
    stage.page("/account/organizations", organization=organization_of(stage))


def program_leaves(stage: Stage) -> None:
    stage.call("DELETE", f"/organizations/{organization_of(stage)}")


def page_invites(stage: Stage) -> None:
    """Invites, once more when it may, and withdraws it."""
    place = f"/account/organizations/{organization_of(stage)}/invitations"
    stage.page(place, action="invite", to=OTHER_E164)
    stage.house.clock.forward(61)
    for action in ("again", "withdraw"):
        stage.page(place, action=action, invitation=stage.browser.open(place).field("invitation"))


def program_invites(stage: Stage) -> None:
    place = f"/organizations/{organization_of(stage)}/invitations"
    made = stage.call("POST", place, {"to": OTHER_E164})["id"]
    stage.house.clock.forward(61)
    for action in ("send", "withdraw"):
        stage.call("POST", f"{place}/{made}/{action}")
