"""Whether a sentence tells of an injury or a poisoning: where, and doing what, it happened counts.

Place, activity and status (Guidelines I.C.20.b, I.C.20.c, I.C.20.k) are said of an event alone:
"fell in the kitchen" names a place of occurrence, "likes to be in the kitchen" none. The phrases
are in `lexicon/data/events.tsv`: an `event`; `none`, which only looks like one ("fell asleep");
what speaks of an event in the sentence beside it, `near` ("happened at work"); `past`, which says
that a sentence tells of another time ("used to play").
"""

from __future__ import annotations

from collections import defaultdict

from suggest.engine.normal import read_rows
from suggest.text import AnalysedNote, Assertion, Span
from suggest.text.rules import expand
from suggest.text.tokens import words_of

_TOLD = frozenset({Assertion.AFFIRMED, Assertion.POSSIBLE})
_AFTER = frozenset({"s/p", "sp", "status post", "after", "following"})
# What they tell of happened before, or may happen.
_NOT_NOW = frozenset(
    (
        *("social_history", "past_medical_history", "past_surgical_history", "family_history"),
        *("review_of_systems", "instructions", "allergies", "medications", "immunizations"),
    )
)


class EventReader:
    """Holds the phrases; `of` reads one note."""

    def __init__(self) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for row in read_rows("data/events.tsv"):
            for variant in expand(row["phrase"]):
                words = words_of(variant)
                self._phrases[words[0]].append((words, row["kind"]))
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))

    def of(self, note: AnalysedNote) -> Events:
        """The events of a note; its sentences are read when asked for."""
        return Events(note, self._phrases)


class Events:
    """What one note tells; each sentence is read once."""

    def __init__(
        self, note: AnalysedNote, phrases: dict[str, list[tuple[tuple[str, ...], str]]]
    ) -> None:
        self._note = note
        self._phrases = phrases
        self._kinds: dict[int, frozenset[str]] = {}

    def tells(self, number: int) -> bool:
        """Whether a sentence tells of an injury or a poisoning."""
        kinds = self._of(number)
        if "past" in kinds:
            return False
        return "event" in kinds or (
            "near" in kinds
            and any(
                "event" in self._of(other)
                for other in (number - 1, number + 1)
                if 0 <= other < len(self._note.sentences)
            )
        )

    def _of(self, number: int) -> frozenset[str]:
        found = self._kinds.get(number)
        if found is None:
            found = self._kinds[number] = frozenset(self._read(number))
        return found

    def _read(self, number: int) -> set[str]:
        note, tokens = self._note, self._note.sentences[number].tokens
        found: set[str] = set()
        if note.section_at(note.sentences[number].span.start).kind in _NOT_NOW:
            return found
        norms = note.tokens.norm
        index = tokens.start
        while index < tokens.stop:
            for words, kind in self._phrases.get(norms[index], ()):
                end = index + len(words)
                if end <= tokens.stop and tuple(norms[index:end]) == words:
                    span = Span(note.tokens.start[index], note.tokens.end[end - 1])
                    if kind != "event" or self._is_told(span):
                        found.add(kind)
                    index = end - 1
                    break
            index += 1
        return found

    def _is_told(self, span: Span) -> bool:
        """Whether an event is said to have happened: "s/p fall" tells of one."""
        said = self._note.assertion(span)
        return said.assertion in _TOLD or (
            said.assertion is Assertion.HISTORICAL
            and said.cue is not None
            and said.cue.of(self._note.text).lower() in _AFTER
        )
