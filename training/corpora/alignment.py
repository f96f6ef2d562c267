"""Aligns the sentences of a translation with those of its original, both in order.

Dynamic programming over beads (1-1, 1-2, 2-1, 2-2, 1-0, 0-1) as in Gale and Church (1993), with
shared numbers and cognates (Simard et al. 1992) beside the lengths: Spanish and English medical
words share their Greek and Latin stems. Forward and backward sums over all alignments give each
pair of sentences its posterior probability.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suggest.text.span import Span

Floats = NDArray[np.float64]

# Log-weights of the beads: how often each shape occurs in text translated sentence by sentence.
_BEADS: dict[tuple[int, int], float] = {
    (1, 1): math.log(0.89),
    (1, 0): math.log(0.05),
    (0, 1): math.log(0.02),
    (2, 1): math.log(0.02),
    (1, 2): math.log(0.015),
    (2, 2): math.log(0.005),
}
_SHARED = 1.0  # weight of a word that both sides have, times its rarity in the document
_MISSED = 0.12  # of a word that has no partner
_LENGTH = 0.6  # of the squared difference of log lengths
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
# Spelling that differs between the languages by rule, so that stems become the same.
_SPELLING = (
    ("ph", "f"), ("th", "t"), ("ch", "c"), ("rh", "r"), ("qu", "c"), ("k", "c"), ("y", "i"),
    ("oe", "e"), ("ae", "e"), ("ll", "l"), ("ss", "s"), ("cc", "c"), ("pp", "p"), ("tt", "t"),
    ("ff", "f"), ("mm", "m"), ("nn", "n"), ("rr", "r"), ("z", "c"), ("x", "s"), ("h", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentenceAlignment:
    """Sentences of original and translation, and how likely each pair belongs together.

    `posterior` has the shape (original sentences, translated sentences); a row sums to the
    expected number of partners, 0 where the translation left the sentence out.
    """

    original: tuple[Span, ...]
    translated: tuple[Span, ...]
    posterior: Floats

    def partners(self, sentence: int, *, least: float = 0.5) -> list[int]:
        """The translated sentences of an original one; empty if it was left out."""
        return np.flatnonzero(self.posterior[sentence] >= least).tolist()

    def confidence(self, sentence: int) -> float:
        """The posterior of its best partner."""
        return float(self.posterior[sentence].max(initial=0.0))


def align(
    original: str, originals: Sequence[Span], translated: str, translations: Sequence[Span]
) -> SentenceAlignment:
    """Aligns two lists of sentences of two texts."""
    left = [_keys(span.of(original)) for span in originals]
    right = [_keys(span.of(translated)) for span in translations]
    index = {key: n for n, key in enumerate(sorted(set().union(*left, *right)))}
    seen = np.zeros(len(index))
    for sentence in left + right:
        seen[[index[key] for key in sentence]] += 1
    rarity = np.log(1 + (len(left) + len(right)) / seen.clip(1))
    sides = (
        (_table(left, index), np.array([len(s) for s in originals], dtype=float)),
        (_table(right, index), np.array([len(s) for s in translations], dtype=float)),
    )
    scores = {bead: _scores(bead, *sides, rarity) for bead in _BEADS}
    posterior = _posterior(len(left), len(right), scores)
    return SentenceAlignment(tuple(originals), tuple(translations), posterior)


def _table(sentences: list[set[str]], index: dict[str, int]) -> Floats:
    """Which keys each sentence has: shape (sentences, keys), 0 or 1."""
    table = np.zeros((len(sentences), len(index)))
    for row, sentence in enumerate(sentences):
        table[row, [index[key] for key in sentence]] = 1.0
    return table


def _keys(text: str) -> set[str]:
    """Numbers and stems of the sentence's words, the same for cognates of both languages."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    keys: set[str] = set()
    for word in _WORD.findall(plain):
        if word[0].isdigit():
            keys.add(word.replace(",", ".").rstrip("0").rstrip(".") or "0")
            continue
        stem = cognate_key(word)
        if len(stem) >= 4:
            keys.add(stem[:4])
    return keys


def cognate_key(word: str) -> str:
    """The word in a spelling that both languages share: `esplenomegalia`, `splenomegaly`."""
    for spanish, common in _SPELLING:
        word = word.replace(spanish, common)
    if word.startswith("es") and len(word) > 3 and word[2] in "cpt":
        return word[1:]
    return word


def _scores(
    bead: tuple[int, int],
    left: tuple[Floats, Floats],
    right: tuple[Floats, Floats],
    rarity: Floats,
) -> Floats:
    """Log-score of the bead that ends before original sentence i and translated sentence j.

    Shape (original sentences + 1, translated sentences + 1). A side is its table of keys and its
    sentences' lengths.
    """
    wide, high = bead
    scores = np.full((len(left[1]) + 1, len(right[1]) + 1), -np.inf)
    if wide > len(left[1]) or high > len(right[1]):
        return scores
    scores[wide:, high:] = _BEADS[bead]
    if wide and high:
        (a, a_length), (b, b_length) = _joined(left, wide), _joined(right, high)
        shared = (a * rarity) @ b.T
        missed = (a @ rarity)[:, None] + (b @ rarity)[None, :] - 2 * shared
        size = np.log((1 + a_length)[:, None] / (1 + b_length)[None, :])
        scores[wide:, high:] += _SHARED * shared - _MISSED * missed - _LENGTH * size**2
    return scores


def _joined(side: tuple[Floats, Floats], width: int) -> tuple[Floats, Floats]:
    """Every run of `width` sentences taken as one."""
    if width == 1:
        return side
    table, length = side
    return np.maximum(table[:-1], table[1:]), length[:-1] + length[1:]


def _posterior(rows: int, columns: int, scores: dict[tuple[int, int], Floats]) -> Floats:
    """Sums over all alignments, forwards and backwards, in log space."""
    forward = _sums(rows, columns, scores)
    turned = {(wide, high): _turned(score, wide, high) for (wide, high), score in scores.items()}
    backward = _sums(rows, columns, turned)[::-1, ::-1]
    posterior = np.zeros((rows, columns))
    for (wide, high), score in scores.items():
        if not wide or not high:
            continue
        mass = np.exp(
            forward[: rows + 1 - wide, : columns + 1 - high]
            + score[wide:, high:]
            + backward[wide:, high:]
            - forward[rows, columns]
        )
        for a in range(wide):
            for b in range(high):
                posterior[a : a + mass.shape[0], b : b + mass.shape[1]] += mass
    return posterior


def _sums(rows: int, columns: int, scores: dict[tuple[int, int], Floats]) -> Floats:
    """Log of the summed weights of all alignments of the first i and j sentences."""
    sums = [[-math.inf] * (columns + 1) for _ in range(rows + 1)]
    beads = [(wide, high, score.tolist()) for (wide, high), score in scores.items()]
    sums[0][0] = 0.0
    for i in range(rows + 1):
        for j in range(columns + 1):
            ways = [
                sums[i - wide][j - high] + score[i][j]
                for wide, high, score in beads
                if i >= wide and j >= high
            ]
            top = max(ways, default=-math.inf)
            if top > -math.inf:
                sums[i][j] = top + math.log(sum(math.exp(way - top) for way in ways))
    return np.array(sums)


def _turned(score: Floats, wide: int, high: int) -> Floats:
    """The bead's scores for both texts read from their ends."""
    turned = np.full_like(score, -np.inf)
    turned[wide:, high:] = score[wide:, high:][::-1, ::-1]
    return turned
