"""Whether the process lives and can work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import text

from suggest.service import Service, service

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(held: Annotated[Service, Depends(service)]) -> dict[str, str]:
    """Model and code set are loaded, and the database answers."""
    with held.database.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ready", "model": held.model.id}
