"""Whether 0.8 means 0.8."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evaluate.judged import Bools, Floats, Ints, Judged
from training.evaluate.resampling import Figure, divide, ratio

BINS = 15


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Suggestions of about one probability: their mean probability and the share that is right."""

    probability: float
    right: float
    suggestions: int


def calibration(judged: Judged, chosen: Bools) -> dict[str, Figure]:
    """Expected calibration error over equal-mass and equal-width bins, and the Brier score.

    The bins stay those of the whole corpus in every bootstrap sample.
    """
    p, y = judged.probability[chosen], judged.hit[chosen].astype(float)
    document = judged.document[chosen]
    return {
        "ece": _gap(judged, document, p, y, equal_mass(p)),
        "ece_equal_width": _gap(judged, document, p, y, equal_width(p)),
        "brier": ratio(judged.per_document(document, (p - y) ** 2), judged.per_document(document)),
    }


def reliability(judged: Judged, chosen: Bools) -> list[ReliabilityBin]:
    """The equal-mass bins, in order of probability."""
    p, y = judged.probability[chosen], judged.hit[chosen]
    bins = equal_mass(p)
    return [
        ReliabilityBin(
            float(p[bins == b].mean()), float(y[bins == b].mean()), int((bins == b).sum())
        )
        for b in np.unique(bins).tolist()
    ]


def equal_mass(p: Floats) -> Ints:
    """Bins of about equally many suggestions (Nguyen and O'Connor 2015): shape of p.

    Equal probabilities stay together, in the bin of the middle one of them: an isotonic
    calibration gives many, and to part them would make the error depend on their order.
    """
    order = np.sort(p)
    middle = np.searchsorted(order, p, "left") + np.searchsorted(order, p, "right") - 1
    return (middle * BINS // (2 * max(1, len(p)))).astype(np.int64)


def equal_width(p: Floats) -> Ints:
    """Bins of equally wide probabilities (Naeini et al. 2015): shape of p."""
    return np.minimum((p * BINS).astype(np.int64), BINS - 1)


def _gap(judged: Judged, document: Ints, p: Floats, y: Floats, bins: Ints) -> Figure:
    cell = document * BINS + bins
    shape = (len(judged.ids), BINS)
    surplus = np.bincount(cell, p - y, minlength=shape[0] * BINS).reshape(shape)
    total = np.bincount(document, minlength=shape[0]).astype(float)

    def figure(weights: Floats) -> Floats:
        return divide(np.abs(weights @ surplus).sum(axis=1), weights @ total)

    return figure
