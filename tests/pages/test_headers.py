"""What every reply carries, errors included; the door; and what happens when a store is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import House, open_house, open_other_house
from tests.oidc.kit import CALLBACK, add_shop
from tests.services import free_port

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "X-Request-ID")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sign-in", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/sign-in/send-again", 405),
        ("POST", "/sign-in", 403),
        ("GET", "/static/app.css", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
    ],
)
def test_every_reply_is_guarded(sqlite_house: House, method: str, path: str, status: int) -> None:
    reply = sqlite_house.app.test_client().open(path, method=method, buffered=True)
    assert reply.status_code == status
    assert all(name in reply.headers for name in HEADERS)
    assert "unsafe" not in reply.headers["Content-Security-Policy"]


def test_a_fault_of_ours_is_a_page_with_a_reference(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = sqlite_house.browser().open("/sign-in")
    monkeypatch.setattr("flows.sign_in.send_code", lambda *_, **__: 1 / 0)
    browser.send(country="FR", phone="06 12 34 56 78")
    assert browser.status == 500
    assert "ZeroDivision" not in browser.page.text
    assert browser.page.headers["X-Request-ID"] in browser.page.text


def test_with_the_database_away_nothing_is_sent_and_the_page_says_so(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"
    with open_other_house(url, tmp_path) as house:
        client = house.app.test_client()
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        page = house.browser().open("/sign-in")
        assert page.status == 200
        page.send(country="FR", phone="06 12 34 56 78")
        assert page.status == 503
        assert page.page.headers["Retry-After"]
        assert "We are busy" in page.text


def test_with_redis_away_a_form_is_refused_and_pages_open(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "doorcode.db"
    database.write_bytes(sqlite_template.read_bytes())
    away = f"redis://127.0.0.1:{free_port()}/0"
    with open_house(f"sqlite:///{database}", tmp_path, REDIS_URL=away) as house:
        browser = house.browser().open("/sign-in")
        browser.send(country="FR", phone="06 12 34 56 78")
        assert browser.status == 503
        assert house.count("messages") == 0


def knock(house: House, times: int, **headers: str) -> list[int]:
    browser = house.browser(**headers)
    return [browser.client.post("/language", headers=headers).status_code for _ in range(times)]


def test_the_door_counts_forms_by_address(house: House) -> None:
    house.set(limits={"posts_minute": 5})
    house.services.settings.refresh()
    assert knock(house, 7).count(429) >= 1
    reply = house.browser().client.post("/language")
    if reply.status_code == 429:
        assert int(reply.headers["Retry-After"]) > 0
        assert "Too many tries" in reply.text
    assert 429 in knock(house, 3, **{"X-Forwarded-For": "203.0.113.9"}), "a spoofed address is not believed"


def test_the_door_counts_in_redis(sqlite_template: Path, tmp_path: Path, redis_url: str) -> None:
    database = tmp_path / "doorcode.db"
    database.write_bytes(sqlite_template.read_bytes())
    with open_house(f"sqlite:///{database}", tmp_path, REDIS_URL=redis_url) as house:
        house.set(limits={"posts_minute": 5})
        assert knock(house, 12).count(429) >= 5


def test_behind_one_proxy_its_word_counts_and_no_more(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "doorcode.db"
    database.write_bytes(sqlite_template.read_bytes())
    with open_house(f"sqlite:///{database}", tmp_path, TRUSTED_PROXIES="1") as house:
        house.set(limits={"address_hour": 1})
        for n, forwarded in enumerate(("203.0.113.1, 198.51.100.7", "203.0.113.2, 198.51.100.7")):
            browser = house.browser(**{"X-Forwarded-For": forwarded}).sign_in(f"06 12 34 56 7{n}")
        assert browser.status == 429


@pytest.mark.parametrize(
    ("logo", "shown"),
    [
        ("https://img.example.com/logo.png", " https://img.example.com"),
        ("https://例え.jp/logo.png", " https://xn--r8jz45g.jp"),
        ("https://a;frame-ancestors/logo.png", ""),
        ("https://a,default-src/logo.png", ""),
        ("https://a'unsafe-inline'/logo.png", ""),
    ],
)
def test_an_applications_address_adds_itself_to_the_policy_and_nothing_else(
    sqlite_house: House, logo: str, shown: str
) -> None:
    shop = add_shop(sqlite_house, logo_url=logo, redirect_uris=[CALLBACK, "https://a;script-src-elem/callback"])
    page = sqlite_house.browser().open(shop.url()).page
    policy = page.headers["Content-Security-Policy"]
    assert f"img-src 'self'{shown} data:;" in policy
    assert "form-action 'self' https://shop.example.com;" in policy
