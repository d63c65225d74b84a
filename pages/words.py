"""The sentences that a person reads when a step says no: one a reason."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from flows.outcomes import Refused
from pages import phone_words

SENTENCES = {
    "wait": _l("We have just sent a code to this number."),
    "too_many_messages": _l("Too many codes were asked for."),
    "no_messages_now": _l("We cannot send codes at the moment."),
    "too_many_tries": _l("That was not the right code, and there are no tries left. Ask for a new code."),
    "try_later": _l("There were too many wrong codes for this number."),
    "stopped": _l("There were too many wrong codes for this number. Codes to it are switched off. Ask for help."),
    "no_code": _l("Enter the code from the text message."),
    "not_digits": _l("A code has only digits. Look at the text message and type it again."),
    "wrong_length": _l("The code has another number of digits. Look at the text message and type it again."),
    "wrong_code": _l("That is not the right code. Look at the newest text message and type it again."),
    "wrong_app_code": _l("That code is not right. Type the one that your authenticator app shows now."),
    "expired_code": _l("That code has expired. Ask for another one."),
    "used_code": _l("That code has been used. If you are not signed in, ask for a new one."),
    "start_again": _l("That took too long. Ask for a new code."),
    "switched_off": _l("This is switched off at the moment."),
    "not_set_up": _l("We cannot send text messages at the moment. Please come back later."),
    "wrong_sign_in": _l("This name, password and code do not go together."),
    "sign_in_later": _l("There were too many wrong tries."),
    "sign_in_stopped": _l("There were too many wrong tries from your network. Sign in from another one."),
    "wrong_password": _l("This password is not right. Type it again, or use another way in."),
    "too_many_passwords": _l("That was not the right password, and there are no tries left. Start again."),
    "bad_email": _l("Enter an e-mail address, such as name@example.com."),
    "bad_username": _l("A username has 3 to 40 letters, digits, dots and dashes, and begins with a letter."),
    "name_taken": _l("Somebody has this username. Choose another one."),
    "yours_already": _l("This is in your account already."),
    "taken": _l("This belongs to another account. Sign in with it, or use another one."),
    "too_many_contacts": _l("Your account has as many as it can. Remove one first."),
    "last_way": _l("This is your last way in. Add another one first."),
    "blocked": _l("We do not send codes to this number or address, or to your network."),
    "suspended": _l("This account is suspended. Ask for help."),
    "reason_needed": _l("Say why, in at least 10 characters. It stays in the audit log."),
    "not_confirmed": _l("Type the id of the account to delete it."),
    "last_owner": _l("The last owner stays one, and nobody removes themselves."),
    "passphrase_too_short": _l("Use at least 12 characters."),
    "bad_name": _l("Enter a name of up to 100 characters."),
    "password_too_short": _l("Use at least 15 characters."),
    "password_too_long": _l("Use at most 128 characters."),
    "password_too_plain": _l("This password is too easy to guess. Use several words that do not belong together."),
}

MESSAGE_REFUSED = {
    "bad_number": _l("This number cannot take text messages. Check it, or use another one."),
    "blocked": _l("Messages to this number are blocked. Ask your operator, or use another number."),
}
MESSAGE_NOT_SENT = _l("We could not send the message. Nothing was sent. Ask for another code.")

# The reply's status where it is not "unprocessable".
STATUS = {
    "wait": 429,
    "too_many_messages": 429,
    "too_many_tries": 429,
    "try_later": 429,
    "stopped": 429,
    "sign_in_later": 429,
    "sign_in_stopped": 429,
    "no_messages_now": 503,
    "not_set_up": 503,
    "switched_off": 403,
    "used_code": 409,
    "start_again": 409,
}


def sentence(refused: Refused) -> str:
    """What to tell the person, with how long to wait where that is known."""
    if refused.reason in phone_words.WORDS:
        return phone_words.sentence(refused.reason, refused.values.get("country", ""), refused.values.get("hint", ""))
    words = str(SENTENCES[refused.reason])
    return f"{words} {wait_words(refused.wait)}" if refused.wait else words


def wait_words(seconds: int) -> str:
    if seconds < 100:
        return ngettext("Try again in %(num)d second.", "Try again in %(num)d seconds.", seconds)
    if seconds < 100 * 60:
        return ngettext("Try again in %(num)d minute.", "Try again in %(num)d minutes.", -(-seconds // 60))
    return ngettext("Try again in %(num)d hour.", "Try again in %(num)d hours.", -(-seconds // 3600))


def status(refused: Refused) -> int:
    return STATUS.get(refused.reason, 422)


def headers(refused: Refused) -> dict[str, Any]:
    return {"Retry-After": str(refused.wait)} if refused.wait else {}


def message_problem(state: str, refusal: str) -> object:
    """What became of a message that was not sent, in words; None for the others."""
    return MESSAGE_REFUSED.get(refusal, MESSAGE_NOT_SENT) if state == "refused" else None
