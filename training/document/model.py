"""What every document model is: fitted on some notes, asked about others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from suggest.errors import SuggestError
from suggest.text.span import Span

LEAST = 5  # training notes with a code, for it to be learned
CERTAIN = 1e-4  # probabilities are kept this far from 0 and 1 before they become log-odds


class DocumentModelError(SuggestError):
    """A document model cannot be made from what was given."""

    slug = "document-model-error"
    title = "The document model cannot be fitted"
    status = 422


@dataclass(frozen=True, slots=True)
class Notes:
    """The texts of labelled notes and the codes of each. Notes are named by their number."""

    texts: Sequence[str]
    codes: Sequence[frozenset[str]]

    def frequent(self, train: Sequence[int], least: int) -> tuple[str, ...]:
        """The codes that at least so many of the training notes have, sorted."""
        counts = Counter(code for i in train for code in self.codes[i])
        found = tuple(sorted(code for code, n in counts.items() if n >= least))
        if not found:
            raise DocumentModelError(
                f"no code has {least} training notes or more: lower --least or give more notes"
            )
        return found

    def targets(self, which: Sequence[int], codes: Sequence[str]) -> np.ndarray:
        """(notes, codes) float32: 1 where the note has the code."""
        made = [[float(code in self.codes[i]) for code in codes] for i in which]
        return np.array(made, dtype=np.float32).reshape(len(which), len(codes))


class DocumentModel(Protocol):
    """A fitted model. `codes` are what it knows, `prior` the share of its notes with each."""

    codes: tuple[str, ...]
    prior: np.ndarray

    def probabilities(self, which: Sequence[int]) -> np.ndarray:
        """(notes, codes): how probable each code is."""

    def evidence(self, note: int, codes: Sequence[str]) -> dict[str, list[Span]]:
        """Code -> the snippets that speak for it, the best first; empty for models without."""


class Kind(Protocol):
    """A way to make document models of one set of notes."""

    def fit(self, train: Sequence[int]) -> DocumentModel:
        """Learns from these notes alone."""


def log_odds(model: DocumentModel, which: Sequence[int]) -> list[dict[str, float]]:
    """For each note: code -> its log-odds less those of its prior, 0 if the note says nothing.

    This is the form a ranker can use: codes that the model does not know count as 0, too.
    """
    p = np.clip(model.probabilities(which), CERTAIN, 1 - CERTAIN)
    prior = np.clip(model.prior, CERTAIN, 1 - CERTAIN)
    gain = np.log(p / (1 - p)) - np.log(prior / (1 - prior))
    return [dict(zip(model.codes, row, strict=True)) for row in gain.tolist()]
