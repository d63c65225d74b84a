"""When something is or was, as a page writes it: to the minute for people, to the second where it is looked into."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pages import filters
from tests.house.source import texts
from tests.kit import House

AT = datetime(2027, 11, 28, 14, 5, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "year", "words"),
    [
        ("en", 2027, ("28 November, 14:05 UTC", "28 November", "28 Nov 2027, 14:05:33")),
        ("en", 2028, ("28 November 2027, 14:05 UTC", "28 November 2027", "28 Nov 2027, 14:05:33")),
        ("fr", 2027, ("28 novembre, 14:05 UTC", "28 novembre", "28 nov. 2027, 14:05:33")),
    ],
)
def test_a_time_says_that_it_is_utc_and_its_year_only_where_that_is_another(
    sqlite_house: House, language: str, year: int, words: tuple[str, str, str]
) -> None:
    sqlite_house.clock.forward(datetime(year, 6, 1, tzinfo=UTC).timestamp() - sqlite_house.clock())
    with sqlite_house.app.test_request_context(headers={"Accept-Language": language}):
        assert (filters.moment(AT), filters.day(AT), filters.exact(AT)) == words


def test_whoever_writes_seconds_says_whose_clock_it_is() -> None:
    pages = {path: text for path, text in texts().items() if path.startswith("templates/") and "exact(" in text}
    pages.pop("templates/parts/words.html")
    assert pages
    silent = [path for path, text in pages.items() if "in UTC." not in text]
    assert silent == []
    others = {path: text for path, text in texts().items() if path.startswith("templates/")}
    assert [path for path, text in others.items() if "datetimeformat" in text or "dateformat" in text] == []
