"""What a passkey is bound to."""

from __future__ import annotations

import pytest

from rules.passkeys import Site, challenge_of, site_of


@pytest.mark.parametrize(
    ("public_url", "host", "origin"),
    [
        ("https://id.example.com", "id.example.com", "https://id.example.com"),
        ("https://ID.Example.com:443", "id.example.com", "https://id.example.com"),
        ("https://id.example.com:8443/door", "id.example.com", "https://id.example.com:8443"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_the_host_and_the_origin_as_browsers_spell_it(public_url: str, host: str, origin: str) -> None:
    assert site_of(public_url, "Doorcode") == Site(host, "Doorcode", origin)


def test_each_ticket_has_a_challenge_of_its_own() -> None:
    assert len({challenge_of(key, ticket) for key in (b"a", b"b") for ticket in ("1", "2")}) == 4
    assert len(challenge_of(b"a", "1")) == 32
