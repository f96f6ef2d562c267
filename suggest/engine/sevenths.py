"""What a sentence says of 7th characters: stage, tophus, fetus, healing, time of a coma scale.

The phrases are in `lexicon/data/sevenths.tsv`. A meaning is worded as the code set words it
("mild stage"), so that it can be looked up among the 7th characters a code has; what is said of
an injury's care is the character itself (Guidelines I.C.19.a, I.C.19.c).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suggest.engine.normal import read_rows
from suggest.engine.phrases import Phrases

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
        self._phrases = Phrases(read_rows("data/sevenths.tsv"), "phrase")

    def read(self, norms: Sequence[str], tokens: range) -> list[Said]:
        """All that a sentence says, in order; the longest phrase at each place."""
        return [
            Said(place.start, place.row["family"], place.row["meaning"])
            for place in self._phrases.find(norms, tokens)
        ]
