"""A device with a passkey, in software: it signs as WebAuthn Level 3 has it, attested by nobody."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.kit import Browser

PRESENT, VERIFIED, NEW_KEY = 0x01, 0x04, 0x40


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class Authenticator:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.owner = ""
        self.counter = 0
        self.flags = PRESENT | VERIFIED

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What navigator.credentials.create gives, as RegistrationResponseJSON."""
        self.owner = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(key)
        data = self._data(options["rp"]["id"], NEW_KEY) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options)
        return self._answer(clientDataJSON=base64url(client), attestationObject=base64url(attestation))

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """What navigator.credentials.get gives, as AuthenticationResponseJSON."""
        self.counter += 1
        client, data = self._client("webauthn.get", options), self._data(options["rpId"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=base64url(client),
            authenticatorData=base64url(data),
            signature=base64url(signature),
            userHandle=self.owner,
        )

    def answer_to_sign_in(self, browser: Browser) -> Browser:
        """The first page's button, as its script presses it."""
        form = {"csrf_token": browser.open("/sign-in").field("csrf_token")}
        asked = browser.client.post("/sign-in/passkey/ask", data=form).json
        answer = json.dumps(self.sign(asked["options"]))
        return browser.send("/sign-in/passkey", asked=asked["asked"], credential=answer)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _data(self, site: str, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(site.encode()).digest() + flags + self.counter.to_bytes(4, "big")

    def _answer(self, **response: str) -> dict[str, Any]:
        return {"id": base64url(self.id), "rawId": base64url(self.id), "type": "public-key", "response": response}
