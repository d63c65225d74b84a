"""The sections of the console's settings, each a dataclass that declares what it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from settings.alarms import Alarms
from settings.connectors import Connectors
from settings.declaring import choice, money, number, setting, switch
from settings.email_templates import EmailTemplates
from settings.fields import N_, Kind
from settings.guard import Exceptions, Guard
from settings.lookups import Lookups
from settings.templates import Templates
from settings.upstreams import Upstreams

LANGUAGES = (("en", "English"), ("fr", "Français"))
REGION = r"[A-Z]{2}"
TWO_LETTERS = N_("Two capital letters, such as GB.")


@dataclass(frozen=True)
class Application:
    name: str = setting(
        N_("Name"), Kind.TEXT, "Doorcode", N_("Stands on every page and in every message."), required=True, maximum=40
    )
    language: str = setting(
        N_("Language"), Kind.CHOICE, "en", N_("For browsers that ask for none that we speak."), choices=LANGUAGES
    )
    help_url: str = setting(
        N_("Where people get help"), Kind.URL, "", N_("Offered to who has no way in any more, such as a lost number.")
    )


IDENTIFIERS = (
    ("phone", N_("Phone number")),
    ("email", N_("E-mail address")),
    ("phone_or_email", N_("Phone number or e-mail address")),
    ("phone_and_email", N_("Phone number and e-mail address")),
    ("username", N_("Username")),
)
METHODS = (
    ("off", N_("Off")),
    ("code", N_("A code")),
    ("password", N_("The password")),
    ("code_or_password", N_("A code, or the password")),
    ("password_or_code", N_("The password, or a code")),
)
OFF, OFFERED, REQUIRED = "off", "offered", "required"
PERMISSIONS = (("off", N_("Not shown")), ("read", N_("Shown")), ("edit", N_("Can be changed")))


@dataclass(frozen=True)
class SignUp:
    enabled: bool = switch(N_("People can sign up"), True, N_("Off: a number without an account gets no message."))
    by_invitation: bool = switch(
        N_("Invited people can sign up"), True, N_("To an organisation, also where nobody else can.")
    )
    identifier: str = choice(N_("With"), "phone", IDENTIFIERS, N_("Numbers and addresses are always proved by a code."))
    password: bool = switch(N_("And a password"), False)
    terms_url: str = setting(N_("Terms"), Kind.URL, "", N_("Who signs up agrees to them; time and version are kept."))
    privacy_url: str = setting(N_("Privacy"), Kind.URL, "", N_("A link at the foot of each page."))
    terms_version: str = setting(
        N_("Version of the terms"), Kind.TEXT, "1", N_("Change it, and everybody is asked again."), maximum=40
    )


@dataclass(frozen=True)
class SignIn:
    enabled: bool = switch(N_("People can sign in"), True)
    phone: str = choice(N_("With a phone number and"), "code", METHODS)
    email: str = choice(N_("With an e-mail address and"), "off", METHODS)
    username: str = choice(N_("With a username and"), "off", (METHODS[0], METHODS[2]))
    passkey: bool = switch(N_("With a passkey"), False, N_("No message and no password at all."))

    def methods(self, kind: str) -> list[str]:
        """How an identifier of a kind signs in: code and password, the first one offered first."""
        chosen: str = getattr(self, kind)
        return [] if chosen == OFF else chosen.split("_or_")

    def kinds(self) -> list[str]:
        """The identifiers that sign in."""
        return [kind for kind in ("phone", "email", "username") if self.methods(kind)]


@dataclass(frozen=True)
class ForgotPassword:
    phone: bool = switch(N_("By a code to the phone"), True)
    email: bool = switch(N_("By a code to the e-mail address"), True)


@dataclass(frozen=True)
class SecondFactors:
    policy: str = choice(
        N_("A second factor is"),
        "off",
        (("off", N_("Off")), ("offered", N_("Offered")), ("required", N_("Required"))),
        N_("Offered: who has none may set one up, and who has one is asked for it. Required: everybody sets one up."),
    )
    totp: bool = switch(N_("Authenticator apps"), True)
    passkey: bool = switch(N_("Passkeys"), True)
    sms: bool = switch(
        N_("Text messages"), True, N_("The weakest: a number can be stolen. Never the only one offered.")
    )
    backup_codes: bool = switch(N_("Backup codes"), True)
    trusted_days: int = number(N_("Days a browser is trusted"), 30, 0, 90, N_("0: it is asked each time."))
    offer_days: int = number(N_("Days until one is offered again"), 90, 0, 365, N_("After signing in. 0: never."))
    later_days: int = number(
        N_("Days that setting one up can wait"),
        0,
        0,
        60,
        N_("Where it is required, once for each account, from the first time that it is asked. 0: not at all."),
    )


@dataclass(frozen=True)
class Passwords:
    shortest: int = number(N_("Shortest, with another factor"), 8, 8, 64)
    shortest_alone: int = number(N_("Shortest, alone"), 15, 8, 64, N_("Where nothing else is asked for."))
    refused: tuple[str, ...] = setting(
        N_("Words that are refused"),
        Kind.LIST,
        (),
        N_("Such as your company's name. A password must be more than these."),
    )


@dataclass(frozen=True)
class AccountCentre:
    phones: str = choice(N_("Phone numbers"), "edit", PERMISSIONS)
    most_phones: int = number(N_("Numbers an account"), 5, 1, 20)
    emails: str = choice(N_("E-mail addresses"), "edit", PERMISSIONS)
    username: str = choice(N_("Username"), "edit", PERMISSIONS)
    password: str = choice(N_("Password"), "edit", PERMISSIONS)
    factors: str = choice(N_("Second factors"), "edit", PERMISSIONS)
    sessions: str = choice(N_("Sessions"), "edit", PERMISSIONS)
    download: bool = switch(N_("People can download their data"), True)
    delete: bool = switch(N_("People can delete their account"), True)


@dataclass(frozen=True)
class Phones:
    all_countries: bool = switch(
        N_("Numbers of every country"), False, N_("For development: whoever pays for messages chooses countries.")
    )
    countries: tuple[str, ...] = setting(
        N_("Countries"),
        Kind.LIST,
        (),
        N_("Two letters each, such as GB. Only these are offered and served."),
        pattern=REGION,
        hint=N_("Write each country as two capital letters, such as GB."),
    )
    default_country: str = setting(
        N_("Country chosen at first"), Kind.TEXT, "", TWO_LETTERS, pattern=REGION, hint=TWO_LETTERS
    )
    allow_possible: bool = switch(
        N_("Numbers that are merely possible"), False, N_("Accepts ranges newer than our list of numbers.")
    )
    allow_fixed_line: bool = switch(N_("Fixed lines"), False, N_("Most cannot take a text message."))
    allow_voip: bool = switch(N_("Internet telephony numbers"), False, N_("Cheap to get in bulk: a tool of abuse."))


@dataclass(frozen=True)
class RecycledNumbers:
    asleep_days: int = number(
        N_("Days until an account is asleep"),
        365,
        0,
        3650,
        N_("Not signed in to for so long, it asks for more than a code to its number, where it has more. 0: never."),
    )
    release_days: int = number(
        N_("Days until a number changes hands"),
        14,
        0,
        90,
        N_(
            "When somebody new has proved a number, the account that has it is told. If it does not prove the number "
            "within these days, whoever then proves it again gets it, and nothing else of the account. 0: never."
        ),
    )


@dataclass(frozen=True)
class Codes:
    length: int = number(N_("Digits"), 6, 4, 10)
    minutes: int = number(N_("Minutes a code is good for"), 10, 1, 10)
    tries: int = number(N_("Tries in all"), 5, 1, 10, N_("Shared by all codes of one sign-in."))
    newest: int = number(N_("Codes good at once"), 3, 1, 3, N_("The newest so many of one sign-in."))
    failures_before_wait: int = number(
        N_("Wrong codes a number before waits begin"), 10, 1, 50, N_("Then 30 seconds, doubling up to one hour.")
    )
    failures_before_stop: int = number(
        N_("Wrong codes in a row before codes stop"), 100, 10, 100, N_("An admin can open the number again.")
    )


@dataclass(frozen=True)
class Limits:
    resend_waits: tuple[str, ...] = setting(
        N_("Waits before another message"),
        Kind.LIST,
        ("30", "60", "120", "300"),
        N_("Seconds; the last one stays."),
        pattern=r"[0-9]{1,4}",
        hint=N_("Write each wait as seconds, such as 30."),
    )
    number_hour: int = number(N_("Messages a number and hour"), 5, 1, 1000, N_("An e-mail address counts like it."))
    number_day: int = number(N_("Messages a number and day"), 10, 1, 1000, N_("An e-mail address counts like it."))
    address_hour: int = number(
        N_("Messages an address and hour"),
        300,
        1,
        1_000_000,
        N_("Offices and carriers share one. The guard sees more."),
    )
    block_hour: int = number(
        N_("Messages a block and hour"), 60, 1, 1_000_000, N_("A block: a number less its last 4 digits.")
    )
    country_day: int = number(
        N_("Messages a country and day"), 1_000_000, 1, 10_000_000, N_("Strangers' numbers are the guard's affair.")
    )
    posts_minute: int = number(
        N_("Forms an address and minute"), 60, 1, 1_000_000, N_("Whatever the page. IPv6 counts by /64.")
    )
    calls_minute: int = number(N_("API changes a program and minute"), 300, 1, 1_000_000)


@dataclass(frozen=True)
class Money:
    currency: str = setting(
        N_("Currency"), Kind.TEXT, "EUR", required=True, pattern=r"[A-Z]{3}", hint=N_("Three capital letters.")
    )
    price: float = money(N_("Price of a message"), 0.05, N_("An estimate. Counts against the caps."))
    day_cap: float = money(N_("Cap a day"), 20.0, N_("No message is sent beyond it."))
    month_cap: float = money(N_("Cap for 30 days"), 200.0, N_("No message is sent beyond it."))


@dataclass(frozen=True)
class Messages:
    kept_days: int = number(N_("Days that messages are kept"), 30, 1, 365, N_("For longer, only counts are kept."))


@dataclass(frozen=True)
class Sessions:
    days: int = number(N_("Days signed in"), 30, 1, 365)
    idle_minutes: int = number(
        N_("Minutes signed in without opening a page"), 60, 0, 1440, N_("Where a second factor is required. 0: no end.")
    )
    console_hours: int = number(N_("Hours signed in to this console"), 12, 1, 24)


@dataclass(frozen=True)
class Settings:
    application: Application = field(default_factory=Application)
    sign_up: SignUp = field(default_factory=SignUp)
    sign_in: SignIn = field(default_factory=SignIn)
    forgot_password: ForgotPassword = field(default_factory=ForgotPassword)
    second_factors: SecondFactors = field(default_factory=SecondFactors)
    passwords: Passwords = field(default_factory=Passwords)
    account_centre: AccountCentre = field(default_factory=AccountCentre)
    phones: Phones = field(default_factory=Phones)
    recycled_numbers: RecycledNumbers = field(default_factory=RecycledNumbers)
    codes: Codes = field(default_factory=Codes)
    limits: Limits = field(default_factory=Limits)
    money: Money = field(default_factory=Money)
    guard: Guard = field(default_factory=Guard)
    exceptions: Exceptions = field(default_factory=Exceptions)
    alarms: Alarms = field(default_factory=Alarms)
    messages: Messages = field(default_factory=Messages)
    sessions: Sessions = field(default_factory=Sessions)
    connectors: Connectors = field(default_factory=Connectors)
    upstreams: Upstreams = field(default_factory=Upstreams)
    lookups: Lookups = field(default_factory=Lookups)
    templates: Templates = field(default_factory=Templates)
    email_templates: EmailTemplates = field(default_factory=EmailTemplates)
    version: int = 0


SECTIONS: dict[str, tuple[str, type]] = {
    "application": (N_("Application"), Application),
    "sign_up": (N_("Sign-up"), SignUp),
    "sign_in": (N_("Sign-in"), SignIn),
    "forgot_password": (N_("Forgotten password"), ForgotPassword),
    "second_factors": (N_("Second factors"), SecondFactors),
    "passwords": (N_("Passwords"), Passwords),
    "account_centre": (N_("Account centre"), AccountCentre),
    "phones": (N_("Phone numbers"), Phones),
    "recycled_numbers": (N_("Recycled numbers"), RecycledNumbers),
    "codes": (N_("Codes"), Codes),
    "limits": (N_("Waits and limits"), Limits),
    "money": (N_("Money"), Money),
    "guard": (N_("Guard against paid-for traffic"), Guard),
    "exceptions": (N_("Exceptions"), Exceptions),
    "alarms": (N_("Alarms"), Alarms),
    "messages": (N_("Messages"), Messages),
    "sessions": (N_("Sessions"), Sessions),
}
