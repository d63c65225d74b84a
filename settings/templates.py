"""The words of the messages: a text a language and usage type, ``{"en": {"sign_in": "{code} is your code."}}``.

What an admin leaves out stands in ``TEXTS``. Each of those is one segment of GSM-7 with a name of up to 40 characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from settings.fields import N_, Problem, is_typed

USAGES = {
    "sign_in": N_("Signing in"),
    "register": N_("Signing up"),
    "forgot_password": N_("A forgotten password"),
    "generic": N_("Anything else"),
    "organization_invitation": N_("An invitation to an organisation"),
    "user_permission_validation": N_("Before something sensitive is changed"),
    "act_confirmation": N_("Confirming an act that an application names"),
    "bind_new_identifier": N_("Adding a number"),
    "mfa_verification": N_("A second factor"),
    "bind_mfa": N_("Adding a second factor"),
    "notice_password_changed": N_("After the password was changed"),
    "notice_contact_added": N_("After a number or address was added to the account"),
    "notice_contact_changed": N_("After a number or address has left the account"),
    "notice_number_claimed": N_("When somebody else has proved a number of the account"),
}
NOTICES = tuple(usage for usage in USAGES if usage.startswith("notice_"))  # they carry no code
INVITATION, ACT = "organization_invitation", "act_confirmation"
WITHOUT_CODE = (INVITATION, *NOTICES)
WITH_CODE = tuple(usage for usage in USAGES if usage not in WITHOUT_CODE)
WITHOUT_STAND_IN = (*WITHOUT_CODE, ACT)  # a generic text would leave out what matters
VARIABLES = ("code", "application", "minutes", "host", "link")
MORE_VARIABLES = {INVITATION: ("organization",), ACT: ("act",)}
PLACE = re.compile(r"\{([A-Za-z_]*)\}")
LANGUAGE = r"[a-z]{2,3}(-[A-Z]{2})?"
LONGEST = 600  # characters: about four segments

_EN = "{{code}} is your {{application}} code{what}. It is good for {{minutes}} min. Never share it."
_FR = "{{code}} : votre code {{application}}{what}, valable {{minutes}} min. Ne le donnez pas."
TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "sign_in": _EN.format(what=" to sign in"),
        "register": _EN.format(what=" to sign up"),
        "forgot_password": _EN.format(what=" for a new password"),
        "generic": _EN.format(what=""),
        "organization_invitation": "You are invited to join {organization}: {link}",
        "user_permission_validation": _EN.format(what=" to confirm a change"),
        "act_confirmation": _EN.format(what=' to confirm "{act}"'),
        "bind_new_identifier": _EN.format(what=" to add this number"),
        "mfa_verification": _EN.format(what=" to sign in"),
        "bind_mfa": _EN.format(what=" to protect your account"),
        "notice_password_changed": "Your {application} password was changed. Not you? Change it now: {link}",
        "notice_contact_added": "A number or address was added to your {application} account. Not you? See: {link}",
        "notice_contact_changed": "A number or address has left your {application} account. Not you? See: {link}",
        "notice_number_claimed": "Your number may leave your {application} account. Still have it? Sign in: {link}",
    },
    "fr": {
        "sign_in": _FR.format(what=" pour vous connecter"),
        "register": _FR.format(what=" pour vous inscrire"),
        "forgot_password": _FR.format(what=" pour un nouveau mot de passe"),
        "generic": _FR.format(what=""),
        "organization_invitation": "Invitation à rejoindre {organization} : {link}",
        "user_permission_validation": _FR.format(what=" pour confirmer un changement"),
        "act_confirmation": _FR.format(what=' pour confirmer "{act}"'),
        "bind_new_identifier": _FR.format(what=" pour ajouter ce numéro"),
        "mfa_verification": _FR.format(what=" pour vous connecter"),
        "bind_mfa": _FR.format(what=" pour protéger votre compte"),
        "notice_password_changed": "Mot de passe {application} modifié. Pas par vous ? Changez-le vite : {link}",
        "notice_contact_added": "Numéro ou adresse ajouté au compte {application}. Pas par vous ? Voir : {link}",
        "notice_contact_changed": "Numéro ou adresse retiré du compte {application}. Pas par vous ? Voir : {link}",
        "notice_number_claimed": "Votre numéro va quitter le compte {application}. Toujours à vous ? Voir : {link}",
    },
}


@dataclass(frozen=True)
class Templates:
    """``texts``: what the admin wrote, by language and usage type."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, usage: str, locale: str, fallback: str = "en") -> str:
        """The closest text: in the person's language, then in ``fallback``, then in English; generic if need be."""
        for language in languages(locale, fallback):
            written, ours = self.texts.get(language, {}), TEXTS.get(language, {})
            for texts, kind in ((written, usage), (ours, usage), (written, "generic"), (ours, "generic")):
                if kind in texts and (kind == usage or usage not in WITHOUT_STAND_IN):
                    return texts[kind]
        raise LookupError(usage)


