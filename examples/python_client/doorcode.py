"""A small client of Doorcode's two APIs, of the standard library alone. Copy it, and add what you need.

manage = Management.signed_in("https://login.example.com", CLIENT_ID, CLIENT_SECRET)
sent = manage.send_code("+33612345678", purpose="confirm-transfer")
manage.check_code(sent, typed)          # a Verification, or a ProblemError is raised

account = Account("https://login.example.com", access_token)
with_proof = account.proved(account.begin_proof(), password=typed)
pending = with_proof.add_phone("+33687654321")
with_proof.check_phone(pending, typed)
"""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

T = TypeVar("T")
TIMES, PAUSE = 3, 0.5  # of a call whose answer was lost, and seconds between two
TIMEOUT = 10.0


class ProblemError(Exception):
    """What a call was refused with. ``kind``: the end of its type, such as wrong_code; ``wait``: in seconds."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(body.get("detail") or body["title"])
        self.status: int = body["status"]
        self.kind: str = body["type"].rpartition(":")[2]
        self.wait: int | None = body.get("wait")
        self.tries_left: int | None = body.get("tries_left")
        self.errors: list[dict[str, str]] = body.get("errors", [])


@dataclass(frozen=True)
class Contact:
    id: str
    value: str
    main: bool
    verified_at: str


@dataclass(frozen=True)
class Pending:
    """A number or address whose code is on its way."""

    id: str
    hint: str
    digits: int
    minutes_left: int
    resend_in: int
    state: str


@dataclass(frozen=True)
class Verification:
    id: str
    purpose: str
    verified: bool
    to: str | None
    state: str
    resend_in: int
    message_id: str


@dataclass(frozen=True)
class User:
    id: str
    created_at: str
    suspended_at: str | None
    language: str
    identifiers: list[dict[str, Any]]


def _made(kind: type[T], body: Mapping[str, Any]) -> T:
    """What the server tells, as far as we know it: it may tell more one day."""
    return kind(**{each.name: body[each.name] for each in fields(kind)})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Api:
    issuer: str
    token: str = field(repr=False)
    proof: str = ""

    PREFIX = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What was answered. A call that changes something bears a key, so that it can come again and is done once."""
        given = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if method != "GET":
            given["Idempotency-Key"] = secrets.token_urlsafe(16)
        if self.proof:
            given["Doorcode-Verification-Id"] = self.proof
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return _send(method, f"{self.issuer}/api/{self.PREFIX}{path}", body, given)

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """All items of a list, however many pages it has."""
        cursor = ""
        while cursor is not None:
            page = self.call("GET", f"{path}{'&' if '?' in path else '?'}{urllib.parse.urlencode({'cursor': cursor})}")
            yield from page["items"]
            cursor = page["next"]


class Account(Api):
    PREFIX = "account"

    def phones(self) -> list[Contact]:
        return [_made(Contact, each) for each in self.call("GET", "/phones")["items"]]

    def begin_proof(self, send_code_to: str = "") -> str:
        """``send_code_to``: the id of one of ``/verifications/ways``; without it the password or an app proves it."""
        body = {"send_code_to": send_code_to} if send_code_to else {}
        return str(self.call("POST", "/verifications", body)["id"])

    def proved(self, verification: str, **shown: str) -> Self:
        """The same account for ten minutes with a proof: ``code=``, ``password=`` or ``totp=``."""
        self.call("POST", f"/verifications/{verification}/check", shown)
        return type(self)(self.issuer, self.token, verification)

    def add_phone(self, number: str, replaces: str = "") -> Pending:
        more = {"replaces": replaces} if replaces else {}
        return _made(Pending, self.call("POST", "/phones", {"value": number} | more))

    def check_phone(self, pending: Pending, code: str) -> None:
        self.call("POST", f"/pending-phones/{pending.id}/check", {"code": code})

    def make_main(self, phone: Contact) -> None:
        self.call("POST", f"/phones/{phone.id}/make-main")

    def remove(self, phone: Contact) -> None:
        self.call("DELETE", f"/phones/{phone.id}")


class Management(Api):
    PREFIX = "manage"

    @classmethod
    def signed_in(cls, issuer: str, client_id: str, client_secret: str) -> Self:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        data = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"{issuer}/oauth/token", data, TIMEOUT) as reply:  # noqa: S310 - the operator says where
            return cls(issuer, json.load(reply)["access_token"])

    def send_code(self, to: str, purpose: str, **more: str) -> Verification:
        """``more``: country, text, language, and the address of the person's device."""
        return _made(Verification, self.call("POST", "/verifications", {"to": to, "purpose": purpose} | more))

    def check_code(self, sent: Verification, code: str) -> Verification:
        body = {"purpose": sent.purpose, "code": code}
        return _made(Verification, self.call("POST", f"/verifications/{sent.id}/check", body))

    def users(self, search: str = "") -> Iterator[dict[str, Any]]:
        return self.pages(f"/users?{urllib.parse.urlencode({'search': search})}")

    def user(self, account_id: str) -> User:
        return _made(User, self.call("GET", f"/users/{account_id}"))

    def create_user(self, identifier: str) -> User:
        return _made(User, self.call("POST", "/users", {"identifier": identifier}))


def _send(method: str, url: str, body: Any, headers: Mapping[str, str]) -> Any:
    data = None if body is None else json.dumps(body).encode()
    more = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, dict(headers) | more, method=method)  # noqa: S310 - as above
    for time_left in reversed(range(TIMES)):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:  # noqa: S310 - the operator says where
                return json.load(reply) if reply.status != 204 else None
        except urllib.error.HTTPError as error:
            raise ProblemError(json.load(error)) from None
        except OSError:  # nobody knows whether it came: the key sees to it that it is done once
            if not time_left:
                raise
            time.sleep(PAUSE)
    raise AssertionError("unreachable")
