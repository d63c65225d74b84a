"""Signing out at an application's wish. OpenID Connect RP-Initiated Logout 1.0.

  1. read      what the application asks, and whether it proves whom it means
  2. finish    end that session, and say where the browser goes

Without an ID token of ours as proof, the person is asked first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flows import clients as clients_flow
from flows.services import Services
from oidc import authorization_request as asked
from oidc import keys
from oidc.authorization_request import PageError
from rules.signing import BadTokenError
from storage import grants, sessions
from storage.clients import Client
from storage.sessions import Audience, Session


@dataclass(frozen=True)
class SignOut:
    """``target``: the application's address for afterwards, or empty. ``owner``: account of the session to be ended.

    ``proved``: an ID token of ours names the session.
    """

    client: Client | None
    target: str
    proved: bool
    session_id: str = ""
    owner: str = ""


def read(services: Services, lists: Mapping[str, list[str]], session: Session | None) -> SignOut:
    """Raises PageError where the hint or the address is wrong: then nobody is sent anywhere."""
    parameters = asked.single(lists)
    told = _hint(services, parameters.get("id_token_hint", ""))
    client_id = str(told.get("aud", "")) or parameters.get("client_id", "")
    if parameters.get("client_id", client_id) != client_id:
        raise PageError("wrong_hint")
    client = clients_flow.find(services, client_id) if client_id else None
    target = _target(client, parameters)
    if not told or client is None:
        return SignOut(client, target, proved=False)
    session_id, subject = str(told.get("sid", "")), str(told["sub"])
    with services.database.read() as connection:
        owner = grants.owner(connection, client.id, session_id, subject)
    # Somebody else may sit at the browser by now, or the same person anew: then it is theirs to say.
    proved = owner is not None and session in (None, session_of(session, session_id))
    return SignOut(client, target, proved, session_id, owner or "")


def session_of(session: Session | None, session_id: str) -> Session | None:
    return session if session and session.id == session_id else None


def _hint(services: Services, token: str) -> dict[str, object]:
    """Also of an ID token that has expired."""
    if not token:
        return {}
    try:
        return keys.read(services, token, keys.ID_TOKEN, expired=True)
    except BadTokenError:
        raise PageError("wrong_hint") from None


def _target(client: Client | None, parameters: Mapping[str, str]) -> str:
    uri = parameters.get("post_logout_redirect_uri", "")
    if not uri:
        return ""
    if client is None or uri not in client.settings.post_logout_redirect_uris:
        raise PageError("wrong_logout", client)
    state = {"state": parameters["state"]} if "state" in parameters else {}
    return uri + (("&" if "?" in uri else "?") + urlencode(state) if state else "")


def finish(services: Services, sign_out: SignOut, session: Session | None) -> None:
    """End the session that was proved, and the one at this browser where there is one."""
    with services.database.write() as connection:
        if sign_out.owner and sign_out.proved:
            sessions.end_one(connection, Audience.ACCOUNT, sign_out.owner, sign_out.session_id)
        if session:
            sessions.end(connection, session.token_hash)
