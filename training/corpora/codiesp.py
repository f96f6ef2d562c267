"""CodiEsp (CLEF eHealth 2020): Spanish evidence carried over to the English translation.

The corpus (Miranda-Escalada et al. 2020, CC BY 4.0) gives the offsets of each code's evidence in
the Spanish original. The English text is a machine translation of it, one sentence a line in the
original's order, with some sentences cut or left out.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suggest.text.span import Span
from training.corpora.alignment import SentenceAlignment, align
from training.corpora.documents import (
    Document,
    GoldCode,
    SentenceEvidence,
    document_of,
    rows,
    span_of,
    text_field,
)
from training.corpora.errors import CorpusError

_SPANISH_END = re.compile(
    r"(?<!\bDr)(?<!\bDra)(?<!\bFig)(?<!\bvs)[.?!]+[\"”')\]]*\s+(?=[^a-zñáéíóú\s])|\n+"
)
_LINE = re.compile(r"\n+")


@dataclass(frozen=True, slots=True)
class SpanishEvidence:
    """One annotation: the parts of one phrase in the Spanish text."""

    code: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CodiEspDocument:
    """A case report with its Spanish original and evidence."""

    id: str
    text: str
    codes: tuple[GoldCode, ...]
    spanish: str
    evidence: tuple[SpanishEvidence, ...]

    def document(self) -> Document:
        """The English document with its codes."""
        return Document(self.id, self.text, self.codes)


@dataclass(frozen=True, slots=True)
class CarriedEvidence:
    """One annotation's place in the English text.

    `spans` are the English sentences that translate those of the Spanish evidence, `fraction` the
    place of its first character in its sentence (0 at the start, 1 at the end), `confidence` the
    posterior probability of the least certain of the sentence pairs.
    """

    code: str
    spans: tuple[Span, ...]
    fraction: float
    confidence: float


def is_codiesp(path: Path) -> bool:
    """Whether the file's first document has a Spanish original with evidence."""
    return any("es" in row and "evidence_es" in row for _, row in _first(path))


def read(path: Path) -> list[CodiEspDocument]:
    """The documents of a file, in its order. Raises CorpusError, which names the line."""
    documents = []
    seen: set[str] = set()
    for number, row in rows(path):
        where = f"{path.name}, line {number}"
        document = document_of(row, where)
        if document.id in seen:
            raise CorpusError(f"{where}: the id stands in the file twice")
        seen.add(document.id)
        spanish = text_field(row, "es", where)
        given = row.get("evidence_es")
        if not isinstance(given, list):
            raise CorpusError(f'{where}: "evidence_es" must be a list')
        evidence = []
        for place, entry in enumerate(given, 1):
            here = f"{where}, evidence {place}"
            if not isinstance(entry, dict) or not isinstance(entry.get("spans"), list):
                raise CorpusError(f"{here}: must be an object with code and spans")
            # The published annotations have a few empty parts, beside others that are not.
            parts = [s for s in entry["spans"] if not (isinstance(s, list) and s[:1] == s[1:])]
            spans = tuple(span_of(s, len(spanish), here) for s in parts)
            if not spans:
                raise CorpusError(f"{here}: has no span")
            evidence.append(SpanishEvidence(text_field(entry, "code", here), spans))
        documents.append(
            CodiEspDocument(document.id, document.text, document.codes, spanish, tuple(evidence))
        )
    if not documents:
        raise CorpusError(f"{path.name}: no document in the file")
    return documents


def english_sentences(text: str) -> list[Span]:
    """The lines of a translation that hold a word, without the white space around them."""
    return [s for s in _pieces(text, _LINE) if any(c.isalpha() for c in s.of(text))]


def spanish_sentences(text: str) -> list[Span]:
    """The sentences of an original."""
    return [s for s in _pieces(text, _SPANISH_END) if any(c.isalpha() for c in s.of(text))]


def align_sentences(document: CodiEspDocument) -> SentenceAlignment:
    """Which English line translates which Spanish sentence."""
    return align(
        document.spanish,
        spanish_sentences(document.spanish),
        document.text,
        english_sentences(document.text),
    )


def carry_evidence(
    document: CodiEspDocument, alignment: SentenceAlignment | None = None
) -> list[CarriedEvidence]:
    """Every annotation's English sentences; without spans where the translation left them out."""
    aligned = alignment or align_sentences(document)
    starts = [s.start for s in aligned.original]
    carried = []
    for evidence in document.evidence:
        sentences = sorted(
            {
                index
                for span in evidence.spans
                for index in range(_at(starts, span.start), _at(starts, span.end - 1) + 1)
            }
        )
        partners = {p for s in sentences for p in aligned.partners(s)}
        home = aligned.original[sentences[0]]
        fraction = (evidence.spans[0].start - home.start) / max(1, len(home))
        carried.append(
            CarriedEvidence(
                evidence.code,
                tuple(aligned.translated[p] for p in sorted(partners)),
                min(1.0, max(0.0, fraction)),
                min(aligned.confidence(s) for s in sentences),
            )
        )
    return carried


def aligned_evidence(document: CodiEspDocument) -> dict[str, list[Span]]:
    """Code -> the English sentences that translate its Spanish evidence, in order.

    A code is missing where the translation left out all of them.
    """
    found: dict[str, set[Span]] = {}
    for carried in carry_evidence(document):
        if carried.spans:
            found.setdefault(carried.code, set()).update(carried.spans)
    return {code: sorted(spans) for code, spans in found.items()}


def sentence_evidence(document: CodiEspDocument) -> SentenceEvidence:
    """The English lines, and which of them hold each code's carried-over evidence."""
    alignment = align_sentences(document)
    number = {span: index for index, span in enumerate(alignment.translated)}
    codes: dict[str, set[int]] = {}
    for carried in carry_evidence(document, alignment):
        if carried.spans:
            codes.setdefault(carried.code, set()).update(number[s] for s in carried.spans)
    return SentenceEvidence(
        alignment.translated, {code: frozenset(found) for code, found in codes.items()}
    )


def _at(starts: Sequence[int], offset: int) -> int:
    return max(0, bisect_right(starts, offset) - 1)


def _pieces(text: str, end: re.Pattern[str]) -> list[Span]:
    bounds = [0, *(match.end() for match in end.finditer(text)), len(text)]
    spans = []
    for start, stop in itertools.pairwise(bounds):
        piece = text[start:stop]
        left = len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append(Span(start + left, start + left + len(piece.strip())))
    return spans


def _first(path: Path) -> list[tuple[int, dict[str, object]]]:
    for pair in rows(path):
        return [pair]
    return []
