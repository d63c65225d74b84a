"""What holds for every route, whoever adds it: GET changes nothing, POST needs its token, names agree."""

from __future__ import annotations

import functools
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import Rule

from app import create_app
from rules.roles import READ, USE
from rules.tokens import hash_token, new_id, new_token
from storage import accounts, admins, sessions
from storage.database import open_database
from storage.sessions import Audience, Session
from tests.house.source import ROOT

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
# Programs come here, with a secret of their own instead of a cookie.
FOR_PROGRAMS = ("/api/", "/receipts/", "/oauth/", "/oidc/", "/upstream/twilio/arrive")  # by a form of Apple's
FOLDERS = {"admin": "console"}  # of templates, where its name is not the first word of the URL
EXAMPLES = {"name": "twilio", "which": "phones"}  # of what stands in a URL
SESSIONS = {Audience.ACCOUNT: "doorcode_session", Audience.CONSOLE: "doorcode_console"}  # the cookie of each
NOT_PAGES = ("console.messages_csv", "console.audit_csv", "front.", "sign_in.message_status", "sign_up.message_status")


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "doorcode.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path


@pytest.fixture
def app(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("DOORCODE_INSTANCE", str(tmp_path))
    monkeypatch.setenv("DOORCODE_DATABASE_URL", f"sqlite:///{database}")
    return create_app()


def urls(app: Flask, methods: set[str]) -> Iterator[tuple[Rule, str]]:
    """Each route that takes one of the methods, with a URL of it."""
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if methods & (rule.methods or set()):
                values = {name: EXAMPLES.get(name, "1") for name in rule.arguments}
                yield rule, adapter.build(rule.endpoint, values, next(iter(methods & (rule.methods or set()))))


def changed_by_get(app: Flask, client: FlaskClient, contents: Callable[[], object]) -> list[str]:
    found = []
    for _rule, url in urls(app, {"GET"}):
        before = contents()
        client.get(url).close()
        client.head(url).close()
        if contents() != before:
            found.append(url)
    return found


def open_to_forgery(app: Flask, client: FlaskClient) -> list[str]:
    """The URLs whose views are reached by a form without its token."""
    reached: list[str] = []
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = functools.wraps(view)(
            lambda *_args, _name=endpoint, **_more: reached.append(_name) or ""
        )
    found = []
    for rule, url in urls(app, CHANGING):
        for method in CHANGING & (rule.methods or set()):
            client.open(url, method=method, data={"phone": "+33612345678"})
        if rule.endpoint in reached and not url.startswith(FOR_PROGRAMS):
            found.append(url)
    return found


def without_template(app: Flask, templates: Path) -> list[str]:
    """The pages ``/flow/step`` that have no ``templates/flow/step.html``."""
    found = []
    for rule, _url in urls(app, {"GET"}):
        words = [word.replace("-", "_") for word in rule.rule.split("/") if word and "<" not in word]
        if len(words) < 2 or rule.endpoint.startswith(NOT_PAGES):
            continue
        folder = templates / FOLDERS.get(words[0], words[0])
        if folder.is_dir() and not (folder / f"{words[-1]}.html").is_file():
            found.append(rule.rule)
    return found


def contents_of(database: Path) -> str:
    with sqlite3.connect(database) as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    return dump


def sign_in(client: FlaskClient, database: Path, audience: Audience) -> None:
    """Put a person or an admin, and a session of theirs, where the application looks for them."""
    now, token = time.time(), new_token()
    opened = open_database(f"sqlite:///{database}")
    with opened.write() as connection:
        if accounts.by_id(connection, "owner") is None:
            accounts.create(connection, "owner", accounts.Identifier("phone", "+33612345678", "FR"), "en", now)
        admins.add(connection, admins.Admin("owner", "ann", "no hash", None, 0), now)
        sessions.add(connection, Session(new_id(), hash_token(token), audience, "owner", now, now + 600, "::1", "test"))
    opened.engine.dispose()
    client.set_cookie(SESSIONS[audience], token)


def test_no_get_of_a_stranger_changes_the_database(app: Flask, database: Path) -> None:
    assert changed_by_get(app, app.test_client(), lambda: contents_of(database)) == []


@pytest.mark.parametrize(("audience", "page"), [(Audience.ACCOUNT, "/account"), (Audience.CONSOLE, "/admin/settings")])
def test_no_get_of_who_is_signed_in_changes_the_database(
    app: Flask, database: Path, audience: Audience, page: str
) -> None:
    client = app.test_client()
    sign_in(client, database, audience)
    assert client.get(page).status_code == 200
    assert changed_by_get(app, client, lambda: contents_of(database)) == []


def test_every_form_needs_its_token(app: Flask, database: Path) -> None:
    client = app.test_client()
    for audience in SESSIONS:  # nothing but the token must be in the way
        sign_in(client, database, audience)
    assert open_to_forgery(app, client) == []


def test_a_page_is_named_like_its_template(app: Flask) -> None:
    assert without_template(app, ROOT / "templates") == []


def reached_in_console(app: Flask, client: FlaskClient) -> set[str]:
    """Method and view, of all that are not refused."""
    reached: list[str] = []
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = functools.wraps(view)(
            lambda *_args, _name=endpoint, **_more: reached.append(_name) or ""
        )
    app.config["WTF_CSRF_ENABLED"] = False
    found = set()
    for method in ("GET", "POST"):
        for number, (rule, url) in enumerate(urls(app, {method})):
            reached.clear()
            address = {"REMOTE_ADDR": f"10.0.{number}.1"}  # of its own, or the door counts them together
            client.open(url, method=method, environ_overrides=address).close()
            if rule.endpoint.startswith("console.") and reached:
                found.add(f"{method} {rule.endpoint.removeprefix('console.')}")
    return found


FOR_ALL = {
    "GET setup",
    "POST setup",
    "GET sign_in",
    "POST sign_in",
    "POST sign_out",
    "GET totp_setup",
    "POST totp_setup",
    "GET own_password",
    "POST own_password",
}
LOOKING = {"GET front", "GET messages", "GET message", "GET figures", "GET users", "GET user"}
ORGANIZATIONS = {"list_organizations", "organization", "invitations", "invitation_file", "members"}
LOOKING |= {f"GET {name}" for name in ORGANIZATIONS}
AUDITING = {"audit", "audit_csv", "list_clients", "client", "list_webhooks", "webhook", "settings", "history", "guard"}
HELPING = {"POST suspend_user", "POST open_user", "POST end_user_sessions"}
OPENED = {
    "support": FOR_ALL | LOOKING | HELPING,
    "auditor": FOR_ALL | LOOKING | {f"GET {name}" for name in AUDITING},
}


@pytest.mark.parametrize("role", ["support", "auditor", "admin"])
def test_a_role_opens_no_page_of_the_console_but_its_own(app: Flask, database: Path, role: str) -> None:
    """A new page is closed to support and auditors until it is named here too."""
    client = app.test_client()
    sign_in(client, database, Audience.CONSOLE)
    everything = reached_in_console(app, client)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE admins SET role = ?", (role,))
    owners = {"GET admins", "POST admins", "POST change_admin"}
    assert reached_in_console(app, client) == OPENED.get(role, everything - owners)
    assert READ.keys() | USE.keys() <= {name.partition(" ")[2] for name in everything}


@pytest.fixture
def sample() -> Flask:
    app = Flask("sample")
    app.secret_key = "sample"
    app.extensions["sample.csrf"] = CSRFProtect(app)
    app.post("/sign-in/<int:number>", endpoint="sign_in.code")(lambda number: "")
    return app


def test_a_get_that_changes_is_caught(sample: Flask) -> None:
    kept: list[str] = []
    sample.get("/quiet")(lambda: "")
    sample.get("/loud/<name>", endpoint="loud")(lambda name: kept.append(name) or "")
    assert changed_by_get(sample, sample.test_client(), lambda: list(kept)) == ["/loud/twilio"]


def test_a_form_without_protection_is_caught(sample: Flask) -> None:
    def careless() -> str:
        return ""

    sample.post("/careless")(sample.extensions["sample.csrf"].exempt(careless))
    assert open_to_forgery(sample, sample.test_client()) == ["/careless"]


def test_a_page_without_its_template_is_caught(sample: Flask, tmp_path: Path) -> None:
    (tmp_path / "sign_in").mkdir()
    (tmp_path / "sign_in" / "code.html").touch()
    for step in ("code", "code-word"):
        sample.get(f"/sign-in/{step}", endpoint=step)(lambda: "")
    assert without_template(sample, tmp_path) == ["/sign-in/code-word"]
