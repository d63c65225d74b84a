"""Each module of the basic and the config certification plans, under its own name.

OpenID Foundation conformance suite: ``oidcc-basic-certification-test-plan``, ``oidcc-config-certification-test-plan``.
A module that wants a screenshot of a page is walked through, and the page's words are looked at.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import pytest
from joserfc.jwk import import_key

from settings.clients import read_client
from tests.kit import House
from tests.oidc.certification import Suite, suite
from tests.oidc.kit import CALLBACK, E164, account_id, add_shop, answer, challenge, unsigned
from tests.oidc.test_authorization import finish, here, to_code_page

MODULES = [
    "oidcc-server",
    "oidcc-response-type-missing",
    "oidcc-idtoken-signature",
    "oidcc-idtoken-unsigned",
    "oidcc-userinfo-get",
    "oidcc-userinfo-post-header",
    "oidcc-userinfo-post-body",
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
    "oidcc-scope-profile",
    "oidcc-scope-email",
    "oidcc-scope-address",
    "oidcc-scope-phone",
    "oidcc-scope-all",
    "oidcc-alternate-happy-flow",
    "oidcc-display-page",
    "oidcc-display-popup",
    "oidcc-prompt-login",
    "oidcc-prompt-none-not-logged-in",
    "oidcc-prompt-none-logged-in",
    "oidcc-max-age-1",
    "oidcc-max-age-10000",
    "oidcc-ensure-request-with-unknown-parameter-succeeds",
    "oidcc-id-token-hint",
    "oidcc-login-hint",
    "oidcc-ui-locales",
    "oidcc-claims-locales",
    "oidcc-ensure-request-with-acr-values-succeeds",
    "oidcc-codereuse",
    "oidcc-codereuse-30seconds",
    "oidcc-ensure-registered-redirect-uri",
    "oidcc-ensure-post-request-succeeds",
    "oidcc-server-client-secret-post",
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
    "oidcc-claims-essential",
    "oidcc-ensure-request-object-with-redirect-uri",
    "oidcc-refresh-token",
    "oidcc-ensure-request-with-valid-pkce-succeeds",
    "oidcc-discovery-endpoint-verification",
]


@pytest.fixture
def op(sqlite_house: House) -> Suite:
    return suite(sqlite_house)


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_here(module: str) -> None:
    assert callable(getattr(sys.modules[__name__], "test_" + module.replace("-", "_")))


def test_oidcc_server(op: Suite) -> None:
    told = op.log_in()
    assert op.userinfo(told) == {"sub": account_id(op.house)}
    assert len({op.code(op.ask()) for _ in range(10)}) == 10


def test_oidcc_response_type_missing(op: Suite) -> None:
    assert answer(op.ask(response_type=None))["error"] == "invalid_request"


def test_oidcc_idtoken_signature(op: Suite) -> None:
    """RS256, with the ``kid`` of a published key: a client that did not choose gets the algorithm that all know."""
    head = json.loads(base64.urlsafe_b64decode(op.log_in()["id_token"].split(".")[0] + "=="))
    assert head["alg"] == "RS256"
    published = op.house.app.test_client().get("/.well-known/jwks.json").json["keys"]
    assert head["kid"] in {key["kid"] for key in published}


def test_oidcc_idtoken_unsigned(op: Suite) -> None:
    """Never: no client can ask for it, and discovery does not offer it."""
    _settings, problems = read_client({"name": "The Shop", "id_token_algorithm": "none"})
    assert "id_token_algorithm" in problems
    told = op.house.app.test_client().get("/.well-known/openid-configuration").json
    assert told["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]


def test_oidcc_userinfo_get(op: Suite) -> None:
    op.userinfo(op.log_in())


def test_oidcc_userinfo_post_header(op: Suite) -> None:
    told = op.log_in()
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert op.house.app.test_client().post("/oauth/userinfo", headers=headers).json == op.userinfo(told)


def test_oidcc_userinfo_post_body(op: Suite) -> None:
    told = op.log_in()
    reply = op.house.app.test_client().post("/oauth/userinfo", data={"access_token": told["access_token"]})
    assert reply.json == op.userinfo(told)


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(op: Suite) -> None:
    op.log_in(nonce=None)


SCOPES: dict[str, dict[str, Any]] = {
    "profile": {"locale": "en", "preferred_username": "ann"},
    "email": {"email": "ann@example.com", "email_verified": True},
    "address": {},
    "phone": {"phone_number": E164, "phone_number_verified": True},
}


def check_scopes(op: Suite, *names: str) -> None:
    """They come by userinfo; the ID token has none of them."""
    op.house.sql(
        "INSERT INTO identifiers (kind, value, account_id, country, verified_at, is_primary) VALUES"
        " ('email', 'ann@example.com', :id, '', 1, true), ('username', 'ann', :id, '', 0, true)",
        id=account_id(op.house),
    )
    told = op.log_in(scope="openid " + " ".join(names))
    wanted = {claim: value for name in names for claim, value in SCOPES[name].items()}
    assert op.userinfo(told) == wanted | {"sub": account_id(op.house)}
    assert not {claim for claims in SCOPES.values() for claim in claims} & told["claims"].keys()
    assert told["scope"].split() == ["openid", *(name for name in names if SCOPES[name])]


def test_oidcc_scope_profile(op: Suite) -> None:
    check_scopes(op, "profile")


def test_oidcc_scope_email(op: Suite) -> None:
    check_scopes(op, "email")


def test_oidcc_scope_address(op: Suite) -> None:
    check_scopes(op, "address")


def test_oidcc_scope_phone(op: Suite) -> None:
    check_scopes(op, "phone")


def test_oidcc_scope_all(op: Suite) -> None:
    check_scopes(op, "profile", "email", "address", "phone")


def test_oidcc_alternate_happy_flow(op: Suite) -> None:
    """Another redirect address than the first, which has a query of its own; and a state of odd letters."""
    uri = f"{CALLBACK}?dummy1=lorem&dummy2=ipsum"
    op.house.sql("UPDATE clients SET settings = replace(settings, :old, :new)", old=f'"{CALLBACK}"', new=f'"{uri}"')
    reply = op.ask(redirect_uri=uri, state="4~._-!*'();:@&=+$,/?#[]", nonce=None)
    assert reply.location.startswith(uri + "&code=")
    assert answer(reply)["state"] == "4~._-!*'();:@&=+$,/?#[]"
    assert op.shop.redeem(answer(reply)["code"], redirect_uri=uri, code_verifier=None).status_code == 200


def test_oidcc_display_page(op: Suite) -> None:
    op.log_in(display="page")


def test_oidcc_display_popup(op: Suite) -> None:
    op.log_in(display="popup")


def log_in_again(op: Suite, **more: str) -> dict[str, Any]:
    """The person is asked for their number and a code, although they are signed in."""
    assert to_code_page(op.house, op.shop, op.browser, **more).path == "/sign-in/code"
    return op.check(op.redeem(finish(op.browser)["code"]))


def test_oidcc_prompt_login(op: Suite) -> None:
    first = op.log_in()["claims"]
    op.house.clock.forward(60)
    second = log_in_again(op, prompt="login")["claims"]
    assert second["auth_time"] > first["auth_time"]
    assert second["sub"] == first["sub"]


def test_oidcc_prompt_none_not_logged_in(op: Suite) -> None:
    reply = op.house.browser().client.get(op.shop.url(prompt="none"))
    assert answer(reply) == {"error": "login_required", "state": "a state", "iss": op.issuer}


def test_oidcc_prompt_none_logged_in(op: Suite) -> None:
    first = op.log_in()["claims"]
    op.house.clock.forward(60)
    second = op.log_in(prompt="none")["claims"]
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_max_age_1(op: Suite) -> None:
    first = op.log_in()["claims"]
    op.house.clock.forward(60)
    second = log_in_again(op, max_age="1")["claims"]
    assert second["auth_time"] > first["auth_time"]
    assert op.house.clock() - second["auth_time"] < 30


def test_oidcc_max_age_10000(op: Suite) -> None:
    first = op.log_in(max_age="10000")["claims"]
    op.house.clock.forward(60)
    second = op.log_in(max_age="10000")["claims"]
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(op: Suite) -> None:
    op.log_in(extra="foobar")


def test_oidcc_id_token_hint(op: Suite) -> None:
    first = op.log_in()
    second = op.log_in(prompt="none", id_token_hint=first["id_token"])
    assert second["claims"]["sub"] == first["claims"]["sub"]


def test_oidcc_login_hint(op: Suite) -> None:
    op.log_in(login_hint="buffy@" + op.issuer.partition("//")[2])


def test_oidcc_ui_locales(op: Suite) -> None:
    op.log_in(ui_locales="se fr")


def test_oidcc_claims_locales(op: Suite) -> None:
    op.log_in(claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(op: Suite) -> None:
    assert op.log_in(acr_values="1 2")["claims"]["acr"] == "urn:doorcode:acr:1"


def replay_after(op: Suite, seconds: float) -> None:
    code = op.code(op.ask())
    told = op.check(op.redeem(code))
    op.userinfo(told)
    op.house.clock.forward(seconds)
    reply = op.redeem(code)
    assert (reply.status_code, reply.json["error"]) == (400, "invalid_grant")
    assert op.shop.userinfo(told["access_token"]).status_code == 401


def test_oidcc_codereuse(op: Suite) -> None:
    replay_after(op, 0)


def test_oidcc_codereuse_30seconds(op: Suite) -> None:
    replay_after(op, 30)


def test_oidcc_ensure_registered_redirect_uri(op: Suite) -> None:
    reply = op.ask(redirect_uri=CALLBACK + "/not-registered")
    assert reply.status_code == 400
    assert "Location" not in reply.headers
    assert "is not one of its own" in reply.text


def test_oidcc_ensure_post_request_succeeds(op: Suite) -> None:
    path, _question, query = op.shop.url().partition("?")
    reply = op.browser.client.post(path, data=query, content_type="application/x-www-form-urlencoded")
    op.check(op.redeem(op.code(op.browser.client.get(reply.location))))


def test_oidcc_server_client_secret_post(op: Suite) -> None:
    op.userinfo(op.check(op.shop.redeem(op.code(op.ask()), code_verifier=None)))


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(op: Suite) -> None:
    assert answer(op.ask(request_uri="https://shop.example.com/request.jwt"))["error"] == "request_uri_not_supported"


def request_object(**claims: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return unsigned(f".{payload}.")


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(op: Suite) -> None:
    told = answer(op.ask(request=request_object(state="another", redirect_uri=CALLBACK)))
    assert (told["error"], told["state"]) == ("request_not_supported", "a state")


def test_oidcc_claims_essential(op: Suite) -> None:
    told = op.log_in(claims='{"userinfo": {"name": {"essential": true}}}')
    assert op.userinfo(told).keys() == {"sub"}  # we know nobody's name; the suite warns of it
    assert "name" not in told["claims"]


def test_oidcc_ensure_request_object_with_redirect_uri(op: Suite) -> None:
    reply = op.ask(redirect_uri="https://evil.example.com", request=request_object(redirect_uri=CALLBACK))
    assert reply.status_code == 400
    assert "Location" not in reply.headers


def test_oidcc_refresh_token(op: Suite) -> None:
    first = consented(op)
    reply = op.shop.refresh(first["refresh_token"])
    second = op.check(reply, nonce=None)
    for claim in ("iss", "sub", "aud", "auth_time"):
        assert second["claims"][claim] == first["claims"][claim]
    assert second["refresh_token"] != first["refresh_token"]
    op.userinfo(second)
    assert add_shop(op.house).refresh(second["refresh_token"]).json["error"] == "invalid_grant"


def consented(op: Suite) -> dict[str, Any]:
    page = op.browser.open(op.shop.url(scope="openid offline_access", prompt="consent"))
    assert "keep its access while you are away" in page.text
    reply = op.browser.client.post(here(page), data={"csrf_token": page.field("csrf_token")})
    return op.check(op.redeem(op.code(reply)))


def test_oidcc_ensure_request_with_valid_pkce_succeeds(op: Suite) -> None:
    code = op.code(op.ask(code_challenge=challenge(), code_challenge_method="S256"))
    op.check(op.shop.redeem(code))


def test_oidcc_discovery_endpoint_verification(op: Suite) -> None:
    client = op.house.app.test_client()
    reply = client.get("/.well-known/openid-configuration")
    assert (reply.status_code, reply.mimetype) == (200, "application/json")
    told = reply.json
    assert told["issuer"] + "/.well-known/openid-configuration" == op.issuer + reply.request.path
    assert "code" in told["response_types_supported"]
    assert "openid" in told["scopes_supported"]
    assert {"public", "pairwise"} >= set(told["subject_types_supported"]) > set()
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert {"client_secret_basic", "client_secret_post"} <= set(told["token_endpoint_auth_methods_supported"])
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"):
        assert told[name].startswith(op.issuer + "/")
    keys = client.get("/.well-known/jwks.json").json["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert {"kty", "use", "alg", "kid"} <= key.keys()
        assert not {"d", "p", "q", "dp", "dq", "qi", "k", "oth", "x5u", "jku"} & key.keys()
        assert not import_key(key).is_private