def languages(locale: str, fallback: str) -> tuple[str, ...]:
    """The closest first."""
    return locale, locale.partition("-")[0], fallback, "en"


def fill(text: str, values: Mapping[str, str]) -> str:
    """In one pass: braces within a value stay what they are."""
    return PLACE.sub(lambda place: values.get(place[1], place[0]), text)


def written(template: str, values: Mapping[str, str], host: str = "", top_host: str = "") -> str:
    """A message's text. ``host`` adds the line by which a browser fills the code in by itself.

    ``top_host``: of the page that shows ours in a frame. Then a browser fills it in there and nowhere else.

    That line must be the last, with nothing after it (WICG, Origin-bound one-time codes delivered via SMS).
    """
    words = fill(template, values)
    bound = f"@{top_host} #{values['code']} @{host}" if top_host else f"@{host} #{values['code']}"
    return f"{words}\n\n{bound}" if host else words


def read_templates(group: Any) -> tuple[Templates, dict[str, Problem]]:
    """The section as settings, and a problem a wrong path. An empty text is none."""
    if not isinstance(group, dict) or not all(isinstance(texts, dict) for texts in group.values()):
        return Templates(), {"templates": Problem(N_("This section must be a JSON object."))}
    problems, kept = {}, {}
    for language, texts in group.items():
        if not re.fullmatch(LANGUAGE, str(language)):
            problems[f"templates.{language}"] = Problem(N_("Write a language such as en or pt-BR."))
        for usage, text in texts.items():
            if problem := text_problem(usage, text):
                problems[f"templates.{language}.{usage}"] = problem
        kept[language] = {
            usage: text.strip() for usage, text in texts.items() if isinstance(text, str) and text.strip()
        }
    return Templates({language: texts for language, texts in kept.items() if texts}), problems


def text_problem(usage: str, text: Any) -> Problem | None:
    """What is wrong with a text, if anything."""
    if usage not in USAGES:
        return Problem(N_("There is no usage type of this name."))
    return words_problem(usage, text, LONGEST, lines=True) or place_problem(usage, text)


def variables(usage: str) -> tuple[str, ...]:
    return (*VARIABLES, *MORE_VARIABLES.get(usage, ()))


def words_problem(usage: str, text: Any, limit: int, *, lines: bool) -> Problem | None:
    """``lines``: whether it may have several."""
    if not isinstance(text, str):
        return Problem(N_("This must be text."))
    if len(text) > limit:
        return Problem(N_("Use at most %(limit)s characters."), {"limit": limit})
    if not is_typed(text, lines=lines):
        return Problem(N_("This has a character that cannot be typed. Type it again."))
    if strange := [name for name in PLACE.findall(text) if name not in variables(usage)]:
        return Problem(N_("There is no variable {%(name)s}."), {"name": strange[0]})
    return None


def place_problem(usage: str, text: str) -> Problem | None:
    needed = ["link"] if usage in WITHOUT_CODE else ["code", "act"] if usage == ACT else ["code"]
    missing = [name for name in needed if name not in PLACE.findall(text)]
    return Problem(N_("Say where it goes: use {%(name)s}."), {"name": missing[0]}) if text.strip() and missing else None


def write_templates(templates: Templates) -> dict[str, Any]:
    return {language: dict(texts) for language, texts in templates.texts.items()}


def templates_schema() -> dict[str, Any]:
    text = {"type": "string", "maxLength": LONGEST}
    texts = {"type": "object", "properties": dict.fromkeys(USAGES, text), "additionalProperties": False}
    return {"type": "object", "patternProperties": {f"^{LANGUAGE}$": texts}, "additionalProperties": False}
