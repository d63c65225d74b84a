"""Asks the providers that people come from: where a visit begins, who came back, whether it is set up right.

Their documents and keys are kept for an hour; keys are asked for once more where a token names one that is new.
No token is kept: what comes back is who it is, or why that is not proved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.contract import Reply, Request
from delivery.caller import CallFailed, call
from upstream import protocol
from upstream.contract import Endpoints, Identity
from upstream.protocol import Asked, UnprovedError
from upstream.registry import Provider

KEPT_SECONDS = 3600
PAUSE_SECONDS = 5  # after one that failed: threads must not pile up before a provider that hangs
AGAIN_SECONDS = 60  # before keys are asked for once more: anybody can make a token that names a new one
JSON = {"Accept": "application/json"}
FORM = JSON | {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Asker:
    """``private``: whether private addresses may be called. Documents are kept by their address, with their time."""

    private: bool
    clock: Callable[[], float]
    kept: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, repr=False)
    failed: dict[str, float] = field(default_factory=dict)

    def address(self, provider: Provider, config: Mapping[str, Any], asked: Asked) -> str:
        """Raises UnprovedError."""
        scope = config.get("scope") or provider.scope
        return protocol.address(self.endpoints(provider, config), config, scope, asked, provider.asked)

    def identity(
        self, provider: Provider, config: Mapping[str, Any], asked: Asked, answer: Mapping[str, str]
    ) -> Identity:
        """Raises UnprovedError."""
        endpoints = self.endpoints(provider, config)
        code = protocol.check_answer(_named(provider, config, endpoints), answer)
        tokens = self._redeem(provider, config, endpoints, code, asked)
        if endpoints.keys:
            claims = self._claims(provider, config, endpoints, str(tokens.get("id_token") or ""), asked.nonce)
            if endpoints.user and not {"email", "phone_number"} & claims.keys():
                claims = self._with_person(endpoints, claims, str(tokens.get("access_token") or ""))
            identity = provider.read(config, claims)
        else:
            identity = self._of_user(provider, config, endpoints, str(tokens.get("access_token") or ""))
        if identity is None or not identity.issuer:
            raise UnprovedError("no_subject")
        return identity

    def try_out(self, provider: Provider, config: Mapping[str, Any]) -> tuple[str, str]:
        """What the token endpoint says to a code that cannot be right: (error, description), ("", "") for none.

        Raises UnprovedError where the provider's documents are not right, or it does not answer.
        """
        endpoints = self.endpoints(provider, config)
        if endpoints.keys:
            self._keys(endpoints.keys)
        form = protocol.code_form(
            config, provider.client_secret(config, self.clock()), "no-code", Asked("", "", "x" * 43)
        )
        reply = self._call(Request("POST", endpoints.token, FORM, form))
        said = reply.json()
        return str(said.get("error") or ""), str(said.get("error_description") or "")[:300]

    def endpoints(self, provider: Provider, config: Mapping[str, Any]) -> Endpoints:
        """Raises UnprovedError."""
        if provider.endpoints:
            return provider.endpoints(config)
        assert provider.issuer, f"{provider.name} has neither an issuer nor endpoints"
        issuer = provider.issuer(config)
        url = protocol.discovery_url(issuer)
        document = self._document(url, KEPT_SECONDS)
        if provider.own_issuer:  # it may leave the tenant open; whose token it is, is checked against the token's own
            document = document | {"issuer": issuer}
        return protocol.read_discovery(document, issuer)

    def _redeem(
        self, provider: Provider, config: Mapping[str, Any], endpoints: Endpoints, code: str, asked: Asked
    ) -> dict[str, Any]:
        secret = provider.client_secret(config, self.clock())
        reply = self._call(Request("POST", endpoints.token, FORM, protocol.code_form(config, secret, code, asked)))
        tokens = reply.json()
        if reply.status != 200 or "error" in tokens:
            raise UnprovedError("swapped_code" if tokens.get("error") in CODE_ERRORS else "client_refused")
        return tokens

    def _claims(
        self, provider: Provider, config: Mapping[str, Any], endpoints: Endpoints, id_token: str, nonce: str
    ) -> dict[str, Any]:
        keys = self._keys(endpoints.keys)
        if not protocol.knows_key(id_token, keys):
            keys = self._document(endpoints.keys, AGAIN_SECONDS)
        claims = protocol.proved_claims(id_token, keys, config["client_id"], nonce, self.clock())
        own = provider.own_issuer(config, claims) if provider.own_issuer else endpoints.issuer
        protocol.check_issuer(claims, own)
        return claims

    def _with_person(self, endpoints: Endpoints, claims: dict[str, Any], token: str) -> dict[str, Any]:
        """With what the userinfo endpoint tells, if it is of the same person (OpenID Connect Core, 5.3.2)."""
        told = self._told(endpoints.user[0], token)
        if not isinstance(told, dict) or told.get("sub") != claims.get("sub"):
            raise UnprovedError("other_person")
        return told | claims

    def _of_user(
        self, provider: Provider, config: Mapping[str, Any], endpoints: Endpoints, token: str
    ) -> Identity | None:
        identity = provider.read(config, [self._told(url, token) for url in endpoints.user])
        return identity and replace(identity, issuer=endpoints.issuer)

    def _told(self, url: str, token: str) -> Any:
        """What an address tells who shows an access token."""
        if not token.isascii() or not token.isprintable() or not token:
            raise UnprovedError("no_token")
        reply = self._call(Request("GET", url, JSON | {"Authorization": f"Bearer {token}"}))
        if reply.status != 200:
            raise UnprovedError("no_user")
        return reply.parsed()

    def _keys(self, url: str) -> dict[str, Any]:
        return self._document(url, KEPT_SECONDS)

    def _document(self, url: str, seconds: float) -> dict[str, Any]:
        at, document = self.kept.get(url, (float("-inf"), {}))
        if time.monotonic() - at < seconds:
            return document
        if time.monotonic() - self.failed.get(url, float("-inf")) < PAUSE_SECONDS:
            raise UnprovedError("no_answer")
        try:
            reply = self._call(Request("GET", url, JSON))
            document = reply.json()
            if reply.status != 200 or not document:
                raise UnprovedError("bad_discovery")
        except UnprovedError:
            self.failed[url] = time.monotonic()
            raise
        self.kept[url] = time.monotonic(), document
        return document

    def _call(self, request: Request) -> Reply:
        try:
            return call(request, private=self.private)
        except CallFailed as error:
            raise UnprovedError("no_answer") from error


CODE_ERRORS = ("invalid_grant", "bad_verification_code")


def _named(provider: Provider, config: Mapping[str, Any], endpoints: Endpoints) -> Endpoints:
    """Where the issuer is each tenant's own, the answer's cannot be told before the token is read."""
    several = provider.own_issuer and config.get("tenant") in ("common", "organizations", "consumers")
    return replace(endpoints, names_itself=False) if several else endpoints
