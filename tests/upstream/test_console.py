"""An admin sets up a provider: the form, the test, the button, the order, the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.identities import masked_subject
from tests.api.kit import manage_program, reason
from tests.kit import House
from tests.pages.factors_kit import add_app, app_code, sign_up
from tests.pages.test_console import in_console
from tests.pages.test_users import with_role
from tests.upstream.kit import CLIENT, SECRET, Elsewhere, away_from, come_back, elsewhere, offer, visit

HERE = "/admin/upstreams/openid"


@pytest.fixture
def provider() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


def typed(provider: Elsewhere, **more: str) -> dict[str, str]:
    return {"label": "Elsewhere", "issuer": provider.url, "client_id": CLIENT, "client_secret": SECRET} | more


def test_set_up_with_a_button(house: House, provider: Elsewhere) -> None:
    browser = in_console(house).open(HERE)
    browser.send(**typed(provider, action="offer"))
    assert browser.path == HERE
    assert "Saved." in browser.text
    assert SECRET not in browser.page.text
    assert SECRET not in repr(house.sql("SELECT * FROM settings_versions"))
    assert "Continue with Elsewhere" in house.browser().open("/sign-in").text
    assert "Continue with Elsewhere" in house.browser().open("/sign-up").text
    browser.open(HERE).send(**typed(provider, client_secret="", action="offer"))
    kept = house.services.settings().upstreams.configurations["openid"]["client_secret"]
    assert kept == SECRET


def test_what_is_missing_is_told_beside_its_field(house: House, provider: Elsewhere) -> None:
    browser = in_console(house).open(HERE).send(**typed(provider, issuer="", action="offer"))
    assert browser.status == 422
    assert browser.errors == ["Fill this in."]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "takes the client ID and the secret."),
        ({"client_secret": "another"}, "does not take the client ID and the secret"),
        ({"issuer": "http://127.0.0.1:9"}, "It does not answer"),
        ({"issuer": "SLASH"}, "names another issuer"),
    ],
)
def test_a_test_tells_what_is_wrong(house: House, provider: Elsewhere, wrong: dict[str, str], words: str) -> None:
    wrong = {name: f"{provider.url}/" if value == "SLASH" else value for name, value in wrong.items()}
    browser = in_console(house).open(HERE).send(**typed(provider, **wrong, action="test"))
    assert browser.status == 200
    assert words in browser.text
    assert house.services.settings().upstreams.configurations == {}


def test_the_order_of_the_buttons(house: House, provider: Elsewhere) -> None:
    browser = in_console(house)
    browser.open(HERE).send(**typed(provider, action="offer"))
    browser.open("/admin/upstreams/openid-2").send(**typed(provider, label="Another", action="offer"))
    browser.open("/admin/upstreams").send(up="openid-2")
    assert "Openid" not in browser.text
    text = house.browser().open("/sign-in").text
    assert text.index("Continue with Another") < text.index("Continue with Elsewhere")


def test_deleted_by_its_name(house: House, provider: Elsewhere) -> None:
    browser = in_console(house).open(HERE).send(**typed(provider, action="offer"))
    assert browser.send(action="delete", confirm="?").status == 422
    assert browser.send(action="delete", confirm="elsewhere").path == "/admin/upstreams"
    assert "Continue with" not in house.browser().open("/sign-in").text
    actions = [row.action for row in house.sql("SELECT action FROM audit ORDER BY id")]
    assert actions[-2:] == ["upstream.openid.saved", "upstream.openid.deleted"]


def test_apple_wants_a_key(house: House) -> None:
    values = {"client_id": "x", "team_id": "ABCDE12345", "key_id": "ABCDE12345", "private_key": "no key"}
    browser = in_console(house).open("/admin/upstreams/apple").send(**values, action="offer")
    assert "no private key" in browser.text


@pytest.mark.parametrize("name", ["google", "apple", "microsoft", "github", "openid", "oauth2", "openid-7"])
def test_each_has_its_page(house: House, name: str) -> None:
    browser = in_console(house).open(f"/admin/upstreams/{name}")
    assert browser.status == 200
    assert "Guide" in browser.text


@pytest.mark.parametrize("name", ["nothing", "google-2", "openid-A", "contract"])
def test_no_other_page(house: House, name: str) -> None:
    assert in_console(house).open(f"/admin/upstreams/{name}").status == 404


def test_an_admin_sees_who_an_account_is_elsewhere_and_unlinks_it_with_a_reason(
    house: House, provider: Elsewhere
) -> None:
    offer(house, provider.url)
    mine = house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code()
    come_back(mine, provider.authorize(away_from(mine.open("/account/linked").send(link="openid"))))
    account, identity = house.sql("SELECT account_id, id FROM upstream_identities")[0]
    owner = in_console(house)
    support = with_role(house, owner, "support").open(f"/admin/users/{account}")
    assert "a•••@example.com" in support.text
    assert "ada@example.com" not in support.page.text
    page = owner.open(f"/admin/users/{account}")
    assert "Elsewhere · ada@example.com" in page.text
    unlink = f"/admin/users/{account}/unlink"
    assert support.send(unlink, identity=identity, reason="Linked by somebody else").status == 403
    assert page.send(unlink, identity=identity, reason="why").status == 422
    program = manage_program(house, "users:read", "users:write")
    [told] = program.get(f"/users/{account}").json["elsewhere"]
    assert (told["provider"], told["issuer"], told["subject"]) == ("openid", provider.url, "ada")
    assert (
        owner.open(f"/admin/users/{account}").send(unlink, identity=identity, reason="Not theirs at all").status == 200
    )
    assert house.count("upstream_identities") == 0
    assert mine.open("/account").path == "/sign-in", "whoever came in by it is out"
    gone = program.post(f"/users/{account}/unlink", {"identity": identity, "reason": "Not theirs at all"})
    assert reason(gone) == "not_found"
    [entry] = house.sql("SELECT details FROM audit WHERE action = 'user.identity_unlinked'")
    assert "Not theirs at all" in entry.details


def test_the_only_way_in_is_not_unlinked(house: House, provider: Elsewhere) -> None:
    offer(house, provider.url)
    house.set(sign_in={"email": "code"}, sign_up={"identifier": "phone_or_email"})
    visit(house.browser(), provider).send("/linking/separate")
    account, identity = house.sql("SELECT account_id, id FROM upstream_identities")[0]
    program = manage_program(house, "users:write")
    refused = program.post(f"/users/{account}/unlink", {"identity": identity, "reason": "Not theirs at all"})
    assert (refused.status_code, reason(refused)) == (422, "last_way")


def test_who_was_about_to_come_in_by_it_is_out_too(house: House, provider: Elsewhere) -> None:
    offer(house, provider.url)
    house.set(second_factors={"policy": "offered", "sms": False})
    mine = sign_up(house)
    key = add_app(house, mine)
    come_back(mine, provider.authorize(away_from(mine.open("/account/linked").send(link="openid"))))
    other = visit(house.browser(), provider)
    assert other.path == "/mfa/totp"
    account, identity = house.sql("SELECT account_id, id FROM upstream_identities")[0]
    program = manage_program(house, "users:write")
    program.post(f"/users/{account}/unlink", {"identity": identity, "reason": "Not theirs at all"})
    house.clock.forward(90)
    other.send("/mfa/totp", code=app_code(house, key))
    assert other.open("/account").path == "/sign-in"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [("", "•••"), ("7", "•••"), ("4711", "4•••"), ("00123456", "00•••"), ("110169484474386276334", "1101•••")],
)
def test_no_subject_is_shown_whole_to_support(subject: str, shown: str) -> None:
    assert masked_subject(subject) == shown
