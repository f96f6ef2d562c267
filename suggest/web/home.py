"""The start page: where the user's work is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from suggest.auth.errors import NotAllowed
from suggest.auth.principal import Principal
from suggest.auth.web import current_user
from suggest.web.shell import shell

router = APIRouter()


@router.get("/")
def home(request: Request, user: Annotated[Principal, Depends(current_user)]) -> Response:
    """The first page of the navigation that the user may open."""
    links = shell(request).nav(user)
    if not links:
        raise NotAllowed("worklist.view", user.role)
    return RedirectResponse(links[0].href, 303)
