"""The application for a real browser, in this process: it hears of settings and of the clock at once, and it can be
told which template drew what the browser shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, template_rendered
from jinja2 import Template
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.kit import Browser, House, open_house
from tests.services import free_port


@dataclass
class Here:
    """``drawn``: of each path, the template that drew its newest page; ``seen``: those that were looked at."""

    url: str
    house: House
    drawn: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def note(self, _app: Flask, template: Template, **_more: Any) -> None:
        if template.name:
            self.drawn[request.path] = template.name.removesuffix(".html")

    def look(self, page: Page) -> None:
        """A stop is here."""
        self.seen.add(self.drawn.get(urlsplit(page.url).path, ""))

    def show(self, page: Page, browser: Browser) -> None:
        """The page that a browser without a window has open, in one with: as the same person, from the same place."""
        page.context.clear_cookies()
        kept = [browser.client.get_cookie(name) for name in ("doorcode", "doorcode_session", "doorcode_openid")]
        page.context.add_cookies([{"name": each.key, "value": each.value, "url": self.url} for each in kept if each])
        page.goto(self.url + browser.page.request.full_path)


@contextmanager
def serving_here(database_url: str, instance: Path) -> Iterator[Here]:
    port = free_port()
    with open_house(database_url, instance, PORT=str(port)) as house:
        here = Here(f"http://127.0.0.1:{port}", house)
        server = make_server("127.0.0.1", port, house.app, threaded=True, request_handler=Silent)
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        with template_rendered.connected_to(here.note, house.app):
            house.worker.start()
            thread.start()
            try:
                yield here
            finally:
                server.shutdown()
                server.server_close()
                thread.join()


class Silent(WSGIRequestHandler):
    def log(self, *_arguments: Any) -> None:
        """Tests read no log of it."""
