"""The resources of the API; a new one is one line here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from suggest.api import codes, health, suggestions

ROUTERS: Final[tuple[APIRouter, ...]] = (
    suggestions.router,
    codes.router,
    health.router,
)
