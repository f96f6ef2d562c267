"""Suggestions for one note; nothing is stored."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from suggest.api.body import MAX_BYTES
from suggest.api.calls import RESPONSES, SIGNED_IN
from suggest.auth.web import require_once_in_use
from suggest.engine.model import Encounter, Suggestion
from suggest.errors import InvalidText, TextTooLarge
from suggest.service import Service, service

router = APIRouter(prefix="/v1", tags=["suggestions"], dependencies=SIGNED_IN, responses=RESPONSES)


class EncounterIn(BaseModel):
    """What is known of the visit."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["outpatient", "emergency", "inpatient"] = "outpatient"
    date_of_service: date | None = None
    sex: Literal["F", "M"] | None = None
    age: Annotated[int, Field(ge=0, lt=130, strict=True)] | None = None


class SuggestionsIn(BaseModel):
    """A note to code."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "text": "ASSESSMENT\nType 2 diabetes with stage 4 CKD. Denies chest pain.",
                    "encounter": {"type": "outpatient", "date_of_service": "2026-03-01"},
                    "top": 10,
                }
            ]
        },
    )
    text: Annotated[str, Field(description="at most 1 MB of UTF-8")]
    encounter: EncounterIn = EncounterIn()
    top: Annotated[int, Field(ge=1, le=200)] = 25


class SuggestionsOut(BaseModel):
    """Ranked suggestions; offsets are code points of the text as submitted."""

    suggestions: list[Suggestion]
    model: str
    codeset: str


@router.post("/suggestions", dependencies=[Depends(require_once_in_use("suggestions.request"))])
def suggestions(body: SuggestionsIn, held: Annotated[Service, Depends(service)]) -> SuggestionsOut:
    """Suggest codes for one note."""
    try:
        size = len(body.text.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidText("the note holds a lone surrogate: send valid Unicode") from None
    if size > MAX_BYTES:
        raise TextTooLarge(f"the note has {size} bytes; at most {MAX_BYTES} are taken")
    encounter = Encounter(**body.encounter.model_dump())
    found = held.suggester.suggest(body.text, encounter, top=body.top)
    model = held.model
    return SuggestionsOut(suggestions=found, model=model.id, codeset=model.codeset)
