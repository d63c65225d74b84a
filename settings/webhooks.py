"""Webhooks: what happens that other systems may hear of, and what is set of an endpoint that hears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from settings.console import fields_of
from settings.declaring import setting, switch
from settings.fields import N_, Kind, Problem, clean

TEST = "webhook.test"
MESSAGE_FAILED, LIMIT_REACHED, PUMPING_SUSPECTED = "message.failed", "limit.reached", "pumping.suspected"
CONVERSION_FELL, DELIVERY_FAILING, CAP_NEAR = "conversion.fell", "delivery.failing", "cap.near"
ACCOUNT_CREATED, ACCOUNT_DELETED = "account.created", "account.deleted"
MEMBER_JOINED, MEMBER_LEFT, MEMBER_CHANGED = "member.joined", "member.left", "member.changed"
INVITATION_ACCEPTED = "invitation.accepted"
TYPES = (
    (ACCOUNT_CREATED, N_("An account was created")),
    ("account.signed_in", N_("Somebody signed in")),
    (ACCOUNT_DELETED, N_("An account was deleted")),
    ("phone.added", N_("A number was added to an account")),
    ("phone.changed", N_("Another number became the main one, or took the place of one")),
    ("phone.removed", N_("A number was removed from an account")),
    ("email.added", N_("An e-mail address was added to an account")),
    ("email.changed", N_("Another e-mail address became the main one, or took the place of one")),
    ("email.removed", N_("An e-mail address was removed from an account")),
    ("password.changed", N_("A password was set or changed")),
    ("factor.changed", N_("A second factor was added or removed")),
    (INVITATION_ACCEPTED, N_("Somebody accepted an invitation to an organisation")),
    (MEMBER_JOINED, N_("Somebody joined an organisation")),
    (MEMBER_CHANGED, N_("A member of an organisation has other roles")),
    (MEMBER_LEFT, N_("Somebody left an organisation, or was taken out")),
    (MESSAGE_FAILED, N_("A message could not be sent or delivered")),
    (LIMIT_REACHED, N_("A limit of messages was reached")),
    (PUMPING_SUSPECTED, N_("SMS pumping is suspected")),
    (CONVERSION_FELL, N_("Codes of a country are not typed back as usual")),
    (DELIVERY_FAILING, N_("Messages to a country are reported as failed")),
    (CAP_NEAR, N_("Four fifths of a cap of money are spent")),
)
NAMES = tuple(name for name, _label in TYPES)

# What an account's own events are to others: the type, and what stands in its data beside the account's id. Of the
# event's details ``by`` and ``factor`` go along. Events that are not here concern their owner only.
OF_ACCOUNT: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "signed_in": ("account.signed_in", {}),
    "phone_added": ("phone.added", {}),
    "phone_added_by_admin": ("phone.added", {}),
    "phone_main": ("phone.changed", {}),
    "phone_replaced": ("phone.changed", {}),
    "phone_removed": ("phone.removed", {}),
    "phone_released": ("phone.removed", {}),
    "email_added": ("email.added", {}),
    "email_added_by_admin": ("email.added", {}),
    "email_main": ("email.changed", {}),
    "email_replaced": ("email.changed", {}),
    "email_removed": ("email.removed", {}),
    "password_set": ("password.changed", {}),
    "password_changed": ("password.changed", {}),
    "factor_added": ("factor.changed", {"change": "added"}),
    "backup_codes_made": ("factor.changed", {"change": "added", "factor": "backup_code"}),
    "factor_removed": ("factor.changed", {"change": "removed"}),
    "factor_removed_by_admin": ("factor.changed", {"change": "removed"}),
}
GOES_ALONG = ("by", "factor")


@dataclass(frozen=True)
class WebhookSettings:
    """``events``: of ``NAMES``. ``identifiers``: whether numbers and addresses are told."""

    url: str = setting(
        N_("Address"),
        Kind.URL,
        "",
        N_("Where events are sent, by POST, and answered with 200 to 299."),
        required=True,
    )
    events: tuple[str, ...] = setting(N_("Events"), Kind.LIST, (), required=True)
    identifiers: bool = switch(
        N_("Tell numbers and addresses"), False, N_("Without it an event names its account by the id only.")
    )


FIELDS = fields_of(WebhookSettings)


def read_webhook(values: Mapping[str, Any]) -> tuple[WebhookSettings | None, dict[str, Problem]]:
    """Typed values as settings, or a problem a wrong field."""
    cleaned, problems = clean(FIELDS, values)
    chosen = cleaned.get("events", ())
    if "events" in problems or not set(chosen) <= set(NAMES):
        problems["events"] = Problem(N_("Choose at least one event."))
    if problems:
        return None, problems
    return WebhookSettings(**cleaned | {"events": tuple(name for name in NAMES if name in chosen)}), {}
