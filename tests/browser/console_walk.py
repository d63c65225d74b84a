"""A walk over every page of the console and every error of it. At each stop ``stop(page, name)`` looks at the page."""

from __future__ import annotations

from playwright.sync_api import Page

from flows import admin_setup
from tests.browser.console import (
    OWN_NUMBER,
    VONAGE,
    VONAGE_TOOK,
    VONAGE_WRONG_KEY,
    download,
    fill_tencent,
    fill_vonage,
    preview,
)
from tests.browser.here import Here
from tests.browser.test_browser import NUMBER, press
from tests.browser.walk import Stop, submit
from tests.kit import ADMIN, PASSWORD, House, wait_until
from tests.pages.factors_kit import add_app, sign_up
from tests.provider import Provider


def whole(page: Page, server: Here, provider: Provider, house: House, stop: Stop) -> None:
    way_in(page, server, stop)
    connectors(page, server, provider, stop)
    texts_and_settings(page, server, stop)
    house.set(connectors={"active": "development", "standby": ""}, codes={"length": 6})
    people_and_applications(page, server, house, stop)
    logs(page, server, stop)
    trial(page, server, stop)
    organizations(page, server, stop)
    elsewhere(page, server, provider, house, stop)
    guarding(page, server, house, stop)


def way_in(page: Page, server: Here, stop: Stop) -> None:
    """The first visit by the one-time link; the link when it is over, and the sign-in page."""
    link = f"{server.url}/admin/setup?key={admin_setup.make_link(server.house.services)}"
    page.goto(link)
    page.fill("#name", ADMIN)
    submit(page, "#password", "short")
    stop(page, "setup_error")
    submit(page, "#password", PASSWORD)
    stop(page, "totp_setup")
    submit(page, "#code", "000000")
    stop(page, "totp_setup_error")
    press(page, "Not now")
    for path, name in (("clients", "clients_none"), ("messages", "messages_none"), ("users", "users_none")):
        page.goto(f"{server.url}/admin/{path}")
        stop(page, name)
    page.goto(f"{server.url}/admin/settings/history")
    stop(page, "history_first")
    with page.context.browser.new_context(locale="en-GB") as stranger:  # type: ignore[union-attr]
        other = stranger.new_page()
        other.goto(link)
        stop(other, "link_over")
        other.goto(server.url + "/admin/sign-in")
        stop(other, "console_sign_in")
        other.fill("#name", "nobody")
        submit(other, "#password", "wrong")
        stop(other, "console_sign_in_error")


def connectors(page: Page, server: Here, provider: Provider, stop: Stop) -> None:
    for path, name in (("", "connectors"), ("?q=zzz", "connectors_none"), ("/vonage_sms", "connector")):
        page.goto(server.url + "/admin/connectors" + path)
        stop(page, name)
    for answer, name in ((VONAGE_WRONG_KEY, "connector_wrong_key"), (VONAGE_TOOK, "connector_tested")):
        provider.answer(200, answer)
        fill_vonage(page, provider)
        page.fill("#test_to", OWN_NUMBER)
        press(page, "Send a test message")
        stop(page, name)
    fill_vonage(page, provider)
    press(page, "Save and use")
    stop(page, "connector_saved")
    page.goto(server.url + "/admin/connectors/tencent")
    press(page, "Save and use")
    stop(page, "connector_errors")
    fill_tencent(page, provider)
    page.fill("#countries", "CN")
    press(page, "Save and let it stand by")
    stop(page, "connector_standby")
    page.goto(server.url + "/admin/connectors/vonage_sms/delete")
    stop(page, "delete_connector")
    press(page, "Delete")
    stop(page, "delete_connector_error")
    page.fill("#confirm", VONAGE)
    press(page, "Delete")
    stop(page, "connectors_changed")


