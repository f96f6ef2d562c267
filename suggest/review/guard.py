"""What stands before every change: facility, lease, version, state. And what stands after it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from suggest.review import settings
from suggest.review.actor import Actor, Work
from suggest.review.errors import (
    EncounterClosed,
    Forbidden,
    IllegalTransition,
    LeaseHeld,
    NotFound,
    VersionConflict,
)
from suggest.review.rules import transitions
from suggest.store.tables import CodedEntry, Encounter, SampleItem, SecondDecision, Suggestion
from suggest.store.tables.encounters import CLOSED_STATES

_AUDITOR = "auditor"
_REVIEWERS = (_AUDITOR, "lead")
WORKABLE = ("suggested", "in_review", "query_open", "reopened")


def find(session: Session, actor: Actor, encounter_id: str, *, lock: bool = False) -> Encounter:
    """The encounter. NotFound when there is none or the actor does not see its facility."""
    query = select(Encounter).where(Encounter.id == encounter_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or not actor.sees(row.facility_id):
        raise NotFound(f"there is no encounter {encounter_id} at your facilities: check the id")
    return row


def refuse_blind(session: Session, actor: Actor, row: Encounter) -> None:
    """Forbidden while the actor may yet review the encounter blind: an auditor until its second
    review is finished, a lead once they began it. What was decided first would be seen."""
    if actor.role not in _REVIEWERS:
        return
    query = select(SampleItem.id).where(
        SampleItem.encounter_id == row.id,
        SampleItem.finished_at.is_(None),
        SampleItem.first_coder != actor.user_id,
    )
    if actor.role != _AUDITOR:
        query = query.join(SecondDecision, SecondDecision.item_id == SampleItem.id).where(
            SecondDecision.decided_by == actor.user_id
        )
    item = session.scalar(query.limit(1))
    if item is not None:
        raise Forbidden(
            f"encounter {row.id} is under blind second review (sample item {item}): its first "
            "decisions are shown when that review is finished"
        )


def begin(work: Work, encounter_id: str, expected_version: int) -> Encounter:
    """The encounter, locked, checked as in `check`, at its next version; `finish` ends it."""
    row = check(work, encounter_id, expected_version)
    touch(work, row)
    return row


def touch(work: Work, row: Encounter) -> None:
    """Raise the version and renew the actor's own lease, before anything else is written.

    The version comes last: looking up the lease's time flushes, and the database wants the step
    that a signature stands for in the same UPDATE as the version.
    """
    if row.lease_holder == work.actor.user_id:
        row.lease_expires_at = work.now + lease_time(work.session)
    row.updated_at = work.now
    row.version += 1


def check(work: Work, encounter_id: str, expected_version: int) -> Encounter:
    """The encounter, locked, if this actor may change it now.

    Raises NotFound, LeaseHeld, VersionConflict or EncounterClosed, tried in this order.
    """
    row = find(work.session, work.actor, encounter_id, lock=True)
    refuse_held(work, row)
    if row.version != expected_version:
        raise VersionConflict(row.id, expected_version, row.version)
    refuse_closed(row)
    return row


def refuse_closed(row: Encounter) -> None:
    """EncounterClosed when it is completed or exported."""
    if row.state in CLOSED_STATES:
        raise EncounterClosed(row.id, row.state)


def refuse_held(work: Work, row: Encounter) -> None:
    """LeaseHeld when somebody else holds a lease that has not run out."""
    if (
        row.lease_holder is not None
        and row.lease_expires_at is not None
        and row.lease_holder != work.actor.user_id
        and row.lease_expires_at > work.now
    ):
        raise LeaseHeld(row.id, row.lease_holder, row.lease_expires_at)


def start_review(row: Encounter) -> None:
    """A decision is being made: step to `in_review`. IllegalTransition before any suggestions."""
    if row.state not in WORKABLE:
        raise IllegalTransition(
            f"encounter {row.id} is {row.state}: its suggestions must be made before it is coded"
        )
    if row.state in ("suggested", "reopened"):
        step(row, "in_review")


def step(row: Encounter, to_state: str) -> None:
    """Set the state. IllegalTransition for a step that the table of steps does not hold."""
    if (row.state, to_state) not in transitions():
        raise IllegalTransition(
            f"encounter {row.id} cannot go from {row.state} to {to_state}: "
            f"possible is {', '.join(sorted(t for f, t in transitions() if f == row.state))}"
        )
    row.state = to_state


def finish(work: Work, row: Encounter) -> int:
    """Count the entries again and write. The version now."""
    work.session.flush()
    recount(work.session, row)
    work.session.flush()
    return row.version


def lease_time(session: Session) -> timedelta:
    """How long a lease lasts after the holder's last step."""
    return timedelta(minutes=settings.get_int(session, "lease_minutes"))


def recount(session: Session, row: Encounter) -> None:
    """Bring the worklist's counters in line with the entries."""
    suggested, undecided, lowest = session.execute(
        select(
            func.count(CodedEntry.suggestion_id).filter(CodedEntry.state != "withdrawn"),
            func.count().filter(CodedEntry.state == "undecided"),
            func.min(Suggestion.probability).filter(CodedEntry.state == "undecided"),
        )
        .select_from(CodedEntry)
        .outerjoin(Suggestion, Suggestion.id == CodedEntry.suggestion_id)
        .where(CodedEntry.encounter_id == row.id)
    ).one()
    row.suggestion_count = suggested
    row.undecided_count = undecided
    row.lowest_probability = lowest
