"""Second review: samples drawn, judged blind, compared; and how decisions came about."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from suggest.api.calls import (
    LARGEST_ID,
    RESPONSES,
    SEEN,
    SIGNED_IN,
    Call,
    Day,
    Id,
    In,
    Line,
    Moment,
    RowId,
    Words,
    may,
    same_content,
    tag_content,
)
from suggest.api.decisions import CodeIn
from suggest.review import effort, sampling, second_review
from suggest.review.coding import usable
from suggest.review.effort import CoderEffort
from suggest.review.sampling import Definition, SampleView
from suggest.review.second_review import BlindItem, ItemView, Result

router = APIRouter(
    prefix="/v1", tags=["second review"], dependencies=SIGNED_IN, responses=RESPONSES
)

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class DefinitionIn(In):
    """Which signed encounters to draw from; what is left out limits nothing.

    The size follows from the margin of error (half-width of the interval, 0.05: +- 5 points),
    with the finite population correction, unless `size` sets it.
    """

    name: Annotated[Line, Field(min_length=1, examples=["March, inpatient"])]
    margin: Annotated[float, Field(ge=0.001, le=0.5, allow_inf_nan=False)] = 0.05
    confidence: Annotated[float, Field(ge=0.5, le=0.999, allow_inf_nan=False)] = 0.95
    size: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    facility_id: Id | None = None
    coder: Annotated[Id, Field(description="the id of the user who signed")] | None = None
    payer: Line | None = None
    type: Literal["inpatient", "outpatient", "emergency"] | None = None
    system: Annotated[Line, Field(max_length=32)] | None = None
    code: Annotated[Line, Field(max_length=32, examples=["E11.22"])] | None = None
    probability_from: Share | None = None
    probability_to: Share | None = None
    signed_from: Day | None = None
    signed_to: Day | None = None

    def definition(self) -> Definition:
        return Definition(**self.model_dump())


class DrawIn(DefinitionIn):
    """The definition and, to draw the same again, its seed."""

    seed: Annotated[int, Field(ge=0, lt=2**48)] | None = None

    def definition(self) -> Definition:
        return Definition(**self.model_dump(exclude={"seed"}))


class Plan(BaseModel):
    """What the definition would give: how many match, how many are drawn."""

    population: int
    size: int


class SampleOut(BaseModel):
    """A sample with its encounters in drawn order."""

    sample: SampleView
    items: list[ItemView]


class Judge(In):
    """Whether the code belongs on the encounter."""

    do: Literal["judge"]
    code_id: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    coded: bool
    comment: Words | None = None


class AddMissed(In):
    """A code that belongs on the encounter and is not among those shown."""

    do: Literal["add"]
    code: CodeIn
    comment: Words | None = None


class Finish(In):
    """Every code is judged; nothing changes from here on."""

    do: Literal["finish"]


@router.post("/samples/plan")
def plan(body: DefinitionIn, call: Call = may("sample.draw")) -> Plan:
    """How large the sample would be; nothing is drawn."""
    with call.read() as session:
        population, size = sampling.planned(session, call.actor, body.definition())
    return Plan(population=population, size=size)


@router.post("/samples", status_code=201)
def draw(body: DrawIn, response: Response, call: Call = may("sample.draw")) -> SampleOut:
    """Draw at random. The first coder's decisions are frozen with it."""
    with call.work() as work:
        sample_id = sampling.draw(work, body.definition(), body.seed)
        drawn = SampleOut(
            sample=sampling.sample(work.session, work.actor, sample_id),
            items=second_review.items(work.session, work.actor, sample_id),
        )
    response.headers["Location"] = f"/v1/samples/{sample_id}"
    return drawn


@router.get("/samples")
def list_samples(call: Call = may("agreement.view")) -> list[SampleView]:
    """The samples, newest first."""
    with call.read() as session:
        return sampling.samples(session, call.actor)


@router.get("/samples/{sample_id}")
def read_sample(sample_id: RowId, call: Call = may("agreement.view")) -> SampleOut:
    """A sample with its encounters and how far their review is."""
    with call.read() as session:
        return SampleOut(
            sample=sampling.sample(session, call.actor, sample_id),
            items=second_review.items(session, call.actor, sample_id),
        )


@router.get("/samples/{sample_id}/agreement")
def read_agreement(sample_id: RowId, call: Call = may("agreement.view")) -> Result:
    """Percent agreement and Cohen's kappa with intervals, over- and undercoding counts."""
    with call.read() as session:
        return second_review.result(
            session, call.actor, sample_id, second_review.chapters(call.service.codeset())
        )


@router.get("/sample-items/{item_id}")
def read_item(
    item_id: RowId, response: Response, call: Call = may("second_review.decide")
) -> BlindItem:
    """An encounter to judge again: its notes and codes, not who decided what."""
    with call.read() as session:
        found = second_review.item(session, call.actor, item_id, call.now)
    tag_content(response, _judged(found))
    return found


@router.post("/sample-items/{item_id}/decisions", status_code=201)
def judge(
    item_id: RowId,
    body: Annotated[Judge | AddMissed | Finish, Field(discriminator="do")],
    response: Response,
    call: Call = may("second_review.decide"),
    seen: str = SEEN,
) -> BlindItem:
    """Judge a code, add a missed one, or finish. If-Match is the item's ETag."""
    with call.work() as work:
        before = second_review.item(work.session, work.actor, item_id, call.now)
        same_content(seen, _judged(before))
        match body:
            case Judge():
                second_review.decide(work, item_id, body.code_id, body.coded, body.comment)
            case AddMissed():
                codeset = call.service.codeset(body.code.system)
                new = usable(codeset, body.code.code, before.encounter.date_of_service)
                second_review.add_missed(work, item_id, new, body.comment)
            case Finish():
                second_review.finish(work, item_id)
        found = second_review.item(work.session, work.actor, item_id, call.now)
    tag_content(response, _judged(found))
    return found


@router.get("/effort", tags=["effort"])
def read_effort(
    since: Annotated[Moment, Query(examples=["2026-03-01T00:00:00Z"])],
    until: Annotated[Moment, Query(examples=["2026-04-01T00:00:00Z"])],
    call: Call = may("effort.view"),
) -> list[CoderEffort]:
    """Time per decision and share of unread evidence, by coder in the order of their ids.

    They describe how the work went; they say nothing of whether it was right.
    """
    with call.read() as session:
        return effort.by_coder(session, call.actor, since, until)


def _judged(found: BlindItem) -> list[object]:
    """What a judgement changes."""
    return [found.item.finished_at, [(c.id, c.coded, c.comment) for c in found.codes]]
