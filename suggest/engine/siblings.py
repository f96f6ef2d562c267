"""Other leaves of a category that was found: what else the text, or coders' habit, may mean.

The category is right far more often than its leaf. Beside the leaf that refinement chose stand
those whose own words the sentence has in part, those that coders gave most often, and the
unspecified one; the ranker decides among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from suggest.codesets import CodeSet
from suggest.engine.lexicon import Lexicon

_NEUTRAL = re.compile(r"\b(?:unspecified|NOS)\b|not specified", re.IGNORECASE)
BY_TEXT = 3
BY_HABIT = 3
LEAST = 0.34  # of a leaf's own words, weighted by rarity, that the sentence has


@dataclass(frozen=True, slots=True)
class _Leaf:
    code: str
    words: dict[str, float]  # own word classes -> rarity
    total: float
    neutral: bool


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
        shares: dict[str, float] = {}
        plain: _Leaf | None = None
        for leaf in self._below(category):
            if leaf.code not in valid or (len(leaf.code) == 8 and leaf.code[-1] != seventh):
                continue
            hit = sum(w for name, w in leaf.words.items() if name in words)
            shares[leaf.code] = hit / leaf.total if leaf.total else 0.0
            if leaf.neutral and (plain is None or len(leaf.words) < len(plain.words)):
                plain = leaf
        best = sorted(shares, key=lambda c: (-shares[c], c))[:BY_TEXT]
        chosen = [c for c in best if shares[c] >= LEAST]
        chosen += [c for c in habit if c in shares][:BY_HABIT]
        if plain is not None:
            chosen.append(plain.code)
        return {code: shares[code] for code in chosen}

    def _leaves(self, category: str) -> tuple[_Leaf, ...]:
        idf, ids = self._lexicon.idf, self._lexicon.class_ids
        common = set(self._lexicon.normaliser.classes(self._codeset.title(category)))
        found: list[_Leaf] = []
        open_ = [category]
        while open_:
            code = open_.pop()
            open_ += self._codeset.children(code)
            title = self._codeset.title(code)
            names = set(self._lexicon.normaliser.classes(_NEUTRAL.sub("", title))) - common
            words = {n: idf[ids[n]] if n in ids else 8.0 for n in sorted(names)}
            found.append(_Leaf(code, words, sum(words.values()), bool(_NEUTRAL.search(title))))
        return tuple(found)
