"""Encounters and their notes: receive, correct, assign, open, reveal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from suggest.errors import InvalidEncounter, InvalidText, TextTooLarge
from suggest.review import guard, settings
from suggest.review.actor import Actor, Work
from suggest.review.errors import (
    AlreadyThere,
    IllegalTransition,
    InvalidNote,
    NotFound,
    VersionConflict,
)
from suggest.store.base import new_id
from suggest.store.tables import Encounter, Facility, Note, NoteVersion

MAX_NOTE = 1_000_000  # code points; a long inpatient summary has some 50,000
TYPES = ("inpatient", "outpatient", "emergency")


@dataclass(frozen=True, slots=True)
class NewEncounter:
    """What the source system says of a visit.

    `date_of_service` is the date of discharge for an inpatient; `patient` is a pseudonym;
    `source_id` is the source system's own id, unique at the facility.
    """

    facility_id: str
    patient: str
    type: str
    date_of_service: date
    admission_date: date | None = None
    sex: str | None = None
    birth_date: date | None = None
    payer: str | None = None
    claim_deadline: date | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note as it was received. `written_at` is aware."""

    type: str
    author_role: str
    written_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a note went: its id, the id of the version, and the encounter's version now."""

    note_id: int
    note_version_id: int
    version: int


def add_facility(work: Work, facility_id: str, name: str) -> None:
    """A new facility. AlreadyThere when the id is taken."""
    if work.session.get(Facility, facility_id) is not None:
        raise AlreadyThere(f"there is a facility {facility_id!r} already: choose another id")
    work.session.add(Facility(id=facility_id, name=name))
    work.session.flush()
    work.record("facility.added", None, {"facility": facility_id})


def facilities(session: Session, actor: Actor) -> dict[str, str]:
    """Id -> name of every facility the actor sees."""
    return {
        row.id: row.name
        for row in session.scalars(select(Facility).order_by(Facility.name))
        if actor.sees(row.id)
    }


def create(work: Work, new: NewEncounter) -> str:
    """Store an encounter in state `received`; its id.

    Raises NotFound for a facility the actor does not see, InvalidEncounter for data that cannot
    be, AlreadyThere when the source system's id was stored before.
    """
    if not work.actor.sees(new.facility_id) or not work.session.get(Facility, new.facility_id):
        raise NotFound(f"there is no facility {new.facility_id!r} among yours: check the id")
    _check(new, work.now.date())
    if new.source_id is not None:
        there = work.session.scalar(
            select(Encounter.id).where(
                Encounter.facility_id == new.facility_id, Encounter.source_id == new.source_id
            )
        )
        if there is not None:
            raise AlreadyThere(
                f"encounter {there} was stored for this source id already: add notes to it"
            )
    encounter_id = new_id()
    blind = _drawn(encounter_id, settings.get_float(work.session, "blind_share"))
    work.session.add(
        Encounter(
            id=encounter_id,
            facility_id=new.facility_id,
            source_id=new.source_id,
            patient=new.patient,
            type=new.type,
            admission_date=new.admission_date,
            date_of_service=new.date_of_service,
            sex=new.sex,
            birth_date=new.birth_date,
            payer=new.payer,
            claim_deadline=new.claim_deadline,
            blind=blind,
            suggestions_hidden=blind,
            received_at=work.now,
            updated_at=work.now,
        )
    )
    work.session.flush()
    work.record("encounter.received", encounter_id, {"facility": new.facility_id, "blind": blind})
    return encounter_id


def add_note(
    work: Work, encounter_id: str, note: NewNote, *, expected_version: int | None = None
) -> Stored:
    """Add a note. The encounter's suggestions are out of date until they are made again.

    A feed passes no `expected_version` and is not stopped by a coder's lease: what was documented
    is documented. Raises EncounterClosed for a completed encounter.
    """
    row = _open(work, encounter_id, expected_version)
    _check_text(note.text)
    if not note.type.strip() or not note.author_role.strip():
        raise InvalidNote("a note needs its type and its author's role: send both")
    if note.written_at.tzinfo is None:
        raise InvalidNote("the note's time has no zone: send it with an offset")
    stored = Note(
        encounter_id=row.id,
        type=note.type.strip(),
        author_role=note.author_role.strip(),
        written_at=note.written_at,
    )
    work.session.add(stored)
    work.session.flush()
    return _store_version(work, row, stored.id, 1, note.text, None)


def correct_note(
    work: Work,
    encounter_id: str,
    note_id: int,
    text: str,
    reason: str,
    *,
    expected_version: int | None = None,
) -> Stored:
    """Store a corrected text as the note's next version; the old one stays as it was.

    Raises NotFound, EncounterClosed, InvalidText, and InvalidNote when nothing was corrected or no
    reason is given.
    """
    row = _open(work, encounter_id, expected_version)
    _check_text(text)
    if not reason.strip():
        raise InvalidNote("a correction needs a reason: say who corrected what")
    last = work.session.scalar(
        select(NoteVersion)
        .join(Note, Note.id == NoteVersion.note_id)
        .where(Note.id == note_id, Note.encounter_id == row.id)
        .order_by(NoteVersion.number.desc())
        .limit(1)
    )
    if last is None:
        raise NotFound(f"encounter {row.id} has no note {note_id}: check the id")
    if last.text == text:
        raise InvalidNote(f"the text is the one of version {last.number}: nothing was corrected")
    return _store_version(work, row, note_id, last.number + 1, text, reason.strip())


