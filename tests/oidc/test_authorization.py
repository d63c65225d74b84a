"""The authorization endpoint: who gets a code, who is sent where, and which errors leave the house."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from oidc.frame import ONE_PROOF, TWO_PROOFS
from tests.kit import Browser, House
from tests.oidc.kit import (
    CALLBACK,
    E164,
    NUMBER,
    Shop,
    account_id,
    add_shop,
    answer,
    challenge,
    claims_of,
    random_id,
    signed_in,
)
from tests.rules.test_redirects import MUTATIONS


def go_back(browser: Browser, path: str) -> dict[str, str]:
    """Follow our own redirects until one leads to the application."""
    for _ in range(6):
        reply = browser.client.get(path)
        assert reply.status_code == 303, reply.text
        if not reply.location.startswith("/"):
            return answer(reply)
        path = reply.location
    raise AssertionError("round and round")


def finish(browser: Browser, code: str | None = None) -> dict[str, str]:
    """Type the code on the page that is open, and see what the application gets."""
    data = {name: browser.field(name) for name in ("csrf_token", "ticket")}
    path = browser.page.request.path + "?" + browser.page.request.query_string.decode()
    reply = browser.client.post(path, data=data | {"code": code or browser.house.newest_code()})
    assert reply.status_code == 303, reply.text
    return go_back(browser, reply.location)


def to_code_page(house: House, shop: Shop, browser: Browser | None = None, **more: str | None) -> Browser:
    browser = (browser or house.browser()).open(shop.url(**more))
    return browser.send(here(browser), country="FR", phone=NUMBER)


def here(browser: Browser) -> str:
    return browser.page.request.path + "?" + browser.page.request.query_string.decode()


def test_who_is_signed_in_comes_back_at_once(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    state = "a state' \"&=%é\u2028" + "x" * 1000
    told = answer(browser.client.get(shop.url(state=state)))
    assert told.keys() == {"code", "state", "iss"}
    assert told["state"] == state
    assert told["iss"] == house.services.environment.public_url
    assert "state" not in answer(browser.client.get(shop.url(state=None)))
    assert house.count("authorization_requests") == 0
    codes = {shop.code(browser) for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) >= 43 for code in codes)
    assert not any(code in repr(house.sql("SELECT * FROM authorization_codes")) for code in codes)


def test_a_stranger_signs_up_on_a_page_with_the_applications_name_and_comes_back(house: House) -> None:
    shop = add_shop(house, logo_url="https://cdn.example.com/logo.png", colour="#e8590c")
    browser = house.browser().open(shop.url(screen_hint="signup"))
    assert browser.path == "/sign-up"
    assert "The Shop" in browser.text
    policy = browser.page.headers["Content-Security-Policy"]
    assert "form-action 'self' https://shop.example.com;" in policy
    assert "img-src 'self' https://cdn.example.com data:" in policy
    assert "--on-brand:#111" in browser.client.get(f"/oauth/colour/{shop.client_id}.css").text
    browser.send(here(browser), country="FR", phone=NUMBER)
    assert "The Shop" in browser.text
    told = finish(browser)
    tokens = shop.redeem(told["code"]).json
    assert shop.userinfo(tokens["access_token"]).json["phone_number"] == E164
    assert "The Shop" not in browser.open("/account").text
    assert "shop" not in browser.page.headers["Content-Security-Policy"]


def test_who_has_an_account_signs_in_and_comes_back(house: House) -> None:
    shop = add_shop(house)
    signed_in(house)
    house.clock.forward(3600)
    assert finish(to_code_page(house, shop))["state"] == "a state"


def test_who_signs_in_with_a_new_number_creates_an_account_on_the_way(house: House) -> None:
    shop, browser = add_shop(house), house.browser()
    to_code_page(house, shop, browser)
    browser.send(here(browser), code=house.newest_code())
    assert browser.path == "/sign-in/create-account"
    assert "The Shop" in browser.text
    data = {name: browser.field(name) for name in ("csrf_token", "ticket")}
    told = go_back(browser, browser.client.post(here(browser), data=data).location)
    assert shop.redeem(told["code"]).status_code == 200


def test_two_tabs_with_two_applications_do_not_mix(house: House) -> None:
    signed_in(house)
    house.clock.forward(3600)
    shop, other = add_shop(house), add_shop(house, name="The Other", redirect_uris=[CALLBACK + "/other"])
    browser = house.browser()
    first, second = browser.client, browser.client
    one = first.get(shop.url(state="one")).location
    two = second.get(other.url(state="two", redirect_uri=CALLBACK + "/other")).location
    assert "The Shop" in browser.open(one).text
    assert "The Other" in browser.open(two).text
    assert "The Shop" not in browser.text
    browser.open(one).send(here(browser), country="FR", phone=NUMBER)
    assert finish(browser)["state"] == "one"
    location = browser.client.get(two).location  # the second tab, loaded again, is signed in by now
    reply = browser.client.get(browser.client.get(location).location)
    assert reply.location.startswith(CALLBACK + "/other?code=")
    assert "state=two" in reply.location


def test_a_waiting_request_belongs_to_its_browser_and_ends_with_its_answer(house: House) -> None:
    shop = add_shop(house)
    path = house.browser().client.get(shop.url()).location
    request_id = path.partition("request_id=")[2]
    thief = signed_in(house)
    assert thief.open(f"/oauth/authorize?request_id={request_id}").status == 400
    assert "The Shop" not in house.browser().open(path).text
    browser = to_code_page(house, shop, house.browser())
    again = here(browser).partition("request_id=")[2].partition("&")[0]
    finish(browser)
    assert browser.open(f"/oauth/authorize?request_id={again}").status == 400
    assert house.browser().open(f"/oauth/authorize?request_id={random_id()}").status == 400
    assert house.browser().open("/oauth/authorize?request_id=%00").status == 400


def test_a_waiting_request_ends_after_an_hour(house: House) -> None:
    browser = to_code_page(house, add_shop(house))
    path = "/oauth/authorize?request_id=" + here(browser).partition("request_id=")[2].partition("&")[0]
    house.clock.forward(3601)
    assert browser.open(path).status == 400
    assert "That took too long" in browser.text


def test_the_way_back_tells_the_application(house: House) -> None:
    browser = house.browser().open(add_shop(house).url())
    assert "Back to The Shop" in browser.text
    back = "/openid/back?" + browser.page.request.query_string.decode()
    assert browser.client.post(back).status_code == 403  # without its token
    reply = browser.client.post(back, data={"csrf_token": browser.field("csrf_token")})
    assert answer(reply)["error"] == "access_denied"
    assert answer(reply)["state"] == "a state"


@pytest.mark.parametrize("uri", [*MUTATIONS, None])
def test_nothing_is_sent_to_a_wrong_redirect_address(sqlite_house: House, uri: str | None) -> None:
    shop = add_shop(sqlite_house, redirect_uris=["https://app.example.com/callback?tenant=1"])
    browser = signed_in(sqlite_house)
    for more in ({}, {"response_type": "token"}, {"prompt": "none"}, {"scope": "nonsense"}):
        reply = browser.client.get(shop.url(redirect_uri=uri, **more))
        assert reply.status_code == 400
        assert "Location" not in reply.headers
        assert 'href="http' not in reply.text
    assert sqlite_house.count("authorization_codes") == 0


@pytest.mark.parametrize("client_id", [None, "", "nobody", "0" * 32, "'", "\x00", "x" * 5000])
def test_an_unknown_client_gets_a_page(house: House, client_id: str | None) -> None:
    shop = add_shop(house)
    assert signed_in(house).client.get(shop.url(client_id=client_id)).status_code == 400


def test_a_machine_signs_nobody_in(house: House) -> None:
    shop = add_shop(house, "machine")
    assert signed_in(house).client.get(shop.url()).status_code == 400


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "nonce", "response_type", "anything"])
def test_a_parameter_that_comes_twice_is_refused(house: House, name: str) -> None:
    shop, browser = add_shop(house), signed_in(house)
    for value in ("another", CALLBACK, shop.client_id):
        reply = browser.client.get(shop.url(anything="x") + "&" + urlencode({name: value}))
        assert reply.status_code == 400
        assert "Location" not in reply.headers


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example.com/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo": 3}'}, "invalid_request"),
        ({"id_token_hint": "x.y.z"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_errors_go_to_the_right_application_in_oauths_words(
    sqlite_house: House, more: dict[str, str | None], error: str
) -> None:
    shop, browser = add_shop(sqlite_house), signed_in(sqlite_house)
    told = answer(browser.client.get(shop.url(**more)))
    assert told["error"] == error
    assert told["state"] == "a state"
    assert told["iss"] == sqlite_house.services.environment.public_url
    assert '"' not in told.get("error_description", "")
    assert sqlite_house.count("authorization_codes") == 0


def test_what_is_unknown_but_harmless_is_let_through(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    for more in (
        {"display": "popup"},
        {"ui_locales": "fr de"},
        {"claims_locales": "fr"},
        {"acr_values": "urn:mace:incommon:iap:silver 1"},
        {"login_hint": "somebody@example.com"},
        {"extra": "thing"},
        {"nonce": None},
        {"max_age": "10000"},
    ):
        assert "code" in answer(browser.client.get(shop.url(**more)))


def test_an_application_may_post_its_request(house: House) -> None:
    """The form of another site comes without our cookies, so it goes on as a link, which brings them."""
    shop, browser, without_cookies = add_shop(house), signed_in(house), house.app.test_client(use_cookies=False)
    path, _question, query = shop.url(login_hint=E164).partition("?")
    reply = without_cookies.post(path, data=query, content_type="application/x-www-form-urlencoded")
    assert "Set-Cookie" not in reply.headers  # it would take the place of those that the browser has
    assert "33612345678" not in reply.location
    assert "code" in answer(browser.client.get(reply.location))
    assert browser.client.get(reply.location).status_code == 400  # once
    wrong = query.replace("shop.example.com", "evil.example.com")
    assert without_cookies.post(path, data=wrong, content_type="application/x-www-form-urlencoded").status_code == 400


def test_only_a_client_that_may_can_do_without_pkce_and_never_a_public_one(house: House) -> None:
    without = {"code_challenge": None, "code_challenge_method": None}
    browser = signed_in(house)
    lax = add_shop(house, pkce="off")
    assert lax.redeem(lax.code(browser, **without), code_verifier=None).status_code == 200
    public = add_shop(house, "spa", pkce="off")
    assert answer(browser.client.get(public.url(**without)))["error"] == "invalid_request"


def test_silent_requests_are_answered_without_a_page(house: House) -> None:
    shop = add_shop(house)
    assert answer(house.browser().client.get(shop.url(prompt="none")))["error"] == "login_required"
    browser = signed_in(house)
    assert "code" in answer(browser.client.get(shop.url(prompt="none")))
    house.clock.forward(60)
    assert answer(browser.client.get(shop.url(prompt="none", max_age="30")))["error"] == "login_required"
    asking = add_shop(house, consent="on")
    assert answer(browser.client.get(asking.url(prompt="none")))["error"] == "consent_required"
    house.sql("UPDATE sessions SET pending = true")
    assert answer(browser.client.get(shop.url(prompt="none")))["error"] == "interaction_required"
    assert house.count("authorization_requests") == 0


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "1"}])
def test_who_has_to_sign_in_again_does_and_the_time_says_so(house: House, more: dict[str, str]) -> None:
    shop, browser = add_shop(house), signed_in(house)
    first = claims_of(house, shop.tokens(browser)["id_token"])
    house.clock.forward(3600)
    same = claims_of(house, shop.tokens(browser, max_age="10000")["id_token"])
    assert same["auth_time"] == first["auth_time"]
    assert to_code_page(house, shop, browser, **more).path == "/sign-in/code"
    told = finish(browser)
    second = claims_of(house, shop.redeem(told["code"]).json["id_token"])
    assert second["auth_time"] > first["auth_time"] + 3000
    assert second["sub"] == first["sub"]


def test_an_account_that_lacks_something_gets_no_code_until_it_has_it(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    house.set(sign_up={"terms_url": "https://shop.example.com/terms", "terms_version": "2"})
    house.sql("UPDATE sessions SET pending = true")
    reply = browser.client.get(shop.url())
    assert reply.location.startswith("/complete?request_id=")
    browser.open(reply.location)
    assert house.count("authorization_codes") == 0
    assert "The Shop" in browser.text
    data = {"csrf_token": browser.field("csrf_token")}
    told = go_back(browser, browser.client.post(here(browser), data=data).location)
    assert shop.redeem(told["code"]).status_code == 200


def test_consent_is_asked_once_and_again_for_more(house: House) -> None:
    shop, browser = add_shop(house, consent="on"), signed_in(house)
    page = browser.open(shop.url(scope="openid phone"))
    assert page.path == "/openid/consent"
    assert "Allow The Shop to use your account?" in page.text
    assert "see your phone number" in page.text
    assert house.count("authorization_codes") == 0
    data = {"csrf_token": page.field("csrf_token")}
    assert browser.client.post(here(page)).status_code == 403
    assert "code" in answer(browser.client.post(here(page), data=data))
    assert "code" in answer(browser.client.get(shop.url(scope="openid")))
    assert browser.open(shop.url(scope="openid phone email")).path == "/openid/consent"
    assert browser.open(shop.url(scope="openid", prompt="consent")).path == "/openid/consent"
    other = signed_in(house, "06 12 34 56 79")
    assert other.open(shop.url(scope="openid")).path == "/openid/consent"


def test_an_expected_person_is_asked_for(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    hint = shop.tokens(browser)["id_token"]
    assert "code" in answer(browser.client.get(shop.url(id_token_hint=hint, prompt="none")))
    house.clock.forward(90000)  # also with an ID token that has expired
    assert "code" in answer(browser.client.get(shop.url(id_token_hint=hint)))
    other = signed_in(house, "06 12 34 56 79")
    assert answer(other.client.get(shop.url(id_token_hint=hint, prompt="none")))["error"] == "login_required"
    elsewhere = add_shop(house)
    assert answer(browser.client.get(elsewhere.url(id_token_hint=hint)))["error"] == "invalid_request"


def test_a_level_that_alone_will_do_is_not_pretended(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    essential = '{"id_token": {"acr": {"essential": true, "values": ["%s"]}}}'
    told = answer(browser.client.get(shop.url(claims=essential % "gold")))
    assert told["error"] == "unmet_authentication_requirements"
    assert "code" in answer(browser.client.get(shop.url(claims=essential % ONE_PROOF)))
    assert claims_of(house, shop.tokens(browser, acr_values=TWO_PROOFS)["id_token"])["acr"] == ONE_PROOF


def test_who_says_yes_to_more_than_can_be_gets_the_error_and_no_code(house: House) -> None:
    shop, browser = add_shop(house, consent="on"), signed_in(house)
    essential = {"id_token": {"acr": {"essential": True, "values": [ONE_PROOF]}}}
    page = browser.open(shop.url(claims=json.dumps(essential)))
    house.sql("UPDATE sessions SET proofs = :proofs", proofs='[{"by": "passkey", "kind": "", "at": 1.0}]')
    reply = browser.client.post(here(page), data={"csrf_token": page.field("csrf_token")})
    assert answer(reply)["error"] == "unmet_authentication_requirements"


def test_one_network_leaves_only_so_many_requests_that_wait(house: House) -> None:
    house.set(limits={"posts_minute": 5})
    shop, native = add_shop(house), add_shop(house, "native", redirect_uris=["com.example.app:/callback"])
    replies = [house.browser().client.get(shop.url()).status_code for _ in range(8)]
    assert replies == [303] * 5 + [400] * 3
    assert native.post("/oauth/device", scope="openid").json["error"] == "invalid_request"
    pushed = native.post("/oauth/par", **native.asked, response_type="code", redirect_uri="com.example.app:/callback")
    assert pushed.status_code == 400
    assert house.count("authorization_requests") == 5
    assert house.count("device_codes") == 0
    form = {"response_type": "code", "redirect_uri": CALLBACK, "code_challenge": challenge()}
    form |= {"code_challenge_method": "S256", "scope": "openid"}
    assert shop.post("/oauth/par", **form).status_code == 201  # who proves who it is speaks for many people
    house.clock.forward(121)
    assert house.browser().client.get(shop.url()).status_code == 303


def test_the_language_that_the_application_wishes_is_spoken(house: House) -> None:
    browser = house.browser().open(add_shop(house).url(ui_locales="de fr-CA"))
    assert 'lang="fr"' in browser.page.text


def test_a_native_application_listens_where_it_can_once_its_person_says_yes(house: House) -> None:
    """Another program of the device could ask in its name, and be answered without anybody there (RFC 8252, 8.6)."""
    shop = add_shop(house, "native", redirect_uris=["http://127.0.0.1/callback", "com.example.app:/callback"])
    browser = signed_in(house)
    for uri in ("http://127.0.0.1:49152/callback", "com.example.app:/callback"):
        silent = browser.client.get(shop.url(redirect_uri=uri, prompt="none"))
        assert silent.location.startswith(uri + "?error=consent_required")
        page = browser.open(shop.url(redirect_uri=uri))
        assert page.path == "/openid/consent"
        reply = browser.client.post(here(page), data={"csrf_token": page.field("csrf_token")})
        assert reply.location.startswith(uri + "?code=")
        code = reply.location.partition("code=")[2].partition("&")[0]
        assert shop.redeem(code, redirect_uri=uri).status_code == 200
    waiting = house.browser().open(shop.url(redirect_uri="com.example.app:/callback"))
    assert "http://127.0.0.1:* com.example.app:;" in waiting.page.headers["Content-Security-Policy"]


def test_who_just_signed_in_for_a_native_application_has_said_so(house: House) -> None:
    shop = add_shop(house, "native", redirect_uris=["com.example.app:/callback"])
    browser = house.browser().open(shop.url(redirect_uri="com.example.app:/callback", screen_hint="sign_up"))
    browser.send(here(browser), country="FR", phone=NUMBER)
    data = {name: browser.field(name) for name in ("csrf_token", "ticket")}
    path = browser.client.post(here(browser), data=data | {"code": house.newest_code()}).location
    while path.startswith("/"):
        path = browser.client.get(path).location
    assert path.startswith("com.example.app:/callback?code=")


def test_scripts_of_other_sites_cannot_ask(house: House) -> None:
    reply = signed_in(house).client.get(add_shop(house).url(), headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_the_subject_is_no_number_and_pairwise_where_asked(house: House) -> None:
    browser = signed_in(house)
    one, two = add_shop(house), add_shop(house)
    own, other = add_shop(house, pairwise="on"), add_shop(house, pairwise="on")
    subjects = [claims_of(house, shop.tokens(browser)["id_token"])["sub"] for shop in (one, two, own, other)]
    assert subjects[0] == subjects[1] == account_id(house)
    assert len(set(subjects)) == 3
    assert not any(E164.strip("+") in subject for subject in subjects)
    assert claims_of(house, own.tokens(browser)["id_token"])["sub"] == subjects[2]
    assert own.userinfo(own.tokens(browser)["access_token"]).json["sub"] == subjects[2]


def test_the_challenge_is_what_it_should_be() -> None:
    """RFC 7636, appendix B."""
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_number_that_the_application_expects_stands_in_its_box(house: House) -> None:
    shop = add_shop(house)
    assert house.browser().open(shop.url(login_hint=E164)).field("phone") == E164
    assert house.browser().open(shop.url(login_hint="ann@example.com")).field("phone") == ""
    assert house.browser().open(shop.url(login_hint='"><script>')).status == 200


def test_a_request_of_enormous_size_is_not_kept(house: House) -> None:
    shop = add_shop(house)
    assert house.browser().client.get(shop.url(state="x" * 9000)).status_code == 400
    assert house.browser().client.get(shop.url(**{"x" * 5000: "y" * 5000})).status_code == 400
    assert house.count("authorization_requests") == 0


def test_a_person_sees_their_applications_and_can_remove_one(house: House) -> None:
    shop, other = add_shop(house, consent="on"), add_shop(house, name="The Other")
    browser = signed_in(house)
    page = browser.open(shop.url(scope="openid phone offline_access"))
    told = answer(browser.client.post(here(page), data={"csrf_token": page.field("csrf_token")}))
    mine, others = shop.redeem(told["code"]).json, other.tokens(browser)
    browser.open("/account/applications")
    assert "The Shop" in browser.text
    assert "see your phone number" in browser.text
    assert "The Other" in browser.text
    assert "The Shop" not in signed_in(house, "06 12 34 56 79").open("/account/applications").text
    browser.send(client=shop.client_id)
    assert "The Shop" not in browser.text
    assert shop.userinfo(mine["access_token"]).status_code == 401
    assert shop.refresh(mine["refresh_token"]).json["error"] == "invalid_grant"
    assert other.userinfo(others["access_token"]).status_code == 200
    assert browser.open(shop.url(scope="openid")).path == "/openid/consent"


def test_a_suspended_account_has_no_good_tokens_left(house: House) -> None:
    shop = add_shop(house)
    told = shop.tokens(signed_in(house), scope="openid offline_access")
    house.sql("UPDATE accounts SET suspended_at = 1")
    house.sql("DELETE FROM sessions")
    assert shop.userinfo(told["access_token"]).status_code == 401
    assert shop.refresh(told["refresh_token"]).json["error"] == "invalid_grant"
