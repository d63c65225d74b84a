"""An authorization request: what an application asks for, read and checked.

OpenID Connect Core 1.0, 3.1.2; RFC 6749, 4.1; RFC 7636; RFC 9700. Nothing is sent to a redirect address before both
the client and the address are known to be right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows import clients as clients_flow
from flows.services import Services
from oidc import keys
from rules import redirects
from rules.signing import BadTokenError
from settings.clients import ClientKind
from storage.clients import Client

TO_CHANGE = '"account_api"'  # no scope: with a quote no client can ask for it
DEVICE = "device code hash"  # ours alone: with it, a request is a device's and not an application's
TRIAL = "tried from the console"  # ours alone: with it, the answer goes to the console
CHOSEN = "organization chosen"  # ours alone: by the person, where the application names none
TRIAL_PATH = "/admin/try-client"
MESSAGE = "web_message"  # the response_mode of pop-ups and frames
LONGEST = 8192  # characters of all parameters together: each request that waits is a row
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
NOTHING = "address"  # a scope of the standard of which we know nothing; libraries ask for all of them
PROMPTS = {"none", "login", "consent", "select_account", "create"}
SCREENS = {"sign_in", "sign_up", "forgot_password"}
# The names that other products gave to the same wish.
OTHER_NAMES = {"signup": "sign_up", "register": "sign_up", "signin": "sign_in", "login": "sign_in"}


class PageError(Exception):
    """To be shown here: we do not know where to send it. ``reason`` is a name of the page's sentences."""

    def __init__(self, reason: str, client: Client | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.client = client


class AnswerError(Exception):
    """To be sent to the application, in OAuth's words; without quotes, as RFC 6749 (4.1.2.1) has it."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class AuthorizationRequest:
    """``hint``: the subject that the application expects."""

    client: Client
    parameters: dict[str, str]
    scope: tuple[str, ...]
    prompt: frozenset[str]
    max_age: int | None
    claims: dict[str, Any]
    hint: str

    @property
    def consented(self) -> frozenset[str]:
        """What the person says yes to: the scopes, and that they may be used to change something."""
        return frozenset((*self.scope, *([TO_CHANGE] if self.client.settings.account_api else [])))

    @property
    def redirect_uri(self) -> str:
        return self.parameters["redirect_uri"]

    @property
    def device(self) -> str:
        """The hash of a device's code, where a device is what waits."""
        return self.parameters.get(DEVICE, "")

    @property
    def impersonable(self) -> bool:
        """Whether another program of the same device could listen there. Then only who just signed in for this request,
        or says yes to it, gets a code (RFC 8252, 8.6)."""
        return self.client.kind is ClientKind.NATIVE and not self.parameters.get("redirect_uri", "https:").startswith(
            "https:"
        )

    @property
    def framed(self) -> bool:
        """Whether the pages are shown in a frame of the application's."""
        return self.parameters.get("display") == "frame"

    @property
    def by_message(self) -> bool:
        """Whether the answer goes to the window that opened the pages, and not to an address."""
        return self.parameters.get("response_mode") == MESSAGE

    @property
    def origin(self) -> str:
        """The site that the answer goes to."""
        return redirects.origin_of(self.parameters.get("redirect_uri", ""))

    @property
    def screen(self) -> str:
        """The page that a stranger sees first."""
        wish = self.parameters.get("screen_hint") or self.parameters.get("first_screen") or ""
        wish = OTHER_NAMES.get(wish.replace("-", "_"), wish.replace("-", "_"))
        return "sign_up" if "create" in self.prompt else wish if wish in SCREENS else "sign_in"


def single(lists: Mapping[str, list[str]]) -> dict[str, str]:
    """Each parameter once. Raises PageError: of what came twice nobody knows which one counts."""
    size = sum(len(name) + len(value) for name, values in lists.items() for value in values)
    if size > LONGEST or any(len(values) > 1 for values in lists.values()):
        raise PageError("repeated")
    return {name: values[0] for name, values in lists.items() if values[0] and name not in (DEVICE, TRIAL, CHOSEN)}


def destination(services: Services, parameters: Mapping[str, str]) -> Client:
    """The client, once it and its redirect address are right. Raises PageError."""
    client = clients_flow.find(services, parameters.get("client_id", ""))
    if client is None or client.kind is ClientKind.MACHINE:
        raise PageError("no_client")
    if DEVICE in parameters:
        return client
    uri = parameters.get("redirect_uri", "")
    if TRIAL in parameters and uri == services.environment.public_url + TRIAL_PATH:
        return client
    if not uri or not redirects.matches(client.redirect_uris, uri, client.kind):
        raise PageError("wrong_redirect", client)
    if parameters.get("display") == "frame" and redirects.origin_of(uri) not in client.settings.frame_origins:
        raise PageError("no_frame", client)
    return client


def read(services: Services, client: Client, parameters: dict[str, str]) -> AuthorizationRequest:
    """Raises AnswerError."""
    if DEVICE not in parameters:
        _check_shape(parameters)
        _check_challenge(client, parameters)
    scope = tuple(dict.fromkeys(name for name in parameters.get("scope", "").split() if name != NOTHING))
    known = client.settings.scopes_for_people() - ({"offline_access"} if not client.settings.offline else set())
    if not set(scope) <= known:
        raise AnswerError("invalid_scope", "A scope is unknown, or not for this client.")
    # Whoever typed a device's code says so on a page: the code may have come from somebody else.
    prompt = frozenset(["consent"] if DEVICE in parameters else parameters.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise AnswerError("invalid_request", "This prompt is not possible.")
    return AuthorizationRequest(
        client=client,
        parameters=parameters,
        scope=scope,
        prompt=prompt,
        max_age=_max_age(parameters),
        claims=_claims(parameters.get("claims", "")),
        hint=_hint(services, client, parameters.get("id_token_hint", "")),
    )


def _check_shape(parameters: dict[str, str]) -> None:
    if "request" in parameters:
        raise AnswerError("request_not_supported")
    if "request_uri" in parameters:
        raise AnswerError("request_uri_not_supported")
    if "registration" in parameters:
        raise AnswerError("registration_not_supported")
    if "response_type" not in parameters:
        raise AnswerError("invalid_request", "Missing response_type.")
    if parameters["response_type"] != "code":
        raise AnswerError("unsupported_response_type")
    if parameters.get("response_mode", "query") not in ("query", MESSAGE):
        raise AnswerError("invalid_request", "Only response_mode=query and web_message are supported.")
    if parameters.get("response_mode") == MESSAGE and not redirects.origin_of(parameters["redirect_uri"]):
        raise AnswerError("invalid_request", "A web_message needs a redirect address on a site.")


def _check_challenge(client: Client, parameters: dict[str, str]) -> None:
    """S256 alone: a challenge without its method would be plain (RFC 7636, 4.3)."""
    challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    if challenge is None and method is None:
        if client.public or client.settings.pkce:
            raise AnswerError("invalid_request", "Missing code_challenge.")
        return
    if method != "S256" or not CHALLENGE.fullmatch(challenge or ""):
        raise AnswerError("invalid_request", "Only code_challenge_method=S256 is supported.")


def _max_age(parameters: dict[str, str]) -> int | None:
    text = parameters.get("max_age")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise AnswerError("invalid_request", "max_age must be a number of seconds.")
    return int(text)


def _claims(text: str) -> dict[str, Any]:
    """Of each place the names asked for, and the values of acr that alone will do (OpenID Connect Core, 5.5)."""
    if not text:
        return {}
    try:
        asked = json.loads(text)
        found: dict[str, Any] = {place: sorted(asked.get(place) or {}) for place in ("userinfo", "id_token")}
        acr = (asked.get("id_token") or {}).get("acr") or {}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise AnswerError("invalid_request", "claims must be a JSON object.") from None
    if isinstance(acr, dict) and acr.get("essential") is True:
        values = acr.get("values", [acr["value"]] if "value" in acr else [])
        found["acr"] = [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
    return found


def _hint(services: Services, client: Client, token: str) -> str:
    """Also an expired ID token tells whom the application expects."""
    if not token:
        return ""
    try:
        told = keys.read(services, token, keys.ID_TOKEN, expired=True)
    except BadTokenError:
        raise AnswerError("invalid_request", "id_token_hint is not one of our ID tokens.") from None
    if told.get("aud") != client.id:
        raise AnswerError("invalid_request", "id_token_hint is for another client.")
    return str(told["sub"])
