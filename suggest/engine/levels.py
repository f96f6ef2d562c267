"""Spinal levels as the classification's words: L5-S1 is lumbosacral, C5-C6 a mid-cervical disc.

Regions: site characters of ICD-10-CM M40-M54; cervical disc levels: M50.0-M50.9 (high C2-C4, mid
C4-C7, cervicothoracic C7-T1); single vertebrae: S12, S22, S32.
"""

from __future__ import annotations

import re

from suggest.engine.normal import Normaliser

# Categories whose codes tell levels apart: elsewhere "S1" is a heart sound, "C3" a complement.
SPINAL = re.compile(r"M4[0-9]|M5[0-4]|M96|M99|[SQ](?:12|13|14|22|23|24|32|33|34)|G83|Q76")
_LEVEL = re.compile(
    r"\b([CTDLS])(\d{1,2})(?:\s?[-/\u2013]\s?([CTDLS]?)(\d{1,2}))?\b", re.IGNORECASE
)
_LAST = {"c": 7, "t": 12, "l": 5, "s": 5}
_NEXT = {"c": "t", "t": "l", "l": "s"}
_REGION = {"c": "cervical", "t": "thoracic", "l": "lumbar", "s": "sacral sacrococcygeal"}
_BETWEEN = {"c": "cervicothoracic", "t": "thoracolumbar", "l": "lumbosacral"}
REGIONS = " ".join((*_REGION.values(), *_BETWEEN.values(), "occipito-atlanto-axial"))
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
_MID_CERVICAL = range(4, 7)  # the upper vertebra of a disc


def level_words(text: str, normaliser: Normaliser) -> frozenset[str]:
    """The word classes that stand for the spinal levels named in a text."""
    words: set[str] = set()
    for match in _LEVEL.finditer(text):
        words.update(normaliser.classes(" ".join(_words_of(match))))
    return frozenset(words)


def _words_of(match: re.Match[str]) -> list[str]:
    part, number = _level(match[1], match[2])
    if not number:
        return []
    if match[4] is None:
        return [*_vertebra(part, number), *_region(part, number)]
    below, last = _level(match[3] or match[1], match[4])
    if not last:
        return []
    if below != part:
        ends_meet = number == _LAST[part] and last == 1 and _NEXT.get(part) == below
        return [_BETWEEN[part]] if ends_meet else [_REGION[part], _REGION[below]]
    if part == "c" and last == number + 1:
        if number in _MID_CERVICAL:
            return [_REGION[part], "mid", f"c{number}", f"c{last}", "level"]
        return [*_region(part, number), "high"]
    return [_REGION[part], f"{part}{number}", f"{part}{last}"]


def _level(letter: str, digits: str) -> tuple[str, int]:
    """The part of the spine and the number of the vertebra, 0 for one that nobody has."""
    part = letter.lower().replace("d", "t")  # D is T in texts of other languages
    number = int(digits)
    return part, number if 0 < number <= _LAST[part] else 0


def _region(part: str, number: int) -> list[str]:
    region = [_REGION[part]]
    return [*region, "occipito-atlanto-axial"] if part == "c" and number <= 2 else region


def _vertebra(part: str, number: int) -> list[str]:
    if part == "t" and number > 4:
        upper = number if number % 2 else number - 1
        return [f"t{upper}", f"t{upper + 1}"]
    return [_ORDINALS[number - 1]] if part != "s" else []