def current_versions(session: Session, encounter_id: str) -> list[NoteVersion]:
    """The newest version of every note, in the order the notes were written."""
    newest = (
        select(NoteVersion.note_id, func.max(NoteVersion.number).label("number"))
        .join(Note, Note.id == NoteVersion.note_id)
        .where(Note.encounter_id == encounter_id)
        .group_by(NoteVersion.note_id)
        .subquery()
    )
    return list(
        session.scalars(
            select(NoteVersion)
            .join(
                newest,
                (newest.c.note_id == NoteVersion.note_id) & (newest.c.number == NoteVersion.number),
            )
            .join(Note, Note.id == NoteVersion.note_id)
            .order_by(Note.written_at, Note.id)
        )
    )


def assign(work: Work, encounter_id: str, assignee: str | None, *, expected_version: int) -> int:
    """Give the encounter to a coder, or to nobody. The new version."""
    row = guard.begin(work, encounter_id, expected_version)
    before, row.assignee = row.assignee, assignee
    version = guard.finish(work, row)
    work.record("encounter.assigned", row.id, {"from": before, "to": assignee})
    return version


def opened(work: Work, encounter_id: str) -> None:
    """Record that the actor read the encounter."""
    row = guard.find(work.session, work.actor, encounter_id)
    work.record("encounter.opened", row.id, {"version": row.version, "state": row.state})


def reveal(work: Work, encounter_id: str, *, expected_version: int) -> int:
    """Show the suggestions of an encounter that was coded without them first. The new version."""
    row = guard.begin(work, encounter_id, expected_version)
    if not row.suggestions_hidden:
        raise IllegalTransition(f"the suggestions of encounter {row.id} are shown already")
    guard.start_review(row)
    row.suggestions_hidden = False
    version = guard.finish(work, row)
    work.record("suggestions.revealed", row.id, {"version": version})
    return version


def _open(work: Work, encounter_id: str, expected_version: int | None) -> Encounter:
    row = guard.find(work.session, work.actor, encounter_id, lock=True)
    if expected_version is not None and row.version != expected_version:
        raise VersionConflict(row.id, expected_version, row.version)
    guard.refuse_closed(row)
    guard.touch(work, row)
    return row


def _store_version(
    work: Work, row: Encounter, note_id: int, number: int, text: str, reason: str | None
) -> Stored:
    digest = hashlib.sha256(text.encode()).hexdigest()
    stored = NoteVersion(
        note_id=note_id,
        number=number,
        text=text,
        length=len(text),
        sha256=digest,
        reason=reason,
        received_at=work.now,
        received_by=work.actor.user_id,
    )
    work.session.add(stored)
    row.suggestions_stale = True
    version = guard.finish(work, row)
    work.record(
        "note.received" if number == 1 else "note.corrected",
        row.id,
        {"note": note_id, "note_version": stored.id, "number": number, "sha256": digest},
    )
    return Stored(note_id, stored.id, version)


def _check(new: NewEncounter, today: date) -> None:
    faults = []
    if new.type not in TYPES:
        faults.append(f"type is one of {', '.join(TYPES)}, not {new.type!r}")
    if new.sex not in (None, "F", "M"):
        faults.append("sex is F, M or not given")
    if not new.patient.strip():
        faults.append("a patient pseudonym is needed")
    if new.admission_date is not None and new.admission_date > new.date_of_service:
        faults.append("the admission lies after the date of service (discharge)")
    if new.birth_date is not None and new.birth_date > new.date_of_service:
        faults.append("the birth date lies after the date of service")
    if new.date_of_service > today + timedelta(days=1):  # it may be tomorrow already there
        faults.append("the date of service lies in the future")
    if faults:
        raise InvalidEncounter("; ".join(faults))


def _check_text(text: str) -> None:
    if not text.strip():
        raise InvalidText("the note is empty: send its text")
    if len(text) > MAX_NOTE:
        raise TextTooLarge(
            f"the note has {len(text)} characters, more than {MAX_NOTE}: send it in parts"
        )
    if "\x00" in text:
        raise InvalidText("the note holds a NUL character: send text without it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidText(
            f"the note has a lone surrogate at {error.start}: send valid Unicode text"
        ) from None


def _drawn(encounter_id: str, share: float) -> bool:
    """Whether the encounter falls into the blind share: fixed by its id, which nobody chooses."""
    draw = int.from_bytes(hashlib.sha256(encounter_id.encode()).digest()[:8], "big") / 2**64
    return draw < share
