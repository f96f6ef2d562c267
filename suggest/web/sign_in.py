"""Signing in by password or by an identity provider, and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from suggest.auth.errors import AuthError, CsrfFailed, NotSignedIn, OidcFailed
from suggest.auth.principal import Principal
from suggest.auth.web import csrf_protect, current_user, log_in, log_out, login_token
from suggest.service import Service, service
from suggest.web import flash
from suggest.web.flash import Message
from suggest.web.shell import shell

router = APIRouter()
Held = Annotated[Service, Depends(service)]


@router.get("/sign-in")
def form(request: Request, held: Held, next: str = "/") -> Response:
    """The form; who is signed in already goes on."""
    try:
        current_user(request)
    except AuthError:
        return _form(request, held, next=next)
    return RedirectResponse(_ours(next), 303)


@router.post("/sign-in")
def sign_in(
    request: Request,
    held: Held,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    login_token: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Check name and password; a failure shows the form again with the reason."""
    response = RedirectResponse(_ours(next), 303)
    try:
        log_in(request, response, name=name, password=password, login_token=login_token)
    except CsrfFailed as error:
        told = "This form was too old, or cookies are switched off. Please sign in again."
        return _form(request, held, next=next, name=name, error=told, status=error.status)
    except AuthError as error:
        told = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return _form(request, held, next=next, name=name, error=told, status=error.status)
    return response


@router.post("/sign-out", dependencies=[Depends(csrf_protect)])
def sign_out(request: Request) -> Response:
    """End the session."""
    response = RedirectResponse("/sign-in", 303)
    log_out(request, response)
    flash.keep(request, response, Message("done", "You are signed out."))
    return response


@router.get("/sign-in/oidc")
async def to_provider(request: Request, held: Held) -> Response:
    """Go to the identity provider."""
    if held.oidc is None:
        raise NotSignedIn("no identity provider is set up here")
    return await held.oidc.begin(request, str(request.url_for("from_provider")))


@router.get("/sign-in/oidc/callback")
async def from_provider(request: Request, held: Held) -> Response:
    """Back from the identity provider."""
    if held.oidc is None:
        raise NotSignedIn("no identity provider is set up here")
    response = RedirectResponse("/", 303)
    try:
        await held.oidc.complete(request, response)
    except OidcFailed as error:
        told = "The sign-in with your organisation did not succeed. Please try again."
        return await run_in_threadpool(
            _form, request, held, next="/", error=told, status=error.status
        )
    return response


def _form(
    request: Request,
    held: Service,
    *,
    next: str,
    name: str = "",
    error: str | None = None,
    status: int = 200,
) -> Response:
    # The token is needed in the form before there is a response to set its cookie on.
    carrier = Response()
    token = login_token(request, carrier)
    user: Principal | None = None
    response = shell(request).respond(
        "sign_in/form.html",
        {
            "login_token": token,
            "next": next,
            "name": name[:100],
            "error": error,
            "oidc": held.settings.oidc,
            "demo": not held.settings.production,
            "user": user,
            "nav": [],
            "csrf": "",
            "flash": flash.kept(request),
            "site_name": held.settings.site_name,
            "path": "/sign-in",
        },
        status,
    )
    response.raw_headers.extend(h for h in carrier.raw_headers if h[0] == b"set-cookie")
    flash.forget(request, response)
    return response


def _ours(target: str) -> str:
    """The path to go to; the start where it could lead to another site."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\", "/sign-in"))
    return target if safe and target.isprintable() else "/"
