"""What can be wrong with predictions."""

from __future__ import annotations

from suggest.errors import SuggestError


class EvaluationError(SuggestError):
    """Predictions do not fit the corpus, or cannot be read."""

    slug = "evaluation-error"
    title = "The predictions cannot be scored"
    status = 422