def texts_and_settings(page: Page, server: Here, stop: Stop) -> None:
    steps = (
        ("templates", "#generic", "{code} ✓ " + "Ж" * 200, "Preview"),
        ("templates", "#generic", "{nothing}", "Save"),
        ("templates/json", "#texts", '{"en": {\n"generic": "none"}}', "Save"),
        ("templates/email", "#generic-body", "{nothing}", "Save"),
        ("settings", "[name='codes.length']", "99", "Save"),
        ("settings", "[name='codes.length']", "8", "Preview"),
        ("settings", "[name='codes.length']", "8", "Save"),
        ("settings/transfer", "#document", "{", "Show what would change"),
    )
    seen: set[str] = set()
    for path, box, typed, button in steps:
        page.goto(server.url + f"/admin/{path}")
        if path not in seen:
            stop(page, path.replace("/", "_"))
        seen.add(path)
        page.fill(box, typed)
        press(page, button)
        stop(page, f"{path.replace('/', '_')}_{button.split()[0].lower()}")
    preview(page, server, download(page, server).replace('"length": 8', '"length": 6'))
    stop(page, "switch")
    press(page, "Switch to these settings")
    stop(page, "switch_error")
    page.goto(server.url + "/admin/settings/history")
    stop(page, "history")


def people_and_applications(page: Page, server: Here, house: House, stop: Stop) -> None:
    """Somebody with an authenticator app, two applications, and the admins."""
    house.set(second_factors={"policy": "offered"})
    add_app(house, sign_up(house))
    page.goto(server.url + "/admin/users")
    stop(page, "users")
    submit_button(page, "#identifier", "12", "Create")
    stop(page, "users_error")
    page.goto(server.url + "/admin/users?q=nobody@example.com")
    stop(page, "users_not_found")
    page.goto(server.url + "/admin/users")
    with page.expect_navigation():
        page.locator("table a").first.click()
    stop(page, "user")
    press(page, "Remove Authenticator app")
    stop(page, "user_error")
    press(page, "Suspend")
    stop(page, "user_suspended")
    page.goto(server.url + "/admin/admins")
    stop(page, "admins")
    submit_button(page, "#name", "", "Add")
    stop(page, "admins_error")
    page.goto(server.url + "/admin/own-password")
    stop(page, "own_password")
    submit_button(page, "#password", "not mine", "Set the password")
    stop(page, "own_password_error")
    page.goto(server.url + "/admin/new-client")
    stop(page, "new_client_kinds")
    page.goto(server.url + "/admin/new-client?kind=web")
    stop(page, "new_client")
    submit_button(page, "[name=name]", "", "Add it")
    stop(page, "new_client_error")
    page.fill("[name=name]", "Harbour Books")
    submit_button(page, "[name=redirect_uris]", "https://shop.example.com/callback", "Add it")
    stop(page, "client_added")
    submit_button(page, "#address", "https://shop.example.com/callback/", "Check it")
    stop(page, "client_checked")
    with page.expect_navigation():
        page.locator("a[href*='/delete-client']").click()
    stop(page, "delete_client")
    press(page, "Delete")
    stop(page, "delete_client_error")
    page.goto(server.url + "/admin/clients")
    stop(page, "clients")


def logs(page: Page, server: Here, stop: Stop) -> None:
    for name in ("messages", "messages/figures", "messages?state=refused&from=2020-13-01", "audit"):
        page.goto(server.url + f"/admin/{name}")
        stop(page, name.replace("/", "_").partition("&")[0].replace("?", "_"))
    page.goto(server.url + "/admin/messages")
    with page.expect_navigation():
        page.locator("table a").first.click()
    stop(page, "message")


def submit_button(page: Page, box: str, typed: str, button: str) -> None:
    page.fill(box, typed)
    press(page, button)


def act(page: Page, action: str) -> None:
    """Press the button of the main part that says so to the server."""
    with page.expect_navigation():
        page.locator(f"main button[value='{action}']").first.click()


def trial(page: Page, server: Here, stop: Stop) -> None:
    """An application is tried: somebody said no, and a code that is none."""
    page.goto(server.url + "/admin/clients")
    with page.expect_navigation():
        page.locator("main a[href^='/admin/clients/']").first.click()
    state = f"{page.url.rpartition('/')[2]}.{'0' * 32}"
    page.goto(f"{server.url}/admin/try-client?state={state}&error=access_denied")
    stop(page, "try_client_refused")
    page.goto(f"{server.url}/admin/try-client?state={state}&code=none")
    stop(page, "try_client")
    with page.expect_navigation():
        page.locator("main form button").first.click()
    stop(page, "try_client_error")
    for name in ("account", "manage"):
        page.goto(f"{server.url}/admin/api/{name}")
        stop(page, f"api_{name}")


