"""Sign-in for FastAPI: cookies, CSRF, bearer tokens, and `require(action)`.

The application holds the gate in `app.state.auth`. Errors are SuggestErrors; the pages turn
NotSignedIn into the sign-in form, the API into problem details.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from suggest.auth.errors import CsrfFailed, NotSignedIn, UnknownAction
from suggest.auth.permissions import actions
from suggest.auth.principal import Principal
from suggest.auth.secret import new_secret, same
from suggest.auth.service import Auth, NewSession

CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def gate(request: Request) -> Auth:
    """The application's gate."""
    auth: Auth = request.app.state.auth
    return auth


def session_cookie(auth: Auth) -> str:
    """The cookie's name. `__Host-`: no other host and no plain HTTP can set it (RFC 6265bis)."""
    return "__Host-suggest" if auth.settings.secure_cookies else "suggest"


def client_address(request: Request) -> str:
    """Who asks. Behind a proxy the server must be told to trust its X-Forwarded-For."""
    return request.client.host if request.client else "unknown"


def current_user(request: Request) -> Principal:
    """A dependency: who asks, by `Authorization: Bearer` or by the session's cookie.

    NotSignedIn, or InvalidToken for a bearer token that does not hold.
    """
    known: Principal | None = getattr(request.state, "principal", None)
    if known is not None:
        return known
    auth = gate(request)
    bearer = _bearer(request)
    if bearer is not None:
        found = auth.by_api_token(bearer)
    else:
        found = auth.by_session(_session_token(request))
    request.state.principal = found
    return found


def require(action: str) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency: who asks, if they may do the action; NotAllowed otherwise.

    A request that changes something in a cookie session must carry the session's CSRF token.
    """
    if action not in actions():
        raise UnknownAction(f"there is no action {action!r} in permissions.tsv")

    async def permitted(request: Request) -> Principal:
        user = await run_in_threadpool(current_user, request)
        await csrf_protect(request)
        user.check(action)
        return user

    return permitted


def require_once_in_use(action: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency as `require`, open to everybody until the first user is added.

    For what needs no stored data: a model tried out on one's own text, the code book.
    """
    permitted = require(action)

    async def checked(request: Request) -> None:
        if await run_in_threadpool(gate(request).in_use):
            await permitted(request)

    return checked


async def csrf_protect(request: Request) -> None:
    """A dependency: the request comes from a page of this session, or changes nothing."""
    if request.method in SAFE_METHODS or _bearer(request) is not None:
        return
    _same_site(request)
    expected = gate(request).csrf_token(_session_token(request))
    if not same(expected, await _given_csrf(request)):
        raise CsrfFailed


def csrf_token(request: Request) -> str:
    """What the session's forms and htmx requests carry. NotSignedIn without a session."""
    return gate(request).csrf_token(_session_token(request))


def login_token(request: Request, response: Response) -> str:
    """What the sign-in form carries while there is no session: it also stands in a cookie."""
    auth = gate(request)
    token = request.cookies.get(_login_cookie(auth)) or new_secret()
    response.set_cookie(
        _login_cookie(auth),
        token,
        httponly=True,
        secure=auth.settings.secure_cookies,
        samesite="strict",
        path="/",
    )
    return token


def check_login_token(request: Request, given: str) -> None:
    """CsrfFailed where the sign-in form is not one that this browser got from us."""
    _same_site(request)
    expected = request.cookies.get(_login_cookie(gate(request)), "")
    if not expected or not same(expected, given):
        raise CsrfFailed


def log_in(
    request: Request, response: Response, *, name: str, password: str, login_token: str
) -> Principal:
    """Sign in by password and give the browser its cookie. Blocks: call it from a thread."""
    check_login_token(request, login_token)
    auth = gate(request)
    old = request.cookies.get(session_cookie(auth))
    new = auth.sign_in(name, password, address=client_address(request), old_token=old)
    give_cookie(auth, response, new)
    return new.principal


def give_cookie(auth: Auth, response: Response, new: NewSession) -> None:
    """The session's cookie: until the browser closes, out of reach of scripts."""
    response.set_cookie(
        session_cookie(auth),
        new.token,
        httponly=True,
        secure=auth.settings.secure_cookies,
        samesite=auth.settings.same_site,
        path="/",
    )
    response.delete_cookie(_login_cookie(auth), path="/", secure=auth.settings.secure_cookies)
    # What the browser kept of the one before is nobody's business (HTML pages carry patients).
    response.headers["Cache-Control"] = "no-store"


def log_out(request: Request, response: Response) -> None:
    """End the session and take the cookie back. Guard the route by `csrf_protect`. Blocks."""
    auth = gate(request)
    token = request.cookies.get(session_cookie(auth))
    if token is not None:
        auth.sign_out(token)
    response.delete_cookie(
        session_cookie(auth),
        path="/",
        httponly=True,
        secure=auth.settings.secure_cookies,
        samesite=auth.settings.same_site,
    )
    response.headers["Clear-Site-Data"] = '"cache"'


def _login_cookie(auth: Auth) -> str:
    return "__Host-suggest-login" if auth.settings.secure_cookies else "suggest-login"


def _bearer(request: Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def _session_token(request: Request) -> str:
    token = request.cookies.get(session_cookie(gate(request)))
    if not token:
        raise NotSignedIn("nobody is signed in here")
    return token


async def _given_csrf(request: Request) -> str:
    header = request.headers.get(CSRF_HEADER)
    if header is not None:
        return header
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return ""
    given = (await request.form()).get(CSRF_FIELD)
    return given if isinstance(given, str) else ""


def _same_site(request: Request) -> None:
    """Browsers say where a request comes from (W3C Fetch Metadata); no browser, no statement."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise CsrfFailed
