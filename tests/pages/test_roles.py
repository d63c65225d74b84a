"""What an admin's role may not open or do is not offered to it."""

from __future__ import annotations

import html
import re

from rules import roles
from tests.hooks import add
from tests.kit import Browser, House
from tests.oidc.kit import account_id, add_shop
from tests.oidc.test_organizations import add_organization, put_in
from tests.pages.factors_kit import member
from tests.pages.test_console import in_console
from tests.pages.test_invitations import TO
from tests.pages.test_users import with_role
from tests.provider import Provider

FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>')
LINK = re.compile(r'<a\b[^>]*href="(/admin[^"#]*)')


def offered(browser: Browser) -> set[tuple[str, str]]:
    """(method, path) of each form and each link of the page's own part, without the frame around it."""
    page = browser.page.text.partition("<main")[2].partition("</main>")[0]
    actions = (re.search(r'action="([^"]*)"', form) for form in FORM.findall(page))
    paths = {("POST", action[1] if action else browser.path) for action in actions}
    return paths | {("GET", html.unescape(link).partition("?")[0]) for link in LINK.findall(page)}


def test_nothing_is_offered_that_a_role_may_not_do(sqlite_house: House) -> None:
    house = sqlite_house
    member(house)
    acme = add_organization(house)
    put_in(house, acme, account_id(house), "reader")
    add_shop(house)
    owner = in_console(house)
    owner.open(f"/admin/organizations/{acme}/invitations").send(owner.path, action="invite", to=TO, roles="editor")
    with Provider() as provider:
        add(house, provider)
    for role in ("support", "auditor", "admin"):
        assert len(pages_offered(house, with_role(house, owner, role), role)) > 5


def pages_offered(house: House, browser: Browser, role: str) -> set[str]:
    adapter, seen = house.app.url_map.bind("localhost"), set()
    rooms = ("", "settings", "users", "guard", "webhooks")
    todo = [f"/admin/{room}" for room in rooms if browser.open(f"/admin/{room}").status == 200]
    while todo:
        place = todo.pop()
        for method, path in offered(browser.open(place)):
            page = adapter.match(path, method)[0].rpartition(".")[2]  # type: ignore[union-attr]
            assert roles.may(role, page, reads=method == "GET"), f"{place} offers {method} {path} to {role}"
            if method == "GET" and page not in seen and not path.endswith(".csv"):
                seen.add(page)
                todo.append(path)
    return seen
