"""How many SQL statements one sign-in costs, delivery included."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import event

from storage.migrate import upgrade
from tests.kit import open_house

# What is looked at once a second or twice, however many sign in: the version of the settings, connectors that fail.
POLL = re.compile(r"^SELECT max\(id\)|FROM circuits$")


def count_statements() -> dict[str, int]:
    """Of a member's sign-in: of the four requests, and of the worker."""
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder}/doorcode.db"
    upgrade(url)
    counted: Counter[str] = Counter()
    with open_house(url, folder) as house:
        house.set(guard={"mode": "on"})
        house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code()
        house.clock.forward(60)

        @event.listens_for(house.services.database.engine, "before_cursor_execute")
        def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith("BEGIN") and not POLL.search(statement):
                counted[phase] += 1

        phase = "requests"
        browser = house.browser().sign_in("06 12 34 56 78")
        phase = "delivery"
        house.worker.work_off()
        house.worker.stop()
        phase = "not counted"
        code = house.newest_code()
        phase = "requests"
        browser.client.post("/sign-in/code", data=browser_form(browser, code))
    shutil.rmtree(folder)
    return {"requests": counted["requests"], "delivery": counted["delivery"]}


def browser_form(browser: object, code: str) -> dict[str, str]:
    field = browser.field  # type: ignore[attr-defined]
    return {"csrf_token": field("csrf_token"), "ticket": field("ticket"), "code": code}
