"""The settings of the guard, and of whom it leaves alone."""

from __future__ import annotations

from dataclasses import dataclass

from settings.declaring import choice, money, number, setting, switch
from settings.fields import N_, Kind

ON, WATCH, OFF = "on", "watch", "off"
NUMBERS = r"\+[1-9][0-9]{1,14}\*?"
NETWORKS = r"[0-9a-f.:]+(/[0-9]{1,3})?"


@dataclass(frozen=True)
class Guard:
    mode: str = choice(
        N_("The guard is"),
        ON,
        ((ON, N_("On")), (WATCH, N_("Watching only")), (OFF, N_("Off"))),
        N_("Watching: everything is sent, and what would have been stopped is written down."),
    )
    sms: bool = switch(
        N_("Codes go out by text message"),
        True,
        N_("Off: none is sent, also none that waits already. The other ways in still work."),
    )
    look_ups_day: int = number(
        N_("Look-ups a day"), 200, 0, 1_000_000, N_("Of what kind a number is, where a provider is set up for it.")
    )
    look_up_price: float = money(N_("Price of a look-up"), 0.01, N_("For the cap below."))
    look_ups_cap: float = money(N_("Cap of look-ups a day"), 2.0, N_("No look-up is asked for beyond it."))


@dataclass(frozen=True)
class Exceptions:
    blocked_numbers: tuple[str, ...] = setting(
        N_("Blocked numbers"),
        Kind.LIST,
        (),
        N_("Such as +33612345678, or +3389* for all that begin so. They get no messages."),
        pattern=NUMBERS,
        hint=N_("Write each with + and country code, such as +33612345678 or +3389*."),
    )
    blocked_emails: tuple[str, ...] = setting(
        N_("Blocked e-mail addresses"),
        Kind.LIST,
        (),
        N_("Such as name@example.com, or @example.com for the whole domain."),
        pattern=r"[^\s@]*@[a-z0-9.-]+",
        hint=N_("Write each in lower case, such as name@example.com or @example.com."),
    )
    blocked_networks: tuple[str, ...] = setting(
        N_("Blocked networks"),
        Kind.LIST,
        (),
        N_("Such as 192.0.2.0/24. Nothing is sent for who comes from there."),
        pattern=NETWORKS,
        hint=N_("Write each as an address or a network, such as 192.0.2.0/24."),
    )
    allowed_numbers: tuple[str, ...] = setting(
        N_("Allowed numbers"),
        Kind.LIST,
        (),
        N_("Such as +33612345678, or +3389* for all that begin so. The guard lets them through; limits still hold."),
        pattern=NUMBERS,
        hint=N_("Write each with + and country code, such as +33612345678 or +3389*."),
    )
    allowed_networks: tuple[str, ...] = setting(
        N_("Allowed networks"),
        Kind.LIST,
        (),
        N_("Such as 192.0.2.0/24, of your own offices. The guard lets through who comes from there."),
        pattern=NETWORKS,
        hint=N_("Write each as an address or a network, such as 192.0.2.0/24."),
    )
    test_numbers: tuple[str, ...] = setting(
        N_("Test numbers"),
        Kind.LIST,
        (),
        N_("For the reviewers of app stores: +15005550001 482913 signs in with that code, and no message is sent."),
        pattern=r"\+[1-9][0-9]{6,14} [0-9]{6,10}",
        hint=N_("Write a number with +, a space, and a code of 6 to 10 digits."),
    )
