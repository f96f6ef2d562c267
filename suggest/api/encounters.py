"""Encounters: received with their notes, listed, read, assigned, held, signed, opened again."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from suggest.api.calls import (
    RESPONSES,
    SIGNED_IN,
    VERSION,
    Call,
    Day,
    EncounterId,
    Id,
    In,
    Line,
    Moment,
    RowId,
    Words,
    may,
    tag,
)
from suggest.auth.users import check_assignee
from suggest.review import encounters, leases, signing, suggestions, worklist
from suggest.review.actor import Work
from suggest.review.encounters import NewEncounter, NewNote
from suggest.review.leases import Lease
from suggest.review.view import (
    EncounterView,
    EntryView,
    NoteVersionView,
    NoteView,
    RunView,
    encounter_of,
    note_versions,
    workbench,
)

router = APIRouter(
    prefix="/v1/encounters", tags=["encounters"], dependencies=SIGNED_IN, responses=RESPONSES
)

State = Literal[
    "received", "suggested", "in_review", "query_open", "reopened", "completed", "exported"
]
Type = Literal["inpatient", "outpatient", "emergency"]
_NOTE: Final[JsonDict] = {
    "type": "progress note",
    "author_role": "physician",
    "written_at": "2026-03-01T09:30:00Z",
    "text": "ASSESSMENT\nType 2 diabetes with stage 4 CKD. Denies chest pain.",
}


class NoteIn(In):
    """A note as it was received."""

    type: Annotated[Line, Field(min_length=1, max_length=100)]
    author_role: Annotated[Line, Field(min_length=1, max_length=100)]
    written_at: Moment
    text: Annotated[str, Field(description="the note, at most 1,000,000 characters")]

    model_config = ConfigDict(json_schema_extra={"examples": [_NOTE]})


class EncounterIn(In):
    """A visit. `date_of_service` is the day of discharge of an inpatient."""

    facility_id: Id
    source_id: Annotated[Line, Field(description="the sender's own id")] | None = None
    patient: Annotated[Line, Field(min_length=1, description="a pseudonym")]
    type: Type
    admission_date: Day | None = None
    date_of_service: Day
    sex: Literal["F", "M"] | None = None
    birth_date: Day | None = None
    payer: Line | None = None
    claim_deadline: Day | None = None
    notes: Annotated[list[NoteIn], Field(default_factory=list, max_length=200)]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "facility_id": "north",
                    "source_id": "V-1001",
                    "patient": "p-4711",
                    "type": "outpatient",
                    "date_of_service": "2026-03-01",
                    "sex": "F",
                    "birth_date": "1958-05-04",
                    "payer": "Medicare",
                    "claim_deadline": "2026-03-20",
                    "notes": [_NOTE],
                }
            ]
        }
    )


class CorrectionIn(In):
    """A corrected text; the one before stays as it was."""

    text: str
    reason: Annotated[Words, Field(min_length=1, examples=["Laterality corrected by the author"])]


class AssigneeIn(In):
    """Who shall work on it: a user's id, or null for nobody."""

    user_id: Id | None


class ReopenIn(In):
    """Why it is opened again."""

    reason: Annotated[Words, Field(min_length=1, examples=["Late pathology report"])]


class ExportIn(In):
    """What went out: the form, and the SHA-256 of its content."""

    format: Annotated[Line, Field(min_length=1, max_length=32, examples=["fhir"])]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["ab" * 32])]


class Done(BaseModel):
    """The encounter after a change; `version` is also its ETag."""

    encounter_id: str
    version: int
    state: str


class NoteStored(BaseModel):
    """Where a note went."""

    note_id: int
    note_version_id: int
    version: int


class EncounterOut(BaseModel):
    """An encounter as its coder sees it.

    Offsets are half-open, in code points of the note's text. `missing` is what stands between the
    encounter and its signature. What the site hides (probabilities, suggestions of an encounter
    that is coded first without them) is absent.
    """

    encounter: EncounterView
    run: RunView | None
    notes: list[NoteView]
    entries: list[EntryView]
    missing: list[str]


class SuggestionsOut(BaseModel):
    """The suggestions that stand; `stale`: a note is newer than they are."""

    run: RunView | None
    stale: bool
    hidden: bool
    entries: list[EntryView]


