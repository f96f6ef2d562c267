"""Errors as a page, or as a message in the page for a request of htmx."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from suggest.api.problems import Fault
from suggest.auth.errors import NotSignedIn
from suggest.auth.principal import Principal
from suggest.auth.web import csrf_token
from suggest.web.shell import shell

# What a person reads instead of the words that a program gets.
WORDS = {
    "not-allowed": "Your role does not include this. Ask your lead or the administrator.",
    "forbidden": None,
}


def problem_page(request: Request, fault: Fault) -> Response:
    """The fault in words. Who is not signed in is sent to sign in, and back afterwards."""
    htmx = request.headers.get("HX-Request") == "true"
    if isinstance(fault.error, NotSignedIn):
        return _to_sign_in(request, htmx)
    user: Principal | None = getattr(request.state, "principal", None)
    context = {
        "fault": fault,
        "words": WORDS.get(fault.slug) or fault.detail,
        "back": getattr(fault.error, "back", None),
        "user": user,
        "nav": shell(request).nav(user) if user is not None else [],
        "site_name": request.app.state.service.settings.site_name,
        "flash": None,
        "csrf": csrf_token(request) if user is not None and user.session_id else "",
        "path": request.url.path,
    }
    template = "parts/message.html" if htmx else "problem.html"
    response = shell(request).respond(template, context, fault.status)
    response.headers.update(fault.headers)
    if htmx:
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _to_sign_in(request: Request, htmx: bool) -> Response:
    back = request.url.path if request.method == "GET" and not htmx else ""
    if request.method == "GET" and not htmx and request.url.query:
        back += f"?{request.url.query}"
    to = "/sign-in" + (f"?next={quote(back, safe='')}" if back not in ("", "/") else "")
    if htmx:
        return Response(status_code=401, headers={"HX-Redirect": to})
    return RedirectResponse(to, 303)
