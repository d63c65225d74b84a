"""An admin adds applications, looks after their secrets, and finds out why an address does not match."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey, RSAKey

from flows import clients, signing_keys
from flows.clients import Created
from rules.tokens import hash_token
from tests.cli.test_commands import flask
from tests.kit import Browser, House
from tests.pages.test_console import in_console

CALLBACK = "https://shop.example.com/callback"


def add(house: House, kind: str = "web", **values: str) -> Browser:
    browser = in_console(house).open(f"/admin/new-client?kind={kind}")
    if kind not in ("machine", "proxy"):
        values.setdefault("redirect_uris", CALLBACK)
    return browser.send("/admin/new-client", kind=kind, name="Shop", **values)


def shown_secret(browser: Browser) -> str:
    found = re.search(r'never again.*?class="key">([^<]+)<', browser.page.text, re.S)
    return found[1] if found else ""


def test_an_application_is_added_and_its_secret_is_shown_once_and_kept_hashed(house: House) -> None:
    browser = add(house)
    secret = shown_secret(browser)
    assert len(secret) >= 43
    assert re.fullmatch(r"[A-Za-z0-9_-]+", secret)  # HTTP Basic spells these as they are
    client = clients.list_all(house.services)[0]
    assert client.secrets[0][0] == hash_token(secret)
    for table in ("clients", "client_secrets", "audit"):
        assert secret not in repr(house.sql(f"SELECT * FROM {table}"))  # noqa: S608
    assert secret not in browser.open(f"/admin/clients/{client.id}").page.text
    assert "Shop" in browser.open("/admin/clients").text
    assert "client.created" in browser.open("/admin/audit").text


@pytest.mark.parametrize(
    ("kind", "has_secret"), [("web", True), ("machine", True), ("spa", False), ("native", False), ("proxy", False)]
)
def test_only_who_can_keep_a_secret_has_one(house: House, kind: str, has_secret: bool) -> None:
    more = {"protected_origins": "https://wiki.example.com"} if kind == "proxy" else {}
    assert bool(shown_secret(add(house, kind, **more))) == has_secret
    client = clients.list_all(house.services)[0]
    assert bool(client.secrets) == has_secret
    rotated = clients.rotate_secret(house.services, "test", client)
    assert isinstance(rotated, Created) == has_secret


def test_two_secrets_are_good_at_a_time_and_a_reload_makes_no_third(house: House) -> None:
    browser = add(house)
    first = shown_secret(browser)
    client_id = clients.list_all(house.services)[0].id
    path, newest = f"/admin/clients/{client_id}", browser.field("newest")
    second = shown_secret(browser.send(path, action="rotate", newest=newest))
    assert shown_secret(browser.send(path, action="rotate", newest=newest)) == ""
    hashes = {secret for secret, _born in clients.list_all(house.services)[0].secrets}
    assert hashes == {hash_token(first), hash_token(second)}
    house.clock.forward(1)
    third = shown_secret(browser.send(path, action="rotate", newest=browser.field("newest")))
    hashes = {secret for secret, _born in clients.list_all(house.services)[0].secrets}
    assert hashes == {hash_token(second), hash_token(third)}
    browser.send(path, action="forget")
    assert [secret for secret, _born in clients.list_all(house.services)[0].secrets] == [hash_token(third)]


def test_a_client_is_edited_and_deleted_by_its_name(house: House) -> None:
    browser = add(house)
    client_id = clients.list_all(house.services)[0].id
    browser.send(f"/admin/clients/{client_id}", action="save", access_minutes="5", pkce="off", consent="on")
    settings = clients.list_all(house.services)[0].settings
    assert (settings.access_minutes, settings.pkce, settings.consent) == (5, False, True)
    assert settings.redirect_uris == (CALLBACK,)
    browser.open(f"/admin/delete-client/{client_id}").send(confirm="shop")
    assert browser.status == 422
    assert house.count("clients") == 1
    browser.send(f"/admin/delete-client/{client_id}", confirm="Shop")
    assert house.count("clients") == house.count("client_secrets") == 0
    assert browser.open(f"/admin/clients/{client_id}").status == 404


@pytest.mark.parametrize(
    ("kind", "field", "typed", "words"),
    [
        ("web", "redirect_uris", "http://shop.example.com/", "https://"),
        ("web", "redirect_uris", "https://*.example.com/", "no part may stand for others"),
        ("web", "redirect_uris", "", "at least one"),
        ("web", "colour", "green", "#155c4b"),
        ("web", "colour", "#ffe066", "would do"),
        ("web", "methods", "smoke_signal", "one of the list"),
        ("web", "frame_origins", "https://evil.example", "no redirect address"),
        ("proxy", "protected_origins", "https://wiki.example.com/", "scheme and host"),
        ("web", "access_minutes", "0", "1 to 1440"),
        ("web", "backchannel_logout_uri", "http://inside/logout", "https://"),
        ("web", "post_logout_redirect_uris", "shop://out", "https://"),
        ("machine", "name", "", "Fill this in"),
    ],
)
def test_a_wrong_setting_is_refused_beside_its_field(
    house: House, kind: str, field: str, typed: str, words: str
) -> None:
    browser = add(house, kind, **({} if field == "name" else {field: typed}))
    if field == "name":
        browser.open("/admin/new-client?kind=machine").send("/admin/new-client", kind=kind, name="")
    assert browser.status == 422
    assert words in browser.errors[0]


@pytest.mark.filterwarnings("ignore:Key size should be")  # the library's own word, where we refuse
def test_a_private_key_is_not_taken_for_a_public_one(house: House) -> None:
    key = ECKey.generate_key("P-256")
    for jwks in (
        {"keys": [key.as_dict(private=True)]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0"}]},
        {"keys": [{"kty": "EC"}]},
        {"keys": []},
        {"keys": [RSAKey.generate_key(1024).as_dict(private=False)]},
        {"key": 1},
    ):
        browser = add_more(house, jwks=json.dumps(jwks), authentication="private_key_jwt")
        assert browser.status == 422
        assert "not a set of public keys" in browser.errors[0]
    right = json.dumps({"keys": [key.as_dict(private=False)]})
    assert add_more(house, jwks=right, authentication="private_key_jwt").status == 200
    assert clients.list_all(house.services)[0].secrets == ()


def add_more(house: House, **values: str) -> Browser:
    house.sql("DELETE FROM admins")
    return add(house, **values)


def test_the_checker_says_what_differs(house: House) -> None:
    browser = add(house)
    path = f"/admin/clients/{clients.list_all(house.services)[0].id}"
    assert "Yes, it is one of them." in browser.send(path, action="check", address=CALLBACK).text
    for address, words in (
        (CALLBACK + "/", "a slash at its end"),
        ("https://shop.example.com/Callback", "Capital and small letters"),
        ("http://shop.example.com/callback", "The scheme is http, not https."),
        ("https://www.shop.example.com/callback", "The host is www.shop.example.com, not shop.example.com."),
        ("https://shop.example.com:8443/callback", "The port is 8443, not 443."),
        ("<script>alert(1)</script>", "The"),
    ):
        page = browser.send(path, action="check", address=address)
        assert words in page.text
        assert "<script>alert" not in page.page.text
    page = browser.send(path, action="check", address="https://shop.example.com/callbacK")
    assert "They part at character 33" in page.text
    assert "<mark>k</mark>" in page.page.text
    assert "<mark>K</mark>" in page.page.text


def test_the_command_line_does_the_same(sqlite_house: House) -> None:
    code, output, errors = flask(
        sqlite_house, "client", "create", "Shop", "--redirect-uri", CALLBACK, "--set", "consent=on"
    )
    assert code == 0, errors
    made = json.loads(output)
    client = clients.find(sqlite_house.services, made["client_id"])
    assert client
    assert client.settings.consent
    assert client.secrets[0][0] == hash_token(made["client_secret"])
    assert made["client_id"] in flask(sqlite_house, "client", "list")[1]
    _code, output, _errors = flask(sqlite_house, "client", "rotate-secret", made["client_id"], "--forget-old")
    client = clients.find(sqlite_house.services, made["client_id"])
    assert client
    assert [each for each, _born in client.secrets] == [hash_token(output.strip())]
    assert flask(sqlite_house, "client", "create", "Bad", "--redirect-uri", "nowhere")[0] != 0
    assert flask(sqlite_house, "client", "delete", made["client_id"], "--name", "Other")[0] != 0
    assert flask(sqlite_house, "client", "delete", made["client_id"], "--name", "Shop")[0] == 0
    assert flask(sqlite_house, "client", "rotate-secret", made["client_id"])[0] != 0


def test_ways_to_sign_in_are_ticked_and_unticked(sqlite_house: House) -> None:
    browser = add(sqlite_house)
    client_id = clients.list_all(sqlite_house.services)[0].id
    browser.open(f"/admin/clients/{client_id}").send(methods=["", "phone_code"], action="save")
    assert clients.list_all(sqlite_house.services)[0].settings.methods == ("phone_code",)
    assert re.search(r'value="phone_code" checked', browser.page.text)
    browser.send(methods="", action="save")
    assert clients.list_all(sqlite_house.services)[0].settings.methods == ()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("web", ("authlib", "openid-client", "Auth.js", "spring", "AddOpenIdConnect", "OIDCClientID", "oauth2-proxy")),
        ("spa", ("oidc-client-ts",)),
        ("native", ("AppAuth",)),
        ("machine", ("client_credentials",)),
        ("proxy", ("auth_request", "forwardAuth", "forward_auth")),
    ],
)
def test_settings_for_common_libraries_are_there_to_copy(
    sqlite_house: House, kind: str, words: tuple[str, ...]
) -> None:
    more = {"protected_origins": "https://wiki.example.com"} if kind == "proxy" else {}
    page = add(sqlite_house, kind, **more).page.text
    client = clients.list_all(sqlite_house.services)[0]
    for word in (*words, sqlite_house.services.environment.public_url, *([client.id] if kind != "proxy" else [])):
        assert word in page
    assert "CLIENT_SECRET" in page or not client.secrets


def try_it(house: House, browser: Browser) -> str:
    """The address that the answer comes back to, for a person who is signed in at the same browser."""
    client_id = clients.list_all(house.services)[0].id
    token = browser.open(f"/admin/clients/{client_id}").field("csrf_token")
    own = house.services.environment.public_url
    left = browser.client.post(f"/admin/clients/{client_id}/try", data={"csrf_token": token}).location
    back = browser.client.get(left.removeprefix(own)).location
    assert back.startswith(f"{own}/admin/try-client?code="), back
    return back.removeprefix(own)


def with_account(house: House, browser: Browser) -> Browser:
    """The admin is a person too, in the same browser."""
    browser.open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code()
    return browser


def test_trying_it_shows_the_tokens_and_leaves_none_of_them_alive(house: House) -> None:
    signing_keys.ensure(house.services)
    browser = with_account(house, add(house))
    browser.open(try_it(house, browser))
    assert browser.status == 200
    fields = {name: browser.field(name) for name in ("code", "state", "iss")}
    page = browser.send("/admin/try-client", **fields)
    assert "It works." in page.text, page.text
    assert "+33612345678" in page.text
    access = re.search(r"access_token&#34;: &#34;([^&]+)&#34;", page.page.text)
    assert access
    headers = {"Authorization": f"Bearer {access[1]}"}
    assert house.app.test_client().get("/oauth/userinfo", headers=headers).status_code == 401
    again = browser.open(f"/admin/try-client?{urlencode(fields)}").send("/admin/try-client", **fields)
    assert again.status == 422


def test_only_the_console_can_send_answers_to_the_console(sqlite_house: House) -> None:
    signing_keys.ensure(sqlite_house.services)
    browser = with_account(sqlite_house, add(sqlite_house))
    own, client = sqlite_house.services.environment.public_url, clients.list_all(sqlite_house.services)[0]
    asked = {
        "client_id": client.id,
        "redirect_uri": f"{own}/admin/try-client",
        "response_type": "code",
        "scope": "openid",
        "tried from the console": "yes",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    assert browser.client.get("/oauth/authorize", query_string=asked).status_code == 400
    assert sqlite_house.browser().open("/admin/try-client?code=x&state=y").path == "/admin/sign-in"


@pytest.mark.parametrize("document", ["account", "manage"])
def test_the_apis_are_readable_from_their_own_documents(sqlite_house: House, document: str) -> None:
    admin = in_console(sqlite_house)
    admin.open("/admin/clients")
    assert f"/admin/api/{document}" in admin.page.text
    admin.open(f"/admin/api/{document}")
    listed = sqlite_house.app.test_client().get(f"/api/{document}/openapi.json").json["paths"]
    for path, operations in listed.items():
        for method, operation in operations.items():
            assert f"<code>{method.upper()} {path}</code>" in admin.page.text
            assert operation["operationId"] in admin.page.text
    assert admin.open("/admin/api/nothing").status == 404
