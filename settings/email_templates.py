"""The words of the e-mails: ``{"en": {"sign_in": {"subject": "Your code", "body": "{code} is your code."}}}``.

What an admin leaves out, subject or body, stands in ``EMAILS``. Our subjects hold no code: servers on the way log them,
and phones show them while they are locked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from settings.fields import N_, Problem
from settings.templates import LANGUAGE, USAGES, WITHOUT_STAND_IN, languages, place_problem, words_problem

LONGEST = {"subject": 150, "body": 5000}  # characters

_EN = {
    "subject": "Your {{application}} code{what}",
    "body": "{{code}} is your {{application}} code{what}.\n\n"
    "It is good for {{minutes}} min. Type it on the page that asked for it, at {{host}}, and never share it.\n\n"
    "If you did not ask for it, ignore this message.",
}
_FR = {
    "subject": "Votre code {{application}}{what}",
    "body": "{{code}} : votre code {{application}}{what}.\n\n"
    "Il est valable {{minutes}} min. Saisissez-le sur la page qui le demande, à l’adresse {{host}}, et ne le donnez "
    "à personne.\n\nSi vous ne l’avez pas demandé, ignorez ce message.",
}


def _parts(form: Mapping[str, str], what: str) -> dict[str, str]:
    return {part: text.format(what=what) for part, text in form.items()}


EMAILS: dict[str, dict[str, dict[str, str]]] = {
    "en": {
        "sign_in": _parts(_EN, " to sign in"),
        "register": _parts(_EN, " to sign up"),
        "forgot_password": _parts(_EN, " for a new password"),
        "generic": _parts(_EN, ""),
        "organization_invitation": {
            "subject": "You are invited to join {organization}",
            "body": "You are invited to join {organization}:\n\n{link}\n\nIf you do not know why, ignore this message.",
        },
        "user_permission_validation": _parts(_EN, " to confirm a change"),
        "act_confirmation": {
            "subject": "Your {application} code",
            "body": "{code} is your {application} code to confirm:\n\n{act}\n\n"
            "It is good for {minutes} min, and for nothing else. Type it where you were asked for it only if that is "
            "what you want, and never share it.\n\nIf you did not ask for it, ignore this message.",
        },
        "bind_new_identifier": _parts(_EN, " to add this address"),
        "mfa_verification": _parts(_EN, " to sign in"),
        "bind_mfa": _parts(_EN, " to protect your account"),
        "notice_password_changed": {
            "subject": "Your {application} password was changed",
            "body": "The password of your {application} account was changed.\n\n"
            "If it was not you, set a new one now: {link}",
        },
        "notice_contact_added": {
            "subject": "Your {application} account was changed",
            "body": "A phone number or an e-mail address was added to your {application} account.\n\n"
            "If you did not ask for it, sign in and look at once: {link}",
        },
        "notice_contact_changed": {
            "subject": "Your {application} account was changed",
            "body": "A phone number or an e-mail address has left your {application} account.\n\n"
            "If it was not you, sign in and look at once: {link}",
        },
        "notice_number_claimed": {
            "subject": "Somebody else has your phone number, it seems",
            "body": "Somebody else has shown that they have a phone number of your {application} account.\n\n"
            "If you still have the number, sign in with it, or prove it in your account: {link}\n\n"
            "Otherwise it leaves your account in some days. Add the number that you have now.",
        },
    },
    "fr": {
        "sign_in": _parts(_FR, " pour vous connecter"),
        "register": _parts(_FR, " pour vous inscrire"),
        "forgot_password": _parts(_FR, " pour un nouveau mot de passe"),
        "generic": _parts(_FR, ""),
        "organization_invitation": {
            "subject": "Invitation à rejoindre {organization}",
            "body": "Vous êtes invité à rejoindre {organization} :\n\n{link}\n\n"
            "Si vous ne savez pas pourquoi, ignorez ce message.",
        },
        "user_permission_validation": _parts(_FR, " pour confirmer un changement"),
        "act_confirmation": {
            "subject": "Votre code {application}",
            "body": "{code} : votre code {application} pour confirmer :\n\n{act}\n\n"
            "Il est valable {minutes} min, et pour rien d’autre. Saisissez-le là où on vous le demande seulement si "
            "c’est ce que vous voulez, et ne le donnez à personne.\n\n"
            "Si vous ne l’avez pas demandé, ignorez ce message.",
        },
        "bind_new_identifier": _parts(_FR, " pour ajouter cette adresse"),
        "mfa_verification": _parts(_FR, " pour vous connecter"),
        "bind_mfa": _parts(_FR, " pour protéger votre compte"),
        "notice_password_changed": {
            "subject": "Votre mot de passe {application} a été modifié",
            "body": "Le mot de passe de votre compte {application} a été modifié.\n\n"
            "Si ce n’est pas vous, choisissez-en un autre sans attendre : {link}",
        },
        "notice_contact_added": {
            "subject": "Votre compte {application} a été modifié",
            "body": "Un numéro de téléphone ou une adresse e-mail a été ajouté à votre compte {application}.\n\n"
            "Si vous ne l’avez pas demandé, connectez-vous et vérifiez tout de suite : {link}",
        },
        "notice_contact_changed": {
            "subject": "Votre compte {application} a été modifié",
            "body": "Un numéro de téléphone ou une adresse e-mail a quitté votre compte {application}.\n\n"
            "Si ce n’était pas vous, connectez-vous et vérifiez tout de suite : {link}",
        },
        "notice_number_claimed": {
            "subject": "Votre numéro de téléphone semble avoir changé de main",
            "body": "Quelqu’un d’autre a montré qu’il détient un numéro de téléphone de votre compte {application}.\n\n"
            "S’il est toujours à vous, connectez-vous avec lui, ou confirmez-le dans votre compte : {link}\n\n"
            "Sinon, il quittera votre compte dans quelques jours. Ajoutez le numéro que vous avez maintenant.",
        },
    },
}


@dataclass(frozen=True)
class Email:
    subject: str
    body: str


@dataclass(frozen=True)
class EmailTemplates:
    """``texts``: what the admin wrote, by language, usage type and part (subject, body)."""

    texts: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def email(self, usage: str, locale: str, fallback: str = "en") -> Email:
        """The closest one: in the person's language, then in ``fallback``, then in English; generic if need be."""
        kinds = (usage,) if usage in WITHOUT_STAND_IN else (usage, "generic")
        for language in languages(locale, fallback):
            for kind in kinds:
                parts = {**_ours(language, kind), **self.texts.get(language, {}).get(kind, {})}
                if parts:
                    return Email(**parts)
        raise LookupError(usage)


