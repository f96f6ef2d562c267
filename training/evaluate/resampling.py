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


def ratio(numerator: ArrayLike, denominator: ArrayLike | None = None) -> Figure:
    """A sum over documents divided by another one; without the other one, a mean."""
    above = np.asarray(numerator, dtype=float)
    below = np.ones_like(above) if denominator is None else np.asarray(denominator, dtype=float)

    def figure(weights: Floats) -> Floats:
        return divide(weights @ above, weights @ below)

    return figure


def divide(above: Floats, below: Floats) -> Floats:
    """Division that gives NaN where there is nothing to divide by."""
    result = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=result, where=below != 0)
    return result


def sample(
    figures: dict[str, Figure], documents: int, *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Floats]:
    """Each figure's values, shape (1 + resamples,): of the documents as they are, then resampled.

    The same seed and number of documents draw the same samples, so two models' values are paired.
    """
    values = {name: [figure(np.ones((1, documents)))] for name, figure in figures.items()}
    for weights in _samples(documents, resamples, seed):
        for name, figure in figures.items():
            values[name].append(figure(weights))
    return {name: np.concatenate(parts) for name, parts in values.items()}


def interval(values: Floats) -> Estimate:
    """The figure with its percentile interval (Efron and Tibshirani 1993, chapter 13).

    Without resamples, or where the figure is undefined in all of them, the interval is NaN.
    """
    drawn = values[1:][~np.isnan(values[1:])]
    if not len(drawn):
        return Estimate(float(values[0]), float("nan"), float("nan"))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(float(values[0]), float(low), float(high))


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
    return interval(sample(figure, size, resamples=resamples, seed=seed)[""])


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
        yield generator.multinomial(documents, chances, size=min(block, resamples - start)).astype(
            float
        )
