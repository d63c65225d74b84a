"""A redirect address matches letter by letter; only a native application's port on one's own machine may differ."""

from __future__ import annotations

import pytest

from rules.redirects import differences, matches, origin_of, problem_of, problem_of_origin, same_beginning
from settings.clients import ClientKind

OWN = "https://app.example.com/callback?tenant=1"

MUTATIONS = [
    "https://app.example.com/callback",
    "https://app.example.com/callback?tenant=1&more=2",
    "https://app.example.com/callback?tenant=2",
    "https://app.example.com/callback/?tenant=1",
    "https://app.example.com/Callback?tenant=1",
    "https://app.example.com//callback?tenant=1",
    "https://app.example.com/callback/../callback?tenant=1",
    "https://app.example.com/call%62ack?tenant=1",
    "https://app.example.com%2ecom/callback?tenant=1",
    "https://APP.example.com/callback?tenant=1",
    "HTTPS://app.example.com/callback?tenant=1",
    "http://app.example.com/callback?tenant=1",
    "https://app.example.com:443/callback?tenant=1",
    "https://app.example.com:8443/callback?tenant=1",
    "https://app.example.com./callback?tenant=1",
    "https://app.example.com.evil.com/callback?tenant=1",
    "https://evil.com/app.example.com/callback?tenant=1",
    "https://app.example.com@evil.com/callback?tenant=1",
    "https://user@app.example.com/callback?tenant=1",
    "https://app.example.com\\@evil.com/callback?tenant=1",
    "https://app.example.com/callback?tenant=1#fragment",
    "https://app.example.com/callback?tenant=1#",
    " https://app.example.com/callback?tenant=1",
    "https://app.example.com/callback?tenant=1 ",
    "https://app.example.com/callback?tenant=1\n",
    "https://app.example.com/callback?tenant=1%0d%0aSet-Cookie:a=b",
    "//app.example.com/callback?tenant=1",
    "/callback?tenant=1",
    "",
    "https://app.exаmple.com/callback?tenant=1",
    "https://xn--app-exmple.com/callback?tenant=1",
    "javascript:alert(1)",
    "https://[::1/callback",
    "https://app.example.com:port/callback",
]


@pytest.mark.parametrize("kind", list(ClientKind))
@pytest.mark.parametrize("uri", MUTATIONS)
def test_no_mutation_matches_and_each_is_explained(uri: str, kind: ClientKind) -> None:
    assert matches([OWN], OWN, kind)
    assert not matches([OWN], uri, kind)
    nearest, words = differences([OWN], uri)
    assert nearest == OWN
    assert words
    assert all(str(problem) for problem in words)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_native_application_may_listen_on_any_port_of_its_machine(host: str) -> None:
    own = [f"http://{host}/callback"]
    for uri in (f"http://{host}:49152/callback", f"http://{host}/callback", f"http://{host}:1/callback"):
        assert matches(own, uri, ClientKind.NATIVE)
    for uri in (
        f"http://{host}:49152/other",
        f"http://{host}:49152/callback?x=1",
        f"http://{host}:49152/callback#x",
        f"https://{host}:49152/callback",
        f"http://{host}:490000/callback",
        f"http://{host}:4９/callback",
        f"http://{host}.evil.com:49152/callback",
        f"http://{host}:49152@evil.com/callback",
        "http://localhost:49152/callback",
    ):
        assert not matches(own, uri, ClientKind.NATIVE)
    assert not matches(own, f"http://{host}:49152/callback", ClientKind.WEB)


@pytest.mark.parametrize(
    ("uri", "kind", "right"),
    [
        ("https://app.example.com/callback", ClientKind.WEB, True),
        ("http://localhost:3000/callback", ClientKind.WEB, True),
        ("http://127.0.0.1/callback", ClientKind.NATIVE, True),
        ("com.example.app:/callback", ClientKind.NATIVE, True),
        ("com.example.app:/callback", ClientKind.WEB, False),
        ("myapp://callback", ClientKind.NATIVE, False),
        ("http://app.example.com/callback", ClientKind.WEB, False),
        ("https://*.example.com/callback", ClientKind.WEB, False),
        ("https://app.example.com/#callback", ClientKind.SPA, False),
        ("https://user:pw@app.example.com/", ClientKind.WEB, False),
        ("javascript:alert(1)", ClientKind.NATIVE, False),
        ("data:text/html,x", ClientKind.NATIVE, False),
        ("/callback", ClientKind.WEB, False),
        ("https:///callback", ClientKind.WEB, False),
        ("https://app.example.com/a b", ClientKind.WEB, False),
        ("https://" + "a" * 600, ClientKind.WEB, False),
    ],
)
def test_which_addresses_may_be_written_down(uri: str, kind: ClientKind, right: bool) -> None:
    assert (problem_of(uri, kind) is None) == right


@pytest.mark.parametrize(
    ("origin", "right"),
    [
        ("https://wiki.example.com", True),
        ("https://wiki.example.com:8443", True),
        ("http://localhost:8003", True),
        ("http://wiki.example.com", False),
        ("https://wiki.example.com/", False),
        ("https://wiki.example.com/path", False),
        ("https://wiki.example.com?x", False),
        ("https://Wiki.example.com", False),
        ("https://wiki.example.com:443", False),
        ("https://*.example.com", False),
        ("https://a@wiki.example.com", False),
        ("https://wiki.example.com; frame-ancestors *", False),
        ("https://", False),
        ("wiki.example.com", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_site_is_written_as_browsers_write_it(origin: str, right: bool) -> None:
    assert (problem_of_origin(origin) is None) == right


def test_an_address_has_a_site_and_parts_from_another_somewhere() -> None:
    assert origin_of("https://app.example.com:8443/a?b#c") == "https://app.example.com:8443"
    assert origin_of("com.example.app:/back") == origin_of("") == ""
    assert same_beginning("https://a/b", "https://a/c") == 10
    assert same_beginning("https://a", "https://a/") == 9
