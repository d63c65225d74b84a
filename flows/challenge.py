"""A challenge, before the message that the guard asks it for.

  1. put      the form that was sent is kept, to be sent once more     -> solve
  2. solve    a proof of work, or a wait that is over                  -> again | refused
     wait     stand in line instead, where there is no JavaScript      -> solve | refused

It is its browser's alone, good once and for half an hour. Solving it lets the browser's next message through
(flows/guard_pass.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flows.outcomes import Next, Refused
from flows.refusals import explained
from flows.services import Services, Visitor
from rules import guarding, proof_of_work
from rules.refusals import Reason, RefusedError
from rules.risk_reading import network_of
from rules.tokens import hash_token, is_id, new_id
from settings.keys import Use
from storage import challenges
from storage.challenges import Challenge

SECONDS = 1800
WAIT_SECONDS = 30  # times the effort; one after the other, whoever asks from a network
LONGEST_WAIT = 900
READY_SECONDS = 600  # from a wait that is over to the button


@dataclass(frozen=True)
class Shown:
    """``path`` and ``form``: what is sent once more. ``puzzle``: for the browser's part, as JSON. ``wait``: how many
    seconds one would wait instead; ``ready_in``: how many are left, 0 where it is over, None where nobody waits."""

    id: str
    path: str
    form: dict[str, str]
    live: bool
    puzzle: str
    wait: int
    ready_in: int | None


def put(services: Services, visitor: Visitor, effort: int, path: str, form: dict[str, str]) -> Next:
    now = services.clock()
    challenge = Challenge(new_id(), hash_token(visitor.browser), effort, path, form, now, now + SECONDS)
    with services.database.write() as connection:
        challenges.add(connection, challenge)
    return Next("solve", challenge.id)


def page(services: Services, visitor: Visitor, challenge_id: str) -> Shown | None:
    """What there is to show of a challenge, also of one that is over."""
    found, now = _find(services, visitor, challenge_id), services.clock()
    if found is None:
        return None
    live = found.solved_at is None and found.expires_at > now
    return Shown(
        id=found.id,
        path=found.path,
        form=found.form,
        live=live,
        puzzle=proof_of_work.puzzle(services.keys.all(Use.CHALLENGES)[0], found.id, found.effort) if live else "",
        wait=WAIT_SECONDS * found.effort,
        ready_in=None if found.ready_at is None else max(0, math.ceil(found.ready_at - now)),
    )


@explained
def wait(services: Services, visitor: Visitor, challenge_id: str) -> Next | Refused:
    found, now = _live(services, visitor, challenge_id), services.clock()
    if found.ready_at is not None or found.solved_at is not None:
        return Next("solve", found.id)
    seconds = WAIT_SECONDS * found.effort
    with services.database.write() as connection:
        network = network_of(visitor.address)
        ready_at = challenges.stand_in_line(connection, network, now, seconds=seconds, longest=LONGEST_WAIT)
        if ready_at is None:
            raise RefusedError(Reason.MANY_WAIT, seconds)
        if not challenges.wait(connection, found, ready_at, ready_at + READY_SECONDS, now):
            raise RefusedError(Reason.START_AGAIN)
    return Next("solve", found.id)


@explained
def solve(services: Services, visitor: Visitor, challenge_id: str, payload: str) -> Next | Refused:
    """``payload``: what the browser's part found; "" of whoever waited. What is solved already lets no more through."""
    found, now = _live(services, visitor, challenge_id), services.clock()
    if found.solved_at is not None:
        return Next("again", found.id)
    if payload:
        keys = services.keys.all(Use.CHALLENGES)
        if not proof_of_work.is_solved(keys, found.id, found.effort, payload):
            raise RefusedError(Reason.UNSOLVED)
    elif found.ready_at is None or found.ready_at > now:
        raise RefusedError(Reason.NOT_YET, math.ceil(found.ready_at - now) if found.ready_at else None)
    with services.database.write() as connection:
        if challenges.solve(connection, found, now):
            guarding.solved(connection, found.browser, now)
    return Next("again", found.id)


def _find(services: Services, visitor: Visitor, challenge_id: str) -> Challenge | None:
    if not visitor.browser or not is_id(challenge_id):
        return None
    with services.database.read() as connection:
        return challenges.find(connection, challenge_id, hash_token(visitor.browser))


def _live(services: Services, visitor: Visitor, challenge_id: str) -> Challenge:
    found = _find(services, visitor, challenge_id)
    if found is None or found.expires_at <= services.clock():
        raise RefusedError(Reason.START_AGAIN)
    return found
