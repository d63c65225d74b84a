"""Which passwords are taken, and that hashes of all kinds fit the password that was typed and no other."""

from __future__ import annotations

import hashlib
import time
import unicodedata
from base64 import b64encode

import bcrypt
import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type
from werkzeug.security import generate_password_hash

from rules import foreign_hashes, passwords
from rules.common_passwords import LONGEST_WORD, common, compact, pieces
from rules.foreign_hashes import HashProblemError
from rules.passwords import Weakness, weakness

GOOD = "xk7 plum/tundra QZ"
OWN = ("+33629438571", "zaphira.quentoz@kelpworks.org", "brimblewick")
EMOJI = "".join(chr(0x1F400 + i) for i in range(80))


def of_length(length: int) -> str:
    """A password that is hard to guess, of so many characters."""
    return "".join(chr(0x21 + (i * 37 + i // 7) % 90) for i in range(length))


@pytest.mark.parametrize(
    ("shortest", "length", "found"),
    [
        (8, 7, Weakness.TOO_SHORT),
        (8, 8, None),
        (15, 14, Weakness.TOO_SHORT),
        (15, 15, None),
        (15, 64, None),
        (15, 128, None),
        (15, 129, Weakness.TOO_LONG),
        (8, 129, Weakness.TOO_LONG),
    ],
)
def test_length_is_counted_in_characters(shortest: int, length: int, found: Weakness | None) -> None:
    assert weakness(of_length(length), OWN, shortest=shortest) == found


def test_a_character_outside_the_basic_plane_and_a_composed_one_count_once() -> None:
    assert weakness(EMOJI[:15], ()) is None
    assert weakness(EMOJI[:14], ()) == Weakness.TOO_SHORT
    assert weakness(EMOJI, ()) is None
    decomposed = unicodedata.normalize("NFD", "éàüöñçîâ") + "xk7"
    assert len(decomposed) == 19
    assert weakness(decomposed, (), shortest=12) == Weakness.TOO_SHORT
    assert weakness(decomposed, (), shortest=11) is None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "four horses by the sea",
        "mississippi riverboats",
        "no rules about signs here",
        "ALLCAPITALSANDNOTHINGELSE",
        "184057293650174",
        "Ünïcödé wörds äre fine",
        "my doorcode is somewhere else",
        "call 0629438571 when the kettle whistles",
        " leading and trailing ",
    ],
)
def test_no_composition_is_asked_for_and_one_known_word_does_no_harm(password: str) -> None:
    assert weakness(password, OWN, ("doorcode",)) is None


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("a" * 15, Weakness.TOO_PLAIN),
        ("abababababababab", Weakness.TOO_PLAIN),
        ("x7 plum/x7 plum/", Weakness.TOO_PLAIN),
        ("k3#xk3#xk3#xk3#x", Weakness.TOO_PLAIN),
        ("abcdefghijklmnop", Weakness.TOO_PLAIN),
        ("qwertyuiopasdfghjkl", Weakness.TOO_PLAIN),
        ("0987654321zyxwvut", Weakness.TOO_PLAIN),
        ("               ", Weakness.TOO_PLAIN),
        ("aaaaabbbbbcccccddddd", Weakness.TOO_PLAIN),
        ("password12345678", Weakness.TOO_COMMON),
        ("PassWord-PassWord!", Weakness.TOO_COMMON),
        ("sunshineprincess", Weakness.TOO_COMMON),
        ("dragon dragon dragon dragon dragon", Weakness.TOO_COMMON),
        ("iloveyou1234567!", Weakness.TOO_COMMON),
        ("+33 6 29 43 85 71", Weakness.TOO_PERSONAL),
        ("06.29.43.85.71!!", Weakness.TOO_PERSONAL),
        ("0033629438571xx", Weakness.TOO_PERSONAL),
        ("06-29-43-85-71 brimblewick", Weakness.TOO_PERSONAL),
        ("brimblewick brimblewick", Weakness.TOO_PERSONAL),
        ("Brimblewick-Quentoz", Weakness.TOO_PERSONAL),
        ("zaphira.quentoz@kelpworks.org", Weakness.TOO_PERSONAL),
        ("zaphira@KELPWORKS", Weakness.TOO_PERSONAL),
        ("DoorcodeDoorcode1", Weakness.TOO_NEAR),
        ("doorcode frobnicators", Weakness.TOO_NEAR),
        ("Frobnicators' Guild", Weakness.TOO_NEAR),
        ("FrobnicatorsGuild12345", Weakness.TOO_NEAR),
    ],
)
def test_what_is_tried_first_is_refused_with_its_own_reason(password: str, found: Weakness) -> None:
    assert weakness(password, OWN, ("Doorcode", "Frobnicators' Guild")) == found


