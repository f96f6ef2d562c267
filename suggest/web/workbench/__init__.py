"""The workbench: the note, its codes, and what a coder decides on them."""

from fastapi import APIRouter

from suggest.web.workbench import actions, book, forms, show

router = APIRouter()
for part in (show, actions, book, forms):
    router.include_router(part.router)

__all__ = ["router"]
