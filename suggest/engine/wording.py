"""What the sentence of a mention says about it: its words, its side, its 7th character."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from suggest.engine.details import CONSCIOUSNESS, DetailReader
from suggest.engine.gestation import trimesters
from suggest.engine.levels import SPINAL, level_words
from suggest.engine.lexicon.compiled import MINED
from suggest.engine.limbs import LIMBED, LimbReader
from suggest.engine.matching import Mention
from suggest.engine.model import Encounter
from suggest.engine.normal import NON, Normaliser
from suggest.engine.refine import NO
from suggest.engine.sevenths import Said, SeventhReader
from suggest.engine.sides import (
    JOINTS,
    SIDES,
    Norms,
    SideReader,
    distance,
    is_of_another,
    side_of,
)
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

# How many words after these are said to be lacking, if no other statement begins before.
_LACKING = {"without": 7, "no": 4, "not": 2, NON: 2}
_STAGE = "stage"  # a word, and the family of 7th characters
_STAGED = "H40"  # whose 7th characters are stages
_OF_PREGNANCY = ("O", "Z34")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}  # of a stage
_SPEAKS_AGAIN = frozenset((",", ";", ".", ":", "(", ")", "but", "with", "and"))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """`items` are the statements between semicolons: where each ends, and its words."""

    words: frozenset[str]
    items: list[tuple[int, frozenset[str]]]
    sides: dict[int, tuple[str, ...]]
    said: list[Said]
    last: int
    details: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a sentence says about one of its mentions, see `Wording.words` and `Wording.seventh`."""

    mention: Mention  # held so that its id stays its own
    words: frozenset[str]
    said: dict[str, str]


