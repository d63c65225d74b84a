"""Each module of the certification plan for RP-initiated logout, under its own name.

OpenID Foundation conformance suite: ``oidcc-rp-initiated-logout-certification-test-plan``.
"""

from __future__ import annotations

import sys
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.kit import Browser, House
from tests.oidc.certification import AFTER, Suite, suite
from tests.oidc.kit import answer, unsigned

MODULES = [
    "oidcc-rp-initiated-logout-discovery-endpoint-verification",
    "oidcc-rp-initiated-logout",
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-modified-id-token-hint",
    "oidcc-rp-initiated-logout-no-id-token-hint",
    "oidcc-rp-initiated-logout-no-params",
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-no-state",
    "oidcc-rp-initiated-logout-only-state",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-bad-id-token-hint",
]


@pytest.fixture
def op(sqlite_house: House) -> Suite:
    return suite(sqlite_house)


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_here(module: str) -> None:
    assert callable(getattr(sys.modules[__name__], "test_" + module.replace("-", "_")))


def log_out(op: Suite, **asked: str | None) -> TestResponse:
    """With all that the plan sends, but for what a module leaves out or changes."""
    right: dict[str, str | None] = {
        "id_token_hint": op.log_in()["id_token"],
        "post_logout_redirect_uri": AFTER,
        "state": "a state/&",
    }
    parameters = {name: value for name, value in (right | asked).items() if value is not None}
    return op.browser.client.get("/oauth/logout?" + urlencode(parameters))


def is_signed_in(op: Suite) -> bool:
    told = answer(op.ask(prompt="none"))
    assert "code" in told or told["error"] == "login_required"
    return "code" in told


def check_refused(op: Suite, reply: TestResponse) -> None:
    """A page of ours, no way back, and nobody was signed out."""
    assert reply.status_code == 400
    assert "Location" not in reply.headers
    assert AFTER not in reply.text
    assert "You were not signed out" in reply.text
    assert is_signed_in(op)


def say_yes(op: Suite, reply: TestResponse, *fields: str) -> TestResponse:
    """The person is asked, and is still signed in until they answer."""
    assert reply.status_code == 200
    assert "Do you want to sign out?" in reply.text
    assert is_signed_in(op)
    browser = Browser(op.house, op.browser.client)
    browser.page = reply
    data = {name: browser.field(name) for name in ("csrf_token", *fields)}
    done = op.browser.client.post("/openid/sign-out", data=data)
    assert done.status_code == 303
    assert not is_signed_in(op)
    return done


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(op: Suite) -> None:
    told = op.house.app.test_client().get("/.well-known/openid-configuration").json
    assert told["end_session_endpoint"] == op.issuer + "/oauth/logout"


def test_oidcc_rp_initiated_logout(op: Suite) -> None:
    reply = log_out(op)
    assert (reply.status_code, reply.location) == (303, AFTER + "?state=a+state%2F%26")
    assert not is_signed_in(op)


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(op: Suite) -> None:
    check_refused(op, log_out(op, post_logout_redirect_uri="https://evil.example.com/bye"))


def test_oidcc_rp_initiated_logout_modified_id_token_hint(op: Suite) -> None:
    """The suite takes its signature away: ``alg`` none."""
    check_refused(op, log_out(op, id_token_hint=unsigned(op.log_in()["id_token"])))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(op: Suite) -> None:
    check_refused(op, log_out(op, id_token_hint="this is no ID token"))


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(op: Suite) -> None:
    check_refused(op, log_out(op, post_logout_redirect_uri=AFTER + "?foo=bar"))


def test_oidcc_rp_initiated_logout_no_id_token_hint(op: Suite) -> None:
    """Whose address that is, nobody said: it is not gone to."""
    check_refused(op, log_out(op, id_token_hint=None))


def test_oidcc_rp_initiated_logout_no_params(op: Suite) -> None:
    reply = op.browser.client.get("/oauth/logout")
    assert say_yes(op, reply).location == "/sign-out"


def test_oidcc_rp_initiated_logout_only_state(op: Suite) -> None:
    reply = log_out(op, id_token_hint=None, post_logout_redirect_uri=None)
    assert say_yes(op, reply).location == "/sign-out"


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(op: Suite) -> None:
    reply = log_out(op, post_logout_redirect_uri=None)
    assert (reply.status_code, reply.location) == (303, "/sign-out")
    assert not is_signed_in(op)


def test_oidcc_rp_initiated_logout_no_state(op: Suite) -> None:
    reply = log_out(op, state=None)
    assert (reply.status_code, reply.location) == (303, AFTER)
    assert not is_signed_in(op)