@router.get("")
def list_encounters(
    call: Call = may("worklist.view"),
    state: Annotated[
        list[State] | None, Query(max_length=7, description="default: every open state")
    ] = None,
    facility: Annotated[str | None, Query(max_length=64)] = None,
    type: Type | None = None,
    assignee: Annotated[
        str | None, Query(max_length=64, description="a user's id, or `none` for unassigned")
    ] = None,
    due_by: Day | None = None,
    confidence_below: Annotated[float | None, Query(ge=0, le=1)] = None,
    patient: Annotated[str | None, Query(max_length=200)] = None,
    sort: worklist.Sort = "deadline",
    after: Annotated[
        str | None, Query(max_length=100, description="`next_after` of the page before")
    ] = None,
    size: Annotated[int, Query(ge=1, le=worklist.MAX_PAGE)] = 50,
) -> worklist.Page:
    """The worklist: most urgent, least confident or oldest first, page by page."""
    where = worklist.Filter(
        states=None if state is None else frozenset(state),
        facility_id=facility,
        type=type,
        assignee=worklist.UNASSIGNED if assignee == "none" else assignee,
        due_by=due_by,
        confidence_below=confidence_below,
        patient=patient,
    )
    with call.read() as session:
        return worklist.page(session, call.actor, call.now, where, sort, after, size)


@router.get("/counts")
def count_encounters(call: Call = may("worklist.view")) -> dict[str, int]:
    """How many encounters the caller sees in each state."""
    with call.read() as session:
        return worklist.counts(session, call.actor)


@router.post("/next")
def take_next(call: Call = may("encounter.decide")) -> dict[str, str | None]:
    """Assign the most urgent unassigned encounter to the caller and hold it; null when none is."""
    with call.work() as work:
        return {"encounter_id": worklist.next_for(work)}


@router.post("", status_code=201)
def receive(body: EncounterIn, response: Response, call: Call = may("encounter.receive")) -> Done:
    """Store an encounter with its notes. Its suggestions follow by themselves."""
    fields = body.model_dump(exclude={"notes"})
    with call.work() as work:
        encounter_id = encounters.create(work, NewEncounter(**fields))
        for note in body.notes:
            encounters.add_note(work, encounter_id, NewNote(**note.model_dump()))
        done = _done(work, encounter_id, response)
    call.service.jobs.wake()
    response.headers["Location"] = f"/v1/encounters/{encounter_id}"
    return done


@router.get("/{encounter_id}")
def read_encounter(
    encounter_id: EncounterId, response: Response, call: Call = may("encounter.view")
) -> EncounterOut:
    """The encounter with its notes and codes. That it was read stands in the audit log."""
    with call.work() as work:
        encounters.opened(work, encounter_id)
        seen = workbench(work.session, work.actor, encounter_id, call.now)
        missing = signing.what_is_missing(work.session, work.actor, encounter_id)
    tag(response, seen.encounter.version)
    return EncounterOut(
        encounter=seen.encounter,
        run=seen.run,
        notes=list(seen.notes),
        entries=list(seen.entries),
        missing=list(missing),
    )


@router.post("/{encounter_id}/notes", status_code=201)
def add_note(
    encounter_id: EncounterId,
    body: NoteIn,
    response: Response,
    call: Call = may("encounter.receive"),
    version: int = VERSION,
) -> NoteStored:
    """Add a note. A coder's lease does not stop it: what was documented is documented."""
    note = NewNote(**body.model_dump())
    with call.work() as work:
        stored = encounters.add_note(work, encounter_id, note, expected_version=version)
    return _note(stored, response, call)


@router.get("/{encounter_id}/notes/{note_id}/versions")
def list_note_versions(
    encounter_id: EncounterId, note_id: RowId, call: Call = may("encounter.view")
) -> list[NoteVersionView]:
    """Every version of a note, oldest first. That it was read stands in the audit log."""
    with call.work() as work:
        encounters.opened(work, encounter_id)
        return note_versions(work.session, work.actor, encounter_id, note_id)


@router.post("/{encounter_id}/notes/{note_id}/versions", status_code=201)
def correct_note(
    encounter_id: EncounterId,
    note_id: RowId,
    body: CorrectionIn,
    response: Response,
    call: Call = may("encounter.receive"),
    version: int = VERSION,
) -> NoteStored:
    """Store a corrected text as the note's next version."""
    with call.work() as work:
        stored = encounters.correct_note(
            work, encounter_id, note_id, body.text, body.reason, expected_version=version
        )
    return _note(stored, response, call)


@router.get("/{encounter_id}/suggestions")
def read_suggestions(
    encounter_id: EncounterId, response: Response, call: Call = may("encounter.view")
) -> SuggestionsOut:
    """The run that stands, and what it suggested. Reading it stands in the audit log."""
    with call.work() as work:
        encounters.opened(work, encounter_id)
        seen = workbench(work.session, work.actor, encounter_id, call.now)
    tag(response, seen.encounter.version)
    return SuggestionsOut(
        run=seen.run,
        stale=seen.encounter.suggestions_stale,
        hidden=seen.encounter.suggestions_hidden,
        entries=[e for e in seen.entries if e.suggestion_id is not None],
    )


