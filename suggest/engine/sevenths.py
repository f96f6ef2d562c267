"""What a sentence says of 7th characters: stage, tophus, fetus, healing, time of a coma scale.

The phrases are in `lexicon/data/sevenths.tsv`. A meaning is worded as the code set words it
("mild stage"), so that it can be looked up among the 7th characters a code has; what is said of
an injury's care is the character itself (Guidelines I.C.19.a, I.C.19.c).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from suggest.engine.normal import read_rows
from suggest.text.rules import expand
from suggest.text.tokens import words_of

OPEN = "open fracture"
OPEN_WIDE = "open fracture type III"
# Of a character for a closed fracture those for an open one: type I or II, type III.
OPENED = {"A": "BC", "D": "EF", "G": "HJ", "K": "MN", "P": "QR"}


@dataclass(frozen=True, slots=True)
class Said:
    """A meaning that stands at a token, and its family: of one family the nearest counts."""

    place: int
    family: str
    meaning: str


class SeventhReader:
    """Holds the phrases; reads one sentence at a time."""

    def __init__(self) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = defaultdict(list)
        for row in read_rows("data/sevenths.tsv"):
            for variant in expand(row["phrase"]):
                words = words_of(variant)
                self._phrases[words[0]].append((words, row["family"], row["meaning"]))
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))

    def read(self, norms: Sequence[str], tokens: range) -> list[Said]:
        """All that a sentence says, in order; the longest phrase at each place."""
        found: list[Said] = []
        if self._phrases.keys().isdisjoint(norms[tokens.start : tokens.stop]):
            return found
        index = tokens.start
        while index < tokens.stop:
            longest = 0
            for words, family, meaning in self._phrases.get(norms[index], ()):
                end = index + len(words)
                if len(words) < longest:
                    break
                if end <= tokens.stop and tuple(norms[index:end]) == words:
                    found.append(Said(index, family, meaning))
                    longest = len(words)
            index += max(0, longest - 1)
            index += 1
        return found
