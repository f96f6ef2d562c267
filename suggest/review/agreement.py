"""How far two coders agree, and how many to ask: sample size, percent, Cohen's kappa, intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from suggest.review.errors import InvalidSample


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds of its confidence interval, as shares (kappa: -1 to 1)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """First against second coder over `n` codes.

    `over`: coded first, not by the second; `under`: the other way round. `percent` is None for
    n = 0; `kappa` also where chance alone would agree always (all codes in one cell), where it is
    not defined.
    """

    n: int
    both: int
    over: int
    under: int
    neither: int
    percent: Interval | None
    kappa: Interval | None


def z_value(confidence: float) -> float:
    """The two-sided standard normal quantile (0.95 -> 1.96)."""
    if not 0 < confidence < 1:
        raise InvalidSample(f"the confidence lies between 0 and 1, not at {confidence}")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def sample_size(
    population: int, margin: float, confidence: float = 0.95, expected: float = 0.5
) -> int:
    """How many to draw so that a share is known to +- `margin`, at most the whole population.

    n0 = z^2 p(1-p) / e^2 with the finite population correction n = n0 / (1 + (n0 - 1) / N)
    (Cochran, Sampling Techniques, 3rd ed., 4.4). `expected` is the share thought likely; 0.5 is
    the most careful. InvalidSample for numbers that cannot be.
    """
    if population < 1:
        raise InvalidSample("nothing matches the sample's definition: widen it")
    if not 0 < margin < 1:
        raise InvalidSample(f"the margin of error lies between 0 and 1, not at {margin}")
    if not 0 < expected < 1:
        raise InvalidSample(f"the expected share lies between 0 and 1, not at {expected}")
    n0 = z_value(confidence) ** 2 * expected * (1 - expected) / margin**2
    n = n0 / (1 + (n0 - 1) / population)
    return max(1, min(population, ceil(n - 1e-9)))


def agreement(pairs: Iterable[tuple[bool, bool]], confidence: float = 0.95) -> Agreement:
    """Agreement over (first coded, second coded) pairs."""
    counted = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for first, second in pairs:
        counted[first, second] += 1
    n = sum(counted.values())
    both, over = counted[True, True], counted[True, False]
    under, neither = counted[False, True], counted[False, False]
    z = z_value(confidence)
    return Agreement(
        n=n,
        both=both,
        over=over,
        under=under,
        neither=neither,
        percent=_wilson(both + neither, n, z) if n else None,
        kappa=_kappa(both, over, under, neither, z) if n else None,
    )


def _wilson(hits: int, n: int, z: float) -> Interval:
    """Wilson's score interval (Wilson 1927): sound for small n and shares near 1."""
    share = hits / n
    scale = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def _kappa(both: int, over: int, under: int, neither: int, z: float) -> Interval | None:
    """Cohen's kappa (1960) with the large-sample interval of Fleiss, Cohen and Everitt (1969)."""
    n = both + over + under + neither
    cells = {
        (0, 0): both / n,
        (0, 1): over / n,
        (1, 0): under / n,
        (1, 1): neither / n,
    }
    rows = [cells[i, 0] + cells[i, 1] for i in (0, 1)]
    columns = [cells[0, j] + cells[1, j] for j in (0, 1)]
    observed = cells[0, 0] + cells[1, 1]
    expected = sum(rows[i] * columns[i] for i in (0, 1))
    if expected >= 1:
        return None
    kappa = (observed - expected) / (1 - expected)
    a = sum(cells[i, i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in (0, 1))
    b = (1 - kappa) ** 2 * sum(
        cells[i, j] * (columns[i] + rows[j]) ** 2 for i, j in ((0, 1), (1, 0))
    )
    c = (kappa - expected * (1 - kappa)) ** 2
    error = sqrt(max(0.0, a + b - c) / n) / (1 - expected)
    return Interval(kappa, max(-1.0, kappa - z * error), min(1.0, kappa + z * error))
