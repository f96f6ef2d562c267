"""From the phrases of a note to the nearest concepts of the code set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suggest.codesets import at_or_above
from suggest.engine.normal import Normaliser
from suggest.engine.retrieval.vectors import (
    EncoderFile,
    Floats,
    Ints,
    WordVectors,
    lines_of,
    shrink,
)
from suggest.text import AnalysedNote

FILE = "encoder.npz"
MAX_WORDS = 6
CATEGORIES = 8  # looked into for each phrase, the first above the floor, the others not far below
_BELOW = 0.1
_LIGHT = 0.35  # a phrase neither begins nor ends with a word of less weight, nor one no term has
_BREAKS = frozenset(
    ("no", "not", "denies", "denied", "without", "but", "negative", "and", "or", "endorses")
)
# What a measure or circumstance (chapters 20, 21) is no likeness of words names: of 78 codes of
# chapter 21 that the encoder alone proposed in practice notes 5 were right.
_SAID_OUTRIGHT = ("P07", "P08", "T31", "V", "W", "X", "Y", "Z")
_CLOSE = 0.04  # codes within this of the best are told, too


class Hit(NamedTuple):
    """A phrase and a code near it.

    `tokens` are the note's token indices of the phrase's own words; `code` may be a header;
    `similarity` is a cosine, shortened for phrases that say little; `margin` is the distance to
    the best other code (negative when that one is nearer).
    """

    tokens: tuple[int, ...]
    code: str
    similarity: float
    margin: float


class Retriever:
    """Holds word and concept vectors; `find` is the whole work."""

    def __init__(self, file: EncoderFile, normaliser: Normaliser) -> None:
        self._words = WordVectors(file, normaliser)
        self._codes = lines_of(file.codes)
        self._prototypes: Floats = _unit(file.prototypes)
        self._code_of = file.prototype_code
        self._categories: Floats = np.ascontiguousarray(_unit(file.category_vectors).T)
        self._ptr: list[int] = file.category_ptr.tolist()
        self._category_floor, self._floor = (float(f) for f in file.floors)
        bounds = np.flatnonzero(np.diff(self._code_of, prepend=-1))
        self._range = {
            code: (start, end)
            for code, start, end in zip(
                self._codes,
                bounds.tolist(),
                [*bounds[1:].tolist(), len(self._code_of)],
                strict=True,
            )
        }
        # Where each code's prototypes begin, counted from its category's first.
        self._heads = [
            bounds[np.searchsorted(bounds, first) : np.searchsorted(bounds, last)] - first
            for first, last in pairwise(self._ptr)
        ]
        # The code of each category's first prototype.
        self._firsts = self._code_of[self._ptr[:-1]].astype(np.int64)
        self._phrase = lru_cache(maxsize=20_000)(self._phrase_of)
        self._similarity = lru_cache(maxsize=20_000)(self._similarity_of)

    @classmethod
    def load(cls, folder: Path, normaliser: Normaliser | None = None) -> Retriever:
        """Reads a model folder's encoder. Raises ModelError when it is missing or damaged."""
        return cls(EncoderFile.read(folder / FILE), normaliser or Normaliser())

    def similarity(self, words: Sequence[str], code: str) -> float:
        """How near a phrase (token norms) is to a code or, for a detail, the header above it.

        0 for a code that is unknown or a phrase that says nothing.
        """
        known = at_or_above(code, self._range)
        return self._similarity(tuple(words), known) if known else 0.0

    def _similarity_of(self, words: tuple[str, ...], code: str) -> float:
        start, end = self._range[code]
        return float(np.maximum.reduce(self._prototypes[start:end] @ self._phrase(words)))

    def _phrase_of(self, words: tuple[str, ...]) -> Floats:
        ids = np.array([self._words.id_of(w) for w in dict.fromkeys(words)], dtype=np.int64)
        total: Floats = self._words.rows(ids).sum(axis=0, keepdims=True)
        return np.asarray(shrink(total)[0])

    def find(
        self, note: AnalysedNote, covered: frozenset[tuple[int, ...]] | set[tuple[int, ...]]
    ) -> list[Hit]:
        """The phrases near a code, best first; none whose tokens are in `covered`."""
        tokens, runs, ids = self._content(note)
        if not len(tokens):
            return []
        starts, sizes, vectors = self._phrases(runs, ids)
        nearest, owner = self._categories_of(vectors)
        if not len(owner):
            return []
        codes, similarity, margin = self._codes_of(vectors, nearest, owner)
        hits: list[Hit] = []
        order = np.argsort(-similarity, kind="stable")
        order = order[(similarity[order] >= self._floor) & (margin[order] >= -_CLOSE)]
        taken: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for number, phrase, near, apart in zip(
            *(values[order].tolist() for values in (codes, owner, similarity, margin)), strict=True
        ):
            start, stop = int(starts[phrase]), int(starts[phrase] + sizes[phrase])
            code = self._codes[number]
            if code.startswith(_SAID_OUTRIGHT):
                continue
            of_category = taken[code[:3]]
            if any(
                start < end and begin < stop
                for begin, end, other in of_category
                if other != code or begin != start
            ):
                continue
            of_category.append((start, stop, code))
            places = tuple(tokens[start:stop].tolist())
            if places not in covered:
                hits.append(Hit(places, code, near, apart))
        return hits

    def _content(self, note: AnalysedNote) -> tuple[Ints, Ints, Ints]:
        """Token indices, run numbers and word ids of the words a phrase may hold."""
        norms = note.tokens.norm
        tokens: list[int] = []
        runs: list[int] = []
        ids: list[int] = []
        run = 0
        for sentence in note.sentences:
            run += 1
            for index in sentence.tokens:
                norm = norms[index]
                if not norm[0].isalnum() or norm in _BREAKS or index in note.headings:
                    run += 1
                    continue
                word = self._words.id_of(norm)
                if word:
                    tokens.append(index)
                    runs.append(run)
                    ids.append(word)
        return (
            np.array(tokens, dtype=np.int64),
            np.array(runs, dtype=np.int64),
            np.array(ids, dtype=np.int64),
        )

    def _phrases(self, runs: Ints, ids: Ints) -> tuple[Ints, Ints, Floats]:
        """Start (in the content words), size and vector of every phrase to look up."""
        distinct, place = np.unique(ids, return_inverse=True)
        rows = self._words.rows(distinct)
        named = (distinct <= self._words.terms) | (distinct >= self._words.known)
        heavy = (named & (np.einsum("ij,ij->i", rows, rows) > _LIGHT * _LIGHT))[place]
        sums = np.concatenate([np.zeros((1, self._words.width), np.float32), rows[place]])
        np.cumsum(sums, axis=0, out=sums)
        starts: list[Ints] = []
        sizes: list[Ints] = []
        for size in range(1, min(MAX_WORDS, len(ids)) + 1):
            last = len(ids) - size + 1
            whole = (runs[:last] == runs[size - 1 :]) & heavy[:last] & heavy[size - 1 :]
            if size == 1:
                # What a known word says alone the lexicon knows better.
                whole &= ids >= self._words.known
            start = np.flatnonzero(whole)
            starts.append(start)
            sizes.append(np.full(len(start), size, dtype=np.int64))
        start = np.concatenate(starts)
        length = np.concatenate(sizes)
        return start, length, shrink(sums[start + length] - sums[start])

    def _categories_of(self, vectors: Floats) -> tuple[Ints, Ints]:
        """(category, phrase) pairs, at most CATEGORIES a phrase."""
        near = vectors @ self._categories
        best: list[Ints] = []
        owner: list[Ints] = []
        row = np.arange(len(vectors))
        floor = self._category_floor
        for _ in range(CATEGORIES):
            top = near.argmax(axis=1) if len(near) else np.zeros(0, np.int64)
            kept = near[np.arange(len(near)), top] >= floor
            best.append(top[kept])
            owner.append(row[kept])
            near = near[kept]
            row = row[kept]
            near[np.arange(len(near)), top[kept]] = -1.0
            floor = self._category_floor - _BELOW
        return np.concatenate(best), np.concatenate(owner)

    def _codes_of(self, vectors: Floats, nearest: Ints, owner: Ints) -> tuple[Ints, Floats, Floats]:
        """For each (category, phrase) pair the nearest code, its similarity and margin."""
        order = np.argsort(nearest, kind="stable")
        phrases = vectors[owner[order]].T
        sorted_ = nearest[order]
        bounds = np.flatnonzero(np.diff(sorted_, prepend=-1)).tolist()
        most = max(len(self._heads[category]) for category in sorted_[bounds].tolist())
        near = np.full((most, len(order)), -1.0, dtype=np.float32)
        for start, end in pairwise((*bounds, len(order))):
            category = int(sorted_[start])
            heads = self._heads[category]
            found = self._prototypes[self._ptr[category] : self._ptr[category + 1]]
            found = found @ phrases[:, start:end]
            near[: len(heads), start:end] = np.maximum.reduceat(found, heads, axis=0)
        column = np.arange(len(order))
        top = near.argmax(axis=0)
        code = np.empty(len(order), dtype=np.int64)
        best, second = np.empty((2, len(order)), dtype=np.float32)
        code[order] = self._firsts[sorted_] + top
        best[order] = near[top, column]
        near[top, column] = -1.0
        second[order] = near.max(axis=0)
        return code, best, best - np.maximum(second, _of_others(best, owner))


def _of_others(best: Floats, owner: Ints) -> Floats:
    """For each pair the best of its phrase's other pairs; -1 where it has no other."""
    values, owners = best.tolist(), owner.tolist()
    tops: dict[int, tuple[float, float]] = {}
    for value, phrase in zip(values, owners, strict=True):
        first, second = tops.get(phrase, (-1.0, -1.0))
        tops[phrase] = (value, first) if value > first else (first, max(value, second))
    others = [
        tops[phrase][1] if value == tops[phrase][0] else tops[phrase][0]
        for value, phrase in zip(values, owners, strict=True)
    ]
    return np.array(others, dtype=np.float32)


def _unit(vectors: NDArray[np.int8]) -> Floats:
    """Unit vectors from int8 of any scale."""
    made = vectors.astype(np.float32)
    made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)
    return made
