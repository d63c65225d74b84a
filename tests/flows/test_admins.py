"""There is an owner at any time, whoever takes whom away, and whenever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

from flows import admin_setup, admins
from flows.outcomes import Done, Refused
from storage import admins as rows
from storage.admins import Admin
from tests.kit import PASSWORD, House

LAST = Refused("last_owner")


def owners(house: House, *names: str) -> list[Admin]:
    for name in names:
        assert admin_setup.create_by_command(house.services, name, PASSWORD) == Done()
    return admins.every(house.services)


def test_the_last_owner_stays_one_and_nobody_removes_themselves(sqlite_house: House) -> None:
    services, (ada, bob) = sqlite_house.services, owners(sqlite_house, "ada", "bob")
    assert admins.remove(services, ada, ada.id) == LAST
    assert admins.change_role(services, ada, bob.id, "support") == Done()
    assert admins.change_role(services, ada, ada.id, "admin") == admins.remove(services, bob, ada.id) == LAST
    assert admins.remove(services, ada, bob.id) == Done()
    assert admins.every(services) == [ada]


def test_of_two_owners_who_remove_each_other_at_once_one_stays(house: House) -> None:
    ada, bob = owners(house, "ada", "bob")
    with ThreadPoolExecutor(1) as other:
        with house.services.database.write() as connection:
            assert rows.remove(connection, bob.id)
            meanwhile = other.submit(admins.remove, house.services, bob, ada.id)
            wait([meanwhile], 0.2)
        assert meanwhile.result() == LAST
    assert admins.every(house.services) == [ada]
