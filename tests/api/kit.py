"""What tests of the APIs work with: a program that bears a token, and holds every answer against the document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from werkzeug.test import TestResponse

from api.contract import Operation
from tests.kit import Browser, House
from tests.oidc.kit import Shop, add_shop, signed_in

ACCOUNT, MANAGE = "/api/account", "/api/manage"
ALL_SCOPES = "openid profile phone email sessions mfa offline_access"
PROBLEM = "urn:doorcode:problem:"
NOBODYS = "0" * 32
# Bodies of operations that declare no example.
BODIES: dict[str, Any] = {
    "add_passkey": {"id": NOBODYS, "credential": {}},
    "save_settings": {},
}


@dataclass
class Program:
    """Calls one API with one token. Whatever the document does not say of an answer fails the test."""

    house: House
    api: str
    token: str
    headers: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """``headers``: with _ for -."""
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given = {"Authorization": f"Bearer {self.token}"} | given
        more = {} if body is None else {"json": body}
        reply = self.house.app.test_client().open(self.api + path, method=method, headers=given, **more)
        self.check(method, path, reply)
        return reply

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call("POST", path, body, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.call("DELETE", path, **headers)

    def check(self, method: str, path: str, reply: TestResponse) -> None:
        """The answer's status is documented, and its body is as its schema has it."""
        if not self.document:
            self.document = self.house.app.test_client().get(f"{self.api}/openapi.json").json
        template = next((each for each in self.document["paths"] if fits(each, path.partition("?")[0])), None)
        operation = self.document["paths"].get(template, {}).get(method.lower())
        if operation is None:
            assert reply.status_code in (404, 405), f"{method} {path} is not documented"
            return
        documented = operation["responses"].get(str(reply.status_code))
        assert documented, f"{method} {template} answers {reply.status_code}: {reply.text}"
        documented = self._resolved(documented)
        content = documented.get("content", {}).get(reply.mimetype, {})
        assert bool(content) == bool(reply.data), f"{reply.mimetype} for {method} {template}: {reply.text}"
        if content:
            validator_for(content["schema"], default=Draft202012Validator)(self._resolved(content["schema"])).validate(
                reply.json
            )

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        found: Any = node
        if "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
        return dict(found)

    def proved(self) -> Program:
        """The same program with a verification, which the person proves by a code to their number."""
        [way] = [each for each in self.get("/verifications/ways").json["items"] if each.get("kind") == "phone"]
        begun = self.post("/verifications", {"send_code_to": way["id"]})
        assert begun.status_code == 201, begun.text
        proof_id = begun.json["id"]
        reply = self.post(f"/verifications/{proof_id}/check", {"code": self.house.newest_code()})
        assert reply.json == {"id": proof_id, "verified": True}, reply.text
        return Program(self.house, self.api, self.token, {"Doorcode-Verification-Id": proof_id}, self.document)


def fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path) is not None


def reason(reply: TestResponse) -> str:
    """Of a problem: what its type ends in."""
    assert reply.mimetype == "application/problem+json", reply.text
    return str(reply.json["type"]).removeprefix(PROBLEM)


def called(program: Program, operation: Operation, own: str = NOBODYS, *, matched: bool = True) -> tuple[int, str]:
    """An operation with ``own`` in its path and a body that is well-formed: its status, and the reason of a problem."""
    path, body = re.sub(r"{\w+}", own, operation.path), operation.example
    if body is None and operation.takes:
        body = BODIES.get(operation.name, {"code": "123456"})
    reply = program.call(operation.method, path, body, **({"If_Match": "*"} if matched and operation.matched else {}))
    return reply.status_code, reason(reply) if reply.status_code >= 400 else ""


def add_account_app(house: House, **values: Any) -> Shop:
    return add_shop(house, **{"account_api": True} | values)


def account_program(house: House, browser: Browser | None = None, scope: str = ALL_SCOPES, **values: Any) -> Program:
    """A program for a person, who signs up first unless their browser is given."""
    shop = add_account_app(house, **values)
    tokens = shop.tokens(browser or signed_in(house), scope=scope)
    return Program(house, ACCOUNT, tokens["access_token"])


def manage_program(house: House, *scopes: str) -> Program:
    machine = add_shop(house, "machine", manage=list(scopes))
    reply = machine.post(grant_type="client_credentials")
    assert reply.status_code == 200, reply.text
    return Program(house, MANAGE, reply.json["access_token"])
