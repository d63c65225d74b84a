"""How sure an application wants to be of the person, and how sure we are.

is_too_old   whether nothing that the person has shown is fresh enough
counted      what of it is
told         what tokens say of that: auth_time, amr, acr
missing      whether signing in once more would make us as sure as is wanted    -> yes or no, or AnswerError
policy       of second factors, under which the pages of the request work       -> "", offered or required
stricter     the settings with that policy

What is too old for the request counts for nothing in it, so no token says of a fresh proof and an old one together what
only two fresh ones are worth.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.services import Services
from oidc.authorization_request import AnswerError, AuthorizationRequest
from oidc.frame import ACR_VALUES, ONE_PROOF, TWO_PROOFS, acr_of, amr_of
from rules import proofs
from rules.entrance import has_second_factor
from rules.proofs import Proof
from settings.console import Settings
from settings.sections import OFFERED, REQUIRED
from storage import accounts
from storage.sessions import Session

AFRESH = {"login", "select_account", "create"}  # prompts that want the person to sign in once more


def counted(request: AuthorizationRequest, session: Session, asked_at: float) -> tuple[Proof, ...]:
    return tuple(proof for proof in proofs.read(session.proofs) if _counts(request, proof.at, asked_at))


def is_too_old(request: AuthorizationRequest, session: Session, asked_at: float) -> bool:
    return not _counts(request, auth_time(session), asked_at)


def _counts(request: AuthorizationRequest, at: float, asked_at: float) -> bool:
    if request.prompt & AFRESH and at <= asked_at:
        return False
    return request.max_age is None or at >= asked_at - request.max_age


def auth_time(session: Session) -> float:
    """When the person last proved who they are."""
    return max((proof.at for proof in proofs.read(session.proofs)), default=session.created_at)


def told(request: AuthorizationRequest, session: Session, asked_at: float) -> dict[str, Any]:
    shown = counted(request, session, asked_at)
    return {"auth_time": int(auth_time(session)), "amr": amr_of(shown), "acr": acr_of(shown)}


def missing(services: Services, request: AuthorizationRequest, session: Session, shown: tuple[Proof, ...]) -> bool:
    """A level that the application can do without is asked for from whoever has a second factor; one that alone will
    do, from everybody. Raises AnswerError where it cannot be reached."""
    alone, reached = request.claims.get("acr"), acr_of(shown)
    if alone and reached not in alone:
        if reached == TWO_PROOFS or policy(request) != REQUIRED or not _can_be_set_up(services.settings()):
            raise AnswerError("unmet_authentication_requirements")
        return True
    return reached == ONE_PROOF and policy(request) == OFFERED and _has_more(services, session)


def policy(request: AuthorizationRequest) -> str:
    alone, wished = request.claims.get("acr"), request.parameters.get("acr_values", "").split()
    if alone and TWO_PROOFS in alone and ONE_PROOF not in alone:
        return REQUIRED
    first = next((value for value in wished if value in ACR_VALUES), "")
    return OFFERED if first == TWO_PROOFS else ""


def _can_be_set_up(settings: Settings) -> bool:
    return settings.second_factors.totp or settings.second_factors.passkey


def _has_more(services: Services, session: Session) -> bool:
    with services.database.read() as connection:
        entrant = accounts.by_id(connection, session.owner_id)
    return entrant is not None and has_second_factor(services.settings(), entrant)


def stricter(settings: Settings, wanted: str) -> Settings:
    """The settings with a policy of ``wanted`` at least. A trusted browser spares nothing: two proofs are asked for."""
    factors = settings.second_factors
    kept = factors.later_days if wanted == OFFERED else 0
    policy = REQUIRED if REQUIRED in (wanted, factors.policy) else OFFERED
    return replace(settings, second_factors=replace(factors, policy=policy, trusted_days=0, later_days=kept))
