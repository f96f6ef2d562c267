"""Details that a sentence says in other words than the titles do: fingers by number, a loss of
consciousness.

"4th finger" is the ring finger and "no LOC" is "without loss of consciousness" (6th character of
S06). The phrases are in `lexicon/data/details.tsv`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from suggest.engine.normal import Normaliser, read_rows
from suggest.engine.refine import NO
from suggest.text.rules import expand
from suggest.text.tokens import words_of

# Codes with a character for the loss of consciousness, which is a statement of its own in a note.
CONSCIOUSNESS = ("S06",)
_CONSCIOUS = "consciousness"


class DetailReader:
    """Holds the phrases; reads one sentence at a time."""

    def __init__(self, normaliser: Normaliser) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = defaultdict(list)
        for row in read_rows("data/details.tsv"):
            before = f"{NO} " if row["kind"] == "lacking" else ""
            classes = frozenset(before + name for name in normaliser.classes(row["words"]))
            for variant in expand(row["phrase"]):
                words = words_of(variant)
                self._phrases[words[0]].append((words, classes))
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))
        self._consciousness = normaliser(_CONSCIOUS)

    def read(self, norms: Sequence[str], tokens: range) -> frozenset[str]:
        """The word classes of all that a sentence says; the longest phrase at each place."""
        found: set[str] = set()
        if self._phrases.keys().isdisjoint(norms[tokens.start : tokens.stop]):
            return frozenset()
        index = tokens.start
        while index < tokens.stop:
            for words, classes in self._phrases.get(norms[index], ()):
                end = index + len(words)
                if end <= tokens.stop and tuple(norms[index:end]) == words:
                    found |= classes
                    index = end - 1
                    break
            index += 1
        return frozenset(found)

    def consciousness(self, sentences: Sequence[frozenset[str]]) -> frozenset[str]:
        """What a note says of a loss of consciousness, of what its sentences say: nothing where
        one affirms it and another denies it."""
        name = self._consciousness
        lost = [words for words in sentences if name in words]
        kept = [words for words in sentences if f"{NO} {name}" in words]
        return frozenset() if lost and kept else frozenset().union(*lost, *kept)
