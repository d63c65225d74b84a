"""What connectors share in reading replies."""

from __future__ import annotations

import pytest

from connectors.contract import Refusal, Reply, basic_auth, by_status, refused, retry_after, spelled

DATE = "Mon, 23 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("1.5", 1.5),
        ("3600", 3600),
        ("999999999999", 3600),
        ("9" * 400, None),
        ("-1", None),
        ("1e9", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Tue, 23 Nov 2027 12:00:00 GMT", 3600),
        ("Mon, 23 Nov 2026 12:00:30 -0000", None),
        ("Mon, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_how_long_a_provider_asks_us_to_wait(wait: str, seconds: float | None) -> None:
    assert retry_after(Reply(429, {"retry-after": wait, "date": DATE})) == seconds


def test_a_date_without_the_date_of_the_reply_says_nothing() -> None:
    assert retry_after(Reply(429, {"retry-after": DATE})) is None


def test_only_a_status_that_did_nothing_is_a_refusal() -> None:
    sure = {status for status in range(100, 600) if by_status(Reply(status)).refusal}
    assert sure == {*range(300, 500), 503} - {303, 408, 409}


def test_waiting_is_passed_on_with_a_status_that_asks_for_it() -> None:
    for status in (429, 503):
        assert by_status(Reply(status, {"retry-after": "5"})).retry_after == 5


@pytest.mark.parametrize(
    ("body", "path", "value"),
    [
        (b'{"a": {"b": [1, {"c": 2}]}}', "a.b.1.c", 2),
        (b'{"a": {"b": [1]}}', "a.b.1", None),
        (b'{"a": {"b": [1]}}', "a.b.-1", None),
        (b'{"a": {"b": [1]}}', "a.b.c", None),
        (b'{"0": "x"}', "0", "x"),
        (b"[7]", "0", 7),
        (b"7", "0", None),
        (b"no", "a", None),
        (b"{}", "", None),
    ],
)
def test_a_path_finds_its_value_or_nothing(body: bytes, path: str, value: object) -> None:
    assert Reply(200, {}, body).at(path) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb\x00c", "a b c"),
        ("\ud800", " "),
        (17, "17"),
        (None, ""),
        ([1], ""),
        ({"a": 1}, ""),
        ("x" * 2000, "x" * 1000),
    ],
)
def test_a_providers_words_are_one_line_that_can_be_stored(value: object, text: str) -> None:
    assert spelled(value) == text
    assert refused(Refusal.BLOCKED, 1, value).detail == text


def test_basic_authorization_is_that_of_the_standard() -> None:
    """The example of RFC 7617, section 2."""
    assert basic_auth("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