class Wording:
    """Reads one note; each sentence once."""

    def __init__(
        self,
        note: AnalysedNote,
        mentions: Sequence[Mention],
        normaliser: Normaliser,
        reader: SideReader,
        sevenths: SeventhReader,
        details: DetailReader,
        limbs: LimbReader,
    ) -> None:
        self._note = note
        self._mentions: dict[int, list[Mention]] = defaultdict(list)
        for mention in mentions:
            self._mentions[mention.sentence].append(mention)
        self._normaliser = normaliser
        self._reader = reader
        self._sevenths = sevenths
        self._details = details
        self._limbs = limbs
        self._sentences: dict[int, _Sentence] = {}
        self._known: dict[int, _Read] = {}
        self._returns: bool | None = None
        self._trimesters: list[frozenset[str]] | None = None
        self._consciousness: frozenset[str] | None = None

    def _read(self, mention: Mention) -> _Read:
        known = self._known.get(id(mention))
        if known is None:
            said = self._said(mention)
            known = self._known[id(mention)] = _Read(mention, self._words_of(mention, said), said)
        return known

    def words(self, mention: Mention) -> frozenset[str]:
        """The word classes of the mention's sentence between its semicolons, of the side words only
        its own, and what is said of its 7th character, worded as the code set does ("mild stage");
        of the spine's levels where it matters."""
        return self._read(mention).words

    def readings(self, mention: Mention) -> list[frozenset[str]]:
        """The words, once for each eye where a sentence says a stage of each: "glaucoma,
        moderate right, severe left" (Guidelines I.C.7.a.3)."""
        words = self.words(mention)
        if not any(e.code.startswith(_STAGED) for e in mention.entries):
            return [words]
        sentence = self._sentence(mention.sentence)
        sides = {
            place: side[0]
            for place, classes in sentence.sides.items()
            if len(side := [c for c in classes if c in ("right", "left")]) == 1
        }
        stages = {said.place: said.meaning for said in sentence.said if said.family == _STAGE}
        if len(stages) != 2 or sorted(sides.values()) != ["left", "right"]:
            return [words]
        pairs = list(zip(sorted(sides), sorted(stages), strict=True))
        places = range(min(pairs[0]), max(pairs[1]) + 1)
        others = (o for o in self._mentions[mention.sentence] if o.tokens[0] in places)
        if max(pairs[0]) > min(pairs[1]) or places.start <= mention.tokens[-1] or any(others):
            return [words]
        rest = words - SIDES - set(stages.values())
        if len(set(stages.values())) == 1:
            return [rest | {"bilateral", *stages.values()}]
        return [rest | {sides[side], stages[stage]} for side, stage in pairs]

    def _words_of(self, mention: Mention, said: dict[str, str]) -> frozenset[str]:
        sentence = self._sentence(mention.sentence)
        words = next((w for last, w in sentence.items if mention.tokens[-1] < last), sentence.words)
        codes = [e.code for e in mention.entries]
        if any(map(SPINAL.match, codes)):
            words |= level_words(self._text(mention.sentence), self._normaliser)
        if any(map(LIMBED.match, [e.code for e in mention.entries if e.kind < MINED])):
            own = frozenset(
                map(self._normaliser, (self._note.tokens.norm[i] for i in mention.tokens))
            )
            words |= self._limbs.words(own) or self._limbs.words(words)
        if any(code.startswith(_OF_PREGNANCY) for code in codes):
            words |= self._trimester(mention.sentence)
        if any(code.startswith(CONSCIOUSNESS) for code in codes):
            words |= self._of_consciousness(sentence)
        if not sentence.sides and not sentence.said:
            return words
        norms, others = self._note.tokens.norm, self._mentions[mention.sentence]
        places = _within_reach(mention, sentence.sides, others, norms)
        trailing = frozenset(
            place
            for place in places
            if place > mention.tokens[-1] and _holds_none(_item(place, place - 1, norms), others)
        )
        sides = side_of(mention.tokens, places, norms, sentence.last, trailing)
        return words | sides | set(said.values())

    def _text(self, number: int) -> str:
        return self._note.sentences[number].span.of(self._note.text)

    def _trimester(self, number: int) -> frozenset[str]:
        """The trimester that a sentence names, or the only one that the note does."""
        if self._trimesters is None:
            texts = map(self._text, range(len(self._note.sentences)))
            self._trimesters = [trimesters(text) for text in texts]
        named = self._trimesters[number] or frozenset().union(*self._trimesters)
        return named if len(named) == 1 else frozenset()

    def _of_consciousness(self, sentence: _Sentence) -> frozenset[str]:
        """What a sentence says of a loss of consciousness, or what the note does."""
        own = self._details.consciousness([sentence.details])
        if own:
            return own
        if self._consciousness is None:
            self._consciousness = self._details.consciousness(
                [self._sentence(number).details for number in range(len(self._note.sentences))]
            )
        return self._consciousness

    def _said(self, mention: Mention) -> dict[str, str]:
        """What is said of the mention's 7th character: of each family the nearest meaning."""
        sentence = self._sentence(mention.sentence)
        if not sentence.said:
            return {}
        norms = self._note.tokens.norm
        places: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for said in sentence.said:
            places[said.place].append((said.family, said.meaning))
        near = _within_reach(mention, places, self._mentions[mention.sentence], norms)
        order = sorted(near, key=lambda p: -distance(p, mention.tokens, norms, sentence.last))
        return dict(said for place in order for said in near[place])

    def takes_another_side(self, number: int, tokens: Sequence[int]) -> bool:
        """Whether words of a sentence hold a side word that belongs to other words of it."""
        sentence = self._sentence(number)
        return len(sentence.sides) > 1 and is_of_another(
            tokens, sentence.sides, self._note.tokens.norm, sentence.last
        )

    def seventh(self, mention: Mention, encounter: Encounter) -> str:
        """The 7th character of an injury: A while active treatment goes on, D after, S for a
        sequela, K for a nonunion, P for a malunion, G for delayed healing (I.C.19.a, I.C.19.c)."""
        care = self._read(mention).said.get("care")
        if care is not None:
            return care
        words = self._sentence(mention.sentence).words
        if encounter.type == "outpatient" and (not words.isdisjoint(_AFTER) or self._comes_back()):
            return "D"
        return "A"

    def _sentence(self, number: int) -> _Sentence:
        found = self._sentences.get(number)
        if found is None:
            tokens = self._note.sentences[number].tokens
            norms = self._note.tokens.norm
            words = self._words(tokens) - SIDES
            ends = [i for i in tokens if norms[i] == ";"]
            starts = [tokens.start, *ends]
            items = [
                (
                    end,
                    self._words(range(start, end)) - SIDES
                    | self._details.read(norms, range(start, end)),
                )
                for start, end in zip(starts, [*ends, tokens.stop], strict=True)
                if ends
            ]
            details = self._details.read(norms, tokens)
            words |= details
            found = _Sentence(
                words,
                items,
                self._reader.places(self._note, tokens),
                self._sevenths.read(norms, tokens),
                tokens[-1],
                details,
            )
            self._sentences[number] = found
        return found

    def _words(self, tokens: range) -> frozenset[str]:
        """The word classes of a sentence; of those that it says to be lacking "no" and the class:
        "without hematuria" is "no hematuria"."""
        norms = self._note.tokens.norm
        own = norms[tokens.start : tokens.stop]
        said = {
            self._normaliser(_ROMAN[norm])
            for before, norm in pairwise(own if _STAGE in own else ())
            if before == _STAGE and norm in _ROMAN
        }
        if _LACKING.keys().isdisjoint(own):
            return frozenset(said.union(map(self._normaliser, own)))
        lacking: set[str] = set()
        denied = 0
        for index in tokens:
            norm = norms[index]
            denied = _LACKING.get(norm, 0 if norm in _SPEAKS_AGAIN else max(0, denied - 1))
            (lacking if denied and norm not in _LACKING else said).add(self._normaliser(norm))
            if norm == NON and index + 1 in tokens:
                said.add(self._normaliser(NON + norms[index + 1]))
        return frozenset(said | {f"{NO} {name}" for name in lacking - said if name})

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


