"""What an application may know and do, in words for people: one for each scope."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

SCOPE_WORDS = {
    "openid": _l("know that it is you"),
    "profile": _l("see your username and your language"),
    "email": _l("see your e-mail address"),
    "phone": _l("see your phone number"),
    "offline_access": _l("keep its access while you are away"),
}
# Of an application that may use the Account API. Whatever matters needs a fresh proof of the person's besides.
CHANGE_WORDS = SCOPE_WORDS | {
    "profile": _l(
        "see your language, and see and change your username, your password, your accounts at other providers and the "
        "organisations that you belong to"
    ),
    "email": _l("see and change your e-mail addresses"),
    "phone": _l("see and change your phone numbers"),
    "mfa": _l("see and change your second steps"),
    "sessions": _l("see and end your sessions, and see what happened to your account"),
}


def words_of(changes: bool, scope: Iterable[str]) -> list[str]:
    """What an application may do with a scope, for people. ``changes``: it may use the Account API."""
    words = CHANGE_WORDS if changes else SCOPE_WORDS
    return [str(words.get(each, each)) for each in scope]
