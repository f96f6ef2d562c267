"""Samples for second review: listed, sized before they are drawn, drawn, compared."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from starlette.responses import Response

from suggest.auth.tables import User
from suggest.review import encounters, sampling, second_review
from suggest.review.errors import InvalidSample
from suggest.review.sampling import Definition
from suggest.review.view import seen_by
from suggest.store.tables import Encounter, Signature
from suggest.web.page import Page, page_for

router = APIRouter(prefix="/samples")
Drawer = Annotated[Page, Depends(page_for("sample.draw"))]
Reader = Annotated[Page, Depends(page_for("agreement.view"))]
TYPES: Final = ("inpatient", "outpatient", "emergency")
PAYERS: Final = 200  # that the form offers; another can be typed


class Asked(BaseModel):
    """The form. An empty field limits nothing; shares are typed as percent."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    margin: str = "5"
    confidence: str = "95"
    size: str = ""
    facility: str = ""
    coder: str = ""
    payer: str = ""
    type: Literal["", "inpatient", "outpatient", "emergency"] = ""
    code: str = ""
    probability_from: str = ""
    probability_to: str = ""
    signed_from: str = ""
    signed_to: str = ""

    def definition(self) -> Definition:
        """What the rules of sampling take. InvalidSample names the field that cannot be read."""
        return Definition(
            name=self.name.strip()[:200],
            margin=_share("margin of error", self.margin) or 0.05,
            confidence=_share("confidence", self.confidence) or 0.95,
            size=_whole("number of encounters", self.size),
            facility_id=self.facility or None,
            coder=self.coder or None,
            payer=self.payer.strip() or None,
            type=self.type or None,
            code=self.code.strip().upper() or None,
            probability_from=_share("probability from", self.probability_from),
            probability_to=_share("probability up to", self.probability_to),
            signed_from=_day("signed from", self.signed_from),
            signed_to=_day("signed to", self.signed_to),
        )


@router.get("")
def show_all(page: Reader) -> Response:
    """Every sample, newest first."""
    found = sampling.samples(page.session, page.actor)
    return page.render(
        "samples/list.html",
        samples=found,
        names=page.names({s.created_by for s in found}),
        may_draw=page.allows("sample.draw"),
    )


@router.get("/new")
def ask(page: Drawer) -> Response:
    """The form."""
    return _form(page, Asked())


@router.post("/plan")
def plan(asked: Annotated[Asked, Form()], page: Drawer) -> Response:
    """How many it would be: for the form while it is filled in, or as the form again."""
    if page.htmx:
        return page.render("samples/plan.html", **_planned(page, asked))
    return _form(page, asked)


@router.post("")
def draw(asked: Annotated[Asked, Form()], page: Drawer) -> Response:
    """Draw it; a definition that cannot be drawn shows the form again with the reason."""
    try:
        with page.work() as work:
            sample_id = sampling.draw(work, asked.definition())
    except InvalidSample as error:
        return _form(page, asked, str(error))
    return page.see_other(f"/samples/{sample_id}", "The sample is drawn. Its encounters are below.")


@router.get("/{sample_id}")
def show(sample_id: int, page: Reader) -> Response:
    """One sample: its encounters and, of those that are finished, the agreement."""
    session = page.session
    found = sampling.sample(session, page.actor, sample_id)
    items = second_review.items(session, page.actor, sample_id)
    result = second_review.result(
        session, page.actor, sample_id, second_review.chapters(page.service.codeset())
    )
    wanted = [item.encounter_id for item in items]
    visits = {e.id: e for e in session.scalars(select(Encounter).where(Encounter.id.in_(wanted)))}
    codeset = page.service.codeset()
    people: set[str | None] = {found.created_by, *result.by_coder}
    people |= {item.finished_by for item in items} | {found.definition.get("coder")}
    return page.render(
        "samples/show.html",
        sample=found,
        definition=dict.fromkeys(f.name for f in fields(Definition)) | found.definition,
        items=items,
        visits=visits,
        result=result,
        names=page.names(people),
        facilities=encounters.facilities(session, page.actor),
        titles={code: codeset.title(code) for code in result.by_code if code in codeset},
        may_review=page.allows("second_review.decide"),
        next_item=second_review.next_item(session, page.actor, sample_id),
    )


def _form(page: Page, asked: Asked, error: str | None = None) -> Response:
    session = page.session
    seen = seen_by(page.actor)
    signers = select(Signature.actor).distinct()
    payers = select(Encounter.payer).where(Encounter.payer.is_not(None)).distinct().limit(PAYERS)
    if seen is not None:
        signers = signers.where(Signature.encounter_id.in_(seen))
        payers = payers.where(Encounter.id.in_(seen))
    coders = session.scalars(
        select(User).where(User.id.in_(signers)).order_by(User.display_name)
    ).all()
    return page.render(
        "samples/new.html",
        status=200 if error is None else 422,
        asked=asked,
        error=error,
        coders=coders,
        payers=sorted(p for p in session.scalars(payers) if p),
        types=TYPES,
        facilities=encounters.facilities(session, page.actor),
        **_planned(page, asked),
    )


def _planned(page: Page, asked: Asked) -> dict[str, Any]:
    try:
        population, size = sampling.planned(page.session, page.actor, asked.definition())
    except InvalidSample as error:
        return {"population": None, "size": None, "because": str(error)}
    return {"population": population, "size": size, "because": None}


def _share(name: str, text: str) -> float | None:
    """ "7,5" or "7.5" percent as 0.075."""
    if not text.strip():
        return None
    try:
        value = float(text.strip().rstrip("%").replace(",", ".")) / 100
    except ValueError:
        raise InvalidSample(f"{name}: type a number of percent") from None
    if not 0 <= value <= 1:
        raise InvalidSample(f"{name}: type a number from 0 to 100")
    return value


def _whole(name: str, text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 10):
        raise InvalidSample(f"{name}: type a whole number")
    return int(text)


def _day(name: str, text: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidSample(f"{name}: type a date as YYYY-MM-DD") from None
    if not 1900 <= day.year <= 2199:
        raise InvalidSample(f"{name}: the year cannot be")
    return day
