"""Who gets nothing from us, and who needs no message: the admin's lists."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from settings.guard import Exceptions


def is_blocked(lists: Exceptions, kind: str, value: str, address: str) -> bool:
    """Whether an identifier, or whoever asks from an IP address, is on a list."""
    if kind == "phone":
        named = any(_begins(value, entry) for entry in lists.blocked_numbers)
    else:
        named = value in lists.blocked_emails or f"@{value.rpartition('@')[2]}" in lists.blocked_emails
    return named or (bool(lists.blocked_networks) and _is_within(address, lists.blocked_networks))


def is_let_through(lists: Exceptions, number: str, address: str) -> bool:
    """Whether the guard leaves a number, or whoever asks from an IP address, alone."""
    if any(_begins(number, entry) for entry in lists.allowed_numbers):
        return True
    return bool(lists.allowed_networks) and _is_within(address, lists.allowed_networks)


def _begins(number: str, entry: str) -> bool:
    return number.startswith(entry[:-1]) if entry.endswith("*") else number == entry


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:  # a socket without an address
        return False
    if isinstance(found, IPv6Address):  # a socket that hears both names an IPv4 address so
        found = found.ipv4_mapped or found
    return any(found in ip_network(network, strict=False) for network in networks)


def fixed_code(lists: Exceptions, number: str) -> str | None:
    """The code of a test number; None for all others."""
    return dict(entry.split(" ", 1) for entry in lists.test_numbers).get(number)
