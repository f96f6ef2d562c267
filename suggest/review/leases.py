"""Who works on an encounter: one holder at a time, seen by all, gone by itself after a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from suggest.review import guard
from suggest.review.actor import Work
from suggest.review.errors import Forbidden
from suggest.store.tables import Encounter

MAY_TAKE_OVER = ("lead", "admin")


@dataclass(frozen=True, slots=True)
class Lease:
    """Held by `holder` until then, unless renewed. A lease does not change the version."""

    encounter_id: str
    holder: str
    until: datetime


def acquire(work: Work, encounter_id: str) -> Lease:
    """Hold the encounter, or hold it longer.

    Raises NotFound, LeaseHeld while somebody else holds it, EncounterClosed when it is completed.
    """
    row = guard.find(work.session, work.actor, encounter_id, lock=True)
    guard.refuse_closed(row)
    guard.refuse_held(work, row)
    renewed = row.lease_holder == work.actor.user_id and _live(work, row)
    return _hold(work, row, None if renewed else "lease.acquired", None)


def renew(work: Work, encounter_id: str) -> Lease:
    """Hold it longer: `acquire` again, so that a lease that ran out is taken anew if it is free."""
    return acquire(work, encounter_id)


def release(work: Work, encounter_id: str) -> None:
    """Let it go. Nothing happens when the actor does not hold it."""
    row = guard.find(work.session, work.actor, encounter_id, lock=True)
    if row.lease_holder == work.actor.user_id:
        row.lease_holder = row.lease_expires_at = None
        work.session.flush()
        work.record("lease.released", row.id, {})


def take_over(work: Work, encounter_id: str) -> Lease:
    """Hold it although somebody else does. Forbidden for anybody but a lead or an admin.

    The other's next change is refused with LeaseHeld, which names the new holder.
    """
    if work.actor.role not in MAY_TAKE_OVER:
        raise Forbidden(
            "only a lead or an admin takes an encounter over: ask one, or wait until it is free"
        )
    row = guard.find(work.session, work.actor, encounter_id, lock=True)
    guard.refuse_closed(row)
    before = row.lease_holder if _live(work, row) else None
    return _hold(work, row, "lease.taken_over", before)


def _live(work: Work, row: Encounter) -> bool:
    return row.lease_expires_at is not None and row.lease_expires_at > work.now


def _hold(work: Work, row: Encounter, event: str | None, before: str | None) -> Lease:
    until = work.now + guard.lease_time(work.session)
    row.lease_holder, row.lease_expires_at = work.actor.user_id, until
    work.session.flush()
    if event is not None:
        work.record(event, row.id, {"until": until.isoformat(), "from": before})
    return Lease(row.id, work.actor.user_id, until)
