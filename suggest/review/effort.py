"""How decisions came about, as numbers for leads: time, unread evidence, undone, found blind."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.review.actor import Actor
from suggest.review.guard import find
from suggest.store.tables import CodedEntry, Decision, Encounter

DECIDING = ("accepted", "rejected", "replaced", "added")


@dataclass(frozen=True, slots=True)
class CoderEffort:
    """One coder's decisions. Times in milliseconds, over the `timed` decisions; None without any.

    `unread_share`: of the decisions with known reading, those made with some evidence unread.
    """

    coder: str
    decisions: int
    undone: int
    timed: int
    median_ms: float | None
    p90_ms: float | None
    read_known: int
    unread_share: float | None


@dataclass(frozen=True, slots=True)
class BlindComparison:
    """An encounter coded before its suggestions were shown: what each side found."""

    both: tuple[str, ...]
    coder_only: tuple[str, ...]
    suggested_only: tuple[str, ...]


def by_coder(session: Session, actor: Actor, since: datetime, until: datetime) -> list[CoderEffort]:
    """Each coder's numbers over the decisions in [since, until), by name; no ranking."""
    query = (
        select(
            Decision.actor,
            Decision.action,
            Decision.kind,
            Decision.ms_spent,
            Decision.evidence_seen,
            Decision.undoes,
        )
        .join(Encounter, Encounter.id == Decision.encounter_id)
        .where(
            Decision.at >= since,
            Decision.at < until,
            Decision.kind.in_((*DECIDING, "undone")),
        )
    )
    if not actor.sees_every_facility:
        query = query.where(Encounter.facility_id.in_(sorted(actor.facilities)))
    actions: dict[str, dict[str, tuple[int | None, float | None]]] = defaultdict(dict)
    undone: dict[str, set[str]] = defaultdict(set)
    for coder, action, kind, ms, seen, undoes in session.execute(query):
        if kind == "undone":
            undone[coder].add(undoes or action)
        else:
            actions[coder][action] = (ms, seen)
    return [
        _numbers(coder, list(actions[coder].values()), len(undone[coder]))
        for coder in sorted({*actions, *undone})
    ]


def blind_comparison(session: Session, actor: Actor, encounter_id: str) -> BlindComparison | None:
    """What the coder found alone against what was suggested; None unless both are known."""
    row = find(session, actor, encounter_id)
    if not row.blind or row.suggestions_hidden:
        return None
    entries = session.scalars(
        select(CodedEntry)
        .where(CodedEntry.encounter_id == row.id, CodedEntry.state != "withdrawn")
        .order_by(CodedEntry.code)
    ).all()
    return BlindComparison(
        both=tuple(e.code for e in entries if e.found_blind and e.suggestion_id is not None),
        coder_only=tuple(e.code for e in entries if e.found_blind and e.suggestion_id is None),
        suggested_only=tuple(
            e.code for e in entries if not e.found_blind and e.suggestion_id is not None
        ),
    )


def _numbers(coder: str, values: list[tuple[int | None, float | None]], undone: int) -> CoderEffort:
    times = [ms for ms, _ in values if ms is not None]
    seen = [share for _, share in values if share is not None]
    return CoderEffort(
        coder=coder,
        decisions=len(values),
        undone=undone,
        timed=len(times),
        median_ms=median(times) if times else None,
        p90_ms=quantiles(times, n=10, method="inclusive")[-1] if len(times) > 1 else None,
        read_known=len(seen),
        unread_share=sum(share < 1 for share in seen) / len(seen) if seen else None,
    )
