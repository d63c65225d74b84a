"""What the operator sets before the start: environment variables, ``DOORCODE_`` before each name."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from click import ClickException

WEAKEST_KEY = 32  # characters


class StartError(ClickException):
    """The process cannot start like this. Commands print the text alone: which variable, and what to do."""


@dataclass(frozen=True)
class Environment:
    """``public_url`` has no slash at its end; of ``secret_keys`` the first signs and all verify.
    ``private_addresses``: whether connectors may call them. ``metrics_token``: "" where nobody may read the metrics."""

    production: bool
    instance: Path
    database_url: str
    redis_url: str
    public_url: str
    secret_keys: tuple[str, ...]
    trusted_proxies: int
    host: str
    port: int
    threads: int
    processes: int
    log_format: str
    private_addresses: bool
    metrics_token: str = ""

    @property
    def secure(self) -> bool:
        """Whether people come over TLS, so that cookies can be locked to it."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or ""


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read and check the variables; in development make what is missing. Raises :class:`StartError`."""
    values = {name.removeprefix("DOORCODE_"): text.strip() for name, text in variables.items() if text.strip()}
    production = _choice(values, "ENV", ("development", "production")) == "production"
    instance = Path(values.get("INSTANCE", "instance")).absolute()
    host, port = values.get("HOST", "127.0.0.1"), _number(values, "PORT", 8000, 1, 65535)
    environment = Environment(
        production=production,
        instance=instance,
        database_url=values.get("DATABASE_URL") or _own_database(instance),
        redis_url=_redis(values.get("REDIS_URL", "")),
        public_url=_origin(values.get("PUBLIC_URL", f"http://{f'[{host}]' if ':' in host else host}:{port}")),
        secret_keys=_secret_keys(values, production, instance),
        trusted_proxies=_number(values, "TRUSTED_PROXIES", 0, 0, 10),
        host=host,
        port=port,
        threads=_number(values, "THREADS", 8, 1, 256),
        processes=_number(values, "PROCESSES", 1, 1, 64),
        log_format=_choice(values, "LOG_FORMAT", ("text", "json")),
        private_addresses=_choice(values, "PRIVATE_ADDRESSES", ("off", "on") if production else ("on", "off")) == "on",
        metrics_token=_fit(values.get("METRICS_TOKEN", ""), "METRICS_TOKEN"),
    )
    if production:
        _refuse_unfit(values, environment)
    return environment


def _refuse_unfit(values: Mapping[str, str], environment: Environment) -> None:
    if not environment.secure or "PUBLIC_URL" not in values:
        raise StartError("DOORCODE_PUBLIC_URL must be the https:// address that people open.")
    if environment.processes > 1 and environment.database_url.startswith("sqlite"):
        raise StartError("DOORCODE_PROCESSES above 1 needs PostgreSQL: set DOORCODE_DATABASE_URL.")


def _secret_keys(values: Mapping[str, str], production: bool, instance: Path) -> tuple[str, ...]:
    given = tuple(key.strip() for key in values.get("SECRET_KEY", "").split(",") if key.strip())
    if given:
        return tuple(_fit(key, "SECRET_KEY") for key in given)
    if production:
        raise StartError("DOORCODE_SECRET_KEY must be given in production: openssl rand -base64 48")
    return (_own_key(instance),)


def _fit(secret: str, name: str) -> str:
    if secret and (len(secret) < WEAKEST_KEY or len(set(secret)) < 10):
        raise StartError(
            f"DOORCODE_{name} is too weak: give at least {WEAKEST_KEY} random characters, "
            "such as from: openssl rand -base64 48"
        )
    return secret


def _own_key(instance: Path) -> str:
    """The development key: made at the first start, readable by its owner only."""
    path = _made(instance) / "secret_key"
    made = instance / f"secret_key.{secrets.token_hex(8)}"
    if not path.exists():
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(made, path)  # whole or not at all, also when two processes start at once
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip()


def _own_database(instance: Path) -> str:
    return f"sqlite:///{_made(instance) / 'doorcode.db'}"


def _made(instance: Path) -> Path:
    """The folder, which its owner alone may open."""
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"DOORCODE_INSTANCE: {instance} cannot be made: {error.strerror}.") from None
    return instance


def _origin(url: str) -> str:
    """Without its last slash. Pages, cookies and passkeys are at the root of a host."""
    url = url.rstrip("/")
    if not re.fullmatch(r"https?://([a-zA-Z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?", url):
        raise StartError("DOORCODE_PUBLIC_URL must be a host's own address, such as https://login.example.com.")
    return url


def _redis(url: str) -> str:
    if url and not re.match(r"redis(s|\+[a-z]+)?://.", url):
        raise StartError("DOORCODE_REDIS_URL must be redis://host:6379/0.")
    return url


def _choice(values: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = values.get(name, choices[0])
    if value not in choices:
        raise StartError(f"DOORCODE_{name} is {value!r}: it must be one of {', '.join(choices)}.")
    return value


def _number(values: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = values.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise StartError(f"DOORCODE_{name} is {text!r}: it must be a number from {low} to {high}.")
    return int(text)
