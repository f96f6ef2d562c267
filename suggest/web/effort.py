"""How decisions came about, in numbers for leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from suggest.review import effort
from suggest.web.page import Page, page_for

router = APIRouter(prefix="/effort")


@router.get("")
def show(
    page: Annotated[Page, Depends(page_for("effort.view"))],
    days: Annotated[Literal["7", "30", "90", "365"], Query()] = "30",
) -> Response:
    """Numbers by coder over the last days."""
    since = page.now - timedelta(days=int(days))
    rows = effort.by_coder(page.session, page.actor, since, page.now + timedelta(seconds=1))
    names = page.names({row.coder for row in rows})
    rows.sort(key=lambda row: names[row.coder].casefold())
    return page.render("effort/show.html", rows=rows, names=names, days=days, since=since)
