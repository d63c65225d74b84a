"""A file of people to invite: each line once, whatever happens, and no faster than limits allow."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from flows import invitation, invitation_files, invitations, organizations
from flows.invitations import Inviter
from flows.outcomes import Next, Refused, SignedIn
from storage import invitations as invitation_storage
from storage.invitations import Invitation
from tests.api.kit import manage_program, reason
from tests.kit import House, serving, wait_until
from tests.oidc.test_organizations import add_organization
from tests.pages.test_console import in_console
from tests.pages.test_invitations import ADA, invited
from tests.racing import PROCESSES, race

LINES = 300


def numbers(count: int) -> list[str]:
    return [f"+336{n:08d}" for n in range(12000000, 12000000 + count)]


def begin(house: House, acme: str, text: str) -> Any:
    found = organizations.find(house.services, acme)
    assert found
    return invitation_files.begin(house.services, ADA, found, text)


def work(house: House) -> None:
    """As the worker's thread does, until nothing is due."""
    house.deliver()
    while house.worker.invitation_files.work_off():
        house.deliver()


def progress(house: House) -> tuple[int, int, int]:
    [(acme, _members)] = organizations.list_all(house.services)
    [found] = invitation_files.list_all(house.services, acme)
    return found.invited, found.waiting, found.refused


def times_texted(house: House) -> set[int]:
    return {row.times for row in house.sql("SELECT count(*) AS times FROM messages GROUP BY recipient")}


def test_each_number_is_invited_once_and_bad_lines_are_told_with_number_and_reason(house: House) -> None:
    acme = add_organization(house)
    browser = in_console(house).open(f"/admin/organizations/{acme}/invitations")
    good = numbers(40)
    lines = ["phone,roles", *good, "nonsense", good[0], f"{numbers(41)[40]},king", "", f"{numbers(42)[41]},editor"]
    form = {
        "csrf_token": browser.field("csrf_token"),
        "action": "file",
        "file": (io.BytesIO("\r\n".join(lines).encode()), "people.csv"),
    }
    browser.page = browser.client.post(browser.path, data=form, follow_redirects=True)
    assert "3 of 44 lines" in browser.text
    work(house)
    browser.open(browser.path)
    assert "44 of 44 lines" in browser.text
    rows = re.findall(r"<tr><td>(\d+)</td><td>(.*?)</td>", browser.page.text)
    assert [int(number) for number, _why in rows] == [42, 43, 44]
    assert "stands in the file before" in rows[1][1]
    assert "no role of this name" in rows[2][1]
    assert (progress(house), times_texted(house)) == ((41, 0, 3), {1})
    assert house.count("invitations") == 41


@pytest.mark.parametrize("text", ["", "phone", "name,age\nann,7", "+33612345678\n+33612345679"])
def test_a_file_without_columns_or_lines_is_refused(sqlite_house: House, text: str) -> None:
    refused = begin(sqlite_house, add_organization(sqlite_house), text)
    assert isinstance(refused, Refused)
    assert refused.reason == "empty_file"


def test_what_is_over_a_cap_waits_until_it_fits_and_then_goes(house: House) -> None:
    acme = add_organization(house, invitation_days=60)
    house.set(limits={"country_day": 25})
    begin(house, acme, "\n".join(["phone", *numbers(40)]))
    work(house)
    assert progress(house) == (25, 15, 0)
    assert house.count("messages") == 25
    for _ in range(60):
        house.clock.forward(3600)
        work(house)
    assert (progress(house), times_texted(house)) == ((40, 0, 0), {1})


def test_whoever_was_just_invited_waits_and_whoever_is_invited_is_told_so(house: House) -> None:
    acme, _link = invited(house)
    begin(house, acme, "phone\n+33612345678")
    work(house)
    assert progress(house) == (0, 0, 1)
    [found] = invitation_files.list_all(house.services, organizations.list_all(house.services)[0][0])
    assert found.refused == 1
    assert house.count("messages") == 1


def test_a_file_that_is_stopped_invites_nobody_else(house: House) -> None:
    acme = add_organization(house)
    file_id = begin(house, acme, "\n".join(["phone", *numbers(40)]))
    house.worker.invitation_files.work_off()
    found = organizations.find(house.services, acme)
    assert found
    invitation_files.stop(house.services, ADA, found, file_id)
    work(house)
    assert progress(house) == (32, 8, 0)


def test_killed_at_any_moment_it_goes_on_without_a_duplicate(house: House, tmp_path: Path) -> None:
    """Servers that are killed one after the other, each while it works."""
    acme = add_organization(house)
    begin(house, acme, "\n".join(["phone", *numbers(LINES)]))
    done, kills = 0, 0
    while done < LINES:
        house.sql("UPDATE invitation_files SET leased_until = 0")  # so long has nobody to wait here
        with serving(house.database_url, tmp_path / f"served-{kills}") as server:
            goal = min(LINES, done + 100)
            wait_until(lambda goal=goal: progress(house)[0] >= goal, seconds=60)  # type: ignore[misc]
            server.kill()
        done, kills = progress(house)[0], kills + 1
    assert kills > 1
    assert (progress(house), times_texted(house)) == ((LINES, 0, 0), {1})
    assert house.count("invitations") == LINES == house.count("invitation_links")


