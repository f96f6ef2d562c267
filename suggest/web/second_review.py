"""Second review of one encounter, blind to what the first coder decided."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import Response

from suggest.review import second_review
from suggest.review.coding import usable
from suggest.review.second_review import BlindItem
from suggest.web.marked import marked
from suggest.web.page import Page, page_for

router = APIRouter(prefix="/sample-items/{item_id}")
Reviewer = Annotated[Page, Depends(page_for("second_review.decide"))]
HITS = 8


@router.get("")
def show(item_id: int, page: Reviewer) -> Response:
    """The notes and the codes to judge."""
    found = second_review.item(page.session, page.actor, item_id, page.now)
    owners = [(str(c.id), e) for c in found.codes for e in (*c.evidence, *c.against)]
    return page.render(
        "second_review/item.html",
        **_context(found),
        sample_id=second_review.sample_of(page.session, page.actor, item_id),
        notes=marked(found.notes, owners),
    )


@router.get("/search")
def search(item_id: int, page: Reviewer, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Codes of the code book to add."""
    found = second_review.item(page.session, page.actor, item_id, page.now)
    day = found.encounter.date_of_service
    hits = page.service.codeset().on(day).search(q, HITS) if q.strip() else []
    codeset = page.service.codeset()
    return page.render(
        "second_review/hits.html",
        hits=[h for h in hits if codeset[h.code].billable],
        asked=q,
        item=found.item,
    )


@router.post("/codes/{code_id}")
def judge(
    item_id: int,
    code_id: int,
    page: Reviewer,
    belongs: Annotated[Literal["yes", "no"], Form()],
    comment: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Say whether the code belongs on the encounter."""
    with page.work() as work:
        second_review.decide(work, item_id, code_id, belongs == "yes", comment)
    return _codes(page, item_id, f"#code-{code_id}")


@router.post("/codes")
def add(item_id: int, page: Reviewer, code: Annotated[str, Form(max_length=20)]) -> Response:
    """A code that belongs on the encounter and was not among those shown."""
    with page.work() as work:
        found = second_review.item(work.session, work.actor, item_id, page.now)
        new = usable(page.service.codeset(), code, found.encounter.date_of_service)
        code_id = second_review.add_missed(work, item_id, new)
    return _codes(page, item_id, f"#code-{code_id}")


@router.post("/finish")
def finish(item_id: int, page: Reviewer) -> Response:
    """Close it, and go to the sample's next."""
    with page.work() as work:
        second_review.finish(work, item_id)
        sample_id = second_review.sample_of(work.session, work.actor, item_id)
        following = second_review.next_item(work.session, work.actor, sample_id)
    if following is None:
        return page.see_other(f"/samples/{sample_id}", "Finished: it was the last of the sample.")
    return page.see_other(f"/sample-items/{following}", "Finished. This is the sample's next.")


def _codes(page: Page, item_id: int, place: str) -> Response:
    if not page.htmx:
        return page.see_other(f"/sample-items/{item_id}{place}")
    found = second_review.item(page.reread(), page.actor, item_id, page.now)
    return page.render("second_review/codes.html", **_context(found))


def _context(found: BlindItem) -> dict[str, Any]:
    return {
        "found": found,
        "item": found.item,
        "encounter": found.encounter,
        "left": sum(code.coded is None for code in found.codes),
    }