def _within_reach(
    mention: Mention, places: dict[int, T], others: Sequence[Mention], norms: Norms
) -> dict[int, T]:
    """The places of a sentence's details without those of its other statements.

    Statements are joined by commas, semicolons or "and". The side of one that names a condition
    (`others`: the sentence's mentions) does not carry to the next, unless that is the same
    condition in other words, or one word without a site of its own ("left knee pain and
    swelling"). "Left hip and knee pain" names no condition before its "and".
    """
    categories = {e.code[:3] for e in mention.entries}
    first, last = mention.tokens[0], mention.tokens[-1]

    def reaches(place: int) -> bool:
        lower, upper = min(place, last), max(place, first)
        joints = [i for i in range(lower + 1, upper) if norms[i] in JOINTS - {"/"}]
        if first <= place <= last or not joints:
            return True
        if any(norms[i] == ";" for i in joints):
            return False
        if len(mention.tokens) == 1 and not any(norms[i] == "," for i in joints):
            return True
        nearest = joints[0] if place < first else joints[-1]
        item = _item(place, nearest, norms)
        return _holds_none(item, (o for o in others if not _shares(categories, o)))

    return {place: detail for place, detail in places.items() if reaches(place)}


def _item(place: int, joint: int, norms: Norms) -> range:
    """The tokens of a side word's own statement, which a joint ends on one side."""
    step = -1 if place < joint else 1
    other = place
    while 0 <= other < len(norms) and norms[other] not in JOINTS | {".", ":"}:
        other += step
    return range(other + 1, joint) if place < joint else range(joint + 1, other)


def _holds_none(item: range, mentions: Iterable[Mention]) -> bool:
    """Whether a statement names none of these."""
    return not any(m.tokens[0] in item and m.tokens[-1] in item for m in mentions)


def _shares(categories: set[str], mention: Mention) -> bool:
    return any(e.code[:3] in categories for e in mention.entries)
