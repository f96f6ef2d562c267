"""What a coder does with the codes of an encounter, and the history of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from suggest.api.calls import (
    LARGEST_ID,
    RESPONSES,
    SIGNED_IN,
    VERSION,
    Call,
    EncounterId,
    In,
    Line,
    Words,
    may,
    tag,
)
from suggest.review import decisions, sequencing
from suggest.review.actor import Work
from suggest.review.coding import usable
from suggest.review.decisions import NewCode
from suggest.review.history import Effort
from suggest.review.spans import Selected
from suggest.review.steps import Changed
from suggest.review.trail import TrailStep, trail
from suggest.review.view import encounter_of

router = APIRouter(
    prefix="/v1/encounters/{encounter_id}/decisions",
    tags=["decisions"],
    dependencies=SIGNED_IN,
    responses=RESPONSES,
)

Place = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Assertion = Literal["affirmed", "negated", "possible", "historical", "family", "hypothetical"]


class SelectedIn(In):
    """Text that a human selected: `[start:end)` in code points of the newest note version."""

    note_version_id: Place
    start: Annotated[int, Field(ge=0, le=2**31 - 1)]
    end: Annotated[int, Field(ge=1, le=2**31 - 1)]
    section: Annotated[Line, Field(max_length=100)] = ""
    assertion: Assertion = "affirmed"

    def selected(self) -> Selected:
        return Selected(**self.model_dump())


class CodeIn(In):
    """A code of an installed code set; it must be billable and valid on the day of service."""

    system: Annotated[Line, Field(max_length=32)] = "ICD-10-CM"
    code: Annotated[Line, Field(min_length=1, max_length=32, examples=["E11.22"])]


class EffortIn(In):
    """How the decision came about; see the numbers for leads."""

    ms_spent: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    evidence_seen: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None

    def effort(self) -> Effort:
        return Effort(self.ms_spent, self.evidence_seen)


Evidence = Annotated[list[SelectedIn], Field(default_factory=list, max_length=50)]


class Accept(In):
    """The code belongs on the encounter."""

    do: Literal["accept"]
    entry: Place
    effort: EffortIn | None = None


class Reject(In):
    """The code does not belong, for one of the site's reasons."""

    do: Literal["reject"]
    entry: Place
    reason: Annotated[Line, Field(min_length=1, max_length=64, examples=["not_documented"])]
    text: Words | None = None
    effort: EffortIn | None = None


class Replace(In):
    """Another code belongs instead."""

    do: Literal["replace"]
    entry: Place
    by: CodeIn
    evidence: Evidence
    effort: EffortIn | None = None


class Add(In):
    """A code that was missed, with the text that supports it or from the code book alone."""

    do: Literal["add"]
    code: CodeIn
    evidence: Evidence
    effort: EffortIn | None = None


class Principal(In):
    """This is the principal (outpatient: first-listed) diagnosis."""

    do: Literal["principal"]
    entry: Place


class Poa(In):
    """Whether the diagnosis was present on admission; null clears it."""

    do: Literal["poa"]
    entry: Place
    value: Literal["Y", "N", "U", "W", "exempt"] | None


class Move(In):
    """Put an accepted code at this place among those of its kind; 1 is first."""

    do: Literal["move"]
    entry: Place
    place: Annotated[int, Field(ge=1, le=1000)]


class Undo(In):
    """Take back the caller's own last decision."""

    do: Literal["undo"]


DecisionIn = Annotated[
    Accept | Reject | Replace | Add | Principal | Poa | Move | Undo,
    Field(
        discriminator="do",
        examples=[
            {"do": "accept", "entry": 17, "effort": {"ms_spent": 5200, "evidence_seen": 1.0}},
            {"do": "reject", "entry": 18, "reason": "not_documented"},
            {
                "do": "add",
                "code": {"code": "N18.4"},
                "evidence": [{"note_version_id": 3, "start": 32, "end": 43}],
            },
            {"do": "undo"},
        ],
    ),
]


@router.get("")
def list_decisions(
    encounter_id: EncounterId, call: Call = may("encounter.view")
) -> list[TrailStep]:
    """Who decided what and when, oldest first; nothing is ever taken out of it."""
    with call.read() as session:
        return trail(session, call.actor, encounter_id)


@router.post("", status_code=201)
def decide(
    encounter_id: EncounterId,
    body: DecisionIn,
    response: Response,
    call: Call = may("encounter.decide"),
    version: int = VERSION,
) -> Changed:
    """Decide on one code, or order the accepted ones. Answers the codes that changed."""
    with call.work() as work:
        changed = _decide(work, encounter_id, body, version, call)
    tag(response, changed.version)
    return changed


def _decide(work: Work, encounter_id: str, body: DecisionIn, version: int, call: Call) -> Changed:
    effort = body.effort.effort() if not isinstance(body, _WITHOUT_EFFORT) and body.effort else None
    match body:
        case Accept():
            return decisions.accept(
                work, encounter_id, body.entry, expected_version=version, effort=effort
            )
        case Reject():
            return decisions.reject(
                work,
                encounter_id,
                body.entry,
                body.reason,
                body.text,
                expected_version=version,
                effort=effort,
            )
        case Replace():
            return decisions.replace(
                work,
                encounter_id,
                body.entry,
                _code(work, encounter_id, body.by, call),
                [e.selected() for e in body.evidence],
                expected_version=version,
                effort=effort,
            )
        case Add():
            return decisions.add(
                work,
                encounter_id,
                _code(work, encounter_id, body.code, call),
                [e.selected() for e in body.evidence],
                expected_version=version,
                effort=effort,
            )
        case Principal():
            return sequencing.principal(work, encounter_id, body.entry, expected_version=version)
        case Poa():
            return sequencing.poa(
                work, encounter_id, body.entry, body.value, expected_version=version
            )
        case Move():
            return sequencing.move(
                work, encounter_id, body.entry, body.place, expected_version=version
            )
        case Undo():
            return decisions.undo(work, encounter_id, expected_version=version)


_WITHOUT_EFFORT = (Principal, Poa, Move, Undo)


def _code(work: Work, encounter_id: str, code: CodeIn, call: Call) -> NewCode:
    day = encounter_of(work.session, work.actor, encounter_id, work.now).date_of_service
    return usable(call.service.codeset(code.system), code.code, day)
