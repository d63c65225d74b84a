"""The admin's lists of networks, however an address is written."""

from __future__ import annotations

import pytest

from rules.exceptions import is_blocked, is_let_through
from settings.guard import Exceptions

NETWORKS = ("203.0.113.0/24", "2001:db8::/32")


@pytest.mark.parametrize(
    ("address", "within"),
    [
        *(("203.0.113.9", True), ("::ffff:203.0.113.9", True), ("2001:db8::9", True)),
        *(("203.0.114.9", False), ("::ffff:203.0.114.9", False), ("2001:db9::9", False), ("", False), ("unix:", False)),
    ],
)
def test_an_address_is_within_a_network_in_either_writing(address: str, within: bool) -> None:
    assert is_blocked(Exceptions(blocked_networks=NETWORKS), "phone", "+33612345678", address) is within
    assert is_let_through(Exceptions(allowed_networks=NETWORKS), "+33612345678", address) is within
