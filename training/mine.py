"""Learns from labelled notes which phrases coders coded how; see `suggest.engine.learned`.

A note's evidence is a span for each code. Where the corpus has none in the note itself (CodiEsp:
in the Spanish original only) it is carried over, see `training.corpora.translation`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from suggest.engine.candidates import Reading
from suggest.engine.learned import Labels, Phrase, Vote, phrase_of, runs
from suggest.text import AnalysedNote, Assertion, Span
from training.corpora.codiesp import CodiEspDocument, align_sentences
from training.corpora.translation import Word, WordTable, carry, words_in

MIN_SHARE = 0.3  # of a carried phrase's words that found their partner
_DENIED = frozenset({Assertion.NEGATED, Assertion.FAMILY, Assertion.HYPOTHETICAL})
# Of a mention's and an evidence's words, for the one to count as the other. A single word must
# be the whole evidence: "weight" is no name of weight loss.
MIN_OVERLAP = 0.34


@dataclass(frozen=True, slots=True)
class Marked:
    """A span that a coder marked for a code."""

    code: str
    span: Span


@dataclass(slots=True)
class Lesson:
    """What one labelled note can teach: its phrases, and which of them are evidence of a code."""

    codes: tuple[str, ...]
    occurred: set[Phrase] = field(default_factory=set)
    evidence: dict[str, set[Phrase]] = field(default_factory=dict)


def carried_evidence(documents: Sequence[CodiEspDocument]) -> list[list[Marked]]:
    """Each document's evidence in its English text.

    The word table is learned from the texts of all these documents, without their codes.
    """
    aligned = [align_sentences(d) for d in documents]
    parallel: list[list[tuple[list[Word], list[Word]]]] = []
    for document, alignment in zip(documents, aligned, strict=True):
        parallel.append(
            [
                (
                    words_in(document.spanish, sentence),
                    [
                        word
                        for partner in alignment.partners(number)
                        for word in words_in(document.text, alignment.translated[partner])
                    ],
                )
                for number, sentence in enumerate(alignment.original)
            ]
        )
    table = WordTable(
        [
            ([w.norm for w in left], [w.norm for w in right])
            for one in parallel
            for left, right in one
            if left and right
        ]
    )
    found: list[list[Marked]] = []
    for document, alignment, pairs in zip(documents, aligned, parallel, strict=True):
        starts = [s.start for s in alignment.original]
        marked: list[Marked] = []
        for evidence in document.evidence:
            number = max(0, bisect_right(starts, evidence.spans[0].start) - 1)
            left, right = pairs[number]
            phrase = frozenset(
                n for n, w in enumerate(left) if any(w.span.overlaps(s) for s in evidence.spans)
            )
            place = carry(table, left, phrase, right)
            if place is not None and place.share >= MIN_SHARE:
                marked.append(Marked(evidence.code, place.span))
        found.append(marked)
    return found


def lessons(
    readings: Sequence[Reading],
    codes: Sequence[Sequence[str]],
    marked: Sequence[Sequence[Marked]],
) -> list[Lesson]:
    """What each note can teach, by its codes and the spans marked for them."""
    evidence: list[list[tuple[str, frozenset[int], Phrase]]] = []
    book: set[Phrase] = set()
    for reading, spans in zip(readings, marked, strict=True):
        note, names = reading.note, reading.classes
        of_note = []
        for one in spans:
            tokens = frozenset(
                i for i in note.tokens.covering(one.span) if names[i] and names[i] != "."
            )
            phrase = phrase_of(names, sorted(tokens))
            if phrase:
                of_note.append((one.code, tokens, phrase))
                book.add(phrase)
        evidence.append(of_note)
    made = []
    for number, reading in enumerate(readings):
        note, names = reading.note, reading.classes
        lesson = Lesson(tuple(codes[number]))
        places = [
            (phrase, tokens, note.assertion(_span(note, tokens)).assertion)
            for _, phrase, tokens in runs(note, names)
            if phrase in book
        ]
        places += [(phrase_of(names, m.tokens), m.tokens, m.assertion) for m in reading.mentions]
        for phrase, tokens, assertion in places:
            if assertion not in _DENIED:
                lesson.occurred.add(phrase)
            content = {i for i in tokens if names[i] and names[i] != "."}
            for code, marks, whole in evidence[number]:
                both = len(content & marks)
                alike = len(phrase) > 1 and both >= MIN_OVERLAP * len(content | marks)
                if both and (alike or phrase == whole):
                    lesson.evidence.setdefault(code, set()).add(phrase)
                    lesson.occurred.add(phrase)
        made.append(lesson)
    return made


def learn(some: Iterable[Lesson]) -> Labels:
    """Counts over the notes."""
    labels = Labels()
    evidence: dict[Phrase, Counter[str]] = defaultdict(Counter)
    given: dict[Phrase, Counter[str]] = defaultdict(Counter)
    kept = list(some)
    for lesson in kept:
        labels.notes += 1
        labels.codes.update(lesson.codes)
        labels.occurred.update(lesson.occurred)
        for code, phrases in lesson.evidence.items():
            for phrase in sorted(phrases):
                evidence[phrase][code] += 1
    for lesson in kept:
        for phrase in lesson.occurred & evidence.keys():
            known = evidence[phrase]
            given[phrase].update(c for c in lesson.codes if c in known)
    for phrase, counts in evidence.items():
        labels.votes[phrase] = {c: Vote(n, given[phrase][c]) for c, n in counts.items()}
    labels.count_categories()
    return labels


def _span(note: AnalysedNote, tokens: Sequence[int]) -> Span:
    return Span(note.tokens.start[tokens[0]], note.tokens.end[tokens[-1]])
