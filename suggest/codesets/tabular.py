"""Reads the ICD-10-CM tabular XML: every header and every billable code with its full title.

Seventh characters are applied as the Guidelines say (I.A.4, I.A.5): a code shorter than six
characters is padded with the placeholder X, and the extension's text follows the title.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

NOTE_KINDS = {
    "inclusionTerm": "inclusion_terms",
    "includes": "includes",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code_first",
    "useAdditionalCode": "use_additional",
    "codeAlso": "code_also",
    "notes": "remarks",
    "sevenChrNote": "seventh_character_note",
}
CHAPTER, BLOCK, CODE = 0, 1, 2
_SEQUELA = "sequela"


@dataclass(slots=True)
class Entry:
    """One chapter, block or code as the tabular list has it.

    `parent` is the number of the entry above, -1 for a chapter; `end` is one past the number of
    the last entry below; `seventh` is the definition that holds here, own or inherited.
    """

    id: str
    title: str
    parent: int
    kind: int
    end: int = 0
    billable: bool = False
    extended: bool = False
    notes: dict[str, list[str]] = field(default_factory=dict)
    seventh: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Seventh:
    """A seventh-character definition: meanings, and the inclusion terms of single characters."""

    meanings: dict[str, str] = field(default_factory=dict)
    terms: dict[str, list[str]] = field(default_factory=dict)


def read(path: Path, known: Container[str]) -> list[Entry]:
    """The entries in tabular order: each right before everything below it.

    `known` holds the undotted codes that exist: a seventh character's note may bar it for some
    codes ("7th characters D and S do not apply to ... S06 with 6th character 7 or 8").
    """
    reader = _Reader(known)
    for _, element in etree.iterparse(str(path), tag="chapter"):
        reader.chapter(element)
        element.clear()
    return reader.entries


class _Reader:
    def __init__(self, known: Container[str]) -> None:
        self.entries: list[Entry] = []
        self._known = known

    def chapter(self, element: etree._Element) -> None:
        number = self._open(_name(element), _heading(element), -1, CHAPTER, element)
        above = [number]
        for section in element.findall("section"):
            # The file lists the sections flat; "C00-C96" comes before those that it spans.
            identifier = section.get("id") or ""
            identifier = identifier if "-" in identifier else f"{identifier}-{identifier}"
            while len(above) > 1 and not _spans(self.entries[above[-1]].id, identifier):
                self._close(above.pop())
            block = self._open(identifier, _heading(section), above[-1], BLOCK, section)
            above.append(block)
            for diag in section.findall("diag"):
                self._diag(diag, block, _Seventh())
        for opened in reversed(above):
            self._close(opened)

    def _open(self, name: str, title: str, parent: int, kind: int, element: etree._Element) -> int:
        self.entries.append(Entry(name, title, parent, kind, notes=_notes(element)))
        return len(self.entries) - 1

    def _close(self, number: int) -> None:
        self.entries[number].end = len(self.entries)

    def _diag(self, element: etree._Element, parent: int, seventh: _Seventh) -> None:
        name, title = _name(element), _text(element.find("desc"))
        number = self._open(name, title, parent, CODE, element)
        entry = self.entries[number]
        definition = element.find("sevenChrDef")
        if definition is not None:
            seventh = _seventh(definition, entry)
        entry.seventh = seventh.meanings
        children = element.findall("diag")
        for child in children:
            self._diag(child, number, seventh)
        if not children:
            if seventh.meanings and len(name) < 8:
                self._extend(number, seventh)
            else:
                entry.billable = True
        self._close(number)

    def _extend(self, number: int, seventh: _Seventh) -> None:
        entry = self.entries[number]
        stem = entry.id.replace(".", "").ljust(6, "X")
        for character, meaning in seventh.meanings.items():
            if stem + character not in self._known:
                continue
            extended = Entry(
                f"{stem[:3]}.{stem[3:]}{character}",
                f"{entry.title}, {meaning}",
                number,
                CODE,
                end=len(self.entries) + 1,
                billable=True,
                extended=True,
                seventh=seventh.meanings,
            )
            if character in seventh.terms:
                extended.notes["inclusion_terms"] = list(seventh.terms[character])
            self.entries.append(extended)


def _seventh(definition: etree._Element, entry: Entry) -> _Seventh:
    found = _Seventh()
    last = ""
    for element in definition:
        if element.tag == "extension":
            last = element.get("char") or ""
            found.meanings[last] = _text(element)
        elif element.tag == "note" and found.meanings.get(last) == _SEQUELA:
            # W08 "Fall from stool" stands after "sequela" but is the code's own inclusion term.
            entry.notes.setdefault("inclusion_terms", []).append(_text(element))
        elif element.tag == "note":
            found.terms.setdefault(last, []).append(_text(element))
    return found


def _spans(outer: str, inner: str) -> bool:
    first, last = outer.split("-")
    return first <= inner.split("-")[0] and inner.split("-")[1] <= last


def _heading(element: etree._Element) -> str:
    """A chapter's or block's title without the range of its codes, which is the block's id."""
    return _text(element.find("desc")).rsplit(" (", 1)[0]


def _notes(element: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag, kind in NOTE_KINDS.items():
        for block in element.findall(tag):
            found.setdefault(kind, []).extend(_text(n) for n in block.findall("note"))
    return found


def _name(element: etree._Element) -> str:
    return _text(element.find("name"))


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())
