"""Weeks of gestation that a text names, and the trimester that they or its words are in.

Source: ICD-10-CM Guidelines I.C.15.a.3; weeks count from the first day of the last menstruation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAMED = re.compile(r"\b(first|1st|second|2nd|third|3rd)[ -]trimester\b", re.IGNORECASE)
TRIMESTERS = frozenset(f"{name} trimester" for name in ("first", "second", "third"))
_ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third"}
# "38w2d", "38 weeks pregnant", "38 2/7 weeks gestation", "EGA 38 weeks"; not "in 6 weeks".
_SAID = re.compile(
    r"\b(\d{1,2})\s?w(?:ks?)?\s?\d\s?d(?:ays?)?\b|"
    r"\b(\d{1,2})(?:[ +]+\d/7|\+\d)?[ -]?(?:weeks?|wks?|w)(?: \d days?)?[ -](?:of )?"
    r"(?:gestation|pregnan|ega\b|ga\b|iup\b)|"
    r"\b(\d{1,2}) ?wga\b|"
    r"\bg\d{1,2} ?,?p\d[\d-]*,? (?:at |@ ?)?(\d{1,2})[ -]?(?:weeks?|wks?|w)\b"
    r"(?! (?:post|pp\b|ago))|"
    r"(?:\b(?:at|iup|ega|ga)|@) ?(\d{1,2})(?:\+[0-6]| [0-6]/7)\b|"
    r"\b(?:ega|ga|iup|gestational age)(?: of| at|:)? (\d{1,2})(?:[ +]+\d/7|\+\d)?[ -]?w"
    r"(?:(?:ee)?ks?\b|\b|\d)",
    re.IGNORECASE,
)
# "At 34 weeks", "GDM, 33w", "now 30 wks"; not "for 6 weeks", "6 weeks postpartum".
_BARE = re.compile(
    r"(?:^|[,;(@]|\b(?:at|currently|now|is|pregnan(?:t|cy)|gestation|G\d{1,2}[ ,]?P\d[\d-]*))"
    r"\s*(?:at |approximately |about |@ ?|~ ?)?"
    r"\b(\d{1,2})(?:[ +]+\d/7|\+\d)?[ -]?(?:weeks?|wks?|w)\b"
    r"(?!'|[ -](?:ago|old|after|later|before|prior|post|pp\b|from|since|out\b|of (?!gest|preg)|"
    r"course|duration|follow|visit|check|supply|history|trial|apart|s/p|status|to |h[ox]\b))",
    re.IGNORECASE,
)
# Or no weeks are named at all: most sentences.
_MAYBE = re.compile(r"\d[\d/+ ]*[ -]?w|\d\+\d|\d/7", re.IGNORECASE)
_LEAST_BARE = 5  # weeks; a pregnancy is not known before
# Another pregnancy, or another day of this one: before it in the same statement.
_ANOTHER = re.compile(
    r"\b(?:prior|previous|history|hx|born|delivered|until|postpartum|post partum|repeat|recheck|"
    r"plan(?:s|ned)?|schedul\w+|return|follow|rtc)\b",
    re.IGNORECASE,
)
_STRICT = re.compile(r"\b(?:prior|previous|history|hx|born|delivered|until)\b", re.IGNORECASE)
_EARLIER = re.compile(r"\b(?:prior|previous|history|hx|until)\b", re.IGNORECASE)
_NOT_OF_ONE = re.compile(r"\b(?:post ?partum|weeks? old|month)\b", re.IGNORECASE)
_LEAST_ALIVE = 20
_AT_BIRTH = re.compile(
    r"\b(\d{2})\s?w(?:ks?)?\s?\d\s?d(?:ays?)?\b|"
    r"\b(\d{2})(?:[ +]+\d/7|\+\d)?[ -]?(?:weeks?|wks?|wk|w)\b(?![ -](?:old|ago|post))|"
    r"\b(\d{2})[ -]?weekers?\b|\b(\d{2}) ?wga\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\b(?:corrected|adjusted|pma|cga|post ?menstrual|now|currently)\b[^,;.]*$", re.IGNORECASE
)
_STOPS = ",;.()"
_SECOND, _THIRD, _LAST = 14, 28, 43  # weeks: where the trimesters begin, and what no one reaches


def weeks(text: str, *, delivered: bool = False) -> Iterator[tuple[int, int, int]]:
    """The completed weeks that a sentence names of this pregnancy: where, to where, how many;
    `delivered`: those of its end, too."""
    if not _MAYBE.search(text):
        return
    seen: set[int] = set()
    bare = not _NOT_OF_ONE.search(text)
    strict = _EARLIER if delivered else _STRICT
    for pattern, another in ((_SAID, strict), (_BARE, strict if delivered else _ANOTHER)):
        if pattern is _BARE and not bare:
            break
        for match in pattern.finditer(text):
            group = next(i for i, value in enumerate(match.groups(), 1) if value)
            number = int(match[group])
            start = match.start(group)
            least = 1 if pattern is _SAID else _LEAST_BARE
            if start in seen or not least <= number < _LAST:
                continue
            if another.search(_before(text, start)):
                continue
            seen.add(start)
            yield start, match.end(), number


def weeks_at_birth(text: str) -> Iterator[tuple[int, int, int]]:
    """The completed weeks at which a newborn was born, as `weeks`; not its age since."""
    for match in _AT_BIRTH.finditer(text):
        number = int(next(value for value in match.groups() if value))
        if _LEAST_ALIVE <= number < _LAST and not _SINCE.search(text, 0, match.start()):
            yield match.start(), match.end(), number


def trimesters(text: str) -> frozenset[str]:
    """The trimesters of a sentence, worded as titles do: "third trimester"."""
    named: set[str] = set()
    if "trimester" in text.lower():
        named = {
            _ORDINALS.get(m[1].lower(), m[1].lower())
            for m in _NAMED.finditer(text)
            if not _STRICT.search(_before(text, m.start()))
        }
    for _, _, number in weeks(text):
        named.add(_trimester(number))
    return frozenset(f"{name} trimester" for name in named)


def _trimester(number: int) -> str:
    return "first" if number < _SECOND else "second" if number < _THIRD else "third"


def _before(text: str, start: int) -> str:
    """What stands before a place, back to a comma."""
    return text[max(text.rfind(stop, 0, start) for stop in _STOPS) + 1 : start]
