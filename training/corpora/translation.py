"""Carries a phrase of an original over to its translation, word by word.

IBM Model 1 (Brown et al. 1993, "The mathematics of statistical machine translation") over aligned
sentences, in both directions, started from cognates so that words seen once find their partner.
A phrase's translation is the run of words most likely to come from the phrase's own words rather
than from the rest of its sentence. Learned from the parallel text alone, never from labels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suggest.text.span import Span
from training.corpora.alignment import cognate_key

Floats = NDArray[np.float64]
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_ROUNDS = 6
_COGNATE = 20.0  # how much likelier a cognate is at the start
_NULL = 0.02  # share of words that come from no word of the other side
_ORDER = 6.0  # how fast the likelihood falls with the distance from the diagonal
_THRESHOLD = 0.2  # a word belongs to the phrase if it comes from it with at least this


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared (lower case, no diacritics) and where it stands."""

    norm: str
    span: Span


@dataclass(frozen=True, slots=True)
class Carried:
    """A phrase's place in the translation.

    `share` is the part of the original's words that found a partner in it, 0 to 1.
    """

    span: Span
    share: float


def words_in(text: str, within: Span) -> list[Word]:
    """The words and numbers of a part of a text."""
    found = []
    for match in _WORD.finditer(text, within.start, within.end):
        plain = unicodedata.normalize("NFKD", match.group().lower())
        norm = "".join(c for c in plain if not unicodedata.combining(c))
        found.append(Word(norm, Span(match.start(), match.end())))
    return found


class WordTable:
    """How likely each word of one language is to be written for one of the other."""

    def __init__(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> None:
        self._left = _numbered(word for left, _ in pairs for word in left)
        self._right = _numbered(word for _, right in pairs for word in right)
        width = len(self._right)
        cells, left_at, right_at = [], [], []
        place_left = place_right = 0
        for left, right in pairs:
            a = np.array([self._left[w] for w in left], dtype=np.int64)
            b = np.array([self._right[w] for w in right], dtype=np.int64)
            cells.append((a[:, None] * width + b[None, :]).ravel())
            left_at.append(np.repeat(np.arange(len(a)) + place_left, len(b)))
            right_at.append(np.tile(np.arange(len(b)) + place_right, len(a)))
            place_left += len(a)
            place_right += len(b)
        known, cell = np.unique(np.concatenate(cells), return_inverse=True)
        self._cell = {key: number for number, key in enumerate(known.tolist())}
        self._width = width
        start = self._cognates(known // width, known % width)
        occurrence_left, occurrence_right = np.concatenate(left_at), np.concatenate(right_at)
        self._forward = _model_one(cell, known // width, occurrence_right, start)
        self._backward = _model_one(cell, known % width, occurrence_left, start)

    def likelihood(self, left: Sequence[str], right: Sequence[str]) -> tuple[Floats, Floats]:
        """t(right | left) and t(left | right), each of shape (left words, right words)."""
        rows = [self._left.get(word, -1) for word in left]
        columns = [self._right.get(word, -1) for word in right]
        cells = np.array(
            [
                [self._cell.get(r * self._width + c, -1) if r >= 0 <= c else -1 for c in columns]
                for r in rows
            ],
            dtype=np.int64,
        ).reshape(len(rows), len(columns))
        there = cells >= 0
        return np.where(there, self._forward[cells], 0), np.where(there, self._backward[cells], 0)

    def _cognates(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
        index: dict[str, int] = {}
        left = np.array([index.setdefault(cognate_key(w)[:5], len(index)) for w in self._left])
        right = np.array([index.setdefault(cognate_key(w)[:5], len(index)) for w in self._right])
        return np.where(left[rows] == right[columns], _COGNATE, 1.0)


def carry(
    table: WordTable, sentence: Sequence[Word], phrase: frozenset[int], translated: Sequence[Word]
) -> Carried | None:
    """Where the sentence's words at the indices `phrase` stand in the translated sentence.

    None where no word of the translation is likely to come from them.
    """
    if not translated or not phrase:
        return None
    forward, backward = table.likelihood([w.norm for w in sentence], [w.norm for w in translated])
    rows = (np.arange(len(sentence)) + 0.5) / len(sentence)
    columns = (np.arange(len(translated)) + 0.5) / len(translated)
    order = np.exp(-_ORDER * np.abs(rows[:, None] - columns[None, :]))
    chosen = sorted(phrase)
    of_word = forward * order
    of_word /= of_word.sum(axis=0, keepdims=True) + 1e-4
    of_place = backward * order
    of_place /= of_place.sum(axis=1, keepdims=True) + 1e-4
    score = np.sqrt(of_word[chosen].sum(axis=0) * of_place[chosen].max(axis=0))
    best, first, last = 0.0, 0, 0
    total, start = 0.0, 0
    for place, value in enumerate((score - _THRESHOLD).tolist()):
        if total <= 0:
            total, start = 0.0, place
        total += value
        if total > best:
            best, first, last = total, start, place + 1
    if not best:
        return None
    inside = np.sqrt(of_word[chosen, first:last] * of_place[chosen, first:last]).max(axis=1)
    span = translated[first].span.cover(translated[last - 1].span)
    return Carried(span, float((inside >= _THRESHOLD / 2).mean()))


def _numbered(words: object) -> dict[str, int]:
    index: dict[str, int] = {}
    for word in words:  # type: ignore[attr-defined]
        index.setdefault(word, len(index))
    return index


def _model_one(
    cell: NDArray[np.int64], given: NDArray[np.int64], target: NDArray[np.int64], start: Floats
) -> Floats:
    """t(target word | given word) of every cell by expectation maximisation."""
    t = start / np.bincount(given, start)[given]
    for _ in range(_ROUNDS):
        value = t[cell]
        total = np.bincount(target, value)
        expected = value / (total[target] + _NULL * t.mean())
        counts = np.bincount(cell, expected, minlength=len(t))
        t = counts / np.maximum(np.bincount(given, counts)[given], 1e-12)
    return t
