"""What tests work with: the whole application on a database of the test's own, a browser, and real server processes."""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text
from werkzeug.test import TestResponse

from app import create_app
from delivery.worker import Worker
from flows import change_settings
from flows.outcomes import Done
from flows.services import Services, Visitor
from rules import codes
from settings.environment import Environment, read_environment
from settings.keys import Use
from storage.current_settings import LOOK_EVERY
from tests.provider import PATIENCE
from tests.services import free_port

ROOT = Path(__file__).parent.parent
SECRET_KEY = "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"
HOUR = 3600
ADMIN, PASSWORD = "ada", "correct horse battery staple"

# Limits so wide that a test meets only those that it is about.
WIDE = {
    "number_hour": 1000,
    "number_day": 1000,
    "address_hour": 1_000_000,
    "block_hour": 1_000_000,
    "country_day": 1_000_000,
    "posts_minute": 1_000_000,
    "calls_minute": 1_000_000,
}
RICH = {"price": 0.05, "day_cap": 1_000_000, "month_cap": 1_000_000}


class Clock:
    """The time, moved by hand: ``clock.forward(seconds)``. It goes on by itself as well, until it is stopped."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.stopped_at: float | None = None

    def __call__(self) -> float:
        return (time.time() if self.stopped_at is None else self.stopped_at) + self.ahead

    def stop(self) -> None:
        """At the beginning of an hour, for tests that count: neither a busy machine nor an hour that ends counts."""
        self.stopped_at = (time.time() // HOUR + 1) * HOUR

    def forward(self, seconds: float) -> None:
        self.ahead += seconds


@dataclass
class House:
    """The whole application. Its worker works only when told to, by :meth:`deliver`."""

    app: Flask
    clock: Clock
    database_url: str
    followed: bool = False  # by a server process, which takes LOOK_EVERY to see what is set

    @property
    def services(self) -> Services:
        found: Services = self.app.extensions["doorcode"]
        return found

    @property
    def worker(self) -> Worker:
        found: Worker = self.app.extensions["doorcode_worker"]
        return found

    def set(self, **sections: dict[str, Any]) -> None:
        """Save settings: ``house.set(codes={"length": 8})``. What is not named keeps its value, but for the connector
        of e-mails, which other configurations leave behind."""
        document = change_settings.export(self.services, secrets=True)
        if "configurations" in sections.get("connectors", {}):
            document["connectors"]["email"] = ""
        for name, values in sections.items():
            document[name] |= values
        assert change_settings.save(self.services, "test", document) == Done(), change_settings.save(
            self.services, "test", document
        )
        if self.followed:
            time.sleep(LOOK_EVERY)

    def visitor(self, browser: str = "one browser's secret", address: str = "192.0.2.1") -> Visitor:
        return Visitor(browser, address, "a test", "en")

    def browser(self, **headers: str) -> Browser:
        return Browser(self, self.app.test_client(), headers)

    def use_provider(self, url: str, **config: Any) -> None:
        """Send through the HTTP connector to a provider at ``url``."""
        config = {"url": url, "body": '{"to": "{to}", "text": "{text}"}'} | config
        self.set(connectors={"active": "http", "configurations": {"http": config}})

    def deliver(self) -> None:
        """Let the worker send all that is due now, and wait until it has."""
        unsent = "SELECT count(*) FROM messages WHERE state = 'sending' OR (state = 'queued' AND due_at <= :now)"
        deadline = time.monotonic() + PATIENCE
        self.worker.work_off()
        while self.sql(unsent, now=self.clock())[0][0]:
            assert time.monotonic() < deadline, "the worker does not come to an end"
            time.sleep(0.01)
            self.worker.work_off()
        self.worker.learning.run()

    def texts(self) -> list[str]:
        """The texts of the messages that the development connector took, newest first."""
        return [message.text for message in self.services.shown_messages()]

    def codes(self) -> list[str]:
        """The codes of all messages, newest first, whether they were sent or not."""
        key = self.services.keys.all(Use.CODES)[0]
        rows = self.sql("SELECT id, recipient, digits FROM messages ORDER BY created_at DESC")
        return [codes.derive(key, row.id, row.recipient, row.digits) for row in rows]

    def newest_code(self) -> str:
        self.deliver()
        return code_in(self.texts()[0])

    def sql(self, statement: str, **values: Any) -> list[Any]:
        with self.services.database.write() as connection:
            result = connection.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    def count(self, table: str) -> int:
        return int(self.sql(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - a test's own word


def code_in(message: str | bytes) -> str:
    """The code of a message, or of the request that carries one."""
    found = re.search(r"\b(\d{4,10}) (is your|:)", message if isinstance(message, str) else message.decode())
    assert found, message
    return found[1]


@contextmanager
def away(database_url: str) -> Iterator[None]:
    """PostgreSQL is gone: whoever is connected is cut off, and nobody can connect. SQLite: somebody holds its lock."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(
        url.set(database="postgres").render_as_string(hide_password=False), autocommit=True
    ) as administrator:
        administrator.execute(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS false".encode())
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database]
        )
        try:
            yield
        finally:
            administrator.execute(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS true".encode())


def wait_for(house: House, state: str, count: int = 1) -> None:
    """Until so many messages are in this state."""
    statement = "SELECT count(*) FROM messages WHERE state = :state"
    wait_until(lambda: house.sql(statement, state=state)[0][0] == count)


def environment(database_url: str, instance: Path, **more: str) -> Environment:
    values = {"DATABASE_URL": database_url, "INSTANCE": str(instance), "SECRET_KEY": SECRET_KEY} | more
    return read_environment({f"DOORCODE_{name}": value for name, value in values.items()})


@contextmanager
def open_house(database_url: str, instance: Path, **more: str) -> Iterator[House]:
    """The application, with wide limits. ``more``: environment variables, without their prefix."""
    clock = Clock()
    app = create_app(environment(database_url, instance, **more), clock)
    app.testing = False  # errors must be pages, as they are for people
    house = House(app, clock, database_url)
    house.set(limits=WIDE, money=RICH, guard={"mode": "off"})
    try:
        yield house
    finally:
        house.worker.stop()
        house.services.database.engine.dispose()


@contextmanager
def open_other_house(database_url: str, instance: Path) -> Iterator[House]:
    """The same application once more, as another process has it: its settings are those of the database."""
    clock = Clock()
    house = House(create_app(environment(database_url, instance), clock), clock, database_url)
    try:
        yield house
    finally:
        house.worker.stop()
        house.services.database.engine.dispose()


@dataclass
class Browser:
    """A browser without JavaScript: keeps cookies, follows redirects, and sends the forms that it sees."""

    house: House
    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    page: TestResponse = field(init=False)

    def open(self, path: str) -> Browser:
        self.page = self.client.get(path, headers=self.headers, follow_redirects=True, buffered=True)
        return self

    @property
    def path(self) -> str:
        return self.page.request.path

    @property
    def status(self) -> int:
        return self.page.status_code

    @property
    def text(self) -> str:
        """The page's words, without tags."""
        body = re.sub(r"<(script|style|select).*?</\1>", " ", self.page.text, flags=re.S)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    @property
    def errors(self) -> list[str]:
        """The sentences beside the fields."""
        return [html.unescape(found) for found in re.findall(r'<p class="wrong"[^>]*>(.*?)</p>', self.page.text, re.S)]

    def field(self, name: str) -> str:
        """What an input or hidden field of the page holds."""
        for tag in re.findall(r"<input\b[^>]*>", self.page.text):
            if re.search(rf'\bname="{re.escape(name)}"', tag):
                value = re.search(r'\bvalue="([^"]*)"', tag)
                return html.unescape(value.group(1)) if value else ""
        raise AssertionError(f"no field {name} on {self.path}")

    def contact(self, place: int, which: str = "phones") -> str:
        """How pages name one of the person's own numbers or addresses."""
        self.open(f"/account/{which}")
        return re.findall(r'name="place" value="([^"]*)"', self.page.text)[place]

    def send(self, path: str | None = None, **fields: Any) -> Browser:
        """Send a form of this page, with the page's CSRF token and ticket unless given."""
        data = {"csrf_token": self.field("csrf_token")}
        if 'name="ticket"' in self.page.text:
            data["ticket"] = self.field("ticket")
        data |= fields
        page = self.client.post(path or self.path, data=data, headers=self.headers)
        while page.status_code == 307:  # the form once more, which this client has used up by then
            page = self.client.post(page.location, data=data, headers=self.headers)
        if page.location:
            page = self.client.get(page.location, headers=self.headers, follow_redirects=True)
        self.page = page
        return self

    def sign_in(self, phone: str, country: str = "FR") -> Browser:
        """From the first page to the code page."""
        return self.open("/sign-in").send(country=country, phone=phone)

    def type_code(self, code: str | None = None) -> Browser:
        return self.send(self.path, code=code or self.house.newest_code())


@dataclass
class Server:
    """A real server: its address, its process, and what it wrote to its log."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """Like a power cut: the whole process group dies at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(database_url: str, instance: Path, **more: str) -> Iterator[Server]:
    """``flask serve`` in a process of its own, ready when this begins. ``more``: environment, without its prefix."""
    port = free_port()
    values = {
        "DATABASE_URL": database_url,
        "INSTANCE": str(instance),
        "SECRET_KEY": SECRET_KEY,
        "PORT": str(port),
    } | more
    variables = {name: value for name, value in os.environ.items() if not name.startswith("DOORCODE_")}
    variables |= {f"DOORCODE_{name}": value for name, value in values.items()}
    instance.mkdir(parents=True, exist_ok=True)
    log = instance / f"server-{port}.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=output, stderr=output, start_new_session=True
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, seconds=30)
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()