def _ours(language: str, usage: str) -> dict[str, str]:
    return EMAILS.get(language, {}).get(usage, {})


def read_email_templates(group: Any) -> tuple[EmailTemplates, dict[str, Problem]]:
    """The section as settings, and a problem a wrong path. An empty part is none."""
    if not isinstance(group, dict) or not all(isinstance(emails, dict) for emails in group.values()):
        return EmailTemplates(), {"email_templates": Problem(N_("This section must be a JSON object."))}
    problems: dict[str, Problem] = {}
    kept: dict[str, dict[str, dict[str, str]]] = {}
    for language, emails in group.items():
        if not re.fullmatch(LANGUAGE, str(language)):
            problems[f"email_templates.{language}"] = Problem(N_("Write a language such as en or pt-BR."))
        read = {usage: _read_parts(language, usage, parts, problems) for usage, parts in emails.items()}
        kept[language] = {usage: parts for usage, parts in read.items() if parts}
    return EmailTemplates({language: emails for language, emails in kept.items() if emails}), problems


def _read_parts(language: str, usage: str, parts: Any, problems: dict[str, Problem]) -> dict[str, str]:
    path = f"email_templates.{language}.{usage}"
    if usage not in USAGES:
        problems[path] = Problem(N_("There is no usage type of this name."))
        return {}
    if not isinstance(parts, dict) or parts.keys() - LONGEST.keys():
        problems[path] = Problem(N_("An e-mail has a subject and a body."))
        return {}
    problems |= {f"{path}.{part}": problem for part, text in parts.items() if (problem := _problem(usage, part, text))}
    kept = {part: text.strip() for part, text in parts.items() if isinstance(text, str) and text.strip()}
    for part in LONGEST.keys() - (kept | _ours(language, usage)).keys() if kept else ():
        problems[f"{path}.{part}"] = Problem(N_("Write this too: there is none of ours in this language."))
    return kept


def _problem(usage: str, part: str, text: Any) -> Problem | None:
    problem = words_problem(usage, text, LONGEST[part], lines=part == "body")
    return problem or (place_problem(usage, text) if part == "body" else None)


def write_email_templates(templates: EmailTemplates) -> dict[str, Any]:
    return {
        language: {usage: dict(parts) for usage, parts in emails.items()}
        for language, emails in templates.texts.items()
    }


def email_templates_schema() -> dict[str, Any]:
    texts = {part: {"type": "string", "maxLength": longest} for part, longest in LONGEST.items()}
    email = {"type": "object", "properties": texts, "additionalProperties": False}
    emails = {"type": "object", "properties": dict.fromkeys(USAGES, email), "additionalProperties": False}
    return {"type": "object", "patternProperties": {f"^{LANGUAGE}$": emails}, "additionalProperties": False}