def test_the_list_is_long_and_each_password_of_it_is_refused() -> None:
    assert len(common()) >= 10_000
    assert max(map(len, common())) <= LONGEST_WORD
    assert {"123456", "password", "qwertyuiop", "letmein", "p@ssw0rd", "trustno1"} <= common()
    long_enough = [each for each in common() if len(each) >= 8]
    assert len(long_enough) > 10_000
    assert [each for each in long_enough if weakness(each, (), shortest=8) is None] == []


def test_pieces_are_as_few_as_can_be() -> None:
    words = {"sun", "shine", "sunshine"}
    assert pieces("sunshine", words) == 1
    assert pieces("xsunshine", words) == 2
    assert pieces("sunsunshineshine", words) == 3
    assert pieces("kqx", words) == 3
    assert pieces("") == 0
    assert compact("Sun-Shine SUNSHINE") == "sunshine"


def test_the_longest_password_is_judged_at_once() -> None:
    common()
    start = time.thread_time()
    weakness(of_length(128), OWN, ("doorcode",))
    assert time.thread_time() - start < 0.5, "a hash takes 20 ms"


def test_both_spellings_of_a_letter_sign_in_and_no_byte_is_ignored() -> None:
    composed = unicodedata.normalize("NFC", "où est la bibliothèque ?")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    kept = passwords.hash_password(decomposed)
    assert passwords.is_right(kept, composed)
    assert passwords.is_right(kept, decomposed)
    for password in (EMOJI, of_length(128), "é" * 3 + of_length(125)):
        kept = passwords.hash_password(password)
        assert passwords.is_right(kept, password)
        assert not passwords.is_right(kept, password[:-1] + "é")
        assert not passwords.is_right(kept, password[:-1])
        assert not passwords.is_right(kept, password + "x")
        assert not passwords.is_right(kept, password.swapcase() if password.isascii() else password + " ")


def test_nobody_has_no_password() -> None:
    assert not passwords.is_right(None, GOOD)
    assert not passwords.is_right("", GOOD)
    assert not passwords.is_right("what is this", GOOD)
    assert not passwords.is_right("$argon2id$broken", GOOD)


def test_a_weaker_hash_is_made_anew_and_a_good_one_is_not() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    fresh = passwords.rehashed(weaker, GOOD)
    assert fresh
    assert passwords.is_right(fresh, GOOD)
    assert passwords.rehashed(fresh, GOOD) is None
    assert passwords.rehashed(None, GOOD) is None


def ab64(value: bytes) -> str:
    return b64encode(value).decode().rstrip("=").replace("+", ".")


def hashes_of(password: str) -> dict[str, str]:
    """The same password as other systems keep it. Each is written by its own library, or from its documentation."""
    typed, salt = password.encode(), b"0123456789abcdef"
    blowfish = bcrypt.hashpw(typed[:72], bcrypt.gensalt(4)).decode()
    sha = hashlib.sha256(typed).hexdigest().encode()
    django = b64encode(hashlib.pbkdf2_hmac("sha256", typed, b"NaCl", 1000)).decode()
    older = b64encode(hashlib.pbkdf2_hmac("sha1", typed, b"NaCl", 1000)).decode()
    argon = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=2)
    return {
        "argon2id": argon.hash(password),
        "argon2i": PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1, type=Type.I).hash(password),
        "django argon2": "argon2" + argon.hash(password),
        "bcrypt 2a": "$2a$" + blowfish[4:],
        "bcrypt 2b": blowfish,
        "bcrypt 2y": "$2y$" + blowfish[4:],
        "django bcrypt": "bcrypt$" + blowfish,
        "django bcrypt_sha256": "bcrypt_sha256$" + bcrypt.hashpw(sha, bcrypt.gensalt(4)).decode(),
        "django pbkdf2": f"pbkdf2_sha256$1000$NaCl${django}",
        "django pbkdf2 sha1": f"pbkdf2_sha1$1000$NaCl${older}",
        "werkzeug pbkdf2": generate_password_hash(password, "pbkdf2:sha256:1000"),
        "werkzeug pbkdf2 sha512": generate_password_hash(password, "pbkdf2:sha512:1000"),
        "werkzeug scrypt": generate_password_hash(password, "scrypt:1024:8:1"),
        "passlib pbkdf2": f"$pbkdf2$1000${ab64(salt)}${ab64(hashlib.pbkdf2_hmac('sha1', typed, salt, 1000))}",
        "passlib sha256": f"$pbkdf2-sha256$1000${ab64(salt)}${ab64(hashlib.pbkdf2_hmac('sha256', typed, salt, 1000))}",
        "passlib sha512": f"$pbkdf2-sha512$1000${ab64(salt)}${ab64(hashlib.pbkdf2_hmac('sha512', typed, salt, 1000))}",
    }


