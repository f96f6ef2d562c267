"""Learned vectors to the file that the engine reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from suggest.engine.retrieval import EncoderFile
from suggest.engine.retrieval.vectors import shrink, text_of
from training.encoder.static import Learned
from training.encoder.terms import Term

# A term nearer than this to a kept one of the same concept adds nothing to it.
ALIKE = 0.93
# The least similarity of a hit: `training.encoder.evaluate` prints what it keeps and costs.
FLOOR = 0.6


def file_of(learned: Learned, terms: Sequence[Term], floor: float = FLOOR) -> EncoderFile:
    """The engine's arrays: int8, a scale a row; categories in the order of `learned`."""
    vectors, scales = _quantised(learned.vectors)
    gram_rows, gram_scales = _quantised(learned.grams)
    codes, prototypes, owner = prototypes_of(learned, terms)
    place = {c: i for i, c in enumerate(learned.categories)}
    of_prototype = np.array([place[codes[i][:3]] for i in owner])
    ptr = np.searchsorted(of_prototype, np.arange(len(place) + 1))
    return EncoderFile(
        words=text_of(learned.words),
        terms=np.array(len({w for t in terms for w in t.words}), dtype=np.int32),
        vectors=vectors,
        scales=scales,
        grams=gram_rows,
        gram_scales=gram_scales,
        codes=text_of(codes),
        prototypes=_quantised(prototypes)[0],
        prototype_code=np.array(owner, dtype=np.int32),
        categories=text_of(learned.categories),
        category_vectors=_quantised(learned.category_vectors)[0],
        category_ptr=ptr.astype(np.int32),
        floors=np.array((learned.nothing, floor), dtype=np.float32),
    )


def prototypes_of(
    learned: Learned, terms: Sequence[Term]
) -> tuple[list[str], np.ndarray, list[int]]:
    """Codes in order, unit vectors of their terms that are not alike, and whose each one is."""
    by_code: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        by_code[term.code].append(term)
    codes = sorted(by_code)
    ids = {w: i for i, w in enumerate(learned.words)}
    kept: list[np.ndarray] = []
    owner: list[int] = []
    for number, code in enumerate(codes):
        total = np.stack([learned.vectors[[ids[w] for w in t.words]].sum(0) for t in by_code[code]])
        unit = shrink(total)
        unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-6)
        chosen: list[int] = []
        for i in range(len(unit)):
            if not chosen or (unit[chosen] @ unit[i]).max() < ALIKE:
                chosen.append(i)
        kept.append(unit[chosen])
        owner.extend([number] * len(chosen))
    return codes, np.concatenate(kept), owner


def _quantised(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 rows and their scales."""
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-8) / 127.0
    rows = np.round(vectors / scales[:, None]).astype(np.int8)
    return rows, scales.astype(np.float32)
