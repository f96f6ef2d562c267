"""One step on an entry: what every decision begins with and ends with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from suggest.review import guard
from suggest.review.actor import Work
from suggest.review.errors import NotFound
from suggest.review.events import Detail
from suggest.review.history import Action, Effort
from suggest.review.view import EntryView, entry_views, for_coder
from suggest.store.tables import CodedEntry, Encounter


@dataclass(frozen=True, slots=True)
class Changed:
    """The encounter's new version and the entries that are not as they were."""

    version: int
    state: str
    undecided_count: int
    action: str
    entries: tuple[EntryView, ...]


def start(
    work: Work,
    encounter_id: str,
    entry_id: int,
    expected_version: int,
    kind: str,
    effort: Effort | None,
) -> tuple[Encounter, CodedEntry, Action]:
    """The encounter and the entry, checked and in review, and the action that watches the entry."""
    row = guard.begin(work, encounter_id, expected_version)
    entry = work.session.get(CodedEntry, entry_id)
    if entry is None or entry.encounter_id != row.id or not _shown(row, entry):
        raise NotFound(f"encounter {row.id} has no code entry {entry_id}: load it again")
    guard.start_review(row)
    action = Action(work, row, kind, effort)
    action.watch(entry)
    return row, entry, action


def done(
    work: Work,
    row: Encounter,
    action: Action,
    detail: Detail,
    *,
    undoes: str | None = None,
    always: bool = False,
) -> Changed:
    """Write the history, raise the version, tell the audit log."""
    changed = action.write(undoes=undoes, always=always)
    version = guard.finish(work, row)
    work.record(
        f"decision.{action.kind}", row.id, {"action": action.id, "version": version, **detail}
    )
    views = for_coder(work.session, row, entry_views(work.session, row, only=changed))
    return Changed(version, row.state, row.undecided_count, action.id, tuple(views))


def mark_accepted(work: Work, row: Encounter, entry: CodedEntry) -> None:
    """Accept, last among those of its kind."""
    clear(entry)
    entry.sequence = last_place(work, row, entry.kind) + 1
    entry.state = "accepted"
    entry.found_blind = entry.found_blind or row.suggestions_hidden
    signed_by(work, entry)


def clear(entry: CodedEntry) -> None:
    """Forget what was decided, in one go: half a decision is none the database would hold."""
    entry.reject_reason = entry.reject_text = entry.replaced_by = None
    entry.sequence = entry.poa = None
    entry.principal = False
    entry.stale = False
    entry.state = "undecided"
    entry.decided_by = entry.decided_at = None


def signed_by(work: Work, entry: CodedEntry) -> None:
    """Note who decided, and when."""
    entry.decided_by, entry.decided_at = work.actor.user_id, work.now


def accepted(work: Work, row: Encounter, kind: str) -> list[CodedEntry]:
    """The accepted codes of a kind in their order."""
    return list(
        work.session.scalars(
            select(CodedEntry)
            .where(
                CodedEntry.encounter_id == row.id,
                CodedEntry.kind == kind,
                CodedEntry.state == "accepted",
            )
            .order_by(CodedEntry.sequence, CodedEntry.id)
        )
    )


def last_place(work: Work, row: Encounter, kind: str) -> int:
    """The highest place in use; 0 when none is."""
    last = work.session.scalar(
        select(func.max(CodedEntry.sequence)).where(
            CodedEntry.encounter_id == row.id, CodedEntry.kind == kind
        )
    )
    return last or 0


def _shown(row: Encounter, entry: CodedEntry) -> bool:
    hidden = row.suggestions_hidden and entry.origin == "suggested" and entry.state == "undecided"
    return entry.state != "withdrawn" and not hidden
