"""Errors of the database layer."""

from __future__ import annotations

from suggest.errors import SuggestError


class StoreError(SuggestError):
    """The database cannot be used as asked: unknown dialect, or not migrated."""

    slug = "store-error"
    title = "The database cannot be used"
    status = 503


class NaiveDatetime(StoreError):
    """A point in time without a zone was about to be stored."""

    slug = "naive-datetime"
    title = "A time needs a zone"
    status = 422
