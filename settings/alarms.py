"""What admins are told of by e-mail: who hears it, and the words: subject and body of each, by language.

They are ours alone: an alarm has to say what it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from settings.declaring import setting
from settings.fields import N_, Kind
from settings.templates import languages

PUMPING, CONVERSION, CAP, DELIVERY = "alarm_pumping", "alarm_conversion", "alarm_cap", "alarm_delivery"
KINDS = {
    PUMPING: N_("Alarm: text messages for money"),
    CONVERSION: N_("Alarm: codes are not typed back"),
    CAP: N_("Alarm: a cap of money is nearly reached"),
    DELIVERY: N_("Alarm: messages are not delivered"),
}


@dataclass(frozen=True)
class Alarms:
    emails: tuple[str, ...] = setting(
        N_("E-mail addresses"),
        Kind.LIST,
        (),
        N_("They hear once when pumping is suspected, codes come back no more, a cap is near, or delivery fails."),
        pattern=r"[^\s@]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+",
        hint=N_("Write each as name@example.com."),
    )


_EN_END = "\n\nWhat is happening, and what you can do about it: {link}"
_FR_END = "\n\nCe qui se passe, et ce que vous pouvez faire : {link}"
EMAILS: dict[str, dict[str, tuple[str, str]]] = {
    "en": {
        PUMPING: (
            "{application}: somebody seems to be making us send text messages for money",
            "In the last hour {stopped} requests for codes looked false, and {sent} messages were sent. Most of it is "
            "held against: {about}.\n\nThe guard deals with it by itself, unless it only watches." + _EN_END,
        ),
        CONVERSION: (
            "{application}: codes to {country} are not typed back",
            "In the last three hours {proved} of {sent} codes to {country} were typed back. {usual} of 100 is usual "
            "there.\n\nEither they do not arrive, or somebody asks for them who is not their owner." + _EN_END,
        ),
        CAP: (
            "{application}: most of the money for text messages is spent",
            "{spent} of {cap} {currency} are spent ({period}). At the cap no text message is sent any more." + _EN_END,
        ),
        DELIVERY: (
            "{application}: text messages to {country} are not delivered",
            "In the last three hours the provider reported {failed} messages to {country} as failed, and {delivered} "
            "as delivered.\n\nAnother connector for that country may help." + _EN_END,
        ),
    },
    "fr": {
        PUMPING: (
            "{application} : quelqu’un semble nous faire envoyer des SMS pour de l’argent",
            "Dans la dernière heure, {stopped} demandes de codes semblaient fausses, et {sent} messages sont partis. "
            "Le plus souvent en cause : {about}.\n\nLe garde s’en occupe seul, sauf s’il ne fait qu’observer."
            + _FR_END,
        ),
        CONVERSION: (
            "{application} : les codes vers {country} ne sont pas saisis",
            "Dans les trois dernières heures, {proved} des {sent} codes vers {country} ont été saisis. D’habitude "
            "c’est {usual} sur 100.\n\nSoit ils n’arrivent pas, soit quelqu’un d’autre que leur propriétaire les "
            "demande." + _FR_END,
        ),
        CAP: (
            "{application} : presque tout l’argent des SMS est dépensé",
            "{spent} sur {cap} {currency} sont dépensés ({period}). Une fois le plafond atteint, plus aucun SMS ne "
            "part." + _FR_END,
        ),
        DELIVERY: (
            "{application} : les SMS vers {country} ne sont pas remis",
            "Dans les trois dernières heures, le fournisseur a signalé {failed} messages vers {country} comme échoués "
            "et {delivered} comme remis.\n\nUn autre connecteur pour ce pays peut aider." + _FR_END,
        ),
    },
}
PERIODS = {"en": {"day": "a day", "month": "30 days"}, "fr": {"day": "un jour", "month": "30 jours"}}


def language(wanted: str) -> str:
    """The closest one that there are words in."""
    return next(each for each in languages(wanted, "en") if each in EMAILS)
