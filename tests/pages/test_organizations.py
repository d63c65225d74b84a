"""An admin makes organisations and sees to their members; programs do the same; people see where they belong."""

from __future__ import annotations

import pytest

from flows import organizations
from tests.api.kit import manage_program, reason
from tests.kit import House
from tests.oidc.kit import account_id, signed_in
from tests.pages.test_console import in_console

ROLES = "member\neditor: articles:read articles:write"


def test_an_admin_adds_an_organisation_and_a_member_and_changes_roles(house: House) -> None:
    signed_in(house)
    ann = account_id(house)
    browser = in_console(house).open("/admin/organizations")
    assert "No organisation yet" in browser.text
    browser.open("/admin/new-organization").send(name="Acme", roles=ROLES, default_role="member")
    assert browser.path.endswith("/members"), browser.text
    path = browser.path
    browser.send(path, action="add", identifier="+33 6 12 34 56 78")
    assert browser.status == 200, browser.errors
    assert "+33 6 12 34 56 78" in browser.text
    browser.send(path, action="add", identifier="+33 6 12 34 56 78")
    assert browser.errors == ["This account is a member already."]
    browser.send(path, action="add", identifier="07")
    assert browser.errors == ["No account has this number, address or name."]
    browser.open(path).send(path, action="roles", account=ann, roles="editor")
    [(acme, members)] = organizations.list_all(house.services)
    assert members == 1
    [member] = house.sql("SELECT roles FROM organization_members")
    assert member.roles == "editor"
    browser.send(path, action="roles", account=ann, roles="king")
    assert browser.errors == ["The organisation has no role of this name."]
    browser.open(path).send(path, action="remove", account=ann)
    assert "Nobody yet" in browser.text
    browser.open(f"/admin/delete-organization/{acme.id}").send(confirm="acme")
    assert browser.errors == ["Type Acme to delete it."]
    browser.send(confirm="Acme")
    assert "No organisation yet" in browser.text
    actions = [
        row.action for row in house.sql("SELECT action FROM audit WHERE action LIKE 'organization%' ORDER BY id")
    ]
    assert actions == [f"organization.{what}" for what in (
        "created", "member_added", "roles_changed", "member_removed", "deleted")]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Fill this in."),
        ("roles", "Editor!", "Write a role in small letters"),
        ("roles", "a\na: x", "A role stands here twice."),
        ("default_role", "king", "Choose one of the roles above."),
        ("methods", "username_password", "None of these is switched on."),
        ("join_blocks", "33", "Write + and at least five digits"),
        ("join_domains", "Example", "Write each domain in small letters"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(sqlite_house: House, field: str, value: str, words: str) -> None:
    browser = in_console(sqlite_house).open("/admin/new-organization")
    browser.send(**{"name": "Acme", "roles": ROLES, "default_role": "member", field: value})
    assert browser.status == 422
    assert words in browser.errors[0]
    assert sqlite_house.count("organizations") == 0


def test_programs_do_the_same(house: House) -> None:
    signed_in(house)
    program = manage_program(house, "organizations")
    made = program.post("/organizations", {"settings": {"name": "Acme", "roles": ["member", "editor: a:read"]}})
    assert made.status_code == 201
    place = f"/organizations/{made.json['id']}"
    assert reason(program.post("/organizations", {"settings": {"name": ""}})) == "invalid"
    assert program.get(place).json["settings"]["name"] == "Acme"
    settings = made.json["settings"] | {"second_factor": True}
    assert program.call("PUT", place, {"settings": settings}).json["settings"]["second_factor"] is True
    user = program.post(f"{place}/members", {"user": "+33612345678"}).json["user"]
    assert reason(program.post(f"{place}/members", {"user": "+33612345678"})) == "member_already"
    assert program.call("PUT", f"{place}/members/{user}/roles", {"roles": ["editor"]}).status_code == 204
    assert reason(program.call("PUT", f"{place}/members/{user}/roles", {"roles": ["king"]})) == "no_such_role"
    [member] = program.get(f"{place}/members").json["items"]
    assert (member["user"], member["roles"]) == (user, ["editor"])
    assert program.delete(f"{place}/members/{user}").status_code == 204
    assert reason(program.delete(f"{place}/members/{user}")) == "no_such_account"
    assert program.delete(place).status_code == 204
    assert reason(program.get(place)) == "not_found"


def test_another_scope_opens_nothing(sqlite_house: House) -> None:
    program = manage_program(sqlite_house, "users:read")
    assert reason(program.get("/organizations")) == "scope_missing"
