"""What a person allows an application: nothing of it is lost where two pages are answered at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from storage import consents
from tests.kit import House
from tests.oidc.kit import account_id, add_shop
from tests.pages.factors_kit import sign_up


def test_what_is_allowed_at_once_is_all_kept(house: House) -> None:
    client_id = add_shop(house).client_id
    sign_up(house)
    account = account_id(house)

    def give(scope: str) -> None:
        with house.services.database.write() as connection:
            consents.give(connection, account, client_id, {scope}, house.clock())

    scopes = [f"scope{n}" for n in range(12)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(give, scopes))
    with house.services.database.read() as connection:
        assert consents.scopes(connection, account, client_id) == {*scopes}
