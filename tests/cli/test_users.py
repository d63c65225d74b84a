"""The import of users: what comes in, what is refused and told, and that a broken run can be run again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cli import user_files
from flows import import_users, sign_in
from flows.import_users import Line
from flows.outcomes import Next, SignedIn
from rules import passwords
from storage import accounts, import_accounts
from tests.kit import House
from tests.rules.test_passwords import hashes_of

PASSWORD = "four horses by the sea"


def run(house: House, path: Path) -> Result:
    return house.app.test_cli_runner().invoke(args=["users", "import", str(path)])


def json_lines(path: Path, *lines: Any) -> Path:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def many(count: int) -> Iterator[dict[str, Any]]:
    """Users of many countries, with a hash of each kind in turn."""
    hashes = list(hashes_of(PASSWORD).values())
    for i in range(count):
        yield {
            "phone": (f"+33 6 {i:08}", f"+44 7400 {i:06}")[i % 2],
            "email": f"Person.{i}@Example.org" if i % 3 else None,
            "username": f"person-{i}" if i % 5 == 0 else None,
            "password_hash": hashes[i % len(hashes)] if i % 7 else None,
            "created_at": "2024-02-29T12:00:00+01:00" if i % 2 else 1_700_000_000 + i,
            "locale": ("en", "fr", "pt-BR")[i % 3],
            "email_verified": i % 4 != 1,
        }


def test_two_thousand_users_come_in_and_are_counted(house: House, tmp_path: Path) -> None:
    users = list(many(2000))
    result = run(house, json_lines(tmp_path / "users.jsonl", *users))
    assert result.exit_code == 0, result.output
    with_email = [user for user in users if user["email"]]
    verified = [user for user in with_email if user["email_verified"]]
    assert "2000 imported, 0 there already, 0 refused." in result.output
    assert f"{len(with_email) - len(verified)} numbers and addresses were left out" in result.output
    kinds = dict(house.sql("SELECT kind, count(*) FROM identifiers GROUP BY kind"))
    assert kinds == {"phone": 2000, "email": len(verified), "username": 400}
    assert house.sql("SELECT count(*) FROM identifiers WHERE NOT is_primary")[0][0] == 0
    assert house.sql("SELECT count(*) FROM accounts WHERE password_hash IS NOT NULL")[0][0] == sum(
        1 for user in users if user["password_hash"]
    )
    with house.services.database.read() as connection:
        found = accounts.by_identifier(connection, "email", "person.1991@example.org")
        assert found
        names = [(each.kind, each.value, each.country) for each in accounts.identifiers(connection, found.id)]
    assert ("phone", "+447400001991", "GB") in names
    assert (found.created_at, found.password_at, found.locale) == (1709204400.0, 1709204400.0, "pt-BR")


def test_a_second_run_adds_nothing_and_overwrites_nothing(house: House, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "users.jsonl", *many(600))
    run(house, path)
    house.sql("UPDATE accounts SET password_hash = 'changed since'")
    before = house.count("identifiers")
    assert "0 imported, 600 there already, 0 refused." in run(house, path).output
    assert house.sql("SELECT count(*) FROM accounts WHERE password_hash = 'changed since'")[0][0] == 600
    assert house.count("identifiers") == before


KINDS = tuple(hashes_of("x"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_imported_password_signs_in_and_its_hash_becomes_ours(house: House, tmp_path: Path, kind: str) -> None:
    house.set(sign_in={"phone": "password"}, sign_up={"password": True})
    run(house, json_lines(tmp_path / "u", {"phone": "+33612345678", "password_hash": hashes_of(PASSWORD)[kind]}))

    def enter(password: str) -> object:
        sent = sign_in.start(house.services, house.visitor(), "06 12 34 56 78", "FR")
        assert isinstance(sent, Next)
        return sign_in.check_password(house.services, house.visitor(), sent.ticket, password)

    assert not isinstance(enter(PASSWORD[:-1] + "x"), SignedIn)
    assert isinstance(enter(PASSWORD), SignedIn)
    kept = house.sql("SELECT password_hash FROM accounts")[0][0]
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.rehashed(kept, PASSWORD) is None
    assert isinstance(enter(PASSWORD), SignedIn)


HASH = hashes_of(PASSWORD)["bcrypt 2b"]
BAD = [
    ({"phone": "0612345678"}, "phone must begin with + and the country's calling code"),
    ({"phone": "+33 6 12"}, "phone cannot be read: too short"),
    ({"phone": "+999 12345678"}, "phone cannot be read: calling code unknown"),
    ({"phone": 33612345678}, "phone must be text"),
    ({"phone": ["+33612345678"]}, "phone must be text"),
    ({"email": "nobody"}, "email cannot be read"),
    ({"email": "a\ud800@example.org"}, "email cannot be read"),
    ({"username": "0123"}, "username cannot be read"),
    ({}, "it has no phone, email or username that is verified"),
    ({"phone": "", "email": None}, "it has no phone, email or username that is verified"),
    ({"phone": "+33612345678", "phone_verified": False}, "it has no phone, email or username that is verified"),
    ({"phone": "+33612345678", "phone_verified": "perhaps"}, "phone_verified must be true or false"),
    ({"phone": "+33612345678", "password_hash": "secret"}, "password_hash: this is no password hash that can be read"),
    (
        {"phone": "+33612345678", "password_hash": HASH.replace("$04$", "$31$")},
        "password_hash: this hash takes too long or too much memory to verify",
    ),
    ({"phone": "+33612345678", "created_at": "yesterday"}, "created_at must be ISO 8601 or seconds since 1970"),
    ({"phone": "+33612345678", "created_at": True}, "created_at must be ISO 8601 or seconds since 1970"),
    ({"phone": "+33612345678", "created_at": 9e12}, "created_at must be between 1970 and now"),
    ({"phone": "+33612345678", "created_at": "nan"}, "created_at must be between 1970 and now"),
    ({"phone": "+33612345678", "created_at": -1}, "created_at must be between 1970 and now"),
    ({"phone": "+33612345678", "locale": "english"}, "locale must be a language such as en or pt-BR"),
    ({"phone": "+33612345678", "admin": True}, "there is no field 'admin'"),
    ("not json", "it is not JSON"),
    ('{"phone": "+33612345678"', "it is not JSON"),
    ("[" * 5000, "it is not JSON"),
    ('["+33612345678"]', "it is no JSON object"),
    ('{"phone": "' + "1" * 20_000 + '"}', "it is too long"),
]


def test_a_bad_line_is_told_with_its_number_and_the_rest_comes_in(house: House, tmp_path: Path) -> None:
    lines: list[Any] = [{"username": "first"}]
    for line, _reason in BAD:
        lines += [line, "", {"username": f"good-{len(lines)}"}]
    path = json_lines(tmp_path / "users.jsonl", *lines)
    result = run(house, path)
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if line.startswith("line ")]
    assert told == [f"line {2 + 3 * i}: {reason}" for i, (_line, reason) in enumerate(BAD)]
    assert f"{len(BAD) + 1} imported, 0 there already, {len(BAD)} refused." in result.output
    assert house.count("accounts") == len(BAD) + 1
    for secret in ("612345678", "secret", HASH):
        assert secret not in result.output


def test_bytes_that_are_no_text_are_told(house: House, tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"username": "first"}\n{"username": "\xff"}\n\n{"username": "last"}')
    assert "line 2: it is not UTF-8" in run(house, path).output
    assert house.count("accounts") == 2


def test_a_line_that_shares_an_identifier_is_told_and_half_of_it_is_not_taken(house: House, tmp_path: Path) -> None:
    lines = [
        {"phone": "+33612345678", "email": "one@example.org"},
        {"phone": "+33612345679", "email": "two@example.org"},
        {"phone": "+33612345678", "email": "two@example.org"},
        {"phone": "+33612345678", "email": "three@example.org"},
        {"phone": "+33 6 12 34 56 78", "email": "ONE@example.org"},
    ]
    result = run(house, json_lines(tmp_path / "users.jsonl", *lines))
    assert "2 imported, 1 there already, 2 refused." in result.output
    assert "line 3: one of its identifiers belongs to another account, or to an earlier line" in result.output
    assert house.count("accounts") == 2
    assert house.count("identifiers") == 4


def test_csv_is_read_with_its_header(house: House, tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file)
        table.writerow(["email", "phone", "password_hash", "phone_verified", "locale"])
        table.writerow(["a@example.org", "+33612345678", HASH, "TRUE", "fr_CA"])
        table.writerow(["b@example.org", "+33612345679", "", "0", ""])
        table.writerow(["c@example.org"])
        table.writerow(["d\0@example.org", "", "", "", ""])
        table.writerow(["e@example.org", "12", "", "", ""])
        table.writerow(["f@example.org", "", "", "", ""])
    with path.open("ab") as file:
        file.write(b"g@example.org,\xff,,,\n" + b'h@example.org,"open,,,\n')
    result = run(house, path)
    told = [line for line in result.output.splitlines() if line.startswith("line ")]
    assert told[:3] == [
        "line 4: it has 1 columns, and the header 5",
        "line 5: it has characters that cannot be read",
        "line 6: phone must begin with + and the country's calling code",
    ]
    assert told[3:] == ["line 8: it has characters that cannot be read", "line 9: it is not CSV"]
    assert "3 imported, 0 there already, 5 refused." in result.output
    found = house.sql("SELECT locale, password_hash FROM accounts ORDER BY locale DESC")
    assert [tuple(row) for row in found] == [("fr-CA", HASH), ("en", None), ("en", None)]
    assert house.sql("SELECT value FROM identifiers WHERE kind = 'phone'")[0].value == "+33612345678"


def test_a_run_that_is_broken_off_leaves_whole_accounts_and_is_run_again(house: House, tmp_path: Path) -> None:
    lines = list(user_files.read(json_lines(tmp_path / "users.jsonl", *many(1200))))

    def breaks_off() -> Iterator[Line]:
        yield from lines[:1100]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_users.run(house.services, breaks_off(), lambda *_told: None)
    assert house.count("accounts") == 1000
    assert house.sql("SELECT count(*) FROM accounts WHERE id NOT IN (SELECT account_id FROM identifiers)")[0][0] == 0
    report = import_users.run(house.services, iter(lines), lambda *_told: None)
    assert (report.imported, report.there, report.refused) == (200, 1000, 0)
    assert house.count("accounts") == 1200


def test_who_signs_up_while_a_batch_is_written_keeps_their_account(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at who is there and the writing. On SQLite nobody can come between: the look is the write's."""
    if house.services.database.is_sqlite:
        return
    really, came = import_accounts.add, []

    def add(connection: Any, new: Any) -> None:
        if not came:
            came.append(house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code())
        really(connection, new)

    monkeypatch.setattr(import_users.import_accounts, "add", add)
    lines = [Line(i, {"phone": f"+3361234567{i}"}) for i in range(10)]
    report = import_users.run(house.services, lines, lambda *_told: None)
    assert (report.imported, report.there) == (9, 1)
    assert house.count("accounts") == 10
    assert came[0].open("/account").path == "/account"
