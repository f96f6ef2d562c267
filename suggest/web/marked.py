"""A whole note with spans laid over it, for the pages of second review, queries and audit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from suggest.audit.excerpt import Piece, whole
from suggest.review.view import EvidenceView, NoteView
from suggest.text.span import Span


@dataclass(frozen=True, slots=True)
class Mark:
    """A span with what the page says of it. `owner` is the code (entry) that it belongs to."""

    span: Span
    assertion: str
    against: bool
    owner: str


@dataclass(frozen=True, slots=True)
class MarkedNote:
    """The note's text in pieces; a piece names its marks by their places in `marks`."""

    note: NoteView
    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]


def marked(
    notes: Sequence[NoteView], evidence: Iterable[tuple[str, EvidenceView]]
) -> list[MarkedNote]:
    """The notes with each (owner, evidence) laid over the version it stands in."""
    pairs = list(evidence)
    result = []
    for note in notes:
        marks = tuple(
            Mark(Span(e.start, e.end), e.assertion, e.against, owner)
            for owner, e in pairs
            if e.note_version_id == note.version_id
        )
        result.append(MarkedNote(note, whole(note.text, [m.span for m in marks]), marks))
    return result
