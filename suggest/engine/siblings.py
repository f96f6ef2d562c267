"""Other leaves of a category that was found: what else the text, or coders' habit, may mean.

The category is right far more often than its leaf. Beside the leaf that refinement chose stand
those whose own words the sentence has in part, those that coders gave most often, and the
unspecified one; the ranker decides among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from suggest.codesets import CodeSet
from suggest.engine.lexicon import Lexicon
from suggest.engine.refine import NEUTRAL

BY_TEXT = 3
BY_HABIT = 3
LEAST = 0.34  # of a leaf's own words, weighted by rarity, that the sentence has


@dataclass(frozen=True, slots=True)
class _Below:
    """What is below a category: all codes, word class -> (code, its share of the code's own
    words, weighted by rarity), and the unspecified codes, those with fewest words first."""

    codes: frozenset[str]
    by_word: dict[str, list[tuple[str, float]]]
    plain: list[str]


class Siblings:
    """Walks one code set; what is below a category is remembered."""

    def __init__(self, codeset: CodeSet, lexicon: Lexicon) -> None:
        self._codeset = codeset
        self._lexicon = lexicon
        self._below = lru_cache(maxsize=4_000)(self._leaves)

    def of(
        self,
        category: str,
        words: frozenset[str],
        valid: frozenset[str],
        seventh: str,
        habit: Sequence[str],
    ) -> dict[str, float]:
        """Leaves of a category worth a look, each with the share of its own words in `words`.

        `habit` are the category's codes in labelled notes, the most frequent first.
        """
        below = self._below(category)
        shares: dict[str, float] = defaultdict(float)
        for word in sorted(words & below.by_word.keys()):
            for code, share in below.by_word[word]:
                shares[code] += share

        def possible(code: str) -> bool:
            return code in valid and (len(code) < 8 or code[-1] == seventh)

        best = [c for c, share in shares.items() if share >= LEAST and possible(c)]
        chosen = sorted(best, key=lambda c: (-shares[c], c))[:BY_TEXT]
        chosen += islice((c for c in habit if c in below.codes and possible(c)), BY_HABIT)
        chosen += islice(filter(possible, below.plain), 1)
        return {code: min(1.0, shares[code]) for code in chosen}

    def _leaves(self, category: str) -> _Below:
        idf, ids = self._lexicon.idf, self._lexicon.class_ids
        common = set(self._lexicon.normaliser.classes(self._codeset.title(category)))
        by_word: dict[str, list[tuple[str, float]]] = defaultdict(list)
        codes: list[str] = []
        plain: list[tuple[int, str]] = []
        open_ = [category]
        while open_:
            code = open_.pop()
            open_ += self._codeset.children(code)
            codes.append(code)
            title = self._codeset.title(code)
            names = set(self._lexicon.normaliser.classes(NEUTRAL.sub("", title))) - common
            weights = {n: idf[ids[n]] if n in ids else 8.0 for n in sorted(names)}
            total = sum(weights.values())
            for name, weight in weights.items():
                by_word[name].append((code, weight / total))
            if NEUTRAL.search(title):
                plain.append((len(names), code))
        return _Below(frozenset(codes), dict(by_word), [code for _, code in sorted(plain)])
