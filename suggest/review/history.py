"""The history of decisions: every change of an entry is an appended row that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from suggest.review.actor import Work
from suggest.review.errors import NothingToUndo
from suggest.store.base import new_id
from suggest.store.tables import CodedEntry, Decision, Encounter

FIELDS = (
    "state",
    "reject_reason",
    "reject_text",
    "replaced_by",
    "sequence",
    "principal",
    "poa",
    "stale",
    "found_blind",
    "decided_by",
    "decided_at",
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How the decision came about: milliseconds since the entry was shown, and the share (0 to 1)
    of its evidence that had been on the screen."""

    ms_spent: int | None = None
    evidence_seen: float | None = None


def snapshot(entry: CodedEntry) -> dict[str, Any]:
    """The decided fields of an entry, as JSON can carry them."""
    values = {field: getattr(entry, field) for field in FIELDS}
    at: datetime | None = values["decided_at"]
    values["decided_at"] = None if at is None else at.isoformat()
    return values


def restore(entry: CodedEntry, values: dict[str, Any]) -> None:
    """Set the decided fields back to a snapshot."""
    for field in FIELDS:
        value = values[field]
        if field == "decided_at" and value is not None:
            value = datetime.fromisoformat(value)
        setattr(entry, field, value)


class Action:
    """One thing done to one or more entries; becomes history when it is written.

    `watch` an entry before it changes; `write` appends a row for each that did change.
    """

    def __init__(self, work: Work, row: Encounter, kind: str, effort: Effort | None = None) -> None:
        self.id = new_id()
        self.kind = kind
        self._work = work
        self._row = row
        self._effort = effort or Effort()
        self._watched: dict[int, tuple[CodedEntry, dict[str, Any]]] = {}

    def watch(self, entry: CodedEntry) -> CodedEntry:
        """Remember the entry as it stands now."""
        if entry.id not in self._watched:
            self._watched[entry.id] = (entry, snapshot(entry))
        return entry

    def new(self, entry: CodedEntry) -> CodedEntry:
        """Store an entry that did not exist: before the action, it was withdrawn."""
        self._work.session.add(entry)
        self._work.session.flush()
        before = dict.fromkeys(FIELDS) | {
            "state": "withdrawn",
            "principal": False,
            "stale": False,
            "found_blind": False,
        }
        self._watched[entry.id] = (entry, before)
        return entry

    def write(self, *, undoes: str | None = None, always: bool = False) -> list[int]:
        """Append the rows; the ids of the entries that changed (`always`: of all watched)."""
        self._work.session.flush()
        changed = []
        for entry, before in self._watched.values():
            after = snapshot(entry)
            if after == before and not always:
                continue
            changed.append(entry.id)
            self._work.session.add(
                Decision(
                    encounter_id=self._row.id,
                    entry_id=entry.id,
                    action=self.id,
                    kind=self.kind,
                    undoes=undoes,
                    before=before,
                    after=after,
                    actor=self._work.actor.user_id,
                    at=self._work.now,
                    ms_spent=self._effort.ms_spent,
                    evidence_seen=self._effort.evidence_seen,
                )
            )
        self._work.session.flush()
        return changed


def close(session: Session, row: Encounter) -> None:
    """From here on nothing that was decided before can be undone (only decided again)."""
    last = session.scalar(select(func.max(Decision.id)).where(Decision.encounter_id == row.id))
    row.undo_floor = last or 0


def last_action(work: Work, row: Encounter) -> list[Decision]:
    """The rows of the newest action that was not taken back. NothingToUndo when there is none,
    or when somebody else did it."""
    rows = work.session.scalars(
        select(Decision)
        .where(Decision.encounter_id == row.id, Decision.id > row.undo_floor)
        .order_by(Decision.id.desc())
    ).all()
    undone = {r.undoes for r in rows if r.undoes is not None}
    for candidate in rows:
        if candidate.undoes is None and candidate.action not in undone:
            if candidate.actor != work.actor.user_id:
                raise NothingToUndo(
                    f"the last decision on encounter {row.id} is {candidate.actor}'s, "
                    "who alone can undo it: decide again instead"
                )
            return [r for r in rows if r.action == candidate.action]
    raise NothingToUndo(
        f"there is no decision on encounter {row.id} to undo since it was opened, signed or its "
        "suggestions were made: decide again instead"
    )
