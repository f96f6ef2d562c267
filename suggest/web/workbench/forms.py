"""Small pages for those steps that the workbench asks in a dialog, where no script runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from suggest.review.errors import NotFound
from suggest.web.page import Page, page_for
from suggest.web.workbench.bench import read

router = APIRouter(prefix="/encounters/{encounter_id}")


@router.get("/codes/{entry_id}/reject")
def reject(
    encounter_id: str,
    entry_id: int,
    page: Annotated[Page, Depends(page_for("encounter.decide"))],
) -> Response:
    """Ask for the reason."""
    bench = read(page, encounter_id)
    entry = next((e for e in bench.view.entries if e.id == entry_id), None)
    if entry is None:
        raise NotFound(f"the encounter has no code entry {entry_id}: load it again")
    return page.render("workbench/reject_page.html", bench=bench, entry=entry)


@router.get("/sign")
def sign(encounter_id: str, page: Annotated[Page, Depends(page_for("encounter.sign"))]) -> Response:
    """What will be signed, or what is missing; with htmx for the dialog."""
    bench = read(page, encounter_id)
    template = "sign_form" if page.htmx else "sign_page"
    return page.render(f"workbench/{template}.html", bench=bench)
