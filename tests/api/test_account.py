"""What an application does for its people: profile, password, second factors, sessions, applications, data, the end."""

from __future__ import annotations

from flows import clients, passkeys
from flows.outcomes import Done
from rules import totp
from settings.clients import write_client
from tests.api.kit import ALL_SCOPES, Program, account_program, add_account_app, reason
from tests.authenticator import Authenticator
from tests.kit import House
from tests.oidc.kit import account_id, answer, signed_in
from tests.oidc.test_authorization import here

PHRASE = "seven tall lamps beside the river"


def test_the_profile_and_a_password(house: House) -> None:
    program = account_program(house, pairwise=True).proved()
    profile = program.get("/profile").json
    assert (profile["username"], profile["has_password"]) == (None, False)
    assert profile["sub"] != account_id(house), "an application with subjects of its own hears no other"
    weak = program.call("PUT", "/password", {"password": "password"})
    assert (weak.status_code, reason(weak)) == (422, "password_too_common")
    assert weak.json["detail"].startswith("Many people use this password")
    assert program.call("PUT", "/password", {"password": PHRASE, "end_sessions": False}).status_code == 204
    assert program.get("/profile").json["has_password"]
    begun = program.post("/verifications", {}).json["id"]
    wrong = program.post(f"/verifications/{begun}/check", {"password": "not it at all"})
    assert (wrong.status_code, reason(wrong), wrong.json["tries_left"]) == (422, "wrong_password", 4)
    assert program.post(f"/verifications/{begun}/check", {"password": PHRASE}).json["verified"]


