"""Closed ranges of row numbers, given as (first, last)."""

from __future__ import annotations

from collections.abc import Iterable

Range = tuple[int, int]


def without(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """What of the ranges lies in none of `taken`, in order, neighbours joined."""
    left = list(ranges)
    for low, high in taken:
        cut: list[Range] = []
        for first, last in left:
            if last < low or high < first:
                cut.append((first, last))
                continue
            if first < low:
                cut.append((first, low - 1))
            if high < last:
                cut.append((high + 1, last))
        left = cut
    joined: list[Range] = []
    for first, last in sorted(left):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def up_to(ranges: Iterable[Range], limit: int) -> list[Range]:
    """The ranges cut off behind `limit`."""
    return [(first, min(last, limit)) for first, last in ranges if first <= limit]


def named(first: int, last: int) -> str:
    """`row 3 is` or `rows 3 to 5 are`."""
    return f"row {first} is" if first == last else f"rows {first} to {last} are"
