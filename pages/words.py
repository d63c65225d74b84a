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
    "too_many_tests": _l("You have just sent several test messages."),
    "look_ups_spent": _l("As many look-ups as the settings allow were made today. Raise them, or test it tomorrow."),
    "no_messages_now": _l("We cannot send codes at the moment."),
    "unsolved": _l("The check did not come to an end. Let it run once more."),
    "not_yet": _l("The wait is not over yet."),
    "many_wait": _l("Too many are waiting in your network. Use another way in, or come back."),
    "challenge": _l(  # for programs; people are led to the challenge
        "Many false requests for codes are about at the moment, so we ask for a check first. Go on by our own sign-in "
        "page, or try again later."
    ),
    "not_to_strangers": _l(
        "Many false requests for codes to numbers like this one are about, so we send none to those that we do not "
        "know yet. Use another way in, or try again later."
    ),
    "too_many_tries": _l("That was not the right code, and there are no tries left. Ask for a new code."),
    "try_later": _l("There were too many wrong codes for this number."),
    "stopped": _l("There were too many wrong codes for this number. Codes to it are switched off. Ask for help."),
    "no_code": _l("Enter the code from the text message."),
    "not_digits": _l("A code has only digits. Look at the text message and type it again."),
    "wrong_length": _l("The code has another number of digits. Look at the text message and type it again."),
    "wrong_code": _l("That is not the right code. Look at the newest text message and type it again."),
    "wrong_app_code": _l("That code is not right. Type the one that your authenticator app shows now."),
    "too_many_app_codes": _l(
        "That was not the right code, and there are no tries left. Use another way, or start again."
    ),
    "factor_later": _l("There were too many wrong codes. Use another way, or wait."),
    "factor_stopped": _l(
        "There were too many wrong codes, so this way is switched off. Use another way, or ask for help."
    ),
    "wrong_backup_code": _l("That is not one of your backup codes that are left. Each is good once."),
    "wrong_passkey": _l("That passkey did not work here. Try again, or use another way."),
    "others_passkey": _l("This passkey is set up already."),
    "too_many_factors": _l("You have as many of these as you can. Remove one first."),
    "last_factor": _l("This one has to stay: without it you could not sign in. Add another one first."),
    "factor_off": _l("That way is not possible any more. Use another one."),
    "changed_card": _l(
        "The SIM card of this number was changed lately, so a code to it is not enough here. Use another way."
    ),
    "expired_code": _l("That code has expired. Ask for another one."),
    "used_code": _l("That code has been used. If you are not signed in, ask for a new one."),
    "start_again": _l("That took too long. Ask for a new code."),
    "switched_off": _l("This is switched off at the moment."),
    "not_set_up": _l("We cannot send codes at the moment. Please come back later."),
    "wrong_sign_in": _l("This name, password and code do not go together."),
    "sign_in_later": _l("There were too many wrong tries."),
    "sign_in_stopped": _l("There were too many wrong tries from your network. Sign in from another one."),
    "wrong_password": _l("This password is not right. Type it again, or use another way in."),
    "wrong_old_password": _l("That is not the password that you have now. Type it again."),
    "too_many_passwords": _l("That was not the right password, and there are no tries left. Start again."),
    "changed_meanwhile": _l(
        "The password was changed a moment ago, from another page. Change it again if you need to."
    ),
    "nothing_typed": _l("This box is empty. Fill it in, then go on."),
    "bad_email": _l("Enter an e-mail address, such as name@example.com."),
    "bad_username": _l("A username has 3 to 40 letters, digits, dots and dashes, and begins with a letter."),
    "name_taken": _l("Somebody has this username. Choose another one."),
    "yours_already": _l("This is in your account already."),
    "taken": _l("This belongs to another account. Sign in with it, or use another one."),
    "has_account": _l("There is an account with this already. Sign in to it, in one of the ways that are possible."),
    "taken_still": _l(
        "This belongs to another account, which has been told now. If the number is yours, and the other account does "
        "not show that it still has it, add it again in %(days)s days."
    ),
    "belongs_to_another": _l("This belongs to another account."),
    "too_many_contacts": _l("Your account has as many as it can. Remove one first."),
    "last_way": _l("This is your last way in. Add another one first."),
    "blocked": _l("We do not send codes to this number or address, or to your network."),
    "suspended": _l("This account is suspended. Ask for help."),
    "reason_needed": _l("Say why, in at least 10 characters. It stays in the audit log."),
    "no_such_account": _l("No account has this number, address or name."),
    "member_already": _l("This account is a member already."),
    "no_such_role": _l("The organisation has no role of this name."),
    "already_invited": _l("An invitation to this number or address is open. Send that one again."),
    "invited_just_now": _l("We have just sent an invitation to this number or address."),
    "invited_enough": _l("This invitation was sent as often as it may be. Withdraw it, or wait until it is over."),
    "invitation_over": _l("This invitation is over. Ask whoever invited you for a new one."),
    "sign_in_first": _l(
        "Sign in first, to the account that has this number or address, or add it to yours. Then open the link again."
    ),
    "twice_in_file": _l("This number or address stands in the file before."),
    "empty_file": _l("The file has no lines. Its first line names the columns: phone or email, and roles."),
    "too_many_lines": _l("The file has too many lines. Use at most %(most)s."),
    "not_confirmed": _l("Type the id of the account to delete it."),
    "last_owner": _l("The last owner stays one, and nobody removes themselves."),
    "upstream_away": _l("This provider does not answer at the moment. Use another way in, or try again later."),
    "upstream_cancelled": _l(
        "You stopped at the other provider, so nothing was done. Try again, or use another way in."
    ),
    "upstream_late": _l("That took too long, or was done already. If you are not signed in, begin again."),
    "upstream_unproved": _l("What came back from the other provider does not prove who you are. Begin again."),
    "upstream_unknown": _l("No account here is linked to it. Sign in another way, then link it in your account."),
    "other_account": _l("Somebody else has signed in here meanwhile, so nothing was linked."),
    "passphrase_too_short": _l("Use at least 12 characters."),
    "bad_name": _l("Enter a name of up to 100 characters."),
    "password_too_short": _l("Use at least %(shortest)s characters."),
    "password_too_long": _l("Use at most %(longest)s characters."),
    "password_too_plain": _l("This is little more than the same again, or a row of keys. Use several words."),
    "password_too_common": _l("Many people use this password, or one like it, so it is tried first. Use another one."),
    "password_too_personal": _l("This is little more than your own number, address or name. Use something else."),
    "password_too_near": _l("This is little more than a name that everybody here knows. Use something else."),
}

