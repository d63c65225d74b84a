"""Rules between settings: combinations that cannot work are refused when they are saved, with the reason."""

from __future__ import annotations

from ipaddress import ip_network

from settings.fields import N_, Problem
from settings.sections import OFF, REQUIRED, Settings

# What who signs up with it has to sign in with: one of these at least.
HAS = {
    "phone": ("phone",),
    "email": ("email",),
    "phone_or_email": ("phone", "email"),
    "phone_and_email": ("phone", "email"),
    "username": ("username",),
}


def takes_new(settings: Settings, kind: str) -> bool:
    """Whether somebody new may sign up with an identifier of this kind."""
    return settings.sign_up.enabled and kind in HAS[settings.sign_up.identifier]


def problems_between(settings: Settings) -> dict[str, Problem]:
    found = (
        _exceptions(settings)
        | _phones(settings)
        | _limits(settings)
        | _money(settings)
        | _ways_in(settings)
        | _passwords(settings)
        | _second_factors(settings)
    )
    return {path: Problem(text) for path, text in found.items()}


def _phones(settings: Settings) -> dict[str, str]:
    phones = settings.phones
    if phones.default_country and not phones.all_countries and phones.default_country not in phones.countries:
        return {"phones.default_country": N_("Choose one of the countries above.")}
    return {}


MOST_TEST_NUMBERS = 10


def _exceptions(settings: Settings) -> dict[str, str]:
    lists, found = settings.exceptions, {}
    if len(lists.test_numbers) > MOST_TEST_NUMBERS:
        found["exceptions.test_numbers"] = N_("Keep test numbers few: at most 10.")
    for network in lists.blocked_networks:
        try:
            ip_network(network, strict=False)
        except ValueError:
            found["exceptions.blocked_networks"] = N_("Write each as an address or a network, such as 192.0.2.0/24.")
    return found


def _limits(settings: Settings) -> dict[str, str]:
    return {} if settings.limits.resend_waits else {"limits.resend_waits": N_("Write at least one wait.")}


def _money(settings: Settings) -> dict[str, str]:
    if settings.money.month_cap < settings.money.day_cap:
        return {"money.month_cap": N_("The cap for 30 days cannot be below the cap a day.")}
    return {}


def _ways_in(settings: Settings) -> dict[str, str]:
    """Whoever signs up must be able to come back."""
    sign_in, sign_up = settings.sign_in, settings.sign_up
    if not sign_in.enabled:
        return {}
    if not sign_in.kinds() and not sign_in.passkey:
        if settings.upstreams.offered:  # whoever comes, signs up too, comes by them
            return {}
        return {"sign_in.phone": N_("Nobody could sign in with this: choose at least one way.")}
    if not sign_up.enabled:
        return {}
    kinds = HAS[sign_up.identifier]
    # With a choice, each must open the door by itself; otherwise one that the account has is enough.
    for group in [(kind,) for kind in kinds] if sign_up.identifier == "phone_or_email" else [kinds]:
        methods = {method for kind in group for method in sign_in.methods(kind)}
        if not methods:
            return {"sign_up.identifier": N_("Who signs up with this could not sign in: switch it on under Sign-in.")}
        if "code" not in methods and not sign_up.password:
            return {"sign_up.password": N_("Signing in asks for a password: ask for one at sign-up too.")}
    return {}


def _passwords(settings: Settings) -> dict[str, str]:
    if settings.passwords.shortest_alone < settings.passwords.shortest:
        return {"passwords.shortest_alone": N_("Alone, a password cannot be shorter than with another factor.")}
    return {}


def _second_factors(settings: Settings) -> dict[str, str]:
    factors = settings.second_factors
    if factors.policy == OFF:
        return {}
    if factors.sms and not (factors.totp or factors.passkey):
        return {"second_factors.totp": N_("Offer something stronger beside text messages: apps or passkeys.")}
    if factors.policy == REQUIRED and not (factors.totp or factors.passkey):
        return {"second_factors.totp": N_("Nobody could set up a second factor: switch one on.")}
    return {}
