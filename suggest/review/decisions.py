"""What a coder does with a code: accept, reject, replace, add, undo.

Every function takes the encounter's version that the coder saw and answers with what changed.
All raise NotFound, LeaseHeld, VersionConflict, EncounterClosed, IllegalTransition (nothing was
suggested yet) and InvalidDecision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.review import guard, history
from suggest.review.actor import Work
from suggest.review.errors import InvalidDecision
from suggest.review.history import Action, Effort
from suggest.review.rules import kind_of
from suggest.review.spans import Selected, checked
from suggest.review.steps import Changed, clear, done, last_place, mark_accepted, signed_by, start
from suggest.store.tables import CodedEntry, Encounter, Evidence, RejectReason


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code of a code set; the caller has looked it up for the date of service."""

    system: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for rejecting; `needs_text` asks the coder for words of their own."""

    id: str
    label: str
    needs_text: bool


def reject_reasons(session: Session) -> list[Reason]:
    """The site's reasons in their order; the number key of each is its place."""
    return [
        Reason(r.id, r.label, r.needs_text)
        for r in session.scalars(
            select(RejectReason).where(RejectReason.active).order_by(RejectReason.position)
        )
    ]


def accept(
    work: Work,
    encounter_id: str,
    entry_id: int,
    *,
    expected_version: int,
    effort: Effort | None = None,
) -> Changed:
    """The code belongs on the encounter; it is ordered last of its kind."""
    row, entry, action = start(work, encounter_id, entry_id, expected_version, "accepted", effort)
    if entry.state == "accepted":
        raise InvalidDecision(f"{entry.code} is accepted already: nothing to do")
    mark_accepted(work, row, entry)
    return done(work, row, action, {"entry": entry.id, "code": entry.code})


def reject(
    work: Work,
    encounter_id: str,
    entry_id: int,
    reason: str,
    text: str | None = None,
    *,
    expected_version: int,
    effort: Effort | None = None,
) -> Changed:
    """The code does not belong, for one of the site's reasons.

    Rejecting a code that replaced another asks for the other again.
    """
    row, entry, action = start(work, encounter_id, entry_id, expected_version, "rejected", effort)
    chosen = work.session.get(RejectReason, reason)
    if chosen is None or not chosen.active:
        names = ", ".join(r.id for r in reject_reasons(work.session))
        raise InvalidDecision(f"no reason {reason!r}: choose one of {names}")
    text = (text or "").strip() or None
    if chosen.needs_text and text is None:
        raise InvalidDecision(f"the reason {chosen.label!r} needs a text: say why in a few words")
    clear(entry)
    entry.state, entry.reject_reason, entry.reject_text = "rejected", chosen.id, text
    signed_by(work, entry)
    for replaced in work.session.scalars(
        select(CodedEntry).where(
            CodedEntry.encounter_id == row.id, CodedEntry.replaced_by == entry.id
        )
    ).all():
        action.watch(replaced)
        clear(replaced)
        replaced.state = "undecided"
    return done(work, row, action, {"entry": entry.id, "code": entry.code, "reason": chosen.id})


def replace(
    work: Work,
    encounter_id: str,
    entry_id: int,
    new: NewCode,
    evidence: Sequence[Selected] = (),
    *,
    expected_version: int,
    effort: Effort | None = None,
) -> Changed:
    """Another code belongs instead; it takes the place, the principal mark and the POA."""
    row, entry, action = start(work, encounter_id, entry_id, expected_version, "replaced", effort)
    if (entry.system, entry.code) == (new.system, new.code):
        raise InvalidDecision(f"{new.code} cannot replace itself: choose another code")
    place = (entry.sequence, entry.principal, entry.poa, entry.kind)
    other = _standing(work, row, new)
    clear(entry)
    if other is None:
        other = action.new(_new_entry(work, row, new, "replacement"))
    else:
        action.watch(other)
        if other.state != "accepted":
            mark_accepted(work, row, other)
    entry.state, entry.replaced_by = "replaced", other.id
    signed_by(work, entry)
    work.session.flush()
    sequence, principal, poa, kind = place
    if sequence is not None and kind == other.kind:
        other.sequence = min(sequence, other.sequence or sequence)
        other.principal = other.principal or principal
        other.poa = other.poa or poa
    _add_evidence(work, row, other, action, evidence)
    return done(
        work,
        row,
        action,
        {"entry": entry.id, "code": entry.code, "by": other.id, "by_code": new.code},
    )


