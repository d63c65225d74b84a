"""One code, one refresh token, 50 times at once from 4 processes: each guard holds, and is shown to be what holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage import grants
from storage.database import Database
from tests.kit import House
from tests.oidc.kit import Shop, add_shop, signed_in
from tests.racing import PROCESSES, Meeting, race

OFFLINE = "openid phone offline_access"
TIMES = 50
THREADS = 5  # in each process
Answer = tuple[int, dict[str, Any]]

# What a child does.


def redeem_all(house: House, share: tuple[str, str, list[str]]) -> list[Answer]:
    return at_once(Shop(house, *share[:2]).redeem, share[2])


def refresh_all(house: House, share: tuple[str, str, list[str]]) -> list[Answer]:
    return at_once(Shop(house, *share[:2]).refresh, share[2])


def at_once(step: Any, things: list[str]) -> list[Answer]:
    with ThreadPoolExecutor(THREADS) as threads:
        return [(reply.status_code, reply.json) for reply in threads.map(step, things)]


# What breaks a child's build: read first, write later, no transaction around it.


def redeem_by_reading_first() -> None:
    """The way that Authlib's documentation shows: look for the code, and take it away later."""
    meeting = Meeting(THREADS)

    def redeem(connection: Any, code_hash: str, client_id: str, now: float) -> Any:
        row = connection.execute(
            text("SELECT hash, grant_id, redirect_uri, code_challenge, expires_at, used_at FROM authorization_codes")
        ).one()
        meeting.wait()
        connection.execute(text("UPDATE authorization_codes SET used_at = 1"))
        return grants.Code(*row[:5]) if row.used_at is None else None

    grants.redeem = redeem
    Database.write = Database.read


def rotate_by_reading_first() -> None:
    meeting = Meeting(THREADS)

    def rotate(connection: Any, token_hash: str, *_rest: Any) -> Any:
        look = text("SELECT grant_id, uses FROM refresh_tokens WHERE hash = :hash")
        row = connection.execute(look, {"hash": token_hash}).one()
        meeting.wait()
        connection.execute(text("UPDATE refresh_tokens SET uses = 2, used_at = 1 WHERE hash = :h"), {"h": token_hash})
        return row.grant_id if row.uses < grants.REFRESH_USES else None

    grants.rotate = rotate
    Database.write = Database.read


def all_at_once(house: House, tmp_path: Path, what: str, thing: str, shop: Shop, breaking: str = "") -> list[Any]:
    """The answers that hold tokens; all others are told ``invalid_grant``."""
    shares = [(shop.client_id, shop.secret, [thing] * len(range(n, TIMES, PROCESSES))) for n in range(PROCESSES)]
    path = f"{__name__}:{breaking}" if breaking else ""
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:{what}", shares, path)
    found = [answer for each in answers for answer in each]
    assert len(found) == TIMES
    assert all(told["error"] == "invalid_grant" for status, told in found if status != 200)
    return [told for status, told in found if status == 200]


def test_of_50_redemptions_at_once_one_gets_tokens_and_the_replays_end_them(house: House, tmp_path: Path) -> None:
    shop = add_shop(house)
    (told,) = all_at_once(house, tmp_path, "redeem_all", shop.code(signed_in(house), scope=OFFLINE), shop)
    assert shop.userinfo(told["access_token"]).status_code == 401
    assert shop.refresh(told["refresh_token"]).json["error"] == "invalid_grant"
    assert house.sql("SELECT count(*) FROM grants WHERE ended_at IS NULL") == [(0,)]


def test_more_would_if_the_code_were_read_before_it_is_spent(house: House, tmp_path: Path) -> None:
    shop = add_shop(house)
    code = shop.code(signed_in(house))
    assert len(all_at_once(house, tmp_path, "redeem_all", code, shop, "redeem_by_reading_first")) > 1


def test_of_50_refreshes_at_once_one_next_token_comes_and_reuse_later_ends_it(house: House, tmp_path: Path) -> None:
    """Two answers, the second for one that was lost; both hold the same next token."""
    shop = add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    told = all_at_once(house, tmp_path, "refresh_all", token, shop)
    assert len(told) == 2
    assert len({each["refresh_token"] for each in told}) == 1
    assert all(shop.userinfo(each["access_token"]).status_code == 200 for each in told)
    assert house.count("refresh_tokens") == 2
    house.clock.forward(60)
    assert shop.refresh(token).json["error"] == "invalid_grant"
    assert shop.refresh(told[0]["refresh_token"]).json["error"] == "invalid_grant"
    assert all(shop.userinfo(each["access_token"]).status_code == 401 for each in told)


def test_more_would_come_if_the_token_were_read_before_it_is_turned(house: House, tmp_path: Path) -> None:
    shop = add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    assert len(all_at_once(house, tmp_path, "refresh_all", token, shop, "rotate_by_reading_first")) > 2
