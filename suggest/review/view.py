"""What a coder sees of an encounter: its notes, its codes with their evidence, who works on it."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from suggest.engine.model import Reason
from suggest.review import settings
from suggest.review.actor import Actor
from suggest.review.encounters import current_versions
from suggest.review.errors import NotFound
from suggest.review.guard import find, refuse_blind
from suggest.store.tables import (
    CodedEntry,
    Decision,
    Encounter,
    Evidence,
    Note,
    NoteVersion,
    Suggestion,
    SuggestionRun,
)


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """`text` stands at `start:end` of the note version; `current`: that version is the newest."""

    id: int
    note_id: int
    note_version_id: int
    start: int
    end: int
    text: str
    section: str
    assertion: str
    against: bool
    by_human: bool
    current: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """A code on the encounter with the decision on it. `probability` is None where it is hidden,
    or where a human added the code."""

    id: int
    code: str
    system: str
    title: str
    kind: str
    origin: str
    state: str
    reject_reason: str | None
    reject_text: str | None
    replaced_by: int | None
    sequence: int | None
    principal: bool
    poa: str | None
    stale: bool
    found_blind: bool
    decided_by: str | None
    decided_at: datetime | None
    suggestion_id: int | None
    probability: float | None
    rank: int | None
    unspecified_because: str | None
    reasons: tuple[Reason, ...]
    evidence: tuple[EvidenceView, ...]
    against: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True)
class NoteView:
    """The newest version of a note. `number` is 1 for a note that was never corrected."""

    id: int
    type: str
    author_role: str
    written_at: datetime
    version_id: int
    number: int
    text: str
    sha256: str
    correction: str | None


@dataclass(frozen=True, slots=True)
class NoteVersionView:
    """One version of a note; `reason` says why it corrects the one before."""

    version_id: int
    number: int
    text: str
    sha256: str
    reason: str | None
    received_at: datetime
    received_by: str


@dataclass(frozen=True, slots=True)
class RunView:
    """Which model and code set made the suggestions that stand."""

    id: int
    model_id: str
    model_sha256: str
    codeset: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class EncounterView:
    """The encounter's own data. `lease_holder` is None where nobody holds it now."""

    id: str
    facility_id: str
    source_id: str | None
    patient: str
    type: str
    admission_date: date | None
    date_of_service: date
    sex: str | None
    birth_date: date | None
    age: int | None
    payer: str | None
    claim_deadline: date | None
    state: str
    assignee: str | None
    version: int
    lease_holder: str | None
    lease_expires_at: datetime | None
    blind: bool
    suggestions_hidden: bool
    suggestions_stale: bool
    undecided_count: int
    received_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything on the coder's page. `entries`: by rank, a human's additions last."""

    encounter: EncounterView
    run: RunView | None
    notes: tuple[NoteView, ...]
    entries: tuple[EntryView, ...]


def workbench(session: Session, actor: Actor, encounter_id: str, now: datetime) -> Workbench:
    """The coder's view: what the site hides or has not yet shown is left out.

    While the suggestions are hidden, undecided ones are absent and the others bare. NotFound;
    Forbidden where the actor is to review it blind.
    """
    row = find(session, actor, encounter_id)
    refuse_blind(session, actor, row)
    entries = for_coder(session, row, entry_views(session, row))
    return Workbench(
        encounter=encounter_view(row, now),
        run=current_run(session, row.id),
        notes=tuple(note_views(session, row.id)),
        entries=tuple(e for e in entries if e.state != "withdrawn"),
    )


def encounter_of(session: Session, actor: Actor, encounter_id: str, now: datetime) -> EncounterView:
    """The encounter's own data. NotFound."""
    return encounter_view(find(session, actor, encounter_id), now)


def seen_by(actor: Actor) -> Select[str] | None:
    """The ids of the encounters that the actor sees, to filter by; None: every one."""
    if actor.sees_every_facility:
        return None
    return select(Encounter.id).where(Encounter.facility_id.in_(sorted(actor.facilities)))