def add(
    work: Work,
    encounter_id: str,
    new: NewCode,
    evidence: Sequence[Selected] = (),
    *,
    expected_version: int,
    effort: Effort | None = None,
) -> Changed:
    """Add a code that was missed, with the text that supports it or from the code book alone.

    A code that stands undecided or rejected becomes accepted; an accepted one gets the evidence.
    """
    row = guard.begin(work, encounter_id, expected_version)
    guard.start_review(row)
    action = Action(work, row, "added", effort)
    entry = _standing(work, row, new)
    if entry is None:
        entry = action.new(_new_entry(work, row, new, "added"))
    else:
        action.watch(entry)
        if entry.state == "accepted" and not evidence:
            raise InvalidDecision(f"{new.code} is accepted already: nothing to do")
        if entry.state != "accepted":
            mark_accepted(work, row, entry)
    _add_evidence(work, row, entry, action, evidence)
    spans = [{"note_version": e.note_version_id, "start": e.start, "end": e.end} for e in evidence]
    return done(
        work, row, action, {"entry": entry.id, "code": entry.code, "spans": spans}, always=True
    )


def undo(work: Work, encounter_id: str, *, expected_version: int) -> Changed:
    """Take back the actor's own last action; again takes back the one before. NothingToUndo."""
    row = guard.begin(work, encounter_id, expected_version)
    guard.start_review(row)
    steps = history.last_action(work, row)
    action = Action(work, row, "undone")
    entries = {s.entry_id: work.session.get_one(CodedEntry, s.entry_id) for s in steps}
    for entry in entries.values():
        action.watch(entry)
        entry.principal = False
    work.session.flush()  # before restoring: the database allows one principal at a time
    for step in steps:
        history.restore(entries[step.entry_id], step.before)
    undone = steps[0]
    return done(
        work,
        row,
        action,
        {"action": undone.action, "kind": undone.kind, "entries": sorted(entries)},
        undoes=undone.action,
        always=True,
    )


def _new_entry(work: Work, row: Encounter, new: NewCode, origin: str) -> CodedEntry:
    if not new.code.strip() or not new.title.strip():
        raise InvalidDecision("a code and its title are needed: look the code up first")
    kind = kind_of(new.system)
    return CodedEntry(
        encounter_id=row.id,
        origin=origin,
        system=new.system,
        code=new.code,
        title=new.title,
        kind=kind,
        state="accepted",
        principal=False,
        sequence=last_place(work, row, kind) + 1,
        found_blind=row.suggestions_hidden,
        decided_by=work.actor.user_id,
        decided_at=work.now,
    )


def _standing(work: Work, row: Encounter, code: NewCode) -> CodedEntry | None:
    return work.session.scalar(
        select(CodedEntry).where(
            CodedEntry.encounter_id == row.id,
            CodedEntry.system == code.system,
            CodedEntry.code == code.code,
            CodedEntry.state != "withdrawn",
        )
    )


def _add_evidence(
    work: Work, row: Encounter, entry: CodedEntry, action: Action, evidence: Sequence[Selected]
) -> None:
    for selected, text in checked(work.session, row.id, evidence):
        work.session.add(
            Evidence(
                entry_id=entry.id,
                action=action.id,
                note_version_id=selected.note_version_id,
                span_start=selected.start,
                span_end=selected.end,
                text=text,
                section=selected.section,
                assertion=selected.assertion,
            )
        )
    work.session.flush()
