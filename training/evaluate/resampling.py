"""Bootstrap intervals and the paired test, both by document.

A figure is a function of one weight a document; the point estimate has every weight 1, a bootstrap
sample has the number of times that each document was drawn. So all figures share the samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.evaluate.errors import EvaluationError

Floats = NDArray[np.float64]
Figure = Callable[[Floats], Floats]
"""Weights of shape (samples, documents) -> values of shape (samples,)."""

RESAMPLES = 1000
SEED = 7
_BLOCK = 4_000_000  # weights held at a time


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % percentile interval; NaN where it is undefined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedTest:
    """How figure `b` differs from `a` on the same documents: b - a, its interval, two-sided p."""

    figure: str
    a: float
    b: float
    difference: Estimate
    p: float
    documents: int


def ratio(numerator: ArrayLike, denominator: ArrayLike | None = None) -> Figure:
    """A sum over documents divided by another one; without the other one, a mean."""
    above = np.asarray(numerator, dtype=float)
    below = np.ones_like(above) if denominator is None else np.asarray(denominator, dtype=float)

    def figure(weights: Floats) -> Floats:
        return divide(weights @ above, weights @ below)

    return figure


def divide(above: Floats, below: Floats) -> Floats:
    """Division that gives NaN where there is nothing to divide by."""
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)


def estimate(
    figures: dict[str, Figure], documents: int, *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Estimate]:
    """Every figure with its interval (Efron and Tibshirani 1993, percentile bootstrap).

    With `resamples=0` the intervals are NaN.
    """
    whole = np.ones((1, documents))
    points = {name: float(figure(whole)[0]) for name, figure in figures.items()}
    drawn: dict[str, list[Floats]] = {name: [] for name in figures}
    for weights in _samples(documents, resamples, seed):
        for name, figure in figures.items():
            drawn[name].append(figure(weights))
    return {name: _interval(points[name], drawn[name]) for name in figures}


def bootstrap(
    numerator: ArrayLike,
    denominator: ArrayLike | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Estimate:
    """Mean of a value by document, or a ratio of two sums, with its 95 % interval.

    Both have the shape (documents,).
    """
    size = len(np.asarray(numerator))
    if not size:
        raise EvaluationError("there is nothing to resample")
    figure = {"": ratio(numerator, denominator)}
    return estimate(figure, size, resamples=resamples, seed=seed)[""]


def randomization_p(difference: Floats, *, permutations: int = 10_000, seed: int = SEED) -> float:
    """Two-sided p of a mean difference of 0: the signs are drawn anew (Smucker et al. 2007).

    `difference` has one value a document. The smallest p is 1 / (permutations + 1).
    """
    generator = np.random.default_rng(seed)
    observed = abs(difference.sum())
    at_least = 0
    block = max(1, _BLOCK // max(1, len(difference)))
    for start in range(0, permutations, block):
        size = (min(block, permutations - start), len(difference))
        signs = generator.integers(0, 2, size, dtype=np.int8) * 2 - 1
        at_least += int((np.abs(signs @ difference) >= observed - 1e-12).sum())
    return (at_least + 1) / (permutations + 1)


def _samples(documents: int, resamples: int, seed: int) -> Iterator[Floats]:
    generator = np.random.default_rng(seed)
    block = max(1, _BLOCK // documents)
    chances = np.full(documents, 1 / documents)
    for start in range(0, resamples, block):
        yield generator.multinomial(
            documents, chances, size=min(block, resamples - start)
        ).astype(float)


def _interval(point: float, drawn: list[Floats]) -> Estimate:
    values = np.concatenate(drawn) if drawn else np.empty(0)
    values = values[~np.isnan(values)]
    if not len(values):
        return Estimate(point, float("nan"), float("nan"))
    low, high = np.percentile(values, [2.5, 97.5])
    return Estimate(point, float(low), float(high))