KINDS = tuple(hashes_of("x"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("password", ["secret", "Pässwörter sind schön", EMOJI[:17]])
def test_hashes_of_others_are_read_verified_and_made_anew(kind: str, password: str) -> None:
    kept = foreign_hashes.read(hashes_of(password)[kind])
    assert kept
    assert foreign_hashes.read(kept) == kept
    assert passwords.is_right(kept, password)
    assert not passwords.is_right(kept, password + "x")
    assert not passwords.is_right(kept, password[:-1] + "x")
    assert not passwords.is_right(kept, "")
    fresh = passwords.rehashed(kept, password)
    assert fresh
    assert fresh.startswith("$argon2id$")
    assert passwords.is_right(fresh, password)
    assert passwords.rehashed(fresh, password) is None


def test_examples_of_the_vendors_documents() -> None:
    """passlib's page on PBKDF2, RFC 6070's vector in Django's spelling, and bcrypt's own test vectors."""
    for kept, password in {
        "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44": "password",
        "pbkdf2_sha1$4096$salt$" + b64encode(bytes.fromhex("4b007901b765489abead49d926f721d065a429c1")).decode(): (
            "password"
        ),
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW": "U*U",
        "$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK": "U*U*",
    }.items():
        assert foreign_hashes.read(kept) == kept
        assert passwords.is_right(kept, password)
        assert not passwords.is_right(kept, password + ".")


def test_bcrypt_reads_72_bytes_and_the_new_hash_all_of_them() -> None:
    password = of_length(100)
    kept = hashes_of(password)["bcrypt 2b"]
    assert passwords.is_right(kept, password)
    assert not passwords.is_right(kept, password[:71] + "é" + password[72:])
    fresh = passwords.rehashed(kept, password)
    assert passwords.is_right(fresh, password)
    assert not passwords.is_right(fresh, password[:99] + "é")


def test_a_decomposed_password_of_another_system_is_known_as_it_is_typed() -> None:
    decomposed = unicodedata.normalize("NFD", "bibliothèque")
    kept = hashes_of(decomposed)["django pbkdf2"]
    assert passwords.is_right(kept, decomposed)


@pytest.mark.parametrize(
    "hashed",
    [
        "secret",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
        "$1$salt$hash",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$05$short",
        "$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "pbkdf2_sha256$999999999$NaCl$" + "A" * 43 + "=",
        "pbkdf2_sha256$0$NaCl$" + "A" * 43 + "=",
        "pbkdf2_sha256$1000$NaCl$AAAA",
        "pbkdf2_sha256$1000$NaCl$",
        "pbkdf2_md5$1000$NaCl$" + "A" * 43 + "=",
        "pbkdf2:sha256$NaCl$" + "ab" * 32,
        "scrypt:1000:8:1$NaCl$" + "ab" * 32,
        "scrypt:1048576:8:1$NaCl$" + "ab" * 32,
        "$argon2id$v=19$m=4194304,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$kB3OJ2F0vWvKpyhBqxJ1KZ5ppR0p2E9ksqBbEobcZ4s",
        "$argon2id$v=19$m=19456,t=2$broken",
        "$argon2",
        "x" * 501,
        "pässwort",
    ],
)
def test_what_is_no_hash_or_costs_too_much_is_refused_without_being_quoted(hashed: str) -> None:
    with pytest.raises(HashProblemError) as problem:
        foreign_hashes.read(hashed)
    assert hashed not in str(problem.value)


def test_djangos_mark_for_no_password_is_none() -> None:
    assert foreign_hashes.read("!" + "x" * 40) is None
