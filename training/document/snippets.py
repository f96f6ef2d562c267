"""From a weight for each token to the snippets that a coder would be shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from suggest.text.span import Span

MOST = 3  # snippets of a code
NEAR = 0.3  # of the best token's weight: a neighbour of so much belongs to the snippet
ALSO = 0.5  # of the best token's weight: another place of so much is a snippet, too
_ENDS = frozenset("\n.;:!?")


def best(text: str, spans: Sequence[Span], weights: np.ndarray) -> list[Span]:
    """The places of the heaviest tokens, the heaviest first, with their heavy neighbours.

    A snippet begins and ends with whole words and stays in its sentence.
    """
    found: list[Span] = []
    if not len(weights) or weights.max() <= 0:
        return found
    most = float(weights.max())
    for token in np.argsort(-weights, kind="stable").tolist():
        if len(found) == MOST or (found and weights[token] < ALSO * most):
            break
        if any(c.isalnum() for c in spans[token].of(text)):
            span = whole_words(text, _grown(text, spans, weights, token))
            if not any(span.overlaps(other) for other in found):
                found.append(span)
    return found


def _grown(text: str, spans: Sequence[Span], weights: np.ndarray, token: int) -> Span:
    floor = NEAR * weights[token]
    span = spans[token]
    for step in (-1, 1):
        at = token + step
        while 0 <= at < len(spans) and weights[at] >= floor:
            between = (
                text[span.end : spans[at].start] if step > 0 else text[spans[at].end : span.start]
            )
            if not _ENDS.isdisjoint(between + spans[at].of(text)):
                break
            span = span.cover(spans[at])
            at += step
    return span


def whole_words(text: str, span: Span) -> Span:
    """The span with the rest of the words that it begins and ends in."""
    start, end = span.start, span.end
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return Span(start, end)
