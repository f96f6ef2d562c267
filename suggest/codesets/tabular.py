"""Reads the ICD-10-CM tabular XML: every header and every billable code with its full title.

Seventh characters are applied as the Guidelines say (I.A.4, I.A.5): a code shorter than six
characters is padded with the placeholder X, and the extension's text follows the title.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
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
}


@dataclass(slots=True)
class Entry:
    """One chapter, block or code as the tabular list has it, seventh characters applied."""

    id: str
    title: str
    parent: int
    kind: str
    notes: dict[str, list[str]] = field(default_factory=dict)
    seventh: dict[str, str] = field(default_factory=dict)
    billable: bool = False


def read(path: Path, known: Container[str]) -> tuple[str, list[Entry]]:
    """The release's name and its entries in tabular order, parents before children.

    `known` holds the undotted codes that exist: a seventh character's note may bar it for some
    codes ("7th characters D and S do not apply to ... S06 with 6th character 7 or 8").
    """
    root = etree.parse(str(path)).getroot()
    release = (root.findtext("version") or "").strip()
    entries: list[Entry] = []
    for chapter in root.iter("chapter"):
        entries.extend(_chapter(chapter, len(entries), known))
    return release, entries


def _chapter(chapter: etree._Element, offset: int, known: Container[str]) -> Iterator[Entry]:
    entries = [
        Entry(
            (chapter.findtext("name") or "").strip(),
            _text(chapter.find("desc")).rsplit(" (", 1)[0],
            -1,
            "chapter",
            _notes(chapter),
        )
    ]
    for section in chapter.iter("section"):
        identifier = section.get("id") or ""
        title = _text(section.find("desc")).rsplit(" (", 1)[0]
        entries.append(Entry(identifier, title, offset, "block", _notes(section)))
        block = offset + len(entries) - 1
        for diag in section.findall("diag"):
            _diag(diag, block, offset, entries, {}, known)
    return iter(entries)


def _diag(
    element: etree._Element,
    parent: int,
    offset: int,
    entries: list[Entry],
    seventh: dict[str, str],
    known: Container[str],
) -> None:
    name = (element.findtext("name") or "").strip()
    title = _text(element.find("desc"))
    own = {
        (e.get("char") or ""): _text(e)
        for definition in element.findall("sevenChrDef")
        for e in definition.findall("extension")
        if len(e.get("char") or "") == 1
    }
    seventh = own or seventh
    entry = Entry(name, title, parent, "code", _notes(element), own)
    entries.append(entry)
    index = offset + len(entries) - 1
    children = element.findall("diag")
    for child in children:
        _diag(child, index, offset, entries, seventh, known)
    if children:
        return
    plain = name.replace(".", "")
    if not seventh or len(plain) == 7:
        entry.billable = True
        return
    stem = plain.ljust(6, "X")
    for character, meaning in seventh.items():
        if stem + character not in known:
            continue
        code = f"{stem[:3]}.{stem[3:]}{character}"
        entries.append(Entry(code, f"{title}, {meaning}", index, "code", billable=True))


def _notes(element: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag, kind in NOTE_KINDS.items():
        for block in element.findall(tag):
            found.setdefault(kind, []).extend(_text(n) for n in block.findall("note"))
    return found


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())
