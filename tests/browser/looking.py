"""What every page must hold to: looked at in four looks, weighed, and walked by keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request

from tests.browser.here import Here
from tests.kit import Server

AXE = Axe().axe_script
# Nothing here moves or sounds, so axe need not load every style sheet once more by itself.
QUICK = "resultTypes: ['violations'], reporter: 'no-passes', preload: false"
# width, colours, direction, size of the text; what axe looks at
LOOKS = (
    (320, "light", "ltr", "", f"{{{QUICK}}}"),
    (1280, "dark", "rtl", "", f"{{{QUICK}, runOnly: ['color-contrast']}}"),
    (320, "dark", "rtl", "", ""),
    (640, "light", "ltr", "200%", ""),
)
DRESS = "([dir, size]) => { document.documentElement.dir = dir; document.documentElement.style.fontSize = size }"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
REACHABLE = "body :is(a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'])"
FOCUS_FIRST = """selector => {
  const found = [...document.querySelectorAll(selector)].filter(
    e => e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length);
  found[0].focus(); window.last = found.at(-1); return found.length }"""
LOADED = "[...document.querySelectorAll('link[rel=stylesheet], script[src]')].map(e => e.href || e.src)"
PAGE, CODE_PAGE = 9000, 6000  # bytes, compressed, with all that the page loads


def bring_axe(page: Page) -> None:
    """Before the first of many pages that axe looks at."""
    page.add_init_script(f"window.bringAxe = () => {{ {AXE} }}")


def faults(page: Page, options: str = LOOKS[0][4]) -> list[tuple[str, str]]:
    """What axe finds: the rule, and the first place."""
    if not page.evaluate("window.axe || (window.bringAxe && bringAxe()), 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(f"axe.run({options}).then(results => results.violations)")
    return [(each["id"], each["nodes"][0]["html"]) for each in found]


def check_look(page: Page) -> None:
    """Nothing for axe to find, and nothing wider than the window, in any look."""
    for width, scheme, direction, size, options in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(DRESS, [direction, size])
        look = f"{page.url} {width} px {scheme} {direction} {size}"
        assert page.evaluate(TOO_WIDE) <= 0, f"{look} is too wide"
        if options:
            found = faults(page, options)
            assert found == [], f"{look}: {found}"
    page.emulate_media(color_scheme="light")
    page.evaluate(DRESS, ["ltr", ""])


def check_keyboard(page: Page) -> None:
    """Tab goes from the first thing that can be used to the last, through as many as there are."""
    number = page.evaluate(FOCUS_FIRST, REACHABLE)
    for _ in range(number - 1):
        page.keyboard.press("Tab")
    assert page.evaluate("window.last === document.activeElement"), page.url


@dataclass
class Eyes:
    """Called at each stop of a walk. What was loaded is weighed as it came over the network."""

    server: Here | Server
    _finished: list[Request] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)

    def open(self, page: Page) -> Page:
        bring_axe(page)
        page.on("requestfinished", lambda request: self._finished.append(request))
        return page

    def __call__(self, page: Page, name: str) -> None:
        if isinstance(self.server, Here):
            self.server.look(page)
        assert page.locator("h1").count() == 1, name
        self.weigh(page)
        check_look(page)
        check_keyboard(page)

    def weigh(self, page: Page) -> None:
        """Light, from nowhere else, and with the script of passkeys only where there is one to use."""
        while self._finished:
            request = self._finished.pop(0)
            ours = request.url.startswith((self.server.url, "data:"))
            leads_on = request.is_navigation_request()  # a walk may go elsewhere, and no page loads from there
            assert ours or leads_on, request.url
            size = request.sizes()["responseBodySize"]
            if size > 0:  # what the browser had kept already came once before
                self._sizes[request.url] = size
        loaded = page.evaluate(LOADED)
        assert any("passkeys.js" in url for url in loaded) == (page.locator("[data-passkey]").count() > 0)
        weight = sum(self._sizes[url] for url in {page.url.partition("#")[0], *loaded})
        most = CODE_PAGE if page.locator("[data-from-message]").count() else PAGE
        assert weight <= most, f"{page.url} weighs {weight} bytes"