def test_an_authenticator_app_and_backup_codes(house: House) -> None:
    house.set(second_factors={"policy": "offered", "totp": True, "backup_codes": True})
    program = account_program(house).proved()
    app = program.post("/totp").json
    wrong = program.post(f"/totp/{app['id']}/check", {"code": "000000"})
    assert (wrong.status_code, reason(wrong)) == (422, "wrong_app_code")
    code = totp.code_at(app["key"], int(house.clock() // 30))
    assert program.post(f"/totp/{app['id']}/check", {"code": code}).status_code == 204
    made = program.post("/backup-codes", Idempotency_Key="codes")
    assert len(made.json["codes"]) == 10
    assert program.post("/backup-codes", Idempotency_Key="codes").json == made.json
    overview = program.get("/factors").json
    [factor] = overview["factors"]
    assert (factor["kind"], overview["backup_codes_left"]) == ("totp", 10)
    assert program.call("PATCH", f"/factors/{factor['id']}", {"name": "Old phone"}).status_code == 204
    assert program.get("/factors").json["factors"][0]["name"] == "Old phone"
    house.clock.forward(30)
    begun = program.post("/verifications", {}).json["id"]
    code = totp.code_at(app["key"], int(house.clock() // 30))
    assert program.post(f"/verifications/{begun}/check", {"totp": code}).json["verified"]
    assert program.delete(f"/factors/{factor['id']}").status_code == 204
    assert program.get("/factors").json["backup_codes_left"] == 0


def test_a_passkey_is_asked_for_and_an_answer_that_is_none_is_refused(sqlite_house: House) -> None:
    sqlite_house.set(second_factors={"policy": "offered", "passkey": True})
    program = account_program(sqlite_house).proved()
    asked = program.post("/passkeys/options").json
    assert asked["options"]["rp"]["id"] == "localhost"
    wrong = program.post("/passkeys", {"id": asked["id"], "credential": {"id": "x"}, "name": "Key"})
    assert (wrong.status_code, reason(wrong)) == (422, "wrong_passkey")


def test_a_passkey_that_a_program_added_opens_the_sign_in_page(house: House) -> None:
    house.set(second_factors={"policy": "offered", "passkey": True}, sign_in={"passkey": True})
    program = account_program(house).proved()
    asked = program.post("/passkeys/options").json
    origin = passkeys.site(house.services).origin
    elsewhere = Authenticator("https://evil.example").make(asked["options"])
    assert reason(program.post("/passkeys", {"id": asked["id"], "credential": elsewhere})) == "wrong_passkey"
    device = Authenticator(origin)
    made = {"id": asked["id"], "credential": device.make(asked["options"]), "name": "My phone"}
    assert program.post("/passkeys", made).status_code == 204
    assert reason(program.post("/passkeys", made)) == "used_code"
    [factor] = program.get("/factors").json["factors"]
    assert (factor["kind"], factor["name"], factor["used_at"]) == ("passkey", "My phone", None)
    assert device.answer_to_sign_in(house.browser()).path == "/account"
    assert program.get("/factors").json["factors"][0]["used_at"] is not None
    thief = Authenticator(origin)
    thief.id, thief.owner = device.id, device.owner
    assert thief.answer_to_sign_in(house.browser()).status == 422
    assert program.delete(f"/factors/{factor['id']}").status_code == 204
    assert device.answer_to_sign_in(house.browser()).status == 422


def test_sessions_applications_and_events(house: House) -> None:
    browser = signed_in(house)
    program = account_program(house, browser)
    house.clock.forward(31)
    other = house.browser().sign_in("06 12 34 56 78").type_code()
    assert other.path == "/account"
    listed = program.get("/sessions").json["items"]
    assert [each["current"] for each in listed] == [False, True]
    assert program.delete(f"/sessions/{listed[0]['id']}").status_code == 204
    assert reason(program.delete(f"/sessions/{listed[0]['id']}")) == "not_found"
    assert other.open("/account").path == "/sign-in"
    kinds, cursor = [], ""
    while cursor is not None:
        page = program.get(f"/events?limit=1&cursor={cursor}").json
        kinds += [each["kind"] for each in page["items"]]
        cursor = page["next"]
    assert kinds == ["signed_in", "signed_in"]
    assert reason(program.get("/events?cursor=nonsense")) == "bad_query"
    [application] = program.get("/applications").json["items"]
    assert "phone" in application["scopes"]
    assert program.delete(f"/applications/{application['client_id']}").status_code == 204
    assert program.get("/sessions").status_code == 401, "an application may take its own leave"


def test_ending_the_other_sessions_keeps_the_one_that_the_program_came_from(house: House) -> None:
    browser = signed_in(house)
    program = account_program(house, browser, scope="openid sessions")
    house.clock.forward(31)
    other = house.browser().sign_in("06 12 34 56 78").type_code()
    assert program.delete("/sessions").status_code == 204
    assert (browser.open("/account").path, other.open("/account").path) == ("/account", "/sign-in")
    assert program.get("/sessions").status_code == 200


def test_everything_is_taken_along_and_then_deleted(house: House) -> None:
    program = account_program(house).proved()
    data = program.get("/data").json
    assert [each["value"] for each in data["identifiers"]] == ["+33612345678"]
    assert program.delete("/profile").status_code == 204
    assert (house.count("accounts"), program.get("/profile").status_code) == (0, 401)


def test_an_application_that_may_not_use_the_api_cannot_ask_for_its_scopes(sqlite_house: House) -> None:
    browser = signed_in(sqlite_house)
    shop = add_account_app(sqlite_house, account_api=False)
    reply = browser.client.get(shop.url(scope="openid sessions"))
    assert "error=invalid_scope" in reply.location
    token = shop.tokens(browser, scope="openid phone")["access_token"]
    assert Program(sqlite_house, "/api/account", token).get("/phones").status_code == 401


def test_a_proof_of_one_program_is_none_of_another(sqlite_house: House) -> None:
    browser = signed_in(sqlite_house)
    one, two = account_program(sqlite_house, browser), account_program(sqlite_house, browser, scope=ALL_SCOPES)
    proof = one.proved().headers
    two.headers = proof
    assert reason(two.call("PUT", "/password", {"password": PHRASE})) == "proof_needed"


def test_the_browsers_own_proof_is_worth_nothing_to_a_program(sqlite_house: House) -> None:
    program = account_program(sqlite_house)
    assert sqlite_house.sql("SELECT proved_at FROM sessions WHERE audience = 'account'")[0][0], "just signed in"
    assert reason(program.call("PUT", "/password", {"password": PHRASE})) == "proof_needed"


def test_a_username_is_chosen_changed_and_given_up(sqlite_house: House) -> None:
    program = account_program(sqlite_house).proved()
    other = account_program(sqlite_house, signed_in(sqlite_house, "06 11 22 33 44"), scope=ALL_SCOPES).proved()
    assert other.call("PUT", "/username", {"username": "ben"}).status_code == 204
    for name, status in (("Ann", 204), ("ben", 422), ("?", 422), ("annie", 204)):
        assert program.call("PUT", "/username", {"username": name}).status_code == status
    assert program.get("/profile").json["username"] == "annie"
    assert program.call("PUT", "/username", {"username": None}).status_code == 204
    assert program.get("/profile").json["username"] is None


def test_what_a_person_let_an_application_know_lets_it_change_nothing(sqlite_house: House) -> None:
    shop, browser = add_account_app(sqlite_house, account_api=False, consent="on"), signed_in(sqlite_house)
    scope = "openid phone offline_access"
    page = browser.open(shop.url(scope=scope))
    assert "see your phone number" in page.text
    data = {"csrf_token": page.field("csrf_token")}
    before = shop.redeem(answer(browser.client.post(here(page), data=data))["code"]).json
    client = clients.find(sqlite_house.services, shop.client_id)
    assert client
    switched_on = write_client(client.settings) | {"account_api": True}
    assert clients.save(sqlite_house.services, "test", client, switched_on) == Done()
    refreshed = shop.refresh(before["refresh_token"]).json["access_token"]
    assert reason(Program(sqlite_house, "/api/account", refreshed).get("/phones")) == "bad_token"
    page = browser.open(shop.url(scope=scope))
    assert (page.path, "see and change your phone numbers" in page.text) == ("/openid/consent", True)
    data = {"csrf_token": page.field("csrf_token")}
    token = shop.redeem(answer(browser.client.post(here(page), data=data))["code"]).json["access_token"]
    assert Program(sqlite_house, "/api/account", token).get("/phones").status_code == 200
    assert "see and change your phone numbers" in browser.open("/account/applications").text
