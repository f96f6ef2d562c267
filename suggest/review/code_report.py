"""Everything behind one code of an encounter, gathered for the auditor's sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.audit.chain import Head
from suggest.audit.report import (
    CodeReport,
    ReportDecision,
    ReportEdit,
    ReportEvidence,
    ReportNote,
    ReportReason,
)
from suggest.edits import Edit, Edits
from suggest.review.actor import Actor
from suggest.review.checks import edits_over
from suggest.review.errors import NotFound
from suggest.review.guard import find, refuse_blind
from suggest.review.trail import TrailStep, trail
from suggest.review.view import EntryView, current_run, encounter_view, entry_views
from suggest.store.tables import (
    Encounter,
    Facility,
    Note,
    NoteVersion,
    RejectReason,
    Suggestion,
    SuggestionRun,
)
from suggest.text.span import Span

Person = tuple[str, str]  # the name to show, the role
# What the history calls a step, where its name alone does not say it.
_STEPS: Final = {
    "principal": "marked as principal",
    "poa": "POA indicator set",
    "moved": "moved in the order",
    "carried": "suggestions made again",
}


def code_report(
    session: Session,
    actor: Actor,
    encounter_id: str,
    entry_id: int,
    *,
    now: datetime,
    made_by: str,
    people: Mapping[str, Person],
    head: Head,
    edits: Edits,
) -> CodeReport:
    """The report. NotFound for a code that is not on the encounter, Forbidden where the actor is
    to review it blind.

    `people` are the known users by id. Nothing that a site hides from coders is left out.
    """
    row = find(session, actor, encounter_id)
    refuse_blind(session, actor, row)
    entries = {e.id: e for e in entry_views(session, row)}
    if entry_id not in entries:
        raise NotFound(f"encounter {row.id} has no code entry {entry_id}: check the id")
    entry = entries[entry_id]
    fired = edits_over(edits, entries.values(), encounter_view(row, now))
    run = _run(session, entry)
    codeset = run.codeset if run is not None else _codeset(session, row, entry)
    facility = session.get(Facility, row.facility_id)
    return CodeReport(
        encounter_id=row.id,
        facility=facility.name if facility is not None else row.facility_id,
        encounter_type=row.type,
        date_of_service=row.date_of_service,
        system=entry.system,
        code=entry.code,
        title=entry.title,
        status=entry.state,
        principal=entry.principal,
        poa=entry.poa,
        probability=entry.probability,
        model=run.model_id if run is not None else None,
        model_hash=run.model_sha256 if run is not None else None,
        code_set=codeset,
        notes=_notes(session, row, entry),
        evidence=_evidence(entry),
        reasons=tuple(ReportReason(r.text, r.weight) for r in entry.reasons),
        decisions=_decisions(session, actor, row, entry, entries, people),
        edits=_edits(entry, fired),
        head=head,
        made_at=now,
        made_by=made_by,
    )


def _run(session: Session, entry: EntryView) -> SuggestionRun | None:
    """The run that suggested the code, which need not be the one that stands."""
    return session.scalar(
        select(SuggestionRun)
        .join(Suggestion, Suggestion.run_id == SuggestionRun.id)
        .where(Suggestion.id == entry.suggestion_id)
    )


def _codeset(session: Session, row: Encounter, entry: EntryView) -> str:
    run = current_run(session, row.id)
    return entry.system if run is None else run.codeset


def _notes(session: Session, row: Encounter, entry: EntryView) -> tuple[ReportNote, ...]:
    """The versions that hold evidence; every newest version where none does."""
    quoted = {e.note_version_id for e in (*entry.evidence, *entry.against)}
    pairs = session.execute(
        select(NoteVersion, Note)
        .join(Note, Note.id == NoteVersion.note_id)
        .where(Note.encounter_id == row.id)
        .order_by(Note.written_at, Note.id, NoteVersion.number)
    ).all()
    newest = {note.id: version.id for version, note in pairs}
    shown = quoted or set(newest.values())
    return tuple(
        ReportNote(
            str(version.id),
            note.type,
            version.number,
            note.author_role,
            note.written_at,
            version.text,
        )
        for version, note in pairs
        if version.id in shown
    )


def _evidence(entry: EntryView) -> tuple[ReportEvidence, ...]:
    return tuple(
        ReportEvidence(
            str(e.note_version_id),
            Span(e.start, e.end),
            e.section,
            e.assertion,
            not e.against,
            "coder" if e.by_human else "model",
        )
        for e in (*entry.evidence, *entry.against)
    )


def _decisions(
    session: Session,
    actor: Actor,
    row: Encounter,
    entry: EntryView,
    entries: Mapping[int, EntryView],
    people: Mapping[str, Person],
) -> tuple[ReportDecision, ...]:
    labels = dict(session.execute(select(RejectReason.id, RejectReason.label)).all())
    codes = {number: e.code for number, e in entries.items()}
    return tuple(
        ReportDecision(
            step.at,
            *people.get(step.actor, (step.actor, "")),
            _what(step),
            _detail(step, labels, codes),
        )
        for step in trail(session, actor, row.id, entry.id)
    )


def _what(step: TrailStep) -> str:
    if step.what == "principal" and not step.principal:
        return "principal mark given to another code"
    return _STEPS.get(step.what, step.what)


def _detail(step: TrailStep, labels: Mapping[str, str], codes: Mapping[int, str]) -> str:
    told = []
    if step.what == "undone":
        told.append(f"{step.state_before} -> {step.state}")
    if step.reject_reason is not None:
        told.append(labels.get(step.reject_reason, step.reject_reason))
    if step.reject_text:
        told.append(step.reject_text)
    if step.replaced_by is not None:
        told.append(f"replaced by {codes.get(step.replaced_by, step.replaced_by)}")
    if step.what == "poa":
        told.append(f"POA {step.poa or 'cleared'}")
    if step.what == "moved":
        told.append(f"place {step.sequence}")
    return "; ".join(told)


def _edits(entry: EntryView, fired: Sequence[Edit]) -> tuple[ReportEdit, ...]:
    """The edits that are about the code, with the gap in the documentation that the model named."""
    found = [
        ReportEdit(edit.rule, edit.severity, edit.text, edit.source)
        for edit in fired
        if entry.code in edit.codes
    ]
    if entry.unspecified_because is not None:
        source = "ICD-10-CM Guidelines I.B.2, I.B.18"
        found.append(ReportEdit("unspecified", "info", entry.unspecified_because, source))
    return tuple(found)
