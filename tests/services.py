"""The real programs that tests need: a private PostgreSQL, a private Redis, a Chromium, a Node, an Apache.

Nothing leans on a server that runs already, unless the environment names it: TEST_DATABASE_URLS (of PostgreSQL, commas
between, whose users may create databases), TEST_REDIS_URL, and the paths CHROMIUM, NODE, NPM, APACHE and
MOD_AUTH_OPENIDC.
Run as a program, it prints the Debian packages that are missing.
"""

from __future__ import annotations

import fcntl
import glob
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import redis

STARTING = 30  # seconds until a server must answer
# Debian package: the variable that names another, the programs that would do
NEEDED = {
    "postgresql": ("TEST_DATABASE_URLS", ("postgres",)),
    "redis-server": ("TEST_REDIS_URL", ("redis-server",)),
    "nginx": ("NGINX", ("nginx",)),
    "chromium": ("CHROMIUM", ("chromium", "chromium-browser", "google-chrome")),
    "nodejs": ("NODE", ("node",)),
    "npm": ("NPM", ("npm",)),
    "apache2": ("APACHE", ("apache2",)),
    "libapache2-mod-auth-openidc": ("MOD_AUTH_OPENIDC", ("/usr/lib/apache2/modules/mod_auth_openidc.so",)),
}


INITDB = ("--username", "doorcode", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
POSTGRESQL = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
)


APACHE = ("mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http", "auth_openidc")


class NotFoundError(Exception):
    """A program that is not here; the text says which, and what to do."""


def named(package: str) -> str:
    """What the environment names instead of our own; empty where it names none."""
    return os.environ.get(NEEDED[package][0], "").strip()


def database_servers() -> tuple[str, ...]:
    return tuple(url.strip() for url in named("postgresql").split(",") if url.strip())


def find(package: str) -> str:
    """The path of a package's program. Raises :class:`NotFoundError`."""
    variable, programs = NEEDED[package]
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *debian])
    for program in programs:
        if found := shutil.which(program, path=path):
            return found
        if program.startswith("/") and Path(program).exists():  # one that another program loads
            return program
    raise NotFoundError(f"{package}: no {programs[0]} found; set {variable}")


def missing() -> list[str]:
    """The Debian packages that tests would use but that are not here."""
    return [package for package in NEEDED if not named(package) and not _is_here(package)]


def _is_here(package: str) -> bool:
    try:
        return bool(find(package))
    except NotFoundError:
        return False


@contextmanager
def postgresql(*settings: str) -> Iterator[str]:
    """A server of our own, as the URL of its first database. Nothing in it outlives it. ``settings``: name=value."""
    program, owner = find("postgresql"), _owner()
    with _folder(owner) as folder:
        data, port = str(folder / "data"), free_port()
        initdb = [str(Path(program).with_name("initdb")), "--pgdata", data, *INITDB]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **owner)
        options = [part for setting in (*POSTGRESQL, *settings) for part in ("-c", setting)]
        command = [program, "-D", data, "-p", str(port), *options]
        url = f"postgresql://doorcode@127.0.0.1:{port}/postgres"
        with _running(command, folder, lambda: _answers_sql(url), signal.SIGQUIT, owner):
            yield url


@contextmanager
def redis_server() -> Iterator[str]:
    """A server of our own, as its URL. It keeps nothing on disk."""
    program, owner = find("redis-server"), _owner()
    with _folder(owner) as folder:
        port = free_port()
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        url = f"redis://127.0.0.1:{port}/0"
        with _running(command, folder, lambda: _answers_ping(url), signal.SIGKILL, owner):
            yield url


def chromium() -> str:
    return named("chromium") or find("chromium")


def node_with(folder: Path) -> str:
    """The path of Node, once the packages of the folder's lock file are beside it. Raises :class:`NotFoundError`."""
    node, npm = named("nodejs") or find("nodejs"), named("npm") or find("npm")
    installed = folder / "node_modules" / ".package-lock.json"
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests of another process may want the same
        if not installed.exists() or installed.stat().st_mtime < os.fstat(lock.fileno()).st_mtime:
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
            if done.returncode:
                raise NotFoundError(f"npm: could not install {folder.name}: {done.stderr[-300:]}")
            installed.touch()
    return node


@contextmanager
def apache(port: int, site: str) -> Iterator[None]:
    """An Apache of our own on this port, with mod_auth_openidc and these lines of configuration."""
    program = named("apache2") or find("apache2")
    plugin = named("libapache2-mod-auth-openidc") or find("libapache2-mod-auth-openidc")
    with _folder({}) as folder:
        user = "User nobody\nGroup nogroup" if os.getuid() == 0 else ""
        modules = "\n".join(f"LoadModule {name}_module {Path(plugin).with_name(f'mod_{name}.so')}" for name in APACHE)
        (folder / "apache.conf").write_text(
            f"ServerRoot {folder}\nServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\n"
            f"DefaultRuntimeDir {folder}\nErrorLog /dev/stderr\n{modules}\n{user}\n{site}\n"
        )
        command = [program, "-D", "FOREGROUND", "-f", str(folder / "apache.conf")]
        with _running(command, folder, lambda: _listens(port), signal.SIGTERM, {}):
            yield


def _owner() -> dict[str, Any]:
    """Whom a server runs as: PostgreSQL refuses root, so root hands it to nobody."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def _folder(owner: Mapping[str, Any]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="doorcode-test-") as name:
        if owner:
            os.chown(name, owner["user"], owner["group"])
        yield Path(name)


def free_port() -> int:
    """Below those that systems give out by themselves: none of them is somebody else's by the time it is used."""
    while True:
        port = secrets.choice(range(10_000, 32_000))
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@contextmanager
def _running(
    command: list[str], folder: Path, answers: Callable[[], bool], end: signal.Signals, owner: Mapping[str, Any]
) -> Iterator[None]:
    """A server in a session of its own, so that Ctrl-C reaches the tests first, and they end it."""
    log = folder / "log"
    arguments = [str(part) for part in command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
            **owner,
        )
    try:
        deadline = time.monotonic() + STARTING
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not answer:\n{log.read_text()}")
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(end)
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers_sql(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _answers_ping(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing()))
