"""What every page of a signed-in user works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from suggest.auth.principal import Principal
from suggest.auth.web import csrf_token, require
from suggest.review.actor import Actor, Work
from suggest.service import Service, service
from suggest.web import flash
from suggest.web.flash import Kind, Message
from suggest.web.shell import shell


class Page:
    """The request of a signed-in user: who, what they may, how to read, write and answer.

    `session` reads; it is opened when first asked for and sees one snapshot. `now` is fixed for
    the request.
    """

    def __init__(self, request: Request, user: Principal, stack: ExitStack) -> None:
        self.request = request
        self.user = user
        self.service: Service = service(request)
        self.now: datetime = self.service.clock()
        self._stack = stack
        self._session: Session | None = None

    @property
    def actor(self) -> Actor:
        return self.user.actor

    @property
    def htmx(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def session(self) -> Session:
        """A session that reads."""
        if self._session is None:
            self._session = self._stack.enter_context(self.service.database.read())
        return self._session

    def reread(self) -> Session:
        """A new reading session, which sees what this request has written."""
        self._session = self._stack.enter_context(self.service.database.read())
        return self._session

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction of the user's work."""
        with self.service.work(self.actor) as work:
            yield work

    def allows(self, action: str) -> bool:
        """Whether the user may do the action."""
        return self.user.allows(action)

    def names(self, ids: set[str | None]) -> dict[str, str]:
        """User id -> the name to show; an id of nobody known is shown as it is."""
        wanted = {i for i in ids if i is not None}
        found = self.service.auth.users.display_names(self.session, wanted) if wanted else {}
        return {i: found.get(i, i) for i in wanted}

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """The template as an answer; it knows `page` and the names in `context`."""
        response = shell(self.request).respond(template, self._context(context), status)
        flash.forget(self.request, response)
        return response

    def fragment(self, template: str, **context: Any) -> str:
        """A part of a page as text, to put several into one answer."""
        return shell(self.request).text(template, self._context(context))

    def see_other(self, url: str, message: str | None = None, kind: Kind = "done") -> Response:
        """Send the browser to another page of ours, which shows the message."""
        response: Response
        if self.htmx:
            response = Response(status_code=204, headers={"HX-Redirect": url})
        else:
            response = RedirectResponse(url, 303)
        if message is not None:
            flash.keep(self.request, response, Message(kind, message))
        return response

    def _context(self, context: dict[str, Any]) -> dict[str, Any]:
        settings = self.service.settings
        return {
            "page": self,
            "user": self.user,
            "csrf": csrf_token(self.request) if self.user.session_id else "",
            "nav": shell(self.request).nav(self.user),
            "flash": flash.kept(self.request),
            "site_name": settings.site_name,
            "zone": settings.zone,
            "now": self.now,
            "path": self.request.url.path,
            **context,
        }


def page_for(action: str) -> Callable[..., Awaitable[Page] | Iterator[Page]]:
    """A dependency: the page of a user who may do the action; NotSignedIn or NotAllowed otherwise.

    A request that changes something must carry the session's CSRF token.
    """

    def opened(request: Request, user: Principal = Depends(require(action))) -> Iterator[Page]:
        with ExitStack() as stack:
            yield Page(request, user, stack)

    return opened
