"""What an application that uses Doorcode ("client") may be told, declared once: the console's form and its check."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from settings.console import fields_of
from settings.declaring import number, setting, switch
from settings.fields import N_, Kind, Problem, clean


class ClientKind(StrEnum):
    WEB = "web"  # runs on a server, and keeps a secret there
    SPA = "spa"  # runs in the browser
    NATIVE = "native"  # runs on the person's device
    MACHINE = "machine"  # acts for itself, nobody signs in to it
    PROXY = "proxy"  # knows nothing of us: a reverse proxy before it asks (forward auth)


KINDS = (
    (ClientKind.WEB, N_("Web application with a server")),
    (ClientKind.SPA, N_("Application in the browser")),
    (ClientKind.NATIVE, N_("Application on a phone or computer")),
    (ClientKind.MACHINE, N_("Machine, for its own work")),
    (ClientKind.PROXY, N_("Application behind a reverse proxy")),
)
AUTHENTICATIONS = (("secret", N_("A secret")), ("private_key_jwt", N_("A key of its own (private_key_jwt)")))
# Ways in: an identifier and what goes with it, as proofs name them; a passkey needs no identifier.
METHODS = (
    ("phone_code", N_("Phone number and a code")),
    ("phone_password", N_("Phone number and the password")),
    ("email_code", N_("E-mail address and a code")),
    ("email_password", N_("E-mail address and the password")),
    ("username_password", N_("Username and the password")),
    ("passkey", N_("A passkey")),
    ("upstream", N_("Another provider")),
)
GATE = "/.doorcode"  # below it we speak, on an address that a proxy protects
SCOPES = ("openid", "profile", "email", "phone", "offline_access")
# Of the APIs of this server. What of SCOPES names a field of the account opens it there too.
ACCOUNT_SCOPES = ("sessions", "mfa")
MANAGE_SCOPES = (
    "users:read",
    "users:write",
    "settings",
    "connectors",
    "messages",
    "clients",
    "organizations",
    "audit",
    "verifications",
    "webhooks:read",
    "webhooks:write",
)


@dataclass(frozen=True)
class ClientSettings:
    name: str = setting(N_("Name"), Kind.TEXT, "", N_("People read it when they sign in."), required=True, maximum=60)
    logo_url: str = setting(
        N_("Address of its logo"), Kind.URL, "", N_("A square picture. Browsers load it from there.")
    )
    colour: str = setting(
        N_("Colour"),
        Kind.TEXT,
        "",
        N_("Of buttons, such as #155c4b. In the dark it is made lighter where need be."),
        pattern=r"#[0-9a-fA-F]{6}",
        hint=N_("Write the colour as # and six digits, such as #155c4b."),
    )
    home_url: str = setting(N_("Address of its first page"), Kind.URL, "", N_("Where people find it again."))
    redirect_uris: tuple[str, ...] = setting(
        N_("Redirect addresses"), Kind.LIST, (), N_("Where people come back to. Must match letter by letter.")
    )
    post_logout_redirect_uris: tuple[str, ...] = setting(
        N_("Addresses after signing out"), Kind.LIST, (), N_("Where people may be sent once they have signed out.")
    )
    backchannel_logout_uri: str = setting(
        N_("Address that is told of a sign-out"), Kind.URL, "", N_("Called by this server (back-channel logout).")
    )
    protected_origins: tuple[str, ...] = setting(
        N_("Addresses that the proxy protects"),
        Kind.LIST,
        (),
        N_("Such as https://wiki.example.com, without a path. An address belongs to one application."),
    )
    methods: tuple[str, ...] = setting(
        N_("Ways to sign in"),
        Kind.LIST,
        (),
        N_("None ticked: all that are switched on. A second factor is asked for in any case."),
        choices=METHODS,
    )
    frame_origins: tuple[str, ...] = setting(
        N_("Sites that show our pages in a frame"),
        Kind.LIST,
        (),
        N_("Such as https://shop.example.com, each the site of a redirect address. Empty: no frame, which is safest."),
    )
    authentication: str = setting(N_("It proves itself by"), Kind.CHOICE, "secret", choices=AUTHENTICATIONS)
    jwks: object = setting(N_("Its public keys"), Kind.JSON, "", N_("A JWK set, for private_key_jwt."))
    pkce: bool = switch(
        N_("PKCE needed"), True, N_("Off only for an application that cannot. Public ones always need it.")
    )
    organizations: str = setting(
        N_("Organisation"),
        Kind.CHOICE,
        "off",
        N_("Whether people choose one as they sign in. An application can name one itself, in organization_id."),
        choices=(("off", N_("Not asked for")), ("offered", N_("Can be chosen")), ("required", N_("Has to be chosen"))),
    )
    consent: bool = switch(N_("Ask people for consent"), False, N_("On for an application that is not your own."))
    pairwise: bool = switch(N_("Subjects of its own"), False, N_("It then knows people by names that no other knows."))
    offline: bool = switch(N_("May act while people are away"), True, N_("Refresh tokens, with offline_access."))
    scopes: tuple[str, ...] = setting(
        N_("Scopes of your own"),
        Kind.LIST,
        (),
        N_("Beside openid, profile, email, phone and offline_access."),
        pattern=r"[\x21\x23-\x5B\x5D-\x7E]{1,60}",
        hint=N_("Write each scope without spaces or quotes."),
    )
    account_api: bool = switch(
        N_("May use the Account API"),
        False,
        N_("For its people, with the scopes phone, email, profile, sessions and mfa."),
    )
    manage: tuple[str, ...] = setting(
        N_("Scopes of the Management API"),
        Kind.LIST,
        (),
        N_(
            "One a line: users:read, users:write, settings, connectors, messages, clients, organizations, audit, "
            "verifications, webhooks:read, webhooks:write."
        ),
        pattern="|".join(MANAGE_SCOPES),
        hint=N_("One of these scopes is not known."),
    )
    audience: str = setting(
        N_("Audience of access tokens"), Kind.TEXT, "", N_("The name of your API. Empty: only this server takes them.")
    )
    id_token_algorithm: str = setting(
        N_("Signature of ID tokens"), Kind.CHOICE, "RS256", choices=(("RS256", "RS256"), ("ES256", "ES256"))
    )
    access_minutes: int = number(N_("Minutes of an access token"), 15, 1, 1440)
    refresh_idle_days: int = number(N_("Days a refresh token may rest"), 14, 1, 365)
    refresh_days: int = number(N_("Days of refreshing in all"), 90, 1, 730)

    def scopes_for_people(self) -> set[str]:
        """All that it may ask a person for."""
        return {*SCOPES, *self.scopes, *(ACCOUNT_SCOPES if self.account_api else ())}


FIELDS = fields_of(ClientSettings)


def read_client(values: dict[str, Any]) -> tuple[ClientSettings | None, dict[str, Problem]]:
    """Typed or stored values as settings, or a problem a wrong field. What is missing has its default."""
    defaults = {field.name: field.default for field in FIELDS}
    cleaned, problems = clean(FIELDS, defaults | values)
    return (None if problems else ClientSettings(**cleaned)), problems


def write_client(settings: ClientSettings) -> dict[str, Any]:
    """The settings as plain JSON values, which :func:`read_client` reads back to the same."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}
