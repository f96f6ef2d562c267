"""Errors of the code-set library that no other part raises."""

from __future__ import annotations

from suggest.errors import SuggestError


class CodeSetUnavailable(SuggestError):
    """A code set's packaged source is missing or unreadable, or its cache cannot be written."""

    slug = "code-set-unavailable"
    title = "The code set cannot be loaded"
    status = 503
