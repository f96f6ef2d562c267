"""The code book."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from suggest.api.calls import RESPONSES, SIGNED_IN
from suggest.auth.web import require_once_in_use
from suggest.service import Service, service

router = APIRouter(
    prefix="/v1",
    tags=["codes"],
    dependencies=[*SIGNED_IN, Depends(require_once_in_use("codes.view"))],
    responses=RESPONSES,
)


class CodeOut(BaseModel):
    """One code of the code book."""

    system: str
    code: str
    title: str
    billable: bool
    valid: bool
    parent: str | None
    children: list[str]
    siblings: list[str]
    notes: dict[str, list[str] | dict[str, str]]


class HitOut(BaseModel):
    """A code found by words."""

    code: str
    title: str
    score: float
    matched: str


@router.get("/codes")
def find_codes(
    held: Annotated[Service, Depends(service)],
    q: Annotated[str, Query(min_length=1, max_length=200, examples=["nstemi"])],
    system: str = "ICD-10-CM",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[HitOut]:
    """Find codes by words, abbreviations or the beginning of a code."""
    return [HitOut(**hit._asdict()) for hit in held.codeset(system).search(q, limit)]


@router.get("/codes/{system}/{code}")
def show_code(
    held: Annotated[Service, Depends(service)], system: str, code: str, on: date | None = None
) -> CodeOut:
    """One code with its place in the hierarchy and its notes."""
    codeset = held.codeset(system)
    entry = codeset[code]
    notes = codeset.notes(entry.code)
    shown: dict[str, list[str] | dict[str, str]] = {
        name: list(getattr(notes, name))
        for name in (
            "inclusion_terms", "includes", "excludes1", "excludes2",
            "code_first", "use_additional", "code_also",
        )
    }  # fmt: skip
    shown["seventh_characters"] = dict(notes.seventh_characters)
    return CodeOut(
        system=codeset.system,
        code=entry.code,
        title=entry.title,
        billable=entry.billable,
        valid=codeset.on(on).is_valid(entry.code),
        parent=entry.parent,
        children=codeset.children(entry.code),
        siblings=codeset.siblings(entry.code),
        notes=shown,
    )
