"""Errors of the text layer's own rule files."""

from __future__ import annotations

from suggest.errors import SuggestError


class RuleFileError(SuggestError):
    """A rule file of the text layer has a row that cannot be used; the message names it."""

    slug = "rule-file-error"
    title = "A rule file cannot be used"
    status = 500
