"""The application: the API under /v1, the pages, and what both work with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from suggest.api.body import BodyGuard
from suggest.api.problems import PROBLEMS, Fault, handle_errors, problem_answer
from suggest.api.routers import ROUTERS
from suggest.engine.pipeline import Suggester
from suggest.service import open_service
from suggest.settings import Settings, read_settings
from suggest.store.base import utcnow
from suggest.web import mount
from suggest.web.problem import problem_page

API_PATHS = ("/v1", "/healthz", "/readyz", "/openapi.json")
HTML = "text/html"


def create_app(
    settings: Settings | None = None,
    suggester: Suggester | None = None,
    *,
    clock: Callable[[], datetime] = utcnow,
    jobs: bool = True,
) -> FastAPI:
    """The application; without settings those of the environment.

    Database and model are opened when the server starts. `jobs`: make suggestions in a thread of
    this process (off where another process, or a test, makes them).
    """
    known = settings or read_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = await run_in_threadpool(open_service, known, suggester, clock)
        app.state.service = service
        app.state.auth = service.auth
        if jobs:
            service.jobs.start()
        try:
            yield
        finally:
            await run_in_threadpool(service.jobs.stop)
            service.database.close()

    app = FastAPI(
        title="Medical code suggestions",
        version="0.1.0",
        description="Ranked candidate codes with exact evidence, for a human coder to decide on.",
        lifespan=lifespan,
        responses=PROBLEMS,
        docs_url=None,  # suggest.web.docs has the page
        redoc_url=None,
    )
    handle_errors(app, _answer)
    app.add_middleware(BodyGuard)
    for router in ROUTERS:
        app.include_router(router)
    mount(app)
    return app


def _answer(request: Request, fault: Fault) -> Response:
    """A problem for a program, a page for a person."""
    person = HTML in request.headers.get("Accept", "") or "HX-Request" in request.headers
    if person and not request.url.path.startswith(API_PATHS):
        return problem_page(request, fault)
    return problem_answer(request, fault)
