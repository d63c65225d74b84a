"""Does the time of an answer tell who has an account? ``python -m bench.strangers``

Medians of 200 requests each for members and strangers, in turn, against the flow itself on SQLite, with sign-up on and
off.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from flows import sign_up
from flows.outcomes import Next
from storage.migrate import upgrade
from tests.kit import House, open_house

TIMES = 200


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder}/doorcode.db"
    upgrade(url)
    with open_house(url, folder) as house:
        for n in range(TIMES):
            _join(house, f"06 12 34 {n // 100:02d} {n % 100:02d}")
        for enabled in (True, False):
            house.clock.forward(7200)
            house.set(sign_up={"enabled": enabled})
            members, strangers = [], []
            for n in range(TIMES):
                members.append(_time(house, f"06 12 34 {n // 100:02d} {n % 100:02d}"))
                strangers.append(_time(house, f"06 98 76 {n // 100:02d} {n % 100:02d}"))
            one, other = statistics.median(members), statistics.median(strangers)
            mode = "on" if enabled else "off"
            print(f"sign-up {mode}: members {one:.2f} ms, strangers {other:.2f} ms, ratio {other / one:.2f}")


def _join(house: House, number: str) -> None:
    begun = sign_up.start(house.services, house.visitor(number), number, "FR")
    assert isinstance(begun, Next)
    sign_up.check_code(house.services, house.visitor(number), begun.ticket, house.newest_code())


def _time(house: House, number: str) -> float:
    browser = house.browser().open("/sign-in")
    begun = time.perf_counter()
    browser.client.post("/sign-in", data={"csrf_token": browser.field("csrf_token"), "country": "FR", "phone": number})
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
