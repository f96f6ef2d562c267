"""Suggestions beside the gold codes, as flat arrays that every figure is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.corpora import Document
from training.evaluate.errors import EvaluationError
from training.evaluate.levels import coarsening
from training.evaluate.predictions import Prediction

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """Suggestions and gold codes of n documents at one level.

    Suggestion arrays (m): `document` (0..n-1), `rank` (from 1), `code` (index into `codes`),
    `probability`, `hit`; ordered by document, then rank. Gold arrays (g): `gold_document`,
    `gold_code`, `gold_rank` (0 where the code was not suggested).
    """

    ids: tuple[str, ...]
    codes: tuple[str, ...]
    document: Ints
    rank: Ints
    code: Ints
    probability: Floats
    hit: Bools
    gold_document: Ints
    gold_code: Ints
    gold_rank: Ints

    def gold_count(self) -> Floats:
        """Gold codes of each document."""
        return self.per_document(self.gold_document)

    def per_document(self, document: Ints, weights: NDArray[np.generic] | None = None) -> Floats:
        """Sums the weights (else counts the rows) of each document: shape (n,)."""
        return np.bincount(document, weights, minlength=len(self.ids)).astype(float)


def judge(
    documents: Sequence[Document],
    predictions: Mapping[str, Prediction],
    system: str,
    level: str = "code",
) -> Judged:
    """Lays suggestions beside gold codes.

    At a coarser level a group stands at the rank of its best code among the groups, with the
    highest of its codes' probabilities, and is right if any gold code of the document is in it.
    """
    coarse = coarsening(level, system)
    groups: dict[str, str] = {}
    number: dict[str, int] = {}
    document: list[int] = []
    rank: list[int] = []
    code: list[int] = []
    probability: list[float] = []
    hit: list[bool] = []
    gold_document: list[int] = []
    gold_code: list[int] = []
    gold_rank: list[int] = []

    def numbered(one: str) -> int:
        group = groups.get(one)
        if group is None:
            group = groups[one] = coarse(one)
        return number.setdefault(group, len(number))

    for index, one in enumerate(documents):
        gold = dict.fromkeys(numbered(c) for c in one.gold(system))
        ranked: dict[int, float] = {}
        for suggestion in predictions[one.id].suggestions:
            if suggestion.system == system:
                group = numbered(suggestion.code)
                ranked[group] = max(ranked.get(group, 0.0), suggestion.probability)
        places = {group: place for place, group in enumerate(ranked, 1)}
        document += [index] * len(ranked)
        rank += range(1, len(ranked) + 1)
        code += ranked
        probability += ranked.values()
        hit += [group in gold for group in ranked]
        gold_document += [index] * len(gold)
        gold_code += gold
        gold_rank += [places.get(group, 0) for group in gold]
    return Judged(
        tuple(d.id for d in documents),
        tuple(number),
        np.array(document, dtype=np.int64),
        np.array(rank, dtype=np.int64),
        np.array(code, dtype=np.int64),
        np.array(probability, dtype=np.float64),
        np.array(hit, dtype=np.bool_),
        np.array(gold_document, dtype=np.int64),
        np.array(gold_code, dtype=np.int64),
        np.array(gold_rank, dtype=np.int64),
    )


def by_id(
    documents: Sequence[Document], predictions: Sequence[Prediction]
) -> dict[str, Prediction]:
    """The predictions by document. Raises EvaluationError unless each document has one."""
    found = {p.id: p for p in predictions}
    if len(found) != len(predictions):
        raise EvaluationError("a document is predicted twice")
    missing = sum(d.id not in found for d in documents)
    unknown = len(found.keys() - {d.id for d in documents})
    if missing or unknown:
        raise EvaluationError(
            f"{missing} documents have no prediction (an empty list says that nothing was "
            f"suggested), {unknown} predictions have no document"
        )
    if not documents:
        raise EvaluationError("there is no document to score")
    return found
