"""The bodies of requests, looked at before anything else reads them."""

from __future__ import annotations

import orjson
from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suggest.api.problems import problem
from suggest.errors import InvalidText, TextTooLarge

MAX_BYTES = 1_000_000
MAX_BODY = 6 * MAX_BYTES + 10_000  # JSON may write one byte as \u0000


class BodyGuard:
    """Refuses a body that is too large, and for the API one that is not UTF-8 or not JSON.

    Answers are not kept by caches, except those that say otherwise (static files).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the body of a request once and hands it on whole."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
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
    if not raw or not request.url.path.startswith("/v1/"):
        return None  # a form, or a step that needs no body
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
