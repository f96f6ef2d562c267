"""RFC 9457 problem details: the form of every error of the API."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException

from suggest.auth.errors import TooManyAttempts
from suggest.errors import InvalidText, SuggestError

logger = logging.getLogger("suggest.api")


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, for a problem or a page to tell; `error` where it was raised on purpose."""

    slug: str
    title: str
    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    error: SuggestError | None = None


Answer = Callable[[Request, Fault], Response]


def problem(request: Request, slug: str, title: str, status: int, detail: str) -> Response:
    """An RFC 9457 answer. The detail never holds a part of the note."""
    body = Problem(
        type=f"/problems/{slug}",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
    )
    return Response(body.model_dump_json(), status, media_type="application/problem+json")


def problem_answer(request: Request, fault: Fault) -> Response:
    """The problem that tells a fault."""
    answer = problem(request, fault.slug, fault.title, fault.status, fault.detail)
    answer.headers.update(fault.headers)
    return answer


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
    for status in (400, 404, 405, 413, 422, 503)
}


def handle_errors(app: FastAPI, answer: Answer) -> None:
    """Every error that reaches the application is told by `answer`."""

    @app.exception_handler(SuggestError)
    async def own(request: Request, error: SuggestError) -> Response:
        slug = error.slug
        if isinstance(error, InvalidText) and "empty" in str(error):
            slug = "empty-text"
        headers = {}
        if isinstance(error, TooManyAttempts):
            headers["Retry-After"] = str(error.retry_after)
        if error.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        fault = Fault(slug, error.title, error.status, str(error), headers, error)
        return answer(request, fault)

    @app.exception_handler(IntegrityError)
    async def refused(request: Request, error: IntegrityError) -> Response:  # noqa: ARG001
        # Two changes at once passed the checks, and the database let one of them through.
        told = "another change came first: load it again and repeat yours"
        return answer(request, Fault("conflict", "Changed meanwhile", 409, told))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # The wrong value itself is left out: it may be a part of the note.
        told = "; ".join(
            f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()
        )
        return answer(request, Fault("invalid-request", "A field cannot be used", 422, told))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        detail = f"{request.method} {request.url.path}: {error.detail}"
        headers = error.headers or {}
        return answer(request, Fault(slug, str(error.detail), error.status_code, detail, headers))

    @app.exception_handler(OperationalError)
    async def database(request: Request, error: OperationalError) -> Response:
        logger.error("%s: the database failed: %s", request.method, type(error.orig).__name__)
        told = "the database did not answer in time: nothing was changed, try again"
        return answer(request, Fault("database-busy", "The database is busy", 503, told))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        logger.error("%s failed: %s", request.method, type(error).__name__)
        told = "the server failed: nothing was changed; its log has the kind of error"
        return answer(request, Fault("internal", "Something went wrong", 500, told))