# What is said otherwise of a code by e-mail, and of a password.
OF_EMAIL = {
    "wait": _l("We have just sent a code to this address."),
    "try_later": _l("There were too many wrong codes for this address."),
    "stopped": _l("There were too many wrong codes for this address. Codes to it are switched off. Ask for help."),
    "no_code": _l("Enter the code from the e-mail."),
    "not_digits": _l("A code has only digits. Look at the e-mail and type it again."),
    "wrong_length": _l("The code has another number of digits. Look at the e-mail and type it again."),
    "wrong_code": _l("That is not the right code. Look at the newest e-mail and type it again."),
}
OF_PASSWORD = {
    "try_later": _l("There were too many wrong passwords."),
    "stopped": _l("There were too many wrong passwords, so it is switched off. Use another way in, or ask for help."),
    "too_many_app_codes": _l(
        "That was not the right password, and there are no tries left. Use another way, or start again."
    ),
    "factor_later": _l("There were too many wrong passwords. Use another way, or wait."),
    "factor_stopped": _l(
        "There were too many wrong passwords, so it is switched off. Use another way, or ask for help."
    ),
}
OF = {"email": OF_EMAIL, "password": OF_PASSWORD}

MESSAGE_REFUSED = {
    "bad_number": _l("This number cannot take text messages. Check it, or use another one."),
    "blocked": _l("Messages to this number are blocked. Ask your operator, or use another number."),
}
EMAIL_REFUSED = {
    "bad_number": _l("This address takes no messages. Check it, or use another one."),
    "blocked": _l("Messages to this address are blocked. Use another one."),
}
MESSAGE_NOT_SENT = _l("We could not send the message. Nothing was sent. Ask for another code.")

# The reply's status where it is not "unprocessable".
STATUS = {
    "wait": 429,
    "too_many_messages": 429,
    "too_many_tests": 429,
    "challenge": 429,
    "not_yet": 429,
    "many_wait": 429,
    "not_to_strangers": 429,
    "too_many_tries": 429,
    "too_many_app_codes": 429,
    "too_many_passwords": 429,
    "factor_later": 429,
    "factor_stopped": 429,
    "factor_off": 409,
    "changed_card": 403,
    "last_factor": 409,
    "too_many_factors": 409,
    "others_passkey": 409,
    "try_later": 429,
    "stopped": 429,
    "sign_in_later": 429,
    "sign_in_stopped": 429,
    "no_messages_now": 503,
    "look_ups_spent": 429,
    "not_set_up": 503,
    "already_invited": 409,
    "invited_just_now": 429,
    "invited_enough": 409,
    "invitation_over": 410,
    "sign_in_first": 403,
    "switched_off": 403,
    "upstream_away": 503,
    "upstream_late": 409,
    "other_account": 409,
    "used_code": 409,
    "has_account": 409,
    "start_again": 409,
    "changed_meanwhile": 409,
}


def sentence(refused: Refused, kind: str = "phone") -> str:
    """What to tell the person, with how long to wait where that is known.

    ``kind``: of what the code goes to; or password, where that is what was typed.
    """
    if refused.reason in phone_words.WORDS:
        return phone_words.sentence(refused.reason, refused.values.get("country", ""), refused.values.get("hint", ""))
    words = str(OF.get(kind, {}).get(refused.reason) or SENTENCES[refused.reason])
    words = words % refused.values if refused.values else words
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


def message_problem(state: str, refusal: str, kind: str = "phone") -> object:
    """What became of a message that was not sent, in words; None for the others."""
    words = EMAIL_REFUSED if kind == "email" else MESSAGE_REFUSED
    return words.get(refusal, MESSAGE_NOT_SENT) if state == "refused" else None
