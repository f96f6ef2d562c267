"""The worklist: filter, sort, page by page; and the next encounter to work on.

A page is found in two steps: the ids from one index that holds every filtered column, then those
rows alone. Pages follow the last row seen (keyset), so that page 100 costs what page 1 costs.
The index read is the one that sorts: filters are `passed` on the way through it, because looking
up a state or a facility finds half of the table, which would then have to be sorted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, SQLColumnExpression, func, literal_column, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from suggest.review import guard, leases
from suggest.review.actor import Actor, Work
from suggest.review.errors import InvalidFilter
from suggest.review.view import EncounterView, encounter_view
from suggest.store.dialect import passed
from suggest.store.tables import Encounter, Facility
from suggest.store.tables.encounters import OPEN_STATES, STATES, one_of

Sort = Literal["deadline", "lowest_confidence", "received"]
UNASSIGNED = ""
MAX_PAGE = 200
TO_BE_TAKEN = ("suggested", "in_review", "reopened")

_SORTED: dict[str, InstrumentedAttribute[Any]] = {
    "deadline": Encounter.due_on,
    "lowest_confidence": Encounter.probability_key,
    "received": Encounter.received_at,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show; None filters nothing.

    `states` None: every open one. `assignee`: a user id, or UNASSIGNED. `due_by`: the claim
    deadline is on or before the day. `confidence_below`: the least probable undecided suggestion.
    """

    states: frozenset[str] | None = None
    facility_id: str | None = None
    type: str | None = None
    assignee: str | None = None
    due_by: date | None = None
    confidence_below: float | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the worklist. `lowest_probability`: of the undecided suggestions."""

    encounter: EncounterView
    suggestion_count: int
    lowest_probability: float | None


@dataclass(frozen=True, slots=True)
class Page:
    """Lines in order, and the `after` of the next page; None when this is the last."""

    rows: tuple[Row, ...]
    next_after: str | None


def page(
    session: Session,
    actor: Actor,
    now: datetime,
    where: Filter = Filter(),
    sort: Sort = "deadline",
    after: str | None = None,
    size: int = 50,
) -> Page:
    """The lines after the one that `after` names; most urgent (least confident, oldest) first.

    Raises InvalidFilter for a state, sort, size or `after` that cannot be.
    """
    if sort not in _SORTED:
        raise InvalidFilter(f"no sort {sort!r}: choose one of {', '.join(_SORTED)}")
    if not 1 <= size <= MAX_PAGE:
        raise InvalidFilter(f"a page holds 1 to {MAX_PAGE} lines, not {size}")
    key = _SORTED[sort]
    query = (
        select(Encounter.id)
        .where(*_conditions(actor, where))
        .order_by(key, Encounter.id)
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(tuple_(key, Encounter.id) > tuple_(*_read_after(sort, after)))
    ids = session.scalars(query).all()
    rows = {
        row.id: row
        for row in session.scalars(select(Encounter).where(Encounter.id.in_(ids[:size])))
    }
    lines = [rows[encounter_id] for encounter_id in ids[:size]]
    return Page(
        tuple(
            Row(encounter_view(row, now), row.suggestion_count, row.lowest_probability)
            for row in lines
        ),
        _write_after(sort, lines[-1]) if len(ids) > size else None,
    )


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many encounters the actor sees in each state."""
    seen = sorted(actor.facilities) if not actor.sees_every_facility else select(Facility.id)
    # A count of each state reads its part of the index; grouping would look at every row.
    numbers = session.execute(
        select(
            *(
                select(func.count())
                .where(Encounter.facility_id.in_(seen), Encounter.state == state)
                .scalar_subquery()
                for state in STATES
            )
        )
    ).one()
    return dict(zip(STATES, numbers, strict=True))


def next_for(work: Work) -> str | None:
    """Assign the most urgent unassigned encounter to the actor and hold it; its id.

    None when there is nothing left to take. One that somebody else holds is passed over.
    """
    row = work.session.scalar(
        select(Encounter)
        .where(
            *_visible(work.actor, passed(Encounter.facility_id)),
            passed(Encounter.state).in_(TO_BE_TAKEN),
            Encounter.assignee.is_(None),
            Encounter.lease_expires_at.is_(None)
            | (Encounter.lease_expires_at <= work.now)
            | (Encounter.lease_holder == work.actor.user_id),
        )
        .order_by(Encounter.due_on, Encounter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    guard.touch(work, row)
    row.assignee = work.actor.user_id
    guard.finish(work, row)
    work.record("encounter.assigned", row.id, {"from": None, "to": work.actor.user_id})
    leases.acquire(work, row.id)
    return row.id


def _visible(actor: Actor, facility: SQLColumnExpression[str]) -> list[ColumnElement[bool]]:
    return [] if actor.sees_every_facility else [facility.in_(sorted(actor.facilities))]


def _one_of(states: tuple[str, ...]) -> ColumnElement[bool]:
    """Written out, not bound: SQLite uses a partial index only for the index's own words."""
    return literal_column(one_of("encounter.state", states))


def _conditions(actor: Actor, where: Filter) -> list[ColumnElement[bool]]:
    unknown = (where.states or frozenset()) - set(STATES)
    if unknown:
        raise InvalidFilter(
            f"no state {', '.join(sorted(unknown))}: choose among {', '.join(STATES)}"
        )
    # A patient's or a coder's encounters are few: those are looked up.
    few = where.patient is not None or where.assignee not in (None, UNASSIGNED)
    states = where.states if where.states is not None else frozenset(OPEN_STATES)
    result: list[ColumnElement[bool]] = [passed(Encounter.state).in_(sorted(states))]
    if states <= set(OPEN_STATES) and not few:
        result.append(_one_of(OPEN_STATES))
    facility = Encounter.facility_id if few else passed(Encounter.facility_id)
    result += _visible(actor, facility)
    if where.facility_id is not None:
        result.append(facility == where.facility_id)
    if where.type is not None:
        result.append(Encounter.type == where.type)
    if where.assignee == UNASSIGNED:
        result.append(passed(Encounter.assignee).is_(None))
    elif where.assignee is not None:
        result.append(Encounter.assignee == where.assignee)
    if where.due_by is not None:
        result.append(Encounter.due_on <= where.due_by)
    if where.confidence_below is not None:
        result.append(Encounter.probability_key < where.confidence_below)
    if where.patient is not None:
        result.append(Encounter.patient == where.patient)
    return result


def _write_after(sort: Sort, row: Encounter) -> str:
    if sort == "lowest_confidence":
        return f"{row.probability_key!r}~{row.id}"
    value: date | datetime = row.due_on if sort == "deadline" else row.received_at
    return f"{value.isoformat()}~{row.id}"


def _read_after(sort: Sort, after: str) -> tuple[Any, str]:
    value, _, encounter_id = after.rpartition("~")
    try:
        if sort == "lowest_confidence":
            return float(value), encounter_id
        if sort == "deadline":
            return date.fromisoformat(value), encounter_id
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC), encounter_id
    except (ValueError, OverflowError):  # a time zone can carry the first day out of the calendar
        pass
    raise InvalidFilter(f"{after!r} is no place in this list: start at its beginning")
