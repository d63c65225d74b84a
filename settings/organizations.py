"""What an organisation is, declared once: the console's form and its check.

Roles are words of the organisation's own, each with the permissions that applications are told: ``editor: read write``.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from settings.clients import METHODS
from settings.console import fields_of
from settings.declaring import number, setting, switch
from settings.fields import N_, Kind, Problem, clean
from settings.sections import REGION
from settings.upstreams import NAME

INVITE = "members:invite"  # the one permission that this server itself knows: its holder may invite
ROLE = r"[a-z0-9][a-z0-9_.-]{0,39}"
PERMISSION = r"[\x21\x23-\x5B\x5D-\x7E]{1,60}"
FIRST_ROLES = ("member", f"admin: {INVITE}")


@dataclass(frozen=True)
class OrganizationSettings:
    name: str = setting(
        N_("Name"), Kind.TEXT, "", N_("People read it when they sign in and in invitations."), required=True, maximum=60
    )
    logo_url: str = setting(
        N_("Address of its logo"), Kind.URL, "", N_("A square picture. Browsers load it from there.")
    )
    roles: tuple[str, ...] = setting(
        N_("Roles"),
        Kind.LIST,
        FIRST_ROLES,
        N_("Each with its permissions, such as editor: articles:read articles:write. Applications are told of both. "
           "Who has the permission members:invite may invite others."),
        pattern=rf"{ROLE} *(: *({PERMISSION} *( +{PERMISSION})*)?)? *",
        hint=N_("Write a role in small letters, a colon and its permissions, such as editor: read write."),
    )  # fmt: skip
    default_role: str = setting(
        N_("Role of who joins"), Kind.TEXT, "member", N_("Where an invitation names no other."), pattern=ROLE
    )
    second_factor: bool = switch(
        N_("Second factor required"), False, N_("Whoever signs in for this organisation shows one, or sets one up.")
    )
    methods: tuple[str, ...] = setting(
        N_("Ways to sign in"), Kind.LIST, (), N_("None ticked: all that are switched on."), choices=METHODS
    )
    invitation_days: int = number(N_("Days an invitation is good"), 7, 1, 60)
    join_countries: tuple[str, ...] = setting(
        N_("Countries whose numbers join by themselves"),
        Kind.LIST,
        (),
        N_("Two letters each, such as FR. Whoever proves such a number is a member from their next sign-in."),
        pattern=REGION,
        hint=N_("Write each country as two capital letters, such as GB."),
    )
    join_blocks: tuple[str, ...] = setting(
        N_("Blocks of numbers that join by themselves"),
        Kind.LIST,
        (),
        N_("What the numbers begin with, such as +3314276."),
        pattern=r"\+[1-9][0-9]{4,13}",
        hint=N_("Write + and at least five digits, such as +3314276."),
    )
    join_domains: tuple[str, ...] = setting(
        N_("Domains of e-mail addresses that join by themselves"),
        Kind.LIST,
        (),
        N_("Such as example.com: the whole of what stands after the @."),
        pattern=r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}",
        hint=N_("Write each domain in small letters, such as example.com."),
    )

    join_upstreams: tuple[str, ...] = setting(
        N_("Other providers whose people join by themselves"),
        Kind.LIST,
        (),
        N_("Such as openid-acme, as its page in the console is called. Everybody who has an account there and comes by "
           "it is a member: name only a directory of your own."),
        pattern=NAME,
        hint=N_("Write each as the address of its page has it, such as openid-acme."),
    )  # fmt: skip

    def permissions(self) -> dict[str, tuple[str, ...]]:
        """The permissions of each role."""
        parts = (line.partition(":") for line in self.roles)
        return {name.strip(): tuple(rest.split()) for name, _colon, rest in parts}

    def joining(self) -> list[tuple[str, str]]:
        """Who joins by themselves: country, block, domain or upstream, with its value."""
        lists = {
            "country": self.join_countries,
            "block": self.join_blocks,
            "domain": self.join_domains,
            "upstream": self.join_upstreams,
        }
        return [(kind, value) for kind, values in lists.items() for value in values]


FIELDS = fields_of(OrganizationSettings)


def read_organization(values: dict[str, Any]) -> tuple[OrganizationSettings | None, dict[str, Problem]]:
    """Typed or stored values as settings, or a problem a wrong field. What is missing has its default."""
    defaults = {field.name: field.default for field in FIELDS}
    cleaned, problems = clean(FIELDS, defaults | values)
    if problems:
        return None, problems
    settings = OrganizationSettings(**cleaned)
    if len(settings.permissions()) != len(settings.roles):
        return None, {"roles": Problem(N_("A role stands here twice."))}
    if settings.default_role not in settings.permissions():
        return None, {"default_role": Problem(N_("Choose one of the roles above."))}
    return settings, {}


def write_organization(settings: OrganizationSettings) -> dict[str, Any]:
    """The settings as plain JSON values, which :func:`read_organization` reads back to the same."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}


def read_roles(typed: str) -> tuple[str, ...]:
    """Names of roles, between spaces, commas or ends of lines."""
    return tuple(dict.fromkeys(re.findall(r"[^\s,]+", typed)))
