"""Which side of the body a mention is on: the side word that stands nearest to it (I.B.13).

A sentence may name both sides ("right knee pain, left hip fracture"); each mention takes its own.
Abbreviations (`RUE`, `b/l`, `R knee`, `(L)`) are read as the words they stand for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from suggest.engine.normal import Normaliser, read_rows
from suggest.text import AnalysedNote

Norms = Sequence[str]

SIDES = frozenset({"right", "left", "bilateral"})
_ANOTHER_STATEMENT = 20  # words
_LETTERS = {"r": "right", "l": "left"}
_ORDINAL = ("st", "nd", "rd", "th")  # "R 5th finger"; R4 is no side
# Latin abbreviations that are other words, too: what they stand for beside words of the organ.
_OF_ORGANS = {
    "os": ("left", "eye"),
    "ad": ("right", "ear"),
    "as": ("left", "ear"),
    "au": ("bilateral", "ear"),
}
JOINTS = frozenset({",", ";", "and", "&", "/"})
# What a single letter before these means is no side: L spine, R wave, L4.
_NOT_A_SIDE_BEFORE = frozenset({"spine", "wave", "waves", "axis", "shunt", "to", "value", "isomer"})


class SideReader:
    """Holds the abbreviations; reads one sentence at a time."""

    def __init__(self, normaliser: Normaliser) -> None:
        self._classes = {
            row["abbreviation"]: tuple(normaliser.classes(row["classes"]))
            for row in read_rows("data/sides.tsv")
        }
        self._written = frozenset((*self._classes, *_LETTERS, *_OF_ORGANS, "b"))
        self._organs: dict[str, set[str]] = defaultdict(set)
        for row in read_rows("data/organs.tsv"):
            self._organs[row["organ"]].add(row["word"])

    def places(self, note: AnalysedNote, tokens: range) -> dict[int, tuple[str, ...]]:
        """The sentence's side words: token index to the word classes it stands for."""
        norms = note.tokens.norm
        found: dict[int, tuple[str, ...]] = {}
        if self._written.isdisjoint(norms[tokens.start : tokens.stop]):
            return found
        for index in tokens:
            norm = norms[index]
            classes = self._classes.get(norm)
            if classes is not None:
                found[index] = classes
            elif letter := self.letter(note, index, tokens):
                found[index] = (letter,)
            elif norm in _OF_ORGANS and self._is_of_organ(note, index, tokens):
                found[index] = _OF_ORGANS[norm]
            elif norm == "b" and norms[index + 1 : index + 3] == ["/", "l"]:
                found[index] = ("bilateral",)
        return found

    def letter(self, note: AnalysedNote, index: int, tokens: range) -> str | None:
        """The side that a lone letter names, if it names one: "L knee"."""
        norm = note.tokens.norm[index]
        if norm in _LETTERS and self._is_side(note, index, tokens[0], tokens[-1]):
            return _LETTERS[norm]
        return None

    def _is_of_organ(self, note: AnalysedNote, index: int, tokens: range) -> bool:
        """Whether OS is the left eye, AD, AS and AU are ears: written in capitals, in a sentence
        that has another word of the organ."""
        norms = note.tokens.norm
        written = note.text[note.tokens.start[index] : note.tokens.end[index]]
        organ = self._organs[_OF_ORGANS[norms[index]][1]]
        return written.isupper() and not organ.isdisjoint(norms[tokens.start : tokens.stop])

    def _is_side(self, note: AnalysedNote, index: int, first: int, last: int) -> bool:
        """Whether a lone R or L names a side: upper case, no unit (5 L), not of R/O or L/min."""
        norms, start = note.tokens.norm, note.tokens.start[index]
        before = norms[index - 1] if index > first else ""
        after = norms[index + 1] if index < last else ""
        return (
            note.text[start].isupper()
            and after not in _NOT_A_SIDE_BEFORE
            and after != "/"
            and before != "/"
            and (not before[:1].isdigit() or _is_cause(norms[max(first, index - 3) : index]))
            and (not after[:1].isdigit() or after.endswith(_ORDINAL))
        )


def _is_cause(before: Norms) -> bool:
    """Whether the words before a letter are "2/2", secondary to: no measure."""
    return list(before) == ["2", "/", "2"]


def is_of_another(
    tokens: Sequence[int], places: dict[int, tuple[str, ...]], norms: Norms, last: int
) -> bool:
    """Whether a match holds a side word that belongs to other words: "left ... elbow" in
    "contusion of left knee and abrasion of right elbow"."""
    own = [i for i in tokens if i in places]
    rest = [i for i in tokens if i not in places]
    if len(own) != 1 or not rest:
        return False
    return side_of(rest, places, norms, last).isdisjoint(places[own[0]])


def distance(place: int, mention: Sequence[int], norms: Norms, last: int) -> int:
    """How far a side word is from a mention, in words; what another statement says is farther."""
    words = min(abs(place - token) for token in mention)
    if mention[0] < place < mention[-1]:
        return words
    after = place > mention[-1]
    between = range(mention[-1] + 1, place) if after else range(place + 1, mention[0])
    joints = sum(norms[i] in JOINTS for i in between)
    # "Knee contusion, left, elbow abrasion, right": it belongs to what stands before it.
    if after and norms[place - 1] == "," and (place == last or not norms[place + 1].isalnum()):
        joints -= 1
    return words + _ANOTHER_STATEMENT * joints


def side_of(
    mention: Sequence[int],
    places: dict[int, tuple[str, ...]],
    norms: Norms,
    last: int,
    trailing: frozenset[int] = frozenset(),
) -> frozenset[str]:
    """The classes of the side word that belongs to a mention; empty where no side is named.

    `last` is the sentence's last token. "Right and left knee" is both sides. `trailing` are the
    places that a statement holds which names nothing else: "cataract, left eye".
    """
    best: tuple[int, int] | None = None
    for index in places:
        far = distance(index, mention, norms, last)
        if index > mention[-1]:
            between = norms[mention[-1] + 1 : index]
            names_the_next = index not in trailing and index < last and norms[index + 1].isalnum()
            if names_the_next and JOINTS.intersection(between):
                continue
        if best is None or far < best[0]:
            best = (far, index)
    if best is None:
        return frozenset()
    index = best[1]
    chosen = set(places[index])
    for other in (index - 2, index + 2):
        joined = norms[(index + other) // 2] in JOINTS - {",", ";"} if other in places else False
        if joined and {*places[index], *places[other]} >= {"right", "left"}:
            chosen |= {*places[other], "bilateral"}
    return frozenset(chosen)
