"""``flask serve`` and ``flask worker``."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from types import FrameType

import click
import waitress
from flask import Flask, current_app
from flask.cli import with_appcontext

from cli import logs
from cli.commands import plainly_told
from delivery.faults import described
from delivery.worker import Worker
from flows import admin_setup, signing_keys
from flows.services import Services
from pages.reading import LARGEST_FILE
from settings.environment import Environment
from storage import migrate, wakeups

log = logging.getLogger("doorcode")

BACKLOG = 1024
PAUSE = 1.0  # seconds before another process takes the place of one that ended
ENDS = (signal.SIGTERM, signal.SIGINT)
LARGEST_HEADERS = 32 * 1024
LARGEST_BODY = LARGEST_FILE + 64 * 1024  # bytes; of more not even a beginning is read
CONNECTIONS = 800  # open at once, most of them idle; a process may have some 1,000 files open


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the pages, and send the messages."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    services: Services = app.extensions["doorcode"]
    environment = services.environment
    logs.set_up(environment)
    bring_up_to_date(services)
    door = _open_socket(environment)
    print_links(services)
    if environment.processes == 1:
        serve_one(app, door)
        return
    services.database.engine.dispose()  # a connection cannot be shared by a fork
    _serve_many(app, door, environment.processes)


def bring_up_to_date(services: Services) -> None:
    with plainly_told():
        if not migrate.is_current(services.database):
            migrate.upgrade(services.environment.database_url)
        signing_keys.ensure(services)


def _open_socket(environment: Environment) -> socket.socket:
    family = socket.AF_INET6 if ":" in environment.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((environment.host, environment.port))
    except OSError as error:
        sys.exit(f"Cannot listen on {environment.host}:{environment.port}: {error.strerror}. Set DOORCODE_PORT.")
    door.listen(BACKLOG)
    return door


def print_links(services: Services) -> None:
    """Where everything is; with a one-time link while there is no admin."""
    url = services.environment.public_url
    click.echo(f"Sign-in page   {url}/sign-in")
    link = admin_setup.make_link(services)
    if link:
        click.echo(f"Console        {url}/admin/setup?key={link}   (your first visit; good once, for a day)")
    else:
        click.echo(f"Console        {url}/admin")
    if not services.environment.production:
        click.echo(f"Messages       {url}/dev/messages   (what the development connector would send)")
    sys.stdout.flush()


def serve_one(app: Flask, door: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C; requests and calls under way end first."""
    worker: Worker = app.extensions["doorcode_worker"]
    worker.start()
    gc.freeze()  # what was made at the start stays: no collection need look through it again
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        waitress.serve(
            app,
            sockets=[door],
            threads=app.extensions["doorcode"].environment.threads,
            ident=None,
            max_request_header_size=LARGEST_HEADERS,
            max_request_body_size=LARGEST_BODY,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,  # select() knows no file beyond the 1,024th
            clear_untrusted_proxy_headers=False,  # ours are read by ProxyFix, which counts the proxies
            _quiet=True,
        )
    finally:
        worker.stop()


def _serve_many(app: Flask, door: socket.socket, processes: int) -> None:
    """One process a core, all on one socket. A process that dies is started anew; SIGTERM ends them all."""
    children: dict[int, int] = {}  # of each process the part of what is counted that is its own
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()
        for child in children:
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping.is_set():
        for part in sorted({*range(processes)} - {*children.values()}):
            _fork(app, door, children, part, stopping)
        child, status = os.wait()
        children.pop(child, None)
        if not stopping.is_set():
            log.error("process %s ended (%s), and another one takes its place", child, status)
            stopping.wait(PAUSE)
    while children:
        children.pop(os.wait()[0], None)


def _fork(app: Flask, door: socket.socket, children: dict[int, int], part: int, stopping: threading.Event) -> None:
    """No signal comes in between: a child that its parent does not know of yet would not be told to end, and a child
    that still has its parent's way of ending would end its elder siblings in place of itself. One that is made after
    the others were told is told here."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    child = os.fork()
    if child:
        children[child] = part
        if stopping.is_set():
            os.kill(child, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        return
    try:
        app.extensions["doorcode_traffic"].use(part)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C, and says SIGTERM
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        serve_one(app, door)
    except Exception as error:
        log.error("process %s cannot go on: %s", os.getpid(), described(error))
        os._exit(1)
    finally:
        os._exit(0)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Send messages, and serve no pages. Any number of these may run beside the web processes."""
    services: Services = current_app.extensions["doorcode"]
    logs.set_up(services.environment)
    bring_up_to_date(services)
    each: Worker = current_app.extensions["doorcode_worker"]
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stopping.set())
    with wakeups.listening(services.database, each.wake):
        each.start()
        log.info("the worker is at work")
        stopping.wait()
    each.stop()


COMMANDS = (serve, worker)