def note_versions(
    session: Session, actor: Actor, encounter_id: str, note_id: int
) -> list[NoteVersionView]:
    """Every version of a note, oldest first. NotFound."""
    row = find(session, actor, encounter_id)
    note = session.get(Note, note_id)
    if note is None or note.encounter_id != row.id:
        raise NotFound(f"encounter {row.id} has no note {note_id}: check the id")
    return [
        NoteVersionView(v.id, v.number, v.text, v.sha256, v.reason, v.received_at, v.received_by)
        for v in session.scalars(
            select(NoteVersion).where(NoteVersion.note_id == note.id).order_by(NoteVersion.number)
        )
    ]


def for_coder(session: Session, row: Encounter, entries: list[EntryView]) -> list[EntryView]:
    """The entries without what the site hides or has not yet shown."""
    if row.suggestions_hidden:
        return [_bare(e) for e in entries if e.origin != "suggested" or e.state != "undecided"]
    if settings.get_bool(session, "hide_probabilities"):
        return [dataclasses.replace(e, probability=None) for e in entries]
    return entries


def encounter_view(row: Encounter, now: datetime) -> EncounterView:
    """A row as data; a lease that ran out before `now` is no lease."""
    held = row.lease_expires_at is not None and row.lease_expires_at > now
    return EncounterView(
        id=row.id,
        facility_id=row.facility_id,
        source_id=row.source_id,
        patient=row.patient,
        type=row.type,
        admission_date=row.admission_date,
        date_of_service=row.date_of_service,
        sex=row.sex,
        birth_date=row.birth_date,
        age=age_at(row.birth_date, row.date_of_service),
        payer=row.payer,
        claim_deadline=row.claim_deadline,
        state=row.state,
        assignee=row.assignee,
        version=row.version,
        lease_holder=row.lease_holder if held else None,
        lease_expires_at=row.lease_expires_at if held else None,
        blind=row.blind,
        suggestions_hidden=row.suggestions_hidden,
        suggestions_stale=row.suggestions_stale,
        undecided_count=row.undecided_count,
        received_at=row.received_at,
        updated_at=row.updated_at,
    )


def entry_views(
    session: Session, row: Encounter, only: Iterable[int] | None = None
) -> list[EntryView]:
    """The entries (withdrawn ones too, nothing hidden) with their evidence, by rank.

    `only`: these entry ids and no others.
    """
    query = (
        select(CodedEntry, Suggestion)
        .outerjoin(Suggestion, Suggestion.id == CodedEntry.suggestion_id)
        .where(CodedEntry.encounter_id == row.id)
        .order_by(Suggestion.rank.is_(None), Suggestion.rank, CodedEntry.id)
    )
    if only is not None:
        query = query.where(CodedEntry.id.in_(list(only)))
    pairs = session.execute(query).all()
    of_suggestion, of_entry = _evidence(
        session,
        row.id,
        [s.id for _, s in pairs if s is not None],
        [e.id for e, _ in pairs],
    )
    return [
        _entry_view(
            entry,
            suggestion,
            (of_suggestion[suggestion.id] if suggestion is not None else []) + of_entry[entry.id],
        )
        for entry, suggestion in pairs
    ]


def current_run(session: Session, encounter_id: str) -> RunView | None:
    """The run whose suggestions stand."""
    run = session.scalar(
        select(SuggestionRun).where(
            SuggestionRun.encounter_id == encounter_id, SuggestionRun.superseded_at.is_(None)
        )
    )
    if run is None:
        return None
    return RunView(run.id, run.model_id, run.model_sha256, run.codeset, run.made_at)


