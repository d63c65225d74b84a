"""Which network addresses are public, and which URLs are written with one that is not."""

from __future__ import annotations

import pytest

from rules.addresses import is_private_url, is_public

PRIVATE = """
0.0.0.0 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.8 192.0.2.1 192.168.1.10 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1
255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 ff02::1 fec0::1 100::1 2001:db8::1 2001::1 3fff::1
64:ff9b:1::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 2002:7f00:1::
2002:c0a8:10a::1 5f00::1 provider.example
"""
PUBLIC = """
1.1.1.1 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.167.1.1
223.255.255.255 2606:4700:4700::1111 2a00:1450:4007::1 ::ffff:1.1.1.1 64:ff9b::1.1.1.1 2002:101:101::1
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_a_private_address(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address(address: str) -> None:
    assert is_public(address)


HOSTS = """
localhost LOCALHOST. api.localhost 127.0.0.1 127.0.0.1. 127.1 0x7f000001 2130706433 0177.0.0.1 0 10.1.2.3:8080 [::1]
[::1]:8080 [::ffff:10.0.0.1] [fe80::1%25eth0]
"""
URLS = """
https://api.example.com/127.0.0.1 https://1.1.1.1 https://[2606:4700::1]:443/ https://10.example.com http://[::1
http://localhost.example.com?host=localhost
"""


@pytest.mark.parametrize("host", HOSTS.split())
def test_a_url_with_a_private_host(host: str) -> None:
    assert is_private_url(f"http://{host}/send")


@pytest.mark.parametrize("url", ["", *URLS.split()])
def test_a_url_without_one(url: str) -> None:
    assert not is_private_url(url)
