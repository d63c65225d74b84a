"""The words of the messages. One segment of GSM-7 each (160 characters), with a name of up to 40."""

from __future__ import annotations

TEXTS = {
    "en": {
        "sign_in": "{code} is your {application} code to sign in. It is good for {minutes} min. Never share it.",
        "register": "{code} is your {application} code to sign up. It is good for {minutes} min. Never share it.",
        "generic": "{code} is your {application} code. It is good for {minutes} min. Never share it.",
    },
    "fr": {
        "sign_in": "{code} : votre code {application} pour vous connecter, valable {minutes} min. Ne le donnez pas.",
        "register": "{code} : votre code {application} pour vous inscrire, valable {minutes} min. Ne le donnez pas.",
        "generic": "{code} : votre code {application}, valable {minutes} min. Ne le donnez pas.",
    },
}


def text_of(usage: str, locale: str, *, code: str, application: str, minutes: int, host: str) -> str:
    """The text of a message. ``host`` adds the last line by which a browser fills the code in by itself.

    That line must be the last, with nothing after it (WICG, Origin-bound one-time codes delivered via SMS).
    """
    texts = TEXTS.get(locale, TEXTS["en"])
    words = texts.get(usage, texts["generic"]).format(code=code, application=application, minutes=minutes)
    return f"{words}\n\n@{host} #{code}" if host else words
