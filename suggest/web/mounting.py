"""Which pages there are and what stands in the navigation; a new resource is one line here."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI

from suggest.web import (
    audit,
    docs,
    effort,
    home,
    model,
    queries,
    samples,
    second_review,
    sign_in,
    site,
    users,
    workbench,
    worklist,
)
from suggest.web.shell import Link, Resource, Shell
from suggest.web.static import StaticVersion

RESOURCES: Final[tuple[Resource, ...]] = (
    Resource(home.router),
    Resource(sign_in.router),
    Resource(worklist.router, (Link("Worklist", "/worklist", "worklist.view"),)),
    Resource(workbench.router),
    Resource(queries.router),
    Resource(samples.router, (Link("Second review", "/samples", "agreement.view"),)),
    Resource(second_review.router),
    Resource(effort.router, (Link("Effort", "/effort", "effort.view"),)),
    Resource(audit.router, (Link("Audit log", "/audit", "audit.view"),)),
    Resource(model.router, (Link("Model", "/model", "model.view"),)),
    Resource(users.router, (Link("Users", "/users", "users.manage"),)),
    Resource(site.router, (Link("Settings", "/settings", "reject_reasons.edit"),)),
    Resource(docs.router),
)


def mount(app: FastAPI) -> None:
    """Add the pages and their static files."""
    links: list[Link] = []
    for resource in RESOURCES:
        app.include_router(resource.router, include_in_schema=False)
        links += resource.links
    static = StaticVersion()
    app.mount(static.path, static.files, name="static")
    swagger = StaticVersion(docs.SWAGGER)
    app.mount(swagger.path, swagger.files, name="swagger")
    app.state.shell = Shell(tuple(links), static.path)
