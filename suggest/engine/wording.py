"""What the sentence of a mention says about it: its words, its side, the state of an injury."""

from __future__ import annotations

from dataclasses import dataclass

from suggest.engine.matching import Mention
from suggest.engine.model import Encounter
from suggest.engine.normal import Normaliser
from suggest.engine.sides import SIDES, SideReader, side_of
from suggest.text import AnalysedNote

_INJURY = frozenset(
    (
        *("fracture", "sprain", "strain", "laceration", "injury", "wound", "burn", "dislocation"),
        *("tear", "contusion", "concussion", "rupture", "amputation"),
    )
)
_AFTER = frozenset(
    ("followup", "follow", "healing", "healed", "recheck", "aftercare", "nonunion", "malunion")
)
# Where a note says why the patient came; "follow up in two weeks" stands in the plan.
_REASON = frozenset(("chief_complaint", "history_of_present_illness", "unknown"))


@dataclass(frozen=True, slots=True)
class _Sentence:
    words: frozenset[str]
    sides: dict[int, tuple[str, ...]]
    last: int


class Wording:
    """Reads one note; each sentence once."""

    def __init__(self, note: AnalysedNote, normaliser: Normaliser, reader: SideReader) -> None:
        self._note = note
        self._normaliser = normaliser
        self._reader = reader
        self._sentences: dict[int, _Sentence] = {}
        self._returns: bool | None = None

    def words(self, mention: Mention) -> frozenset[str]:
        """The word classes of the mention's sentence, of the side words only its own."""
        sentence = self._sentence(mention.sentence)
        if not sentence.sides:
            return sentence.words
        norms = self._note.tokens.norm
        return sentence.words | side_of(mention.tokens, sentence.sides, norms, sentence.last)

    def seventh(self, mention: Mention, encounter: Encounter) -> str:
        """The 7th character of an injury: A while active treatment goes on, D after, S for a
        sequela, K for a nonunion, P for a malunion, G for delayed healing (I.C.19.a, I.C.19.c)."""
        words = self._sentence(mention.sentence).words
        if "sequela" in words or {"late", "effect"} <= words:
            return "S"
        if "nonunion" in words:
            return "K"
        if "malunion" in words:
            return "P"
        if {"delayed", "healing"} <= words:
            return "G"
        if encounter.type == "outpatient" and (words & _AFTER or self._comes_back()):
            return "D"
        return "A"

    def _sentence(self, number: int) -> _Sentence:
        found = self._sentences.get(number)
        if found is None:
            tokens = self._note.sentences[number].tokens
            norms = self._note.tokens.norm
            words = frozenset(self._normaliser(norms[i]) for i in tokens) - SIDES
            found = _Sentence(words, self._reader.places(self._note, tokens), tokens[-1])
            self._sentences[number] = found
        return found

    def _comes_back(self) -> bool:
        """Whether the patient comes for the follow-up of an injury treated before."""
        if self._returns is None:
            self._returns = any(
                self._note.section_at(sentence.span.start).kind in _REASON
                and words & _AFTER
                and words & _INJURY
                for number, sentence in enumerate(self._note.sentences)
                if (words := self._sentence(number).words)
            )
        return self._returns
