"""What flows work with. Made once, by the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from rules import addresses, ways_in
from rules.passkeys import Library
from settings.connectors import ConnectorForm
from settings.environment import Environment
from settings.keys import Keys
from settings.lookups import LookupForm
from settings.sections import SignIn
from settings.upstreams import UpstreamForm
from storage.current_settings import CurrentSettings
from storage.database import Database


@dataclass(frozen=True)
class Visitor:
    """Who is at the other end. ``browser``: the secret in its cookie; ``address``: as the trusted proxies tell.

    ``trusted``: the secret of a browser that is not asked for a second factor, "" where it has none; ``top_host``: of
    the page that shows ours in a frame, "" where none does; ``application``: the id of the client that sent it here;
    ``counted_as``: what limits count in place of the address, where that is a server's which speaks for many people.
    """

    browser: str
    address: str
    device: str
    locale: str
    trusted: str = field(default="", repr=False)
    top_host: str = ""
    application: str = ""
    counted_as: str = ""

    @property
    def network(self) -> str:
        """What limits count for this visitor's address; "" where a program does not tell it."""
        return self.counted_as or (addresses.limit_key(self.address) if self.address else "")


@dataclass(frozen=True)
class TestAnswer:
    """What a provider said to a test message, for the admin. ``outcome``: accepted, refused or unknown."""

    outcome: str
    refusal: str = ""
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class ShownMessage:
    """A message as the development page shows it; ``at`` is when it was asked for, ``subject`` that of an e-mail."""

    to: str
    text: str
    at: float
    subject: str = ""


@dataclass(frozen=True)
class ProviderRequest:
    """A request of a provider's, as it came. ``url`` is the public one; header names are in lower case."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class ReceiptAnswer:
    """What a provider is answered. ``proved`` False: nothing was recorded, and it is to report once more."""

    body: bytes
    proved: bool = True


@dataclass(frozen=True)
class UpstreamVisit:
    """A visit to another provider, with what belongs to it alone. ``back_to``: our address that it comes back to."""

    name: str
    config: Mapping[str, Any] = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    back_to: str = ""


@dataclass(frozen=True)
class UpstreamIdentity:
    """Who came, by the provider's proved word. Addresses and numbers are as it writes them, "" where it tells none."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    phone: str = ""
    phone_verified: bool = False


@dataclass(frozen=True)
class UpstreamProblem:
    """Nothing is proved. ``why`` is one word for the audit log, ``detail`` for the admin."""

    why: str
    detail: str = ""


class LookedUp(Protocol):
    """What a provider knows of a number. ``line``: "" where it did not say, ``swapped`` None likewise; ``code`` and
    ``detail``: why not, for the admin."""

    @property
    def line(self) -> str: ...
    @property
    def carrier(self) -> str: ...
    @property
    def swapped(self) -> bool | None: ...
    @property
    def code(self) -> str: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True)
class Services:
    """``wake_delivery`` tells the worker of this process that a message was committed; ``count_sent``, that the guard
    let one through: (country, application), for what it counts by the hour; ``send_test`` sends one message at once
    through a connector with the given configuration: (name, configuration, number or address, country, locale);
    ``shown_messages``: what the development connector would have sent, newest first; ``take_receipt`` records what a
    provider reports: (connector, request), with what to answer, or None where nothing is set up to report on;
    ``passkeys`` loads what checks passkeys, which takes its time; ``upstreams``: the providers that people may come
    from; ``upstream_address``: where a visit to one begins; ``upstream_identity``: who came back from it, by what the
    browser brought; ``test_upstream`` tries a name and configuration without a person; ``lookups``: the providers that
    know of what kind a number is; ``look_up`` asks one within 2 s: (name, configuration, line or sim_swap, number in
    E.164), and not at all for a while after it gave no answer, which ``test_look_up`` does not mind; ``ways``: the only
    ways in that the application which a visitor came from allows (settings/clients.py), empty for all;
    ``stays``: the browser cannot be sent to another provider, because our page is in a frame and theirs would have to
    be."""

    environment: Environment
    keys: Keys
    database: Database
    settings: CurrentSettings
    connectors: Mapping[str, ConnectorForm]
    clock: Callable[[], float]
    wake_delivery: Callable[[], None]
    count_sent: Callable[[str, str], None]
    send_test: Callable[[str, Mapping[str, Any], str, str, str], TestAnswer]
    shown_messages: Callable[[], list[ShownMessage]]
    take_receipt: Callable[[str, ProviderRequest], ReceiptAnswer | None]
    passkeys: Callable[[], Library]
    upstreams: Mapping[str, UpstreamForm]
    upstream_address: Callable[[UpstreamVisit], str | UpstreamProblem]
    upstream_identity: Callable[[UpstreamVisit, Mapping[str, str]], UpstreamIdentity | UpstreamProblem]
    test_upstream: Callable[[str, Mapping[str, Any]], TestAnswer]
    lookups: Mapping[str, LookupForm]
    look_up: Callable[[str, Mapping[str, Any], str, str], LookedUp]
    test_look_up: Callable[[str, Mapping[str, Any], str, str], LookedUp]
    ways: frozenset[str] = frozenset()
    stays: bool = False

    def sign_in(self) -> SignIn:
        """How this visitor may sign in today."""
        return ways_in.narrowed(self.settings().sign_in, self.ways)