def age_at(birth: date | None, day: date) -> int | None:
    """Whole years at the day."""
    if birth is None:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def note_views(session: Session, encounter_id: str) -> list[NoteView]:
    """The newest version of every note, in the order they were written."""
    notes = {
        n.id: n for n in session.scalars(select(Note).where(Note.encounter_id == encounter_id))
    }
    return [
        NoteView(
            id=v.note_id,
            type=notes[v.note_id].type,
            author_role=notes[v.note_id].author_role,
            written_at=notes[v.note_id].written_at,
            version_id=v.id,
            number=v.number,
            text=v.text,
            sha256=v.sha256,
            correction=v.reason,
        )
        for v in current_versions(session, encounter_id)
    ]


def _evidence(
    session: Session, encounter_id: str, suggestions: Sequence[int], entries: Sequence[int]
) -> tuple[dict[int, list[EvidenceView]], dict[int, list[EvidenceView]]]:
    newest = dict(
        session.execute(
            select(NoteVersion.note_id, func.max(NoteVersion.id))
            .join(Note, Note.id == NoteVersion.note_id)
            .where(Note.encounter_id == encounter_id)
            .group_by(NoteVersion.note_id)
        ).all()
    )
    undone = set(
        session.scalars(
            select(Decision.undoes).where(
                Decision.encounter_id == encounter_id, Decision.undoes.is_not(None)
            )
        )
    )
    rows = session.execute(
        select(Evidence, NoteVersion.note_id)
        .join(NoteVersion, NoteVersion.id == Evidence.note_version_id)
        .where(Evidence.suggestion_id.in_(suggestions) | Evidence.entry_id.in_(entries))
        .order_by(Evidence.note_version_id, Evidence.span_start, Evidence.id)
    ).all()
    of_suggestion: dict[int, list[EvidenceView]] = defaultdict(list)
    of_entry: dict[int, list[EvidenceView]] = defaultdict(list)
    for e, note_id in rows:
        if e.action in undone:
            continue
        view = EvidenceView(
            id=e.id,
            note_id=note_id,
            note_version_id=e.note_version_id,
            start=e.span_start,
            end=e.span_end,
            text=e.text,
            section=e.section,
            assertion=e.assertion,
            against=e.against,
            by_human=e.entry_id is not None,
            current=newest.get(note_id) == e.note_version_id,
        )
        if e.suggestion_id is not None:
            of_suggestion[e.suggestion_id].append(view)
        elif e.entry_id is not None:
            of_entry[e.entry_id].append(view)
    return of_suggestion, of_entry


def _entry_view(
    entry: CodedEntry, suggestion: Suggestion | None, evidence: list[EvidenceView]
) -> EntryView:
    reasons = [] if suggestion is None else suggestion.reasons
    return EntryView(
        id=entry.id,
        code=entry.code,
        system=entry.system,
        title=entry.title,
        kind=entry.kind,
        origin=entry.origin,
        state=entry.state,
        reject_reason=entry.reject_reason,
        reject_text=entry.reject_text,
        replaced_by=entry.replaced_by,
        sequence=entry.sequence,
        principal=entry.principal,
        poa=entry.poa,
        stale=entry.stale,
        found_blind=entry.found_blind,
        decided_by=entry.decided_by,
        decided_at=entry.decided_at,
        suggestion_id=entry.suggestion_id,
        probability=None if suggestion is None else suggestion.probability,
        rank=None if suggestion is None else suggestion.rank,
        unspecified_because=None if suggestion is None else suggestion.unspecified_because,
        reasons=tuple(Reason(r["feature"], r["text"], r["weight"]) for r in reasons),
        evidence=tuple(e for e in evidence if not e.against),
        against=tuple(e for e in evidence if e.against),
    )


def _bare(entry: EntryView) -> EntryView:
    """An entry without anything the engine said of it."""
    return dataclasses.replace(
        entry,
        suggestion_id=None,
        probability=None,
        rank=None,
        unspecified_because=None,
        reasons=(),
        evidence=tuple(e for e in entry.evidence if e.by_human),
        against=(),
    )
