"""Passkeys, checked by the webauthn library. It takes 0.3 s and 17 MB to load, so nobody imports this file: the
application loads it when the first passkey is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from rules.passkeys import CHALLENGE_SECONDS, Known, Offered, Site

TIMEOUT = CHALLENGE_SECONDS * 1000
# What the library lets through of an answer that is no answer, beside its own.
NO_ANSWER = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


def creation_options(site: Site, challenge: bytes, account_id: str, name: str, known: Sequence[str]) -> str:
    """One that can be found without a name, and that asks for a finger or a PIN, where the device can."""
    options = generate_registration_options(
        rp_id=site.id,
        rp_name=site.name,
        user_name=name,
        user_id=account_id.encode(),
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return options_to_json(options)


def request_options(site: Site, challenge: bytes, known: Sequence[str], *, verified: bool) -> str:
    """``known``: those that will do, or none where whichever is found will. ``verified``: with a finger or a PIN."""
    wanted = UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.PREFERRED
    options = generate_authentication_options(
        rp_id=site.id,
        challenge=challenge,
        timeout=TIMEOUT,
        allow_credentials=_descriptors(known),
        user_verification=wanted,
    )
    return options_to_json(options)


def _descriptors(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known]


def offered(site: Site, challenge: bytes, answer: str) -> Offered | None:
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.id, expected_origin=site.origin
        )
    except NO_ANSWER:
        return None
    return Offered(
        bytes_to_base64url(made.credential_id),
        made.credential_public_key,
        made.sign_count,
        made.user_verified,
        made.aaguid,
        made.credential_backed_up,
    )


def names(answer: str) -> tuple[str, str]:
    """The passkey that an answer says it is of, and the account that it says is its owner; empty where it does not."""
    try:
        read = json.loads(answer)
        handle = read["response"].get("userHandle") or ""
        return bytes_to_base64url(base64url_to_bytes(read["id"])), base64url_to_bytes(handle).decode()
    except NO_ANSWER:
        return "", ""


def new_counter(site: Site, challenge: bytes, answer: str, known: Known, *, verified: bool) -> int | None:
    try:
        shown = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.counter,
            require_user_verification=verified,
        )
    except NO_ANSWER:
        return None
    return shown.new_sign_count
