"""Misspelt words: the one word of the terms that is a letter or two away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

SHORTEST = 6  # letters; a shorter word has too many neighbours
_LONG = 9  # from here on two letters may be wrong


class Spelling:
    """Holds the words by first letter and length: a misspelling seldom changes either by much."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_shape: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in words:
            if len(word) >= SHORTEST - 1 and word.isalpha():
                self._by_shape[word[0], len(word)].append(word)

    def meant(self, word: str) -> str | None:
        """The nearest word by Damerau's distance if it is near and alone at that distance."""
        if len(word) < SHORTEST:
            return None
        from rapidfuzz.distance import OSA  # not needed where every word is known

        most = 1 if len(word) < _LONG else 2
        best: list[str] = []
        for length in range(len(word) - most, len(word) + most + 1):
            for other in self._by_shape.get((word[0], length), ()):
                distance = OSA.distance(word, other, score_cutoff=most)
                if distance < most:
                    most, best = distance, [other]
                elif distance == most:
                    best.append(other)
        return best[0] if len(best) == 1 else None
