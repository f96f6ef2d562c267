"""Details that a sentence says in other words than the titles do: fingers by number, a loss of
consciousness.

"4th finger" is the ring finger and "no LOC" is "without loss of consciousness" (6th character of
S06). The phrases are in `lexicon/data/details.tsv`.
"""

from __future__ import annotations

from collections.abc import Sequence

from suggest.engine.normal import Normaliser, read_rows
from suggest.engine.phrases import Phrases
from suggest.engine.refine import NO

# Codes with a character for the loss of consciousness, which is a statement of its own in a note.
CONSCIOUSNESS = ("S06",)
_CONSCIOUS = "consciousness"


class DetailReader:
    """Holds the phrases; reads one sentence at a time."""

    def __init__(self, normaliser: Normaliser) -> None:
        rows = list(read_rows("data/details.tsv"))
        self._phrases = Phrases(rows, "phrase")
        self._classes: dict[str, list[str]] = {}
        for row in rows:
            before = f"{NO} " if row["kind"] == "lacking" else ""
            self._classes[row["phrase"]] = [before + c for c in normaliser.classes(row["words"])]
        self._consciousness = normaliser(_CONSCIOUS)

    def read(self, norms: Sequence[str], tokens: range) -> frozenset[str]:
        """The word classes of all that a sentence says; the longest phrase at each place."""
        places = self._phrases.find(norms, tokens)
        return frozenset(name for p in places for name in self._classes[p.row["phrase"]])

    def consciousness(self, sentences: Sequence[frozenset[str]]) -> frozenset[str]:
        """What a note says of a loss of consciousness, of what its sentences say: nothing where
        one affirms it and another denies it."""
        name = self._consciousness
        lost = [words for words in sentences if name in words]
        kept = [words for words in sentences if f"{NO} {name}" in words]
        return frozenset() if lost and kept else frozenset().union(*lost, *kept)
