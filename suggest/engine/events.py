"""Whether a sentence tells of an injury or a poisoning: where, and doing what, it happened counts.

Place, activity and status (Guidelines I.C.20.b, I.C.20.c, I.C.20.k) are said of an event alone:
"fell in the kitchen" names a place of occurrence, "likes to be in the kitchen" none. The phrases
are in `lexicon/data/events.tsv`: an `event`; `none`, which only looks like one ("fell asleep");
what speaks of an event in the sentence beside it, `near` ("happened at work"); `past`, which says
that a sentence tells of another time ("used to play").
"""

from __future__ import annotations

from suggest.engine.normal import read_rows
from suggest.engine.phrases import Phrases, Place
from suggest.text import AnalysedNote, Assertion, Span

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
        self._phrases = Phrases(read_rows("data/events.tsv"), "phrase")

    def of(self, note: AnalysedNote) -> Events:
        """The events of a note; its sentences are read when asked for."""
        return Events(note, self._phrases)


class Events:
    """What one note tells; each sentence is read once."""

    def __init__(self, note: AnalysedNote, phrases: Phrases) -> None:
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
        places = self._phrases.find(note.tokens.norm, tokens)
        if not places or note.section_at(note.sentences[number].span.start).kind in _NOT_NOW:
            return set()
        none = {place.start for place in places if place.row["kind"] == "none"}
        return {
            place.row["kind"]
            for place in places
            if place.start not in none and (place.row["kind"] != "event" or self._is_told(place))
        }

    def _is_told(self, event: Place) -> bool:
        """Whether an event is said to have happened: "s/p fall" tells of one."""
        tokens = self._note.tokens
        said = self._note.assertion(Span(tokens.start[event.start], tokens.end[event.stop - 1]))
        return said.assertion in _TOLD or (
            said.assertion is Assertion.HISTORICAL
            and said.cue is not None
            and said.cue.of(self._note.text).lower() in _AFTER
        )
