"""What a look-up answers: codes, their notes, search hits."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Code:
    """One code: dotted, with its full title.

    `billable` says whether it may stand on a claim; `chapter` is a number ("9"), `block` an id
    ("I20-I25"); `parent` is the code above, None for a three-character category; `index` is its
    place in `CodeSet.codes`.
    """

    code: str
    title: str
    billable: bool
    chapter: str
    block: str
    parent: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Notes:
    """The instructional notes that stand at one code, block or chapter.

    `seventh_characters` is the exception: it is inherited (a definition at S52 holds for S52.521).
    Terms per ICD-10-CM Guidelines I.A.10-17; `remarks` are the notes that have no type.
    """

    inclusion_terms: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    excludes1: tuple[str, ...] = ()
    excludes2: tuple[str, ...] = ()
    code_first: tuple[str, ...] = ()
    use_additional: tuple[str, ...] = ()
    code_also: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    seventh_character_note: tuple[str, ...] = ()
    seventh_characters: Mapping[str, str] = field(default_factory=dict)


class SearchHit(NamedTuple):
    """A code found by words; `matched` is the phrase of the code that was found."""

    code: str
    title: str
    score: float
    matched: str


def undotted(code: str) -> str:
    """ "s52.521a" -> "S52521A"."""
    return code.strip().upper().replace(".", "")


def dotted(code: str) -> str:
    """ "s52521a" -> "S52.521A"; block ids ("I20-I25") and chapter numbers stay as they are."""
    plain = undotted(code)
    return plain if len(plain) <= 3 or "-" in plain else f"{plain[:3]}.{plain[3:]}"


def at_or_above(code: str, known: Container[str]) -> str | None:
    """The code, or the nearest header above it by its characters, that is among the known."""
    while code and code not in known:
        code = code[:-1].rstrip(".")
    return code or None