# What children of a race do.


def work_off(house: House, _share: object) -> int:
    files = house.worker.invitation_files
    return sum(1 for _ in iter(files.work_off, False))


def accept(house: House, way: tuple[str, str, str]) -> str:
    browser, ticket, code = way
    outcome = invitation.check_code(house.services, house.visitor(browser), None, ticket, code)
    return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__


def accept_by_reading_first() -> None:
    """A broken build: read whether it is open, write later."""

    def accept(connection: Any, invitation_id: str, account_id: str, now: float) -> bool:
        found = invitation_storage.by_name(connection, invitation_id)
        values = {"id": invitation_id, "account_id": account_id, "now": now}
        connection.execute(LATER, values)
        return isinstance(found, Invitation)

    invitation_storage.accept = accept


LATER = invitation_storage.text("UPDATE invitations SET accepted_at = :now, accepted_by = :account_id WHERE id = :id")


def ways_to_accept(house: House, link: str) -> list[tuple[str, str, str]]:
    """The same invitation, opened in several browsers; each has its own right code."""
    ways = []
    for n in range(PROCESSES):
        visitor = house.visitor(f"browser {n} of the same person")
        outcome = invitation.start(house.services, visitor, None, link.removeprefix("/i/"))
        assert isinstance(outcome, Next), outcome
        ways.append((visitor.browser, outcome.ticket, house.codes()[0]))
        house.clock.forward(301)
        house.sql("DELETE FROM counters")
    return ways


def keep_codes_good(house: House) -> None:
    for table in ("messages", "tickets"):
        house.sql(f"UPDATE {table} SET expires_at = :later", later=house.clock() + 3600)  # noqa: S608


@pytest.mark.parametrize("breaking", ["", "tests.flows.test_invitation_files:accept_by_reading_first"])
def test_accepted_by_several_at_once_it_is_accepted_once(house: House, tmp_path: Path, breaking: str) -> None:
    _acme, link = invited(house)
    ways = ways_to_accept(house, link)
    keep_codes_good(house)
    outcomes = race(house.database_url, tmp_path, "tests.flows.test_invitation_files:accept", ways, breaking)
    joined = outcomes.count(SignedIn.__name__)
    assert house.count("organization_members") == 1
    if breaking:
        assert joined > 1, "the race shows a broken build"
    else:
        assert joined == 1, outcomes
        assert outcomes.count("invitation_over") == len(outcomes) - 1, outcomes


def test_several_workers_share_a_file_and_invite_nobody_twice(house: House, tmp_path: Path) -> None:
    acme = add_organization(house)
    begin(house, acme, "\n".join(["phone", *numbers(64)]))
    race(house.database_url, tmp_path, "tests.flows.test_invitation_files:work_off", [None] * PROCESSES)
    work(house)
    assert (progress(house), times_texted(house)) == ((64, 0, 0), {1})


def test_several_who_invite_the_same_number_at_once_send_one_message(house: House, tmp_path: Path) -> None:
    acme = add_organization(house)
    outcomes = race(house.database_url, tmp_path, "tests.flows.test_invitation_files:invite", [acme] * PROCESSES)
    assert outcomes.count("str") == 1, outcomes
    assert house.count("messages") == house.count("invitations") == 1


def invite(house: House, acme: str) -> str:
    found = organizations.find(house.services, acme)
    assert found
    by = Inviter("ada", "")
    outcome = invitations.invite(house.services, house.visitor(), by, found, "+33612345678", "", ())
    return outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__


def test_a_program_sends_a_file_and_hears_how_far_it_is(house: House) -> None:
    acme, program = add_organization(house), manage_program(house, "organizations")
    place = f"/organizations/{acme}/invitation-files"
    for wrong in ("name\nAnn\n", 'phone\n"' + "0612345678\n" * 15_000):
        assert reason(program.post(place, {"csv": wrong})) == "empty_file"
    text = "\n".join(["phone,roles", *numbers(3), "nonsense", f"{numbers(4)[3]},king"])
    begun = program.post(place, {"csv": text})
    assert begun.status_code == 202, begun.text
    work(house)
    [file] = program.get(place).json["items"]
    told = {name: file[name] for name in ("id", "lines", "waiting", "invited", "refused", "next_at")}
    assert told == {"id": begun.json["id"], "lines": 5, "waiting": 0, "invited": 3, "refused": 2, "next_at": None}
    lines = program.get(f"{place}/{file['id']}/refused").json["items"]
    assert [(each["line"], each["reason"]) for each in lines][1] == (6, "no_such_role")
    assert program.post(f"{place}/{file['id']}/stop").status_code == 204
    assert program.get(place).json["items"][0]["stopped_at"]
    other = f"/organizations/{add_organization(house)}/invitation-files/{file['id']}"
    assert reason(program.get(f"{other}/refused")) == reason(program.post(f"{other}/stop")) == "not_found"
    assert program.post(place, {"csv": "phone\n" + "+33612345678\n" * 12_000}).status_code == 202, "longer than a form"
