"""The code book beside the encounter: search, and the place of a code among its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from suggest.codesets import CodeSet
from suggest.codesets.model import Notes
from suggest.review.guard import find
from suggest.store.tables import CodedEntry
from suggest.web.page import Page, page_for
from suggest.web.workbench.bench import read

router = APIRouter(prefix="/encounters/{encounter_id}")
Reader = Annotated[Page, Depends(page_for("encounter.view"))]
SHOWN = 25
NOTE_WORDS = (
    ("inclusion_terms", "Also called"),
    ("includes", "Includes"),
    ("excludes1", "Excludes1: never together"),
    ("excludes2", "Excludes2: not included here"),
    ("code_first", "Code first"),
    ("use_additional", "Use additional code"),
    ("code_also", "Code also"),
    ("remarks", "Note"),
)


class Asked(BaseModel):
    """What the search is for: looking up, adding a code, or replacing the entry by another."""

    model_config = ConfigDict(extra="ignore")

    q: str = ""
    mode: Literal["look", "add", "replace"] = "look"
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A code in the book. `usable`: it may stand on a claim of the encounter's date."""

    code: str
    title: str
    usable: bool
    is_code: bool
    here: bool = False


@router.get("/book")
def search(encounter_id: str, asked: Annotated[Asked, Query()], page: Reader) -> Response:
    """Codes by words; with htmx the list alone."""
    codeset = _codeset(page, encounter_id)
    words = asked.q.strip()[:200]
    hits = codeset.search(words, SHOWN) if words else []
    found = [_neighbour(codeset, hit.code) for hit in hits]
    context: dict[str, Any] = {
        "found": found,
        "asked": asked,
        "own": _own(page, encounter_id, asked),
        "id": encounter_id,
    }
    if page.htmx:
        return page.render("workbench/book_results.html", **context)
    return page.render("workbench/book_page.html", **context, bench=read(page, encounter_id))


@router.get("/book/{code}")
def position(
    encounter_id: str, code: str, asked: Annotated[Asked, Query()], page: Reader
) -> Response:
    """What stands above, beside and below the code, and the notes that hold for it."""
    codeset = _codeset(page, encounter_id)
    entry = codeset[code]
    above = [_neighbour(codeset, place) for place in reversed(codeset.ancestors(entry.code))]
    notes = _notes(codeset, entry.code)
    level = codeset.children(codeset.parent(entry.code) or entry.code)
    context: dict[str, Any] = {
        "code": _neighbour(codeset, entry.code),
        "above": above,
        "beside": [_neighbour(codeset, c, here=c == entry.code) for c in level],
        "below": [_neighbour(codeset, c) for c in codeset.children(entry.code)],
        "notes": [n for n in notes if n[0] in codeset],
        "wider_notes": [n for n in notes if n[0] not in codeset],
        "asked": asked,
        "own": _own(page, encounter_id, asked),
        "id": encounter_id,
    }
    if page.htmx:
        return page.render("workbench/book_code.html", **context)
    return page.render("workbench/book_code_page.html", **context, bench=read(page, encounter_id))


def _codeset(page: Page, encounter_id: str) -> CodeSet:
    row = find(page.session, page.actor, encounter_id)
    return page.service.codeset().on(row.date_of_service)


def _own(page: Page, encounter_id: str, asked: Asked) -> str | None:
    """The code of the entry that is to be replaced: it cannot replace itself."""
    if not asked.entry.isascii() or not asked.entry.isdigit():
        return None
    entry = page.session.get(CodedEntry, int(asked.entry))
    return entry.code if entry is not None and entry.encounter_id == encounter_id else None


def _neighbour(codeset: CodeSet, code: str, *, here: bool = False) -> Neighbour:
    entry = codeset.get(code)
    usable = entry is not None and entry.billable
    return Neighbour(code, codeset.title(code), usable, entry is not None, here)


def _notes(codeset: CodeSet, code: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """(where it stands, what kind it is, its lines), nearest first."""
    result = []
    for where, notes in codeset.inherited_notes(code):
        result += [(where, label, lines) for label, lines in _worded(notes) if lines]
    return result


def _worded(notes: Notes) -> list[tuple[str, tuple[str, ...]]]:
    return [(label, getattr(notes, field)) for field, label in NOTE_WORDS]
