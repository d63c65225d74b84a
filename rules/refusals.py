"""Why a rule says no. A rule raises, so that the transaction around it rolls back; the flow tells the person."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """What a person is told. Which of several limits was met stays between us."""

    WAIT = "wait"  # another message, once the wait is over
    TOO_MANY_MESSAGES = "too_many_messages"
    TOO_MANY_TESTS = "too_many_tests"  # of connectors, by one admin or program
    NO_MESSAGES_NOW = "no_messages_now"  # money, or a whole country
    CHALLENGE = "challenge"  # solve it, and the next message may go; ``effort``, 1 to 8, is how hard it should be
    UNSOLVED = "unsolved"  # the answer to a challenge is not right
    NOT_YET = "not_yet"  # the wait instead of it is not over
    MANY_WAIT = "many_wait"  # from the same network
    NOT_TO_STRANGERS = "not_to_strangers"  # for a while, to numbers that are new here and like those of an attack
    TOO_MANY_TRIES = "too_many_tries"  # of this flow: start again
    TRY_LATER = "try_later"  # too many wrong codes for this number
    STOPPED = "stopped"  # codes to this number are off until an admin opens it again
    NO_CODE = "no_code"
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    WRONG_CODE = "wrong_code"
    WRONG_APP_CODE = "wrong_app_code"  # of an authenticator app
    TOO_MANY_APP_CODES = "too_many_app_codes"  # of this flow; other factors still open the door
    FACTOR_LATER = "factor_later"  # too many wrong codes of one second factor
    FACTOR_STOPPED = "factor_stopped"  # for good, of this factor only
    WRONG_BACKUP_CODE = "wrong_backup_code"
    WRONG_PASSKEY = "wrong_passkey"
    OTHERS_PASSKEY = "others_passkey"
    TOO_MANY_FACTORS = "too_many_factors"
    LAST_FACTOR = "last_factor"
    FACTOR_OFF = "factor_off"  # switched off, or gone, since the page was opened
    CHANGED_CARD = "changed_card"  # of the number that the code went to; something else opens the door
    EXPIRED_CODE = "expired_code"
    USED_CODE = "used_code"
    START_AGAIN = "start_again"  # the ticket is over
    WRONG_SIGN_IN = "wrong_sign_in"  # of an admin
    SIGN_IN_LATER = "sign_in_later"  # an admin's too many tries
    SIGN_IN_STOPPED = "sign_in_stopped"  # for good, for this name from this network
    BAD_NAME = "bad_name"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a name
    TOO_MANY_PASSWORDS = "too_many_passwords"
    WRONG_OLD_PASSWORD = "wrong_old_password"  # noqa: S105 - a name
    CHANGED_MEANWHILE = "changed_meanwhile"  # by somebody faster
    NOTHING_TYPED = "nothing_typed"
    NEITHER_NUMBER_NOR_ADDRESS = "neither_number_nor_address"
    BAD_EMAIL = "bad_email"
    BAD_USERNAME = "bad_username"
    NAME_TAKEN = "name_taken"
    BLOCKED = "blocked"  # on the admin's list
    YOURS_ALREADY = "yours_already"
    TAKEN = "taken"  # told to whoever has proved it only
    HAS_ACCOUNT = "has_account"  # the same; and a code to it signs nobody in
    BELONGS_TO_ANOTHER = "belongs_to_another"  # told to an admin
    TAKEN_STILL = "taken_still"  # the same, of a number that may change hands
    TOO_MANY_CONTACTS = "too_many_contacts"
    LAST_WAY = "last_way"
    SUSPENDED = "suspended"  # told to its owner only
    REASON_NEEDED = "reason_needed"  # for what an admin does to an account
    NO_SUCH_ACCOUNT = "no_such_account"  # told to who manages an organisation
    MEMBER_ALREADY = "member_already"
    NO_SUCH_ROLE = "no_such_role"
    ALREADY_INVITED = "already_invited"
    INVITED_JUST_NOW = "invited_just_now"
    INVITED_ENOUGH = "invited_enough"
    INVITATION_OVER = "invitation_over"
    SIGN_IN_FIRST = "sign_in_first"  # a code to the invited number or address is no way in
    TWICE_IN_FILE = "twice_in_file"
    EMPTY_FILE = "empty_file"
    TOO_MANY_LINES = "too_many_lines"
    NOT_CONFIRMED = "not_confirmed"
    LAST_OWNER = "last_owner"
    SWITCHED_OFF = "switched_off"
    NOT_SET_UP = "not_set_up"  # no connector
    UPSTREAM_AWAY = "upstream_away"  # another provider does not answer
    UPSTREAM_CANCELLED = "upstream_cancelled"  # by the person, there
    UPSTREAM_LATE = "upstream_late"  # they were there for long, or this is a second click
    UPSTREAM_UNPROVED = "upstream_unproved"  # what came back proves nothing; the audit log says why
    UPSTREAM_UNKNOWN = "upstream_unknown"  # no account is linked to it, and nobody new may come
    OTHER_ACCOUNT = "other_account"  # somebody else has signed in meanwhile
    PASSPHRASE_TOO_SHORT = "passphrase_too_short"  # noqa: S105 - no password; to seal keys


class RefusedError(Exception):
    """``wait``: whole seconds until it makes sense to come back, where known; ``values`` go into the sentence."""

    def __init__(self, reason: StrEnum, wait: int | None = None, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.values = values
