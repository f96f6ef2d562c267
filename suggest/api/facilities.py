"""Facilities: where encounters happen; who sees one sees its encounters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from suggest.api.calls import RESPONSES, SIGNED_IN, Call, Id, In, Line, may
from suggest.review import encounters

router = APIRouter(
    prefix="/v1/facilities", tags=["facilities"], dependencies=SIGNED_IN, responses=RESPONSES
)


class FacilityIn(In):
    """A new facility; its id is the one that the sending systems use."""

    id: Annotated[Id, Field(examples=["north"])]
    name: Annotated[Line, Field(min_length=1, examples=["North Hospital"])]


class FacilityOut(BaseModel):
    """A facility."""

    id: str
    name: str


@router.get("")
def list_facilities(call: Call = may("site.view")) -> list[FacilityOut]:
    """The facilities that the caller sees."""
    with call.read() as session:
        found = encounters.facilities(session, call.actor)
    return [FacilityOut(id=key, name=name) for key, name in found.items()]


@router.post("", status_code=201)
def add_facility(body: FacilityIn, call: Call = may("facilities.manage")) -> FacilityOut:
    """Add a facility."""
    with call.work() as work:
        encounters.add_facility(work, body.id, body.name.strip())
    return FacilityOut(id=body.id, name=body.name.strip())
