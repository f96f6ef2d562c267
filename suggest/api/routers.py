"""The resources of the API; a new one is one line here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from suggest.api import (
    audit,
    codes,
    decisions,
    encounters,
    facilities,
    health,
    queries,
    samples,
    site,
    suggestions,
    users,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    suggestions.router,
    codes.router,
    facilities.router,
    encounters.router,
    decisions.router,
    queries.router,
    samples.router,
    audit.router,
    site.router,
    users.router,
    health.router,
)
