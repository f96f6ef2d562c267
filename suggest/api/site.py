"""What a site sets: its settings and its reasons for rejecting."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field, StrictBool, StrictFloat, StrictInt

from suggest.api.calls import (
    RESPONSES,
    SEEN,
    SIGNED_IN,
    Call,
    In,
    Line,
    may,
    same_content,
    tag_content,
)
from suggest.review import reasons, settings
from suggest.review.reasons import ReasonRow
from suggest.review.settings import Setting

router = APIRouter(prefix="/v1", tags=["site"], dependencies=SIGNED_IN, responses=RESPONSES)


class ValueIn(In):
    """A setting's new value, of the setting's type."""

    value: Annotated[
        StrictBool | StrictInt | StrictFloat,
        Field(allow_inf_nan=False, examples=[True]),
    ]


class ReasonIn(In):
    """A reason for rejecting; its place in the list is the key that chooses it."""

    id: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$", examples=["not_documented"])]
    label: Annotated[Line, Field(min_length=1, examples=["Not documented"])]
    needs_text: bool = False
    active: bool = True


@router.get("/settings")
def list_settings(response: Response, call: Call = may("site.view")) -> list[Setting]:
    """Every setting with its value now."""
    with call.read() as session:
        found = settings.every(session)
    tag_content(response, found)
    return found


@router.put("/settings/{key}")
def change_setting(
    key: Annotated[str, Path(max_length=64, examples=["hide_probabilities"])],
    body: ValueIn,
    response: Response,
    call: Call = may("settings.edit"),
    seen: str = SEEN,
) -> list[Setting]:
    """Change one setting; If-Match is the ETag of the list."""
    with call.work() as work:
        same_content(seen, settings.every(work.session))
        settings.change(work, key, body.value)
        found = settings.every(work.session)
    tag_content(response, found)
    return found


@router.get("/reject-reasons")
def list_reasons(response: Response, call: Call = may("site.view")) -> list[ReasonRow]:
    """The reasons for rejecting in their order, retired ones last."""
    with call.read() as session:
        found = reasons.every(session)
    tag_content(response, found)
    return found


@router.put("/reject-reasons")
def write_reasons(
    body: Annotated[list[ReasonIn], Field(min_length=1, max_length=100)],
    response: Response,
    call: Call = may("reject_reasons.edit"),
    seen: str = SEEN,
) -> list[ReasonRow]:
    """Write the list anew. None can be left out: decisions name it, so it is retired instead."""
    with call.work() as work:
        same_content(seen, reasons.every(work.session))
        reasons.write(work, [ReasonRow(**reason.model_dump()) for reason in body])
        found = reasons.every(work.session)
    tag_content(response, found)
    return found
