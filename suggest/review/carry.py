"""What becomes of the decisions when the suggestions are made again.

A decision stays with its code. It is asked again only where its ground is gone: an accepted code
that no current text supports, or a rejected one that new text supports.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.review import history
from suggest.review.actor import Work
from suggest.review.encounters import current_versions
from suggest.review.history import Action
from suggest.review.rules import kind_of
from suggest.store.tables import (
    CodedEntry,
    Decision,
    Encounter,
    Evidence,
    NoteVersion,
    Suggestion,
)


def carry_over(work: Work, row: Encounter, run_id: int, *, notes_changed: bool) -> None:
    """Bring the entries in line with the run that now stands."""
    session = work.session
    suggested = {
        (s.system, s.code): s
        for s in session.scalars(
            select(Suggestion).where(Suggestion.run_id == run_id).order_by(Suggestion.rank)
        )
    }
    standing = {
        (e.system, e.code): e
        for e in session.scalars(
            select(CodedEntry).where(
                CodedEntry.encounter_id == row.id, CodedEntry.state != "withdrawn"
            )
        )
    }
    action = Action(work, row, "carried")
    for key, suggestion in suggested.items():
        entry = standing.get(key)
        if entry is None:
            session.add(_undecided(row, suggestion))
            continue
        action.watch(entry)
        if entry.state in ("rejected", "replaced") and _says_more(
            session, entry.suggestion_id, suggestion.id
        ):
            _ask_again(entry)
        entry.suggestion_id = suggestion.id
        entry.stale = False
    session.flush()
    for key, entry in standing.items():
        action.watch(entry)
        supported = _human_evidence(work, row, entry) if notes_changed else True
        if key in suggested:
            continue
        if entry.state == "undecided" and entry.origin == "suggested" and not entry.stale:
            entry.state = "withdrawn"
        elif entry.state == "accepted" and not supported:
            _ask_again(entry)
            entry.stale = True
    action.write()
    history.close(session, row)


def _undecided(row: Encounter, suggestion: Suggestion) -> CodedEntry:
    return CodedEntry(
        encounter_id=row.id,
        suggestion_id=suggestion.id,
        origin="suggested",
        system=suggestion.system,
        code=suggestion.code,
        title=suggestion.title,
        kind=kind_of(suggestion.system),
        state="undecided",
    )


def _ask_again(entry: CodedEntry) -> None:
    entry.state = "undecided"
    entry.reject_reason = entry.reject_text = entry.replaced_by = None
    entry.sequence = entry.poa = None
    entry.principal = False


def _says_more(session: Session, before: int | None, after: int) -> bool:
    """Whether the new suggestion quotes a snippet for the code that the old one did not."""

    def quoted(suggestion_id: int | None) -> set[str]:
        return {
            " ".join(text.lower().split())
            for text in session.scalars(
                select(Evidence.text).where(
                    Evidence.suggestion_id == suggestion_id, Evidence.against.is_(False)
                )
            )
        }

    return bool(quoted(after) - quoted(before))


def _human_evidence(work: Work, row: Encounter, entry: CodedEntry) -> bool:
    """Whether a human's ground for the code stands in the current notes.

    Evidence in a corrected note is found again where its words still stand, nearest to where they
    stood. A code that a human added without any evidence needs none; a suggested one does.
    """
    session = work.session
    undone = select(Decision.undoes).where(
        Decision.encounter_id == row.id, Decision.undoes.is_not(None)
    )
    given = session.scalars(
        select(Evidence).where(Evidence.entry_id == entry.id, Evidence.action.not_in(undone))
    ).all()
    if not given:
        return entry.origin != "suggested"
    newest = {v.note_id: v for v in current_versions(session, row.id)}
    current = {v.id for v in newest.values()}
    found = any(e.note_version_id in current for e in given)
    for evidence in given:
        if evidence.note_version_id in current:
            continue
        old = session.get_one(NoteVersion, evidence.note_version_id)
        new = newest[old.note_id]
        start = _nearest(new.text, evidence.text, evidence.span_start)
        if start is None:
            continue
        found = True
        if not any(e.note_version_id == new.id and e.text == evidence.text for e in given):
            session.add(
                Evidence(
                    entry_id=entry.id,
                    action=evidence.action,
                    note_version_id=new.id,
                    span_start=start,
                    span_end=start + len(evidence.text),
                    text=evidence.text,
                    section=evidence.section,
                    assertion=evidence.assertion,
                )
            )
    session.flush()
    return found


def _nearest(text: str, snippet: str, place: int) -> int | None:
    """Where the snippet stands in the text, nearest to the place; None if it does not."""
    after = text.find(snippet, place)
    before = text.rfind(snippet, 0, place + len(snippet))
    if after < 0 or before < 0:
        return None if after < 0 and before < 0 else max(after, before)
    return before if place - before <= after - place else after
