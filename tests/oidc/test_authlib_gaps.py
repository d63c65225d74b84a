"""What Authlib leaves open: each gap is looked for here and found closed, and in a provider as its documentation builds
one, where it is found open.

That a code is redeemed once only, however many ask at once, is in test_races.py.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.kit import House
from tests.oidc import plain_authlib
from tests.oidc.kit import CALLBACK, TOKEN, VERIFIER, add_shop, challenge, signed_in

PKCE = {"code_challenge": challenge(), "code_challenge_method": "S256"}


@dataclass
class Provider:
    """A provider, with a client of it and the browser of somebody who is signed in there."""

    browser: FlaskClient
    client_id: str
    secret: str
    wait: Callable[[float], None]

    def ask(self, **more: str | None) -> TestResponse:
        asked = {"client_id": self.client_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
        values = {name: value for name, value in (asked | PKCE | more).items() if value is not None}
        return self.browser.get("/oauth/authorize?" + urlencode(values))

    def code(self, **more: str | None) -> str:
        """Empty where there came none."""
        told = parse_qs(urlsplit(self.ask(**more).headers.get("Location", "")).query)
        return told.get("code", [""])[0]

    def redeem(self, code: str, **more: str | None) -> TestResponse:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.post(form | more)

    def refresh(self, token: str) -> TestResponse:
        return self.post({"grant_type": "refresh_token", "refresh_token": token})

    def post(self, form: dict[str, str | None], base_url: str | None = None) -> TestResponse:
        proof = {"client_id": self.client_id, "client_secret": self.secret}
        values = {name: value for name, value in (proof | form).items() if value is not None}
        return self.browser.post(TOKEN, data=values, base_url=base_url)


# Each is true where the gap is open.


def takes_a_challenge_without_its_method_as_plain(op: Provider) -> bool:
    code = op.code(code_challenge=VERIFIER, code_challenge_method=None)
    return op.redeem(code).status_code == 200


def takes_the_plain_method(op: Provider) -> bool:
    return bool(op.code(code_challenge=VERIFIER, code_challenge_method="plain"))


def gives_a_code_without_a_challenge(op: Provider) -> bool:
    return op.redeem(op.code(code_challenge=None, code_challenge_method=None), code_verifier=None).status_code == 200


def lets_a_family_live_whose_token_came_again(op: Provider) -> bool:
    first = op.redeem(op.code(scope="openid offline_access")).json["refresh_token"]
    second = op.refresh(first).json["refresh_token"]
    op.wait(60)
    assert op.refresh(first).status_code == 400
    return op.refresh(second).status_code == 200


def lets_tokens_live_whose_code_came_again(op: Provider) -> bool:
    code = op.code(scope="openid offline_access")
    token = op.redeem(code).json["refresh_token"]
    assert op.redeem(code).status_code == 400
    return op.refresh(token).status_code == 200


def does_not_look_at_max_age(op: Provider) -> bool:
    op.wait(60)
    return bool(op.code(max_age="1"))


def does_not_look_at_prompt(op: Provider) -> bool:
    return bool(op.code(prompt="login"))


def does_not_look_at_claims(op: Provider) -> bool:
    return bool(op.code(claims='{"id_token": {"acr": {"essential": true, "values": ["gold"]}}}'))


def does_not_look_at_the_hint(op: Provider) -> bool:
    return bool(op.code(id_token_hint="made.up.token"))


def goes_to_the_first_address_where_none_is_named(op: Provider) -> bool:
    return op.ask(redirect_uri=None).headers.get("Location", "").startswith(CALLBACK)


def drops_scopes_that_it_does_not_know(op: Provider) -> bool:
    return bool(op.code(scope="openid nonsense"))


def shows_json_to_people(op: Provider) -> bool:
    return op.ask(client_id="nobody").mimetype == "application/json"


def does_not_look_at_request_objects(op: Provider) -> bool:
    return bool(op.code(request="eyJhbGciOiJub25lIn0.e30."))


def does_not_look_at_the_mode_of_the_answer(op: Provider) -> bool:
    return bool(op.code(response_mode="form_post"))


def cannot_read_its_own_secret(op: Provider) -> bool:
    """Name and secret are written as in a form before they go into the header (RFC 6749, 2.3.1)."""
    credentials = base64.b64encode(f"{quote_plus(op.client_id)}:{quote_plus(op.secret)}".encode()).decode()
    reply = op.browser.post(
        TOKEN,
        data={
            "grant_type": "authorization_code",
            "code": op.code(),
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        },
        headers={"Authorization": f"Basic {credentials}"},
    )
    return reply.status_code != 200


def refuses_plain_http_of_its_network(op: Provider) -> bool:
    form: dict[str, str | None] = {"grant_type": "authorization_code", "code": op.code(), "redirect_uri": CALLBACK}
    reply = op.post(form | {"code_verifier": VERIFIER}, base_url="http://192.168.1.5:8000")
    return reply.status_code != 200


def reads_secrets_from_the_address(op: Provider) -> bool:
    form = {"code": op.code(), "redirect_uri": CALLBACK, "code_verifier": VERIFIER, "client_secret": op.secret}
    query = {"grant_type": "authorization_code", "client_id": op.client_id}
    reply = op.browser.post(f"{TOKEN}?{urlencode(query)}", data=form | {"client_id": op.client_id})
    return reply.status_code == 200


def does_not_say_who_answers(op: Provider) -> bool:
    """RFC 9207, against answers that are mixed up."""
    return "iss" not in parse_qs(urlsplit(op.ask().headers["Location"]).query)


GAPS = [each for each in list(globals().values()) if getattr(each, "__annotations__", {}).get("op") == "Provider"]


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.__name__)
def test_a_gap_is_open_in_plain_authlib_and_closed_here(sqlite_house: House, gap: Callable[[Provider], bool]) -> None:
    shop = add_shop(sqlite_house)
    ours = Provider(signed_in(sqlite_house).client, shop.client_id, shop.secret, sqlite_house.clock.forward)
    assert ours.redeem(ours.code()).status_code == 200
    assert not gap(ours)
    client = plain_authlib.make().test_client()
    plain = Provider(client, plain_authlib.Client.client_id, plain_authlib.SECRET, lambda _seconds: None)
    assert plain.redeem(plain.code()).status_code == 200
    assert gap(plain)
