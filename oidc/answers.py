"""The answer to an authorization request, and how it gets to the application: by an address, or by a message.

A message (``response_mode=web_message``) is for pop-ups and frames: the page that opened them gets it from our last
page, by ``postMessage`` to the site of the redirect address and to no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flows.services import Services
from oidc.authorization_request import MESSAGE, AnswerError
from oidc.frame import issuer
from rules import redirects


@dataclass(frozen=True)
class Answer:
    """Send the browser to this address of the application; to none, where a device waits for the answer.

    ``message``: not to the address but to the window that opened our pages, if it is of the site ``origin``.
    """

    url: str
    message: dict[str, str] = field(default_factory=dict)
    origin: str = ""
    framed: bool = False


def refused(services: Services, parameters: Mapping[str, str], error: AnswerError) -> Answer:
    told = {"error": error.error} | ({"error_description": error.description} if error.description else {})
    return answer(services, parameters, told)


def answer(services: Services, parameters: Mapping[str, str], told: dict[str, str]) -> Answer:
    """With state as it came, and who answers (RFC 9207)."""
    state = {"state": parameters["state"]} if "state" in parameters else {}
    told |= state | {"iss": issuer(services)}
    uri, framed = parameters["redirect_uri"], parameters.get("display") == "frame"
    origin = redirects.origin_of(uri)
    if parameters.get("response_mode") == MESSAGE and origin:
        return Answer("", told, origin, framed)
    return Answer(uri + ("&" if "?" in uri else "?") + urlencode(told), framed=framed)
