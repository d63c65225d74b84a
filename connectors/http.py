"""Any API that takes a message by one HTTP request, such as your own gateway.

The signature is ``HMAC-SHA256(secret, "<t>.<body>")`` in hexadecimal, where t is the time in unix seconds:
``Doorcode-Signature: t=<t>,v1=<signature>``. Receipts are signed in the same way. docs/connectors/http.md shows how to
check the one and make the other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors import filling
from connectors.contract import (
    Answer,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    by_status,
    refused,
    retry_after,
    spelled,
)
from connectors.receipts import Notice, Receipt, ReceiptState, is_fresh, receipt, same
from settings.fields import N_, Field, Kind, Problem

TITLE = N_("HTTP API")
SUMMARY = N_("Any API that takes a message by one HTTP request.")

ANY_BODY = '{"to": "{to}", "text": "{text}"}'
VARIABLES = N_(
    "These stand for the message's own values: "
    "{to} {to_digits} {text} {code} {usage} {locale} {application} {minutes} {id}"
)

FIELDS = (
    Field("method", N_("Method"), Kind.CHOICE, "POST", choices=tuple((m, m) for m in ("POST", "PUT", "PATCH", "GET"))),
    Field("url", N_("Address"), Kind.URL, required=True, maximum=2000, help=VARIABLES),
    Field("headers", N_("Headers"), Kind.LONG_TEXT, secret=True, help=N_("Name: value, one a line.")),
    Field(
        "body_kind",
        N_("Body"),
        Kind.CHOICE,
        "json",
        choices=(("json", N_("JSON")), ("form", N_("Form")), ("none", N_("None"))),
    ),
    Field(
        "body",
        N_("Template of the body"),
        Kind.LONG_TEXT,
        ANY_BODY,
        help=N_("JSON with the variables inside its strings, or name=value, one a line."),
    ),
    Field(
        "accept_status",
        N_("Accepted: status"),
        default="2xx",
        pattern=r"[1-5]([0-9]{2}|xx)(\s*,\s*[1-5]([0-9]{2}|xx))*",
        hint=N_("List the statuses, such as 2xx or 200, 202."),
    ),
    Field("accept_text", N_("Accepted: text"), help=N_("The reply must contain this. Empty: no matter.")),
    Field(
        "accept_json",
        N_("Accepted: JSON value"),
        pattern=r"[^=\s]+\s*=.*",
        hint=N_("Type a path, an equals sign and a value, such as result.code=0."),
        help=N_("The reply must be JSON with this value, such as status=ok or messages.0.status=0."),
    ),
    Field("id_path", N_("Message number in the reply"), help=N_("Its path in the JSON, such as data.id.")),
    Field(
        "signing_secret",
        N_("Signing secret"),
        secret=True,
        help=N_("Signs the body, so that you know it is ours. Receipts must then be signed with it too."),
    ),
    Field("timeout", N_("Seconds to wait"), Kind.NUMBER, 8, minimum=1, maximum=8),
)

# What the reply may say in its JSON field "error", or "kind" within it; a receipt in "kind".
ERRORS = {kind.value: kind for kind in Refusal}

OURS = {
    *("host", "connection", "content-length", "transfer-encoding", "accept-encoding"),
    *("idempotency-key", "doorcode-signature"),
}
SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=[0-9a-f]{64}")
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([ -~]+)")
DEEPEST = 200  # braces and brackets in a JSON template

FILLERS: dict[str, Callable[[str, Mapping[str, str]], bytes]] = {
    "json": filling.fill_json,
    "form": filling.fill_form,
    "none": lambda _template, _values: b"",
}
TYPES: dict[str, dict[str, str]] = {
    "json": {"Content-Type": "application/json"},
    "form": {"Content-Type": "application/x-www-form-urlencoded"},
    "none": {},
}


def build(config: Mapping[str, Any], message: Message) -> Request:
    values = filling.values(message)
    body = FILLERS[config["body_kind"]](_template(config), values)
    theirs = _headers(config["headers"])
    named = {name.lower() for name in theirs}
    headers = {name: value for name, value in TYPES[config["body_kind"]].items() if name.lower() not in named}
    headers |= theirs | {"Idempotency-Key": message.id}
    if config["signing_secret"]:
        headers["Doorcode-Signature"] = _signature(config["signing_secret"], message.sent_at, body)
    return Request(config["method"], filling.fill_url(config["url"], values), headers, body, config["timeout"])


def _headers(typed: str) -> dict[str, str]:
    """Raises ValueError at a line that is no header or one that is ours to set."""
    headers = {}
    for line in filter(None, map(str.strip, typed.splitlines())):
        header = HEADER.fullmatch(line)
        if not header or header[1].lower() in OURS:
            raise ValueError
        headers[header[1]] = header[2]
    return headers


def _signature(secret: str, at: int, body: bytes) -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    found = {"url": _url_problem(config), "headers": _headers_problem(config), "body": _body_problem(config)}
    return {name: problem for name, problem in found.items() if problem}


def _url_problem(config: Mapping[str, Any]) -> Problem | None:
    try:
        address = urlsplit(config["url"])
        usable = bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        return Problem(N_("Type a whole address, such as https://api.example.com/send."))
    if "{" in address.netloc:
        return Problem(N_("Use variables after the server's name only."))
    return _names_problem(filling.names(config["url"]))


def _headers_problem(config: Mapping[str, Any]) -> Problem | None:
    try:
        _headers(config["headers"])
    except ValueError:
        return Problem(N_("Type Name: value, one a line, and leave out what Doorcode sets, such as Content-Length."))
    return None


def _body_problem(config: Mapping[str, Any]) -> Problem | None:
    template = _template(config)
    if config["method"] == "GET" and config["body_kind"] != "none":
        return Problem(N_("GET has no body: choose None, and use variables in the address."))
    if template.count("{") + template.count("[") > DEEPEST:
        return Problem(N_("This is too long."))
    try:
        FILLERS[config["body_kind"]](template, {})
    except ValueError:
        return Problem(N_("This is not JSON, or a line is not name=value."))
    used = filling.names(template)
    everywhere = used | filling.names(config["url"])
    if not everywhere & {"to", "to_digits"} or not everywhere & {"text", "code"}:
        return Problem(N_("Say where the message goes and what it says: use {to} and {text}."))
    return _names_problem(used)


def _names_problem(names: set[str]) -> Problem | None:
    if strange := sorted(names - filling.NAMES):
        return Problem(N_("There is no variable %(name)s."), {"name": strange[0]})
    return None


def _template(config: Mapping[str, Any]) -> str:
    if config["body_kind"] == "none":
        return ""
    return config["body"] or (ANY_BODY if config["body_kind"] == "json" else "")


def read(config: Mapping[str, Any], reply: Reply) -> Answer:
    words = reply.body[:1000].decode(errors="replace")
    if kind := _named_kind(reply):
        return refused(kind, reply.status, words, retry_after=retry_after(reply))
    if _accepts(config, reply):
        return accepted(reply.at(config["id_path"]))
    return by_status(reply, detail=words)


def _named_kind(reply: Reply) -> Refusal | None:
    """A gateway that names one of our kinds is believed, whatever its status."""
    error = reply.json().get("error")
    kind = error.get("kind") if isinstance(error, dict) else error
    return ERRORS.get(kind) if isinstance(kind, str) else None


def _accepts(config: Mapping[str, Any], reply: Reply) -> bool:
    statuses = re.split(r"\s*,\s*", config["accept_status"] or "2xx")
    return (
        not {str(reply.status), f"{reply.status // 100}xx"}.isdisjoint(statuses)
        and config["accept_text"].encode() in reply.body
        and (not config["accept_json"] or _has(reply, config["accept_json"]))
    )


def _has(reply: Reply, wanted: str) -> bool:
    path, _, value = wanted.partition("=")
    found = reply.at(path.strip())
    if isinstance(found, dict | list):
        return False
    return value.strip() == (found if isinstance(found, str) else json.dumps(found))


def receive(config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Our own form, signed where there is a secret.

    ``id`` may be the gateway's number of the message or ours. Which of them it is only the outbox knows, so it is told
    both ways; one of the two means no message.
    """
    if config["signing_secret"] and not _is_signed(config["signing_secret"], notice):
        return None
    told = notice.json()
    state, named = spelled(told.get("state")), spelled(told.get("id"))
    if state not in list(ReceiptState) or not named:
        return []
    why = {
        "refusal": ERRORS.get(spelled(told.get("kind"))),
        "code": told.get("code"),
        "detail": told.get("detail"),
    }
    return [receipt(ReceiptState(state), named, **why), receipt(ReceiptState(state), message_id=named, **why)]


def _is_signed(secret: str, notice: Notice) -> bool:
    header = notice.headers.get("doorcode-signature", "")
    stated = SIGNATURE.fullmatch(header)
    if not stated or not is_fresh(stated[1], notice):
        return False
    return same(_signature(secret, int(stated[1]), notice.body), header)
