"""Every setting of the console, declared once, and the document that holds them all.

The document is JSON, a section a dataclass below, with ``connectors`` and ``templates``:
``{"sign_up": {"enabled": true}, ..., "connectors": {"active": "twilio", "configurations": {"twilio": {...}}}}``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from dataclasses import field as dataclass_field
from typing import Any

from settings.connectors import ConnectorForm, Connectors, connectors_schema, read_connectors, write_connectors
from settings.fields import N_, Field, Kind, Problem, read_group, schema
from settings.templates import Templates, read_templates, templates_schema, write_templates

LANGUAGES = (("en", "English"), ("fr", "Français"))
REGION = r"[A-Z]{2}"


def setting(label: str, kind: Kind, default: Any, help: str = "", **limits: Any) -> Any:  # noqa: A002 - the field's name
    return dataclass_field(default=default, metadata={"label": label, "kind": kind, "help": help, **limits})


def number(label: str, default: int, low: int, high: int, help: str = "") -> Any:  # noqa: A002 - the field's name
    return setting(label, Kind.NUMBER, default, help, minimum=low, maximum=high)


def switch(label: str, default: bool, help: str = "") -> Any:  # noqa: A002 - the field's name
    return setting(label, Kind.SWITCH, default, help)


def money(label: str, default: float, help: str = "") -> Any:  # noqa: A002 - the field's name
    return setting(label, Kind.MONEY, default, help, minimum=0, maximum=1_000_000)


@dataclass(frozen=True)
class Application:
    name: str = setting(
        N_("Name"), Kind.TEXT, "Doorcode", N_("Stands on every page and in every message."), required=True, maximum=40
    )
    language: str = setting(
        N_("Language"), Kind.CHOICE, "en", N_("For browsers that ask for none that we speak."), choices=LANGUAGES
    )


@dataclass(frozen=True)
class SignUp:
    enabled: bool = switch(N_("People can sign up"), True, N_("Off: a number without an account gets no message."))


@dataclass(frozen=True)
class SignIn:
    enabled: bool = switch(N_("People can sign in"), True)


@dataclass(frozen=True)
class Phones:
    all_countries: bool = switch(
        N_("Numbers of every country"), False, N_("For development: whoever pays for messages chooses countries.")
    )
    countries: tuple[str, ...] = setting(
        N_("Countries"),
        Kind.LIST,
        (),
        N_("Two letters a line, such as GB. Only these are offered and served."),
        pattern=REGION,
        hint=N_("Write each country as two capital letters, such as GB."),
    )
    default_country: str = setting(
        N_("Country chosen at first"), Kind.TEXT, "", pattern=REGION, hint=N_("Two capital letters, such as GB.")
    )
    allow_possible: bool = switch(
        N_("Numbers that are merely possible"), False, N_("Accepts ranges newer than our list of numbers.")
    )
    allow_fixed_line: bool = switch(N_("Fixed lines"), False, N_("Most cannot take a text message."))
    allow_voip: bool = switch(N_("Internet telephony numbers"), False, N_("Cheap to get in bulk: a tool of abuse."))


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
        N_("Seconds, one a line; the last one stays."),
        pattern=r"[0-9]{1,4}",
        hint=N_("Write each wait as seconds, such as 30."),
    )
    number_hour: int = number(N_("Messages a number and hour"), 5, 1, 1000)
    number_day: int = number(N_("Messages a number and day"), 10, 1, 1000)
    address_hour: int = number(N_("Messages an address and hour"), 10, 1, 1_000_000)
    block_hour: int = number(
        N_("Messages a block and hour"), 10, 1, 1_000_000, N_("A block: a number less its last 4 digits.")
    )
    country_day: int = number(N_("Messages a country and day"), 50, 1, 10_000_000)
    posts_minute: int = number(
        N_("Forms an address and minute"), 60, 1, 1_000_000, N_("Whatever the page. IPv6 counts by /64.")
    )


@dataclass(frozen=True)
class Money:
    currency: str = setting(
        N_("Currency"), Kind.TEXT, "EUR", required=True, pattern=r"[A-Z]{3}", hint=N_("Three capital letters.")
    )
    price: float = money(N_("Price of a message"), 0.05, N_("An estimate. Counts against the caps."))
    day_cap: float = money(N_("Cap a day"), 20.0, N_("No message is sent beyond it."))
    month_cap: float = money(N_("Cap for 30 days"), 200.0, N_("No message is sent beyond it."))


@dataclass(frozen=True)
class Sessions:
    days: int = number(N_("Days signed in"), 30, 1, 365)
    console_hours: int = number(N_("Hours signed in to this console"), 12, 1, 24)


@dataclass(frozen=True)
class Settings:
    application: Application = Application()
    sign_up: SignUp = SignUp()
    sign_in: SignIn = SignIn()
    phones: Phones = Phones()
    codes: Codes = Codes()
    limits: Limits = Limits()
    money: Money = Money()
    sessions: Sessions = Sessions()
    connectors: Connectors = dataclass_field(default_factory=Connectors)
    templates: Templates = dataclass_field(default_factory=Templates)
    version: int = 0


SECTIONS: dict[str, tuple[str, type]] = {
    "application": (N_("Application"), Application),
    "sign_up": (N_("Sign-up"), SignUp),
    "sign_in": (N_("Sign-in"), SignIn),
    "phones": (N_("Phone numbers"), Phones),
    "codes": (N_("Codes"), Codes),
    "limits": (N_("Waits and limits"), Limits),
    "money": (N_("Money"), Money),
    "sessions": (N_("Sessions"), Sessions),
}


def fields_of(section: type) -> tuple[Field, ...]:
    return tuple(Field(name=f.name, default=f.default, **f.metadata) for f in fields(section))


FIELDS = {name: fields_of(section) for name, (_title, section) in SECTIONS.items()}


def first_settings(*, production: bool) -> Settings:
    """Before the first save: a development installation serves every country, and shows messages on a page."""
    if production:
        return Settings()
    connectors = Connectors(active="development", configurations={"development": {}})
    return replace(Settings(), phones=Phones(all_countries=True), connectors=connectors)


def read_document(
    document: Any, forms: Mapping[str, ConnectorForm], *, production: bool
) -> tuple[Settings, dict[str, Problem]]:
    """A document as settings, and a problem a wrong path (``codes.length``). Missing sections keep their defaults."""
    if not isinstance(document, dict):
        return Settings(), {"": Problem(N_("The document must be a JSON object."))}
    problems = {
        str(name): Problem(N_("There is no section of this name."))
        for name in document.keys() - {*SECTIONS, "connectors", "templates"}
    }
    sections: dict[str, Any] = {}
    for name, (_title, section) in SECTIONS.items():
        values, wrong = read_group(FIELDS[name], document.get(name, {}), name)
        problems |= wrong
        if not wrong:
            sections[name] = section(**values)
    sections["connectors"], wrong = read_connectors(document.get("connectors", {}), forms, production=production)
    sections["templates"], wrong_texts = read_templates(document.get("templates", {}))
    settings = replace(Settings(), **sections)
    return settings, problems | wrong | wrong_texts | _between(settings, problems)


def _between(settings: Settings, found: Mapping[str, Problem]) -> dict[str, Problem]:
    """Rules between settings."""
    problems = {}
    phones, limits, caps = settings.phones, settings.limits, settings.money
    if phones.default_country and not phones.all_countries and phones.default_country not in phones.countries:
        problems["phones.default_country"] = Problem(N_("Choose one of the countries above."))
    if not limits.resend_waits and "limits.resend_waits" not in found:
        problems["limits.resend_waits"] = Problem(N_("Write at least one wait."))
    if caps.month_cap < caps.day_cap:
        problems["money.month_cap"] = Problem(N_("The cap for 30 days cannot be below the cap a day."))
    return problems


def write_document(settings: Settings) -> dict[str, Any]:
    """The settings as a document that :func:`read_document` reads back to the same, secrets included."""
    document: dict[str, Any] = {}
    for name in SECTIONS:
        section = getattr(settings, name)
        values = {f.name: getattr(section, f.name) for f in fields(section)}
        document[name] = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
    document["connectors"] = write_connectors(settings.connectors)
    document["templates"] = write_templates(settings.templates)
    return document


def document_schema(forms: Mapping[str, ConnectorForm]) -> dict[str, Any]:
    """The JSON schema of the whole document."""
    sections = {name: {"title": title, **schema(FIELDS[name])} for name, (title, _section) in SECTIONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Doorcode settings",
        "type": "object",
        "properties": {**sections, "connectors": connectors_schema(forms), "templates": templates_schema()},
        "additionalProperties": False,
    }
