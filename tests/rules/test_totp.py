"""Authenticator codes against the examples of RFC 6238, appendix B, and the window around them."""

from __future__ import annotations

import base64

import pytest

from rules import backup_codes, totp

KEY = base64.b32encode(b"12345678901234567890").decode()
# The RFC's are 8 digits long; ours are their last 6.
EXAMPLES = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("now", "code"), EXAMPLES)
def test_the_rfcs_examples(now: int, code: str) -> None:
    assert totp.code_at(KEY, now // 30) == code[-6:]
    assert totp.step_of(KEY, code[-6:], now) == now // 30


@pytest.mark.parametrize(("ahead", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(ahead: int, accepted: bool) -> None:
    step = 41152263
    assert totp.step_of(KEY, totp.code_at(KEY, step + ahead), step * 30 + 15) == (step + ahead if accepted else None)


@pytest.mark.parametrize("typed", ["\uff10\uff15\uff10\uff14\uff17\uff11", " 050 471 "])
def test_any_usual_writing(typed: str) -> None:
    assert totp.step_of(KEY, typed, 1111111111) == 1111111111 // 30


@pytest.mark.parametrize("typed", ["", "050471050471", "05047", "五", "\x00", "0" * 10_000])
def test_what_is_no_code(typed: str) -> None:
    assert totp.step_of(KEY, typed, 1111111111) is None


def test_the_key_of_a_ticket_is_its_own() -> None:
    keys = {totp.key_of(b"one", "a"), totp.key_of(b"one", "b"), totp.key_of(b"two", "a")}
    assert len(keys) == 3
    assert all(len(base64.b32decode(key)) == 20 for key in keys)


def test_backup_codes_hold_75_bits_evenly() -> None:
    made = [code for n in range(500) for code in backup_codes.make(b"key", str(n))]
    letters = "".join(made).replace("-", "")
    assert len(set(made)) == 5000
    assert all(len(backup_codes.read(code) or "") == 15 for code in made)
    for letter in backup_codes.ALPHABET:  # 2343 each, give or take 48
        assert 2050 < letters.count(letter) < 2650, letter


@pytest.mark.parametrize("change", [str.upper, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
def test_any_writing_of_a_backup_code(change) -> None:
    code = backup_codes.make(b"key", "ticket")[0]
    assert backup_codes.read(change(code)) == backup_codes.read(code) == code.replace("-", "")


def test_what_looks_alike_is_alike() -> None:
    assert backup_codes.read("OIL11-00000-abcde") == backup_codes.read("01111-00000-abcde")


@pytest.mark.parametrize("typed", ["", "abc", "-" * 500, "u" * 15, "\x00" * 15, "a" * 16])
def test_what_is_no_backup_code(typed: str) -> None:
    assert backup_codes.read(typed) is None


def test_the_same_code_of_two_sets_has_two_hashes() -> None:
    assert backup_codes.hashed("01111-00000-abcde", "ticket 1") != backup_codes.hashed("01111-00000-abcde", "ticket 2")
