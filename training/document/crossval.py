"""Out-of-fold predictions of a document model, and the features that a ranker may use of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from training.document.model import Kind, log_odds
from training.evaluate import (
    PredictedCode,
    PredictedEvidence,
    Prediction,
)

LISTED = 100  # codes of a prediction
SHOWN = 25  # of them, those that are given snippets


def out_of_fold(
    kind: Kind, ids: Sequence[str], fold_of: Mapping[str, int]
) -> tuple[list[Prediction], list[frozenset[str]]]:
    """For each note the codes ranked by a model of the other folds, and the codes that it knows."""
    predictions: dict[int, Prediction] = {}
    known: dict[int, frozenset[str]] = {}
    for held_out in sorted(set(fold_of.values())):
        train, test = _parted(ids, fold_of, {held_out})
        model = kind.fit(train)
        for i, p in zip(test, model.probabilities(test), strict=True):
            order = np.argsort(-p, kind="stable")[:LISTED].tolist()
            snippets = model.evidence(i, [model.codes[k] for k in order[:SHOWN]])
            predictions[i] = Prediction(
                ids[i],
                tuple(
                    PredictedCode(
                        model.codes[k],
                        round(float(p[k]), 6),
                        tuple(PredictedEvidence(s) for s in snippets.get(model.codes[k], ())),
                    )
                    for k in order
                ),
            )
            known[i] = frozenset(model.codes)
    return [predictions[i] for i in range(len(ids))], [known[i] for i in range(len(ids))]


def features(
    kind: Kind, ids: Sequence[str], fold_of: Mapping[str, int], others: Sequence[int] = ()
) -> Iterator[tuple[int, int, dict[str, float]]]:
    """(fold that the ranker is tested on, note, code -> log-odds gained), nested properly.

    When fold f is held out, its notes are described by a model of all other folds, and the notes
    of another fold g, which the ranker is fitted on, by a model of the folds that are neither f
    nor g. `others` are notes that no model learns from.
    """
    folds = sorted(set(fold_of.values()))
    for f in folds:
        train, test = _parted(ids, fold_of, {f})
        asked = [*test, *others]
        for i, row in zip(asked, log_odds(kind.fit(train), asked), strict=True):
            yield f, i, row
    for f, g in combinations(folds, 2):
        train, test = _parted(ids, fold_of, {f, g})
        for i, row in zip(test, log_odds(kind.fit(train), test), strict=True):
            yield (g if fold_of[ids[i]] == f else f), i, row


def write_features(
    path: Path, ids: Sequence[str], rows: Iterable[tuple[int, int, dict[str, float]]]
) -> None:
    """One JSON object a line: `held_out`, `id`, `log_odds` by code."""
    with path.open("w", encoding="utf-8") as file:
        for held_out, i, row in rows:
            gained = {code: round(x, 4) for code, x in row.items()}
            file.write(json.dumps({"held_out": held_out, "id": ids[i], "log_odds": gained}) + "\n")


def _parted(
    ids: Sequence[str], fold_of: Mapping[str, int], without: set[int]
) -> tuple[list[int], list[int]]:
    """The numbers of the notes of the other folds, and of those of these folds."""
    train = [i for i, one in enumerate(ids) if fold_of.get(one) not in {None, *without}]
    return train, [i for i, one in enumerate(ids) if fold_of.get(one) in without]
