"""The HTTP API: suggestions and the code book. Errors are RFC 9457 problems."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

import orjson
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suggest import codesets
from suggest.engine.model import Encounter, Suggestion
from suggest.engine.pipeline import Suggester
from suggest.errors import InvalidText, SuggestError, TextTooLarge, UnknownSystem

MAX_BYTES = 1_000_000
MAX_BODY = 6 * MAX_BYTES + 10_000  # JSON may write one byte as \u0000
logger = logging.getLogger("suggest.api")


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


class EncounterIn(BaseModel):
    """What is known of the visit."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["outpatient", "emergency", "inpatient"] = "outpatient"
    date_of_service: date | None = None
    sex: Literal["F", "M"] | None = None
    age: Annotated[int, Field(ge=0, lt=130, strict=True)] | None = None


class SuggestionsIn(BaseModel):
    """A note to code."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "text": "ASSESSMENT\nType 2 diabetes with stage 4 CKD. Denies chest pain.",
                    "encounter": {"type": "outpatient", "date_of_service": "2026-03-01"},
                    "top": 10,
                }
            ]
        },
    )
    text: Annotated[str, Field(description="at most 1 MB of UTF-8")]
    encounter: EncounterIn = EncounterIn()
    top: Annotated[int, Field(ge=1, le=200)] = 25


class SuggestionsOut(BaseModel):
    """Ranked suggestions; offsets are code points of the text as submitted."""

    suggestions: list[Suggestion]
    model: str
    codeset: str


class CodeOut(BaseModel):
    """One code of the code book."""

    system: str
    code: str
    title: str
    billable: bool
    valid: bool
    parent: str | None
    children: list[str]
    siblings: list[str]
    notes: dict[str, list[str] | dict[str, str]]


class HitOut(BaseModel):
    """A code found by words."""

    code: str
    title: str
    score: float
    matched: str


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


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
    for status in (400, 404, 405, 413, 422, 503)
}


def create_app(suggester: Suggester | None = None) -> FastAPI:
    """The application. Without a suggester the packaged one is loaded at the start."""
    held: dict[str, Suggester] = {"suggester": suggester} if suggester else {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not held:
            held["suggester"] = Suggester.load()
        yield

    app = FastAPI(
        title="Medical code suggestions",
        version="0.1.0",
        description="Ranked candidate codes with exact evidence, for a human coder to decide on.",
        lifespan=lifespan,
        responses=PROBLEMS,
    )
    _handle_errors(app)
    app.add_middleware(BodyGuard)

    @app.post("/v1/suggestions", tags=["suggestions"])
    def suggestions(body: SuggestionsIn) -> SuggestionsOut:
        """Suggest codes for one note."""
        try:
            size = len(body.text.encode("utf-8"))
        except UnicodeEncodeError:
            raise InvalidText("the note holds a lone surrogate: send valid Unicode") from None
        if size > MAX_BYTES:
            raise TextTooLarge(f"the note has {size} bytes; at most {MAX_BYTES} are taken")
        service = held["suggester"]
        encounter = Encounter(**body.encounter.model_dump())
        found = service.suggest(body.text, encounter, top=body.top)
        codeset = f"{service.codeset.system} {service.codeset.release}"
        return SuggestionsOut(suggestions=found, model=service.model_name, codeset=codeset)

    @app.get("/v1/codes", tags=["codes"])
    def find_codes(
        q: Annotated[str, Query(min_length=1, max_length=200, examples=["nstemi"])],
        system: str = "ICD-10-CM",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> list[HitOut]:
        """Find codes by words, abbreviations or the beginning of a code."""
        return [HitOut(**hit._asdict()) for hit in _codeset(system).search(q, limit)]

    @app.get("/v1/codes/{system}/{code}", tags=["codes"])
    def show_code(system: str, code: str, on: date | None = None) -> CodeOut:
        """One code with its place in the hierarchy and its notes."""
        codeset = _codeset(system)
        entry = codeset[code]
        notes = codeset.notes(entry.code)
        shown: dict[str, list[str] | dict[str, str]] = {
            name: list(getattr(notes, name))
            for name in (
                "inclusion_terms", "includes", "excludes1", "excludes2",
                "code_first", "use_additional", "code_also",
            )
        }  # fmt: skip
        shown["seventh_characters"] = dict(notes.seventh_characters)
        return CodeOut(
            system=codeset.system,
            code=entry.code,
            title=entry.title,
            billable=entry.billable,
            valid=codeset.on(on).is_valid(entry.code),
            parent=entry.parent,
            children=codeset.children(entry.code),
            siblings=codeset.siblings(entry.code),
            notes=shown,
        )

    def _codeset(system: str) -> codesets.CodeSet:
        service = held["suggester"]
        if system.upper() != service.codeset.system:
            raise UnknownSystem(f"code system {system[:20]!r} is not installed; use ICD-10-CM")
        return service.codeset

    @app.get("/healthz", tags=["health"])
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    def readyz() -> dict[str, str]:
        """Model and code set are loaded."""
        service = held["suggester"]
        return {"status": "ready", "model": service.model_name}

    return app


class BodyGuard:
    """Refuses a body that is too large, not UTF-8 or not JSON before anything else reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the body of a POST once and hands it on whole."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
            await send(message)

        if scope["method"] != "POST":
            await self._app(scope, receive, guarded)
            return
        request = Request(scope, receive)
        raw = bytearray()
        async for part in request.stream():
            raw += part
            if len(raw) > MAX_BODY:
                too_large = f"the body is over {MAX_BODY} bytes"
                answer = problem(request, "text-too-large", TextTooLarge.title, 413, too_large)
                await answer(scope, receive, guarded)
                return
        refused = _refused(request, bytes(raw))
        if refused is not None:
            await refused(scope, receive, guarded)
            return
        given = iter([{"type": "http.request", "body": bytes(raw), "more_body": False}])

        async def again() -> Message:
            message = next(given, None)
            return message if message is not None else await receive()

        await self._app(scope, again, guarded)


def _refused(request: Request, raw: bytes) -> Response | None:
    try:
        raw.decode("utf-8")
        orjson.loads(raw)
    except UnicodeDecodeError as error:
        detail = f"the body is not UTF-8 at byte {error.start}"
        return problem(request, "invalid-utf-8", "The body is not UTF-8", 400, detail)
    except orjson.JSONDecodeError as error:
        if "surrogate" in str(error):
            detail = "the body holds a lone surrogate: send valid Unicode"
            return problem(request, "invalid-text", InvalidText.title, 422, detail)
        detail = f"the body is not JSON (line {error.lineno}, column {error.colno})"
        return problem(request, "malformed-json", "The body is not JSON", 400, detail)
    return None


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(SuggestError)
    async def own(request: Request, error: SuggestError) -> Response:
        slug = error.slug
        if isinstance(error, InvalidText) and "empty" in str(error):
            slug = "empty-text"
        return problem(request, slug, error.title, error.status, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # The wrong value itself is left out: it may be a part of the note.
        told = "; ".join(
            f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()
        )
        return problem(request, "invalid-request", "A field cannot be used", 422, told)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        detail = f"{request.method} {request.url.path}: {error.detail}"
        answer = problem(request, slug, str(error.detail), error.status_code, detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        logger.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
        return problem(request, "internal", "Something went wrong", 500, "see the server's log")