@router.post("/{encounter_id}/suggestions")
def make_suggestions(
    encounter_id: EncounterId, response: Response, call: Call = may("encounter.suggest")
) -> Done:
    """Make the suggestions now, by the model in service. The same run is stored once.

    Without If-Match: they are tied to the versions of the notes, and no decision is overwritten.
    """
    held = call.service
    suggestions.make(
        held.database,
        call.actor,
        held.audit,
        call.now,
        encounter_id,
        held.suggester.suggest,
        held.model,
    )
    with call.work() as work:
        return _done(work, encounter_id, response)


@router.post("/{encounter_id}/reveal")
def reveal(
    encounter_id: EncounterId,
    response: Response,
    call: Call = may("encounter.decide"),
    version: int = VERSION,
) -> Done:
    """Show the suggestions of an encounter that was coded without them first."""
    with call.work() as work:
        encounters.reveal(work, encounter_id, expected_version=version)
        return _done(work, encounter_id, response)


@router.put("/{encounter_id}/assignee")
def assign(
    encounter_id: EncounterId,
    body: AssigneeIn,
    response: Response,
    call: Call = may("encounter.assign"),
    version: int = VERSION,
) -> Done:
    """Give it to somebody who codes at its facility, or to nobody."""
    with call.work() as work:
        if body.user_id is not None:
            place = encounter_of(work.session, work.actor, encounter_id, work.now).facility_id
            check_assignee(work.session, body.user_id, place)
        encounters.assign(work, encounter_id, body.user_id, expected_version=version)
        return _done(work, encounter_id, response)


@router.put("/{encounter_id}/lease")
def hold(encounter_id: EncounterId, call: Call = may("encounter.decide")) -> Lease:
    """Hold the encounter, or hold it longer; 423 names who holds it."""
    with call.work() as work:
        return leases.acquire(work, encounter_id)


@router.delete("/{encounter_id}/lease", status_code=204)
def let_go(encounter_id: EncounterId, call: Call = may("encounter.decide")) -> None:
    """Let it go; nothing happens where the caller does not hold it."""
    with call.work() as work:
        leases.release(work, encounter_id)


@router.post("/{encounter_id}/lease/take-over")
def take_over(encounter_id: EncounterId, call: Call = may("encounter.assign")) -> Lease:
    """Hold it although somebody else does."""
    with call.work() as work:
        return leases.take_over(work, encounter_id)


@router.post("/{encounter_id}/signature", status_code=201)
def sign(
    encounter_id: EncounterId,
    response: Response,
    call: Call = may("encounter.sign"),
    version: int = VERSION,
) -> Done:
    """Complete it under the caller's name; 409 says what is missing."""
    with call.work() as work:
        signing.sign(work, encounter_id, expected_version=version)
        return _done(work, encounter_id, response)


@router.post("/{encounter_id}/reopen")
def reopen(
    encounter_id: EncounterId,
    body: ReopenIn,
    response: Response,
    call: Call = may("encounter.reopen"),
    version: int = VERSION,
) -> Done:
    """Open a completed encounter again, with a reason."""
    with call.work() as work:
        signing.reopen(work, encounter_id, body.reason, expected_version=version)
        return _done(work, encounter_id, response)


@router.post("/{encounter_id}/exports", status_code=201)
def mark_exported(
    encounter_id: EncounterId,
    body: ExportIn,
    response: Response,
    call: Call = may("encounter.export"),
    version: int = VERSION,
) -> Done:
    """Record that the signed codes went out, in which form and with which content."""
    with call.work() as work:
        signing.exported(work, encounter_id, body.format, body.sha256, expected_version=version)
        return _done(work, encounter_id, response)


def _note(stored: encounters.Stored, response: Response, call: Call) -> NoteStored:
    call.service.jobs.wake()
    tag(response, stored.version)
    return NoteStored(
        note_id=stored.note_id,
        note_version_id=stored.note_version_id,
        version=stored.version,
    )


def _done(work: Work, encounter_id: str, response: Response) -> Done:
    """Read in the change's own transaction: a later version is not what the caller made."""
    view = encounter_of(work.session, work.actor, encounter_id, work.now)
    tag(response, view.version)
    return Done(encounter_id=view.id, version=view.version, state=view.state)
