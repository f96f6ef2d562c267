"""The trimester that a text names, or that its weeks of gestation are in.

Source: ICD-10-CM Guidelines I.C.15.a.3; weeks count from the first day of the last menstruation.
"""

from __future__ import annotations

import re

_NAMED = re.compile(r"\b(first|1st|second|2nd|third|3rd)[ -]trimester\b", re.IGNORECASE)
TRIMESTERS = frozenset(f"{name} trimester" for name in ("first", "second", "third"))
_ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third"}
# "38w2d", "38 weeks pregnant", "38 2/7 weeks gestation", "EGA 38 weeks"; not "in 6 weeks".
_WEEKS = re.compile(
    r"\b(\d{1,2})\s?w(?:ks?)?\s?\d\s?d(?:ays?)?\b|"
    r"\b(\d{1,2})(?:[ +]+\d/7|\+\d)?[ -](?:week|wk)s?(?: \d days?)?[ -](?:of )?"
    r"(?:gestation|pregnan|ega\b|ga\b|iup\b)|"
    r"\b(?:ega|ga|iup|gestational age)(?: of| at|:)? (\d{1,2})(?:[ +]+\d/7|\+\d)?[ -]?w"
    r"(?:(?:ee)?ks?\b|\b|\d)",
    re.IGNORECASE,
)
# Another pregnancy, or another day of this one.
_ANOTHER = re.compile(r"\b(?:prior|previous|history|hx|born|delivered|until)\b", re.IGNORECASE)
_SECOND, _THIRD, _LAST = 14, 28, 43  # weeks: where the trimesters begin, and what no one reaches


def trimesters(text: str) -> frozenset[str]:
    """The trimesters of a sentence, worded as titles do: "third trimester"."""
    if _ANOTHER.search(text):
        return frozenset()
    named = {_ORDINALS.get(m[1].lower(), m[1].lower()) for m in _NAMED.finditer(text)}
    for match in _WEEKS.finditer(text):
        weeks = int(match[1] or match[2] or match[3])
        if 0 < weeks < _LAST:
            named.add("first" if weeks < _SECOND else "second" if weeks < _THIRD else "third")
    return frozenset(f"{name} trimester" for name in named)
