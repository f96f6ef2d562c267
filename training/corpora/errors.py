"""What can be wrong with a corpus file."""

from __future__ import annotations

from suggest.errors import SuggestError


class CorpusError(SuggestError):
    """A corpus file cannot be read; the message names the file and the line."""

    slug = "corpus-error"
    title = "The corpus cannot be read"
    status = 422
