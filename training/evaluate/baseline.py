"""The floor: a dictionary of the code set's own titles and inclusion terms, nothing learned.

A code is suggested where its title stands in the note, word for word; longer titles first. What a
model adds is what it has above this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from suggest.codesets import CodeSet
from suggest.text.span import Span
from training.corpora import Document
from training.evaluate.predictions import PredictedCode, PredictedEvidence, Prediction

_WORD = re.compile(r"\w+")
_SAYS_NOTHING = frozenset({"unspecified", "nos"})
_LONGEST = 8


class TitleBaseline:
    """Finds titles by their words; reads only."""

    def __init__(self, codeset: CodeSet) -> None:
        self._system = codeset.system
        self._codes: dict[tuple[str, ...], str] = {}
        for code in codeset.codes:
            usual = codeset.usual(code)
            if usual is None:
                continue
            for term in (codeset.title(code), *codeset.notes(code).inclusion_terms):
                words = tuple(w for w in _words(term) if w not in _SAYS_NOTHING)
                if words:
                    self._codes.setdefault(words, usual)

    def predict(self, documents: Sequence[Document]) -> list[Prediction]:
        """Ranked by the words of the longest title found, then by place.

        The probability only says how the codes rank: 1 - 1/2^words.
        """
        return [Prediction(d.id, tuple(self._ranked(d.text))) for d in documents]

    def _ranked(self, text: str) -> Iterator[PredictedCode]:
        tokens = [(m.group().lower(), m.start(), m.end()) for m in _WORD.finditer(text)]
        found: dict[str, tuple[int, Span]] = {}
        for start in range(len(tokens)):
            for size in range(1, min(_LONGEST, len(tokens) - start) + 1):
                code = self._codes.get(tuple(t[0] for t in tokens[start : start + size]))
                if code is not None and size > found.get(code, (0,))[0]:
                    span = Span(tokens[start][1], tokens[start + size - 1][2])
                    found[code] = (size, span)
        for code, (size, span) in sorted(found.items(), key=lambda f: (-f[1][0], f[1][1], f[0])):
            yield PredictedCode(code, 1 - 0.5**size, (PredictedEvidence(span),), self._system)


def _words(text: str) -> list[str]:
    return [m.group().lower() for m in _WORD.finditer(text)]
