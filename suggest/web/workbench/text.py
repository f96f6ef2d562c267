"""A note cut into pieces for the page: sections, headings, and the evidence laid over the text.

The pieces joined are the text as submitted, code point by code point.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from markupsafe import Markup, escape

from suggest.review.view import EntryView, EvidenceView, NoteView
from suggest.text import Section, Span, analyse

# What decides how a piece looks when several pieces of evidence cover it.
STRENGTH: Final = ("negated", "family", "historical", "possible", "hypothetical", "affirmed")
_LINE_END = Markup("&#13;")
_LONE = Markup('<span class="cr">&#13;</span>')


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of evidence laid over the text, and the entry it belongs to."""

    evidence: int
    entry: int
    code: str
    assertion: str
    against: bool
    by_human: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with the same marks all along. `begins`: those that start here."""

    html: Markup
    heading: bool
    marks: tuple[Mark, ...]
    begins: tuple[Mark, ...]

    @property
    def assertion(self) -> str:
        """The assertion that is shown, "" without marks."""
        found = {mark.assertion for mark in self.marks}
        return next((a for a in STRENGTH if a in found), "affirmed" if found else "")

    @property
    def entries(self) -> str:
        """The ids of the entries, for the page's script."""
        return " ".join(str(i) for i in sorted({mark.entry for mark in self.marks}))

    @property
    def evidence(self) -> str:
        """The ids of the pieces of evidence, for the page's script."""
        return " ".join(str(i) for i in sorted({mark.evidence for mark in self.marks}))

    @property
    def codes(self) -> str:
        return ", ".join(dict.fromkeys(mark.code for mark in self.marks))


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the note. `label` is its heading, "" where it has none."""

    anchor: str
    kind: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note with its parts in the order of the text."""

    note: NoteView
    parts: tuple[Part, ...]


def shown_notes(notes: Sequence[NoteView], entries: Iterable[EntryView]) -> list[ShownNote]:
    """The notes with the evidence of the entries laid over them."""
    marks: dict[int, list[tuple[EvidenceView, EntryView]]] = defaultdict(list)
    for entry in entries:
        for evidence in (*entry.evidence, *entry.against):
            marks[evidence.note_version_id].append((evidence, entry))
    return [_shown(note, marks[note.version_id]) for note in notes]


@lru_cache(maxsize=64)
def sections_of(text: str) -> tuple[Section, ...]:
    """The sections of a note."""
    return tuple(analyse(text).sections)


def place(text: str, start: int, end: int) -> tuple[str, str]:
    """The section's kind and the assertion of text that a human selected."""
    note = analyse(text)
    return note.section_at(start).kind, note.assertion(Span(start, end)).assertion.value


def _shown(note: NoteView, found: list[tuple[EvidenceView, EntryView]]) -> ShownNote:
    marks = [
        (
            evidence.start,
            evidence.end,
            Mark(
                evidence.id,
                entry.id,
                entry.code,
                evidence.assertion,
                evidence.against,
                evidence.by_human,
            ),
        )
        for evidence, entry in found
    ]
    parts = []
    for number, section in enumerate(sections_of(note.text)):
        heading = section.heading
        label = " ".join(heading.of(note.text).split()) if heading is not None else ""
        pieces = tuple(_pieces(note.text, section, marks))
        parts.append(Part(f"n{note.id}s{number}", section.kind, label, pieces))
    return ShownNote(note, tuple(parts))


def _pieces(text: str, section: Section, marks: list[tuple[int, int, Mark]]) -> Iterable[Piece]:
    span, heading = section.span, section.heading
    inside = [m for m in marks if m[0] < span.end and m[1] > span.start]
    cuts = {span.start, span.end}
    for start, end, _ in inside:
        cuts |= {max(start, span.start), min(end, span.end)}
    if heading is not None:
        cuts |= {heading.start, heading.end}
    order = sorted(cuts)
    for start, end in pairwise(order):
        covering = tuple(m for a, b, m in inside if a <= start and end <= b)
        yield Piece(
            html(text, start, end),
            heading is not None and heading.start <= start and end <= heading.end,
            covering,
            tuple(m for a, _, m in inside if max(a, span.start) == start),
        )


def html(text: str, start: int, end: int) -> Markup:
    """A stretch of the text as HTML that a browser reads back to the same code points.

    A parser turns a bare carriage return into a line feed: it goes as a character reference, and
    one that ends a line by itself is shown as a line's end.
    """
    first, *others = text[start:end].split("\r")
    out, at = escape(first), start + len(first)
    for part in others:
        out += _LINE_END if text[at + 1 : at + 2] == "\n" else _LONE
        out += escape(part)
        at += 1 + len(part)
    return out
