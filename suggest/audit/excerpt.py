"""The parts of a note that a report shows: its evidence with some text around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from suggest.text.span import Span

AROUND: Final = 200  # code points shown on either side of a span


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text in which the same spans hold (`marks`: their places in the list given).

    `ends` are those of the marks that end with the piece.
    """

    text: str
    marks: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One stretch of the note; `starts_inside` and `ends_inside` tell that text was left out."""

    span: Span
    pieces: tuple[Piece, ...]
    starts_inside: bool
    ends_inside: bool


def excerpts(text: str, spans: Sequence[Span]) -> list[Excerpt]:
    """The excerpts that hold all spans, in the note's order; those that touch are one."""
    windows: list[Span] = []
    for span in sorted(spans):
        window = _widened(text, span)
        if windows and window.start <= windows[-1].end:
            windows[-1] = windows[-1].cover(window)
        else:
            windows.append(window)
    return [
        Excerpt(window, _pieces(text, window, spans), window.start > 0, window.end < len(text))
        for window in windows
    ]


def whole(text: str, spans: Sequence[Span]) -> tuple[Piece, ...]:
    """The whole text in pieces."""
    return _pieces(text, Span(0, len(text)), spans)


def _widened(text: str, span: Span) -> Span:
    """The span with text around it, cut between words where there is a space near."""
    start, end = max(0, span.start - AROUND), min(len(text), span.end + AROUND)
    if start:
        start += next((i for i, char in enumerate(text[start : span.start]) if char.isspace()), 0)
    if end < len(text):
        behind = reversed(text[span.end : end])
        end -= next((i for i, char in enumerate(behind) if char.isspace()), 0)
    return Span(start, end)


def _pieces(text: str, window: Span, spans: Sequence[Span]) -> tuple[Piece, ...]:
    inside = [(index, span) for index, span in enumerate(spans) if window.contains(span)]
    borders = {window.start, window.end}
    for _, span in inside:
        borders |= {span.start, span.end}
    cuts = sorted(borders)
    pieces = []
    for start, end in pairwise(cuts):
        part = Span(start, end)
        marks = tuple(index for index, span in inside if span.contains(part))
        ends = tuple(index for index, span in inside if span.end == end)
        pieces.append(Piece(part.of(text), marks, ends))
    return tuple(pieces)
