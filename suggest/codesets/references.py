"""Codes named in the instructional notes: "(E10.-, E11.22)", "(T36-T50 with sixth character 5)"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from suggest.codesets.codeset import CodeSet

_PARENTHESES = re.compile(r"\(([^()]*)\)")
_CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]*)?"
_REST = r"(?:-(?![A-Z])|\.?-(?=-))?"  # "E10.-", "S06.0X-": whatever follows
_ITEM = re.compile(rf"(?P<low>{_CODE}){_REST}(?:\s*-\s*(?P<high>{_CODE}){_REST})?")
_CONDITION = re.compile(
    r"with (?P<places>[a-z0-9 ]+?) characters? (?P<values>[A-Z0-9](?:-[A-Z0-9])?(?: or [A-Z0-9])*)"
)
_PLACES = {"fifth": 5, "5th": 5, "sixth": 6, "6th": 6, "seventh": 7, "7th": 7, "fourth": 4}


@dataclass(frozen=True, slots=True)
class Reference:
    """Codes from `low` to `high` with all below them, undotted; of these only those that have one
    of `characters` at one of `places` (1 is the first), where places are given."""

    low: str
    high: str
    places: tuple[int, ...] = ()
    characters: str = ""

    def __contains__(self, code: str) -> bool:
        """Whether an undotted code is among them."""
        if not (self.low <= code[: len(self.low)] and code[: len(self.high)] <= self.high):
            return False
        return not self.places or any(
            len(code) >= place and code[place - 1] in self.characters for place in self.places
        )


@dataclass(frozen=True, slots=True)
class ReferringNote:
    """An instructional note, the place in the tabular list where it stands, and whom it names."""

    place: str
    text: str
    references: tuple[Reference, ...]

    def names(self, code: str) -> bool:
        """Whether it names an undotted code."""
        return any(code in reference for reference in self.references)


def referring_notes(codeset: CodeSet, code: str, *kinds: str) -> tuple[ReferringNote, ...]:
    """The notes of these kinds (fields of `Notes`) at a code and above it."""
    return tuple(
        ReferringNote(place, text, references(text))
        for place, notes in codeset.inherited_notes(code)
        for kind in kinds
        for text in getattr(notes, kind)
    )


def references(note: str) -> tuple[Reference, ...]:
    """The codes a note names in parentheses, in order; those it only describes are not found."""
    found: list[Reference] = []
    for inner in _PARENTHESES.findall(note):
        condition = _CONDITION.search(inner)
        places: tuple[int, ...] = ()
        characters = ""
        text = inner
        if condition is not None:
            places = tuple(p for word, p in _PLACES.items() if word in condition["places"].split())
            characters = _characters(condition["values"])
            text = inner[: condition.start()]
        for item in _ITEM.finditer(text):
            low = item["low"].replace(".", "")
            high = (item["high"] or item["low"]).replace(".", "")
            found.append(Reference(low, high, places, characters))
    return tuple(found)


def _characters(values: str) -> str:
    made = ""
    for part in values.split(" or "):
        first, _, last = part.partition("-")
        made += "".join(chr(c) for c in range(ord(first), ord(last or first) + 1))
    return made
