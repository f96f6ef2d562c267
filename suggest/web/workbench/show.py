"""The workbench as a page, and the parts of it that an action changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from suggest.auth.tables import User
from suggest.auth.users import coders_at
from suggest.review import encounters, leases
from suggest.review.guard import WORKABLE, find
from suggest.review.view import EncounterView, encounter_view
from suggest.web.page import Page, page_for
from suggest.web.shell import SECURITY_HEADERS
from suggest.web.workbench.bench import POA, Bench, read
from suggest.web.workbench.groups import TITLES

router = APIRouter(prefix="/encounters/{encounter_id}")
Reader = Annotated[Page, Depends(page_for("encounter.view"))]


@router.get("")
def show(encounter_id: str, page: Reader) -> Response:
    """The page of one encounter. Reading it is recorded; a coder who may work on it holds it."""
    with page.work() as work:
        encounters.opened(work, encounter_id)
        row = encounter_view(find(work.session, work.actor, encounter_id), page.now)
        if _takes(page, row):
            leases.acquire(work, encounter_id)
    bench = read(page, encounter_id)
    return page.render(
        "workbench/page.html",
        **_context(bench),
        notes=bench.notes(),
        coders=_coders(page, bench.encounter) if page.allows("encounter.assign") else [],
    )


@router.get("/codes")
def codes(encounter_id: str, page: Reader, again: bool = False) -> Response:
    """For a page that waits for suggestions: nothing yet, or load yourself anew.

    `again`: the codes as they stand, after a step of this page was refused.
    """
    if again:
        return _parts(page, encounter_id, "", notes=True)
    if read(page, encounter_id).waits:
        return Response(status_code=204)
    return Response(headers={"HX-Refresh": "true"})


def answer(
    page: Page, encounter_id: str, message: str, *, entry: int | None = None, notes: bool = False
) -> Response:
    """What an action answers: the changed parts, or for a plain form the page again.

    `entry`: the code to look at now; `notes`: the evidence in the notes changed.
    """
    if page.htmx:
        return _parts(page, encounter_id, message, entry=entry, notes=notes)
    place = "codes" if entry is None else f"entry-{entry}"
    return page.see_other(f"/encounters/{encounter_id}#{place}", message)


def _parts(
    page: Page, encounter_id: str, message: str, *, entry: int | None = None, notes: bool
) -> HTMLResponse:
    page.reread()
    bench = read(page, encounter_id)
    context = _context(bench) | {"live": message, "news": entry}
    text = page.fragment("workbench/codes.html", **context)
    text += page.fragment("workbench/around.html", **context)
    if notes:
        text += page.fragment("workbench/notes_again.html", **context, notes=bench.notes())
    return HTMLResponse(text, headers=dict(SECURITY_HEADERS))


def _context(bench: Bench) -> dict[str, Any]:
    return {"bench": bench, "titles": TITLES, "poa_values": POA, "live": None, "news": None}


def _takes(page: Page, encounter: EncounterView) -> bool:
    """Whether opening the page begins the work: it is the user's own, or nobody's and they code."""
    mine = encounter.assignee == page.user.user_id
    unclaimed = encounter.assignee is None and page.user.role == "coder"
    free = encounter.lease_holder in (None, page.user.user_id)
    workable = encounter.state in WORKABLE
    return page.allows("encounter.decide") and workable and free and (mine or unclaimed)


def _coders(page: Page, encounter: EncounterView) -> list[User]:
    return coders_at(page.session, encounter.facility_id)