def organizations(page: Page, server: Here, stop: Stop) -> None:
    page.goto(server.url + "/admin/organizations")
    stop(page, "organizations_none")
    page.goto(server.url + "/admin/new-organization")
    stop(page, "new_organization")
    press(page, "Add it")
    stop(page, "new_organization_error")
    submit_button(page, "#name", "Acme Rockets and Anvils of the North", "Add it")
    own = page.url.removesuffix("/members")
    page.goto(own)
    stop(page, "organization")
    for room, box, wrong, right, action in (
        ("members", "#identifier", "12", NUMBER, "add"),
        ("invitations", "#to", "12", "+33687654321", "invite"),
    ):
        page.goto(f"{own}/{room}")
        stop(page, f"{room}_none")
        for typed, name in ((wrong, f"{room}_error"), (right, room)):
            page.fill(box, typed)
            act(page, action)
            stop(page, name)
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b""})
    press(page, "Invite them all")
    stop(page, "invitations_file_error")
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"phone\nnonsense\n"})
    press(page, "Invite them all")
    stop(page, "invitation_file")
    page.goto(server.url + "/admin/organizations")
    stop(page, "organizations")
    page.goto(own.replace("/organizations/", "/delete-organization/"))
    stop(page, "delete_organization")
    press(page, "Delete")
    stop(page, "delete_organization_error")


def elsewhere(page: Page, server: Here, provider: Provider, house: House, stop: Stop) -> None:
    """Providers of identities, and webhooks."""
    page.goto(server.url + "/admin/upstreams")
    stop(page, "upstreams")
    page.goto(server.url + "/admin/upstreams/google")
    stop(page, "upstream")
    act(page, "offer")
    stop(page, "upstream_error")
    page.goto(server.url + "/admin/webhooks")
    stop(page, "webhooks_none")
    page.goto(server.url + "/admin/new-webhook")
    stop(page, "new_webhook")
    submit_button(page, "#url", "hooks", "Add it")
    stop(page, "new_webhook_error")
    page.check("[value='phone.added']")
    submit_button(page, "#url", f"{provider.url}/hooks/with/an/address/that/is/longer/than/a/phone/is/wide", "Add it")
    stop(page, "webhook_added")
    provider.answer(410, "x" * 500)
    press(page, "Send a test event")
    own = page.url
    wait_until(lambda: house.sql("SELECT count(*) FROM webhook_endpoints WHERE off_at > 0")[0][0] == 1)
    page.goto(own)
    stop(page, "webhook_off")
    with page.expect_navigation():
        page.locator("td a").first.click()
    stop(page, "webhook_delivery")
    page.goto(server.url + "/admin/webhooks")
    stop(page, "webhooks")
    page.goto(own)
    press(page, "Switch on")
    page.goto(own.replace("/webhooks/", "/delete-webhook/"))
    stop(page, "delete_webhook")
    press(page, "Delete")


def guarding(page: Page, server: Here, house: House, stop: Stop) -> None:
    """The guard's room, and a version of the settings that is not there."""
    page.goto(server.url + "/admin/guard")
    stop(page, "guard")
    house.set(guard={"mode": "on"})
    page.select_option("#kind", "network")
    page.fill("#from", "nowhere")
    with page.expect_navigation():
        page.locator("form:has(#from) button[value=refuse]").click()
    stop(page, "guard_error")
    page.goto(server.url + "/admin/guard/look-up/twilio")
    stop(page, "look_up")
    act(page, "use")
    stop(page, "look_up_error")
    page.goto(server.url + "/admin/settings/history")
    page.evaluate("document.querySelector('main form [name=version]').value = '999999999'")
    with page.expect_navigation():
        page.locator("main form [name=version]").first.click()
    stop(page, "refused")
