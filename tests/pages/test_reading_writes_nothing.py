"""Opening pages changes nothing, sends nothing, and asks nothing of the database that it would have to write down."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect

from tests.kit import ADMIN, PASSWORD, House


def contents(house: House) -> dict[str, list[Any]]:
    with house.services.database.read() as connection:
        names = inspect(connection).get_table_names()
    return {name: sorted(map(repr, house.sql(f"SELECT * FROM {name}"))) for name in names}  # noqa: S608 - their names


def test_no_get_changes_the_database(house: House) -> None:
    house.app.test_cli_runner().invoke(args=["admin", "create", ADMIN, "--password", PASSWORD])
    admin = house.browser().open("/admin/sign-in").send(name=ADMIN, password=PASSWORD, code="")
    member = house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code()
    midway = house.browser().sign_in("06 12 34 56 79")
    house.deliver()
    before = contents(house)
    paths = [
        rule.rule.replace("<name>", "twilio").replace("<path:filename>", "app.css")
        for rule in house.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    ]
    assert len(paths) > 20
    for browser in (house.browser(), midway, member, admin):
        for path in paths:
            assert browser.open(path).status < 500, path
            browser.open(f"{path}?ticket={'f' * 32}&key=x&country=FR&phone=0612345678&code=1")
            browser.client.head(path, buffered=True)
    assert contents(house) == before


def test_a_head_is_no_form(house: House) -> None:
    """No token protects it, so it must not do what a form does."""
    browser = house.browser().sign_in("06 12 34 56 78").type_code()
    assert browser.path == "/sign-in/create-account"
    ticket = browser.field("ticket")
    reply = browser.client.head(f"/sign-in/create-account?ticket={ticket}")
    assert (reply.status_code, reply.data, reply.headers.getlist("Set-Cookie")) == (200, b"", [])
    assert house.count("accounts") == 0
