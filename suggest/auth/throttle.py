"""Slows down whoever guesses passwords: by name and by address, doubling the wait.

An attempt is counted before the password is looked at and given back when it was right, so that a
hundred attempts at once are a hundred attempts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from suggest.auth.secret import digest
from suggest.auth.settings import ThrottleSettings
from suggest.auth.tables import Throttle
from suggest.store.base import UtcDateTime


@dataclass(frozen=True, slots=True)
class Key:
    """What is counted, and how many failures it has free."""

    hash: str
    free: int


def keys(name: str, address: str, settings: ThrottleSettings) -> tuple[Key, Key]:
    """The name's and the address's key. People type passwords into the name's field: hashed."""
    return (
        Key(digest(f"name:{name}"), settings.free_for_name),
        Key(digest(f"address:{address}"), settings.free_for_address),
    )


def wait(session: Session, counted: Iterable[Key], now: datetime) -> int:
    """Whole seconds until the next attempt is looked at; 0 for now. Locks nothing."""
    hashes = [key.hash for key in counted]
    return _seconds(session.scalars(select(Throttle).where(Throttle.key.in_(hashes))), now)


def count(
    session: Session, counted: Iterable[Key], now: datetime, settings: ThrottleSettings
) -> int:
    """Count an attempt as failed and set the time before the next; 0.

    Or, when one must wait, the seconds: then nothing is counted.
    """
    # Locked in one order, so that two attempts do not wait for each other.
    rows = [(key, _locked(session, key, now)) for key in sorted(counted, key=lambda key: key.hash)]
    seconds = _seconds((row for _, row in rows), now)
    if seconds:
        return seconds
    for key, row in rows:
        if now - row.last_at >= settings.forget:
            row.failures = 0
        row.failures += 1
        row.last_at = now
        over = row.failures - key.free
        row.blocked_until = None
        if over >= 0:
            # The exponent is bounded: an overflow would be the end of the back-off.
            row.blocked_until = now + min(settings.first * 2 ** min(over, 30), settings.longest)
    session.flush()
    return 0


def give_back(session: Session, name: Key, address: Key, now: datetime) -> None:
    """The attempt was right: the name starts anew, the address has one failure less."""
    session.execute(delete(Throttle).where(Throttle.key == name.hash))
    row = _locked(session, address, now)
    row.failures = max(0, row.failures - 1)
    if row.failures < address.free:
        row.blocked_until = None
    session.flush()


def forget(session: Session, now: datetime, settings: ThrottleSettings) -> None:
    """Drop what is too old to count."""
    session.execute(delete(Throttle).where(Throttle.last_at <= now - settings.forget))


def _seconds(rows: Iterable[Throttle], now: datetime) -> int:
    until = [row.blocked_until for row in rows if row.blocked_until is not None]
    return max(0, math.ceil((max(until, default=now) - now).total_seconds()))


def _locked(session: Session, key: Key, now: datetime) -> Throttle:
    session.execute(
        text(
            "INSERT INTO auth_throttle (key, failures, last_at) VALUES (:key, 0, :now) "
            "ON CONFLICT DO NOTHING"
        ).bindparams(bindparam("now", type_=UtcDateTime())),
        {"key": key.hash, "now": now},
    )
    return session.scalars(
        select(Throttle)
        .where(Throttle.key == key.hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
