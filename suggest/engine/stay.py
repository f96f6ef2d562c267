"""Whose record a note is: a pregnant woman's, one in childbirth or after it, a newborn's.

Sources: ICD-10-CM Guidelines I.C.15.a.3 (trimester, childbirth, puerperium), I.C.15.b (delivery and
its outcome), I.C.16.d (weight and weeks at birth). The patterns are in `lexicon/maternity.tsv`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from suggest.engine import gestation
from suggest.engine.model import Encounter
from suggest.engine.normal import read_rows
from suggest.text import AnalysedNote, Assertion, Span

PREGNANCY, CHILDBIRTH, PUERPERIUM = "pregnancy", "childbirth", "puerperium"
NEWBORN, CHILD = "newborn", "child"
WOMAN = frozenset((PREGNANCY, CHILDBIRTH, PUERPERIUM))
UNSPECIFIED = "unspecified trimester"

# Patterns are for a note in lower case. Any of these words, or the note is no one's of these; of
# obstetric ones only beside weeks.
_WORDS = (
    *("pregnan", "gravid", "partum", "hyperemesis", "prenatal", "trimester", "gestation"),
    *("deliver", "cesarean", "c-section", "c section", "nsvd", "vbac", "ltcs", "newborn"),
    *("neonat", "infant", "day of life", "preterm", "birth", "stillborn", "liveborn"),
)
_SHORT_WORDS = re.compile(
    r"(?:hour|day|week|month)s?[ -]old|nicu\b|s pp\b|\d{2}w\d|"
    r"\b(?:ppd|svd|baby\b|dol\b|labor\b|iup|ega\b|g\d+ ?,?p\d|ob (?:visit|appointment))"
)
_WEEKS = re.compile(r"\d ?-?w(?:ee)?k?|\d\+\d|\d/7")
# Whose pregnancy a sentence may tell in place of the patient's.
_ANOTHER_ONE = re.compile(
    r"\b(?:daughter|daughter-in-law|sister|wife|girlfriend|niece|cousin|friend)\b"
)
_SURE = frozenset(("newborn", "a newborn", "infant", "mother", "adult", "readmission"))
_OBSTETRIC = "obstetric"
_NOT_NOW = re.compile(
    r"\b(?:prior|previous|history|hx|h/o|plan\w*|desires?|candidate|schedul\w+|trial|declin\w+|"
    r"risks?|consent\w*|anticipat\w+|last|her (?:first|second)|expect\w*|avoid|trying|try|wants?|"
    r"could be|if|become|get|getting|when|not|never|while|until|mother of|(?:19|20)\d\d)\b[^,;.]*$",
)
_GRAMS = re.compile(
    r"\b(?:(\d)[, ]?(\d{3})|(\d{3})) ?(?:g|gm|gms|grams?)\b|\b(\d\.\d{1,3}) ?kg\b|"
    r"\b(\d{1,2}) ?(?:lbs?|pounds?)[ ,]*(\d{1,2}) ?(?:oz|ounces?)\b",
    re.IGNORECASE,
)
_OTHER_WEIGHT = re.compile(
    r"\b(?:current|today|todays|discharge|now|loss|lost|placenta|gain\w*|down)\b", re.IGNORECASE
)
_LEAST, _MOST = 300, 6500  # grams at birth
_WEIGHTS = (
    *((500, "P07.01"), (750, "P07.02"), (1000, "P07.03"), (1250, "P07.14"), (1500, "P07.15")),
    *((1750, "P07.16"), (2000, "P07.17"), (2500, "P07.18")),
)
_HEAVY = ((4500, "P08.0"), (4000, "P08.1"))


@dataclass(frozen=True, slots=True)
class Said:
    """A place of the note that itself gives a code."""

    start: int
    end: int
    code: str


@dataclass(frozen=True, slots=True)
class Stay:
    """Whose record: "" for none of these; `trimester` as titles word it, or "unspecified";
    `weeks` the only completed weeks named; `delivered`: a delivery is told."""

    period: str
    trimester: str
    weeks: int | None
    delivered: bool
    said: tuple[Said, ...]


NOTHING = Stay("", UNSPECIFIED, None, False, ())


class StayReader:
    """Holds the patterns; `read` is the whole work."""

    def __init__(self) -> None:
        self._cues: list[tuple[re.Pattern[str], str]] = []
        self._codes: list[tuple[re.Pattern[str], str, str]] = []
        for row in read_rows("maternity.tsv"):
            pattern = re.compile(row["pattern"])
            if row["code"]:
                self._codes.append((pattern, row["says"], row["code"]))
            else:
                self._cues.append((pattern, row["says"]))
        self._obstetric = next(cue for cue, says in self._cues if says == _OBSTETRIC)

    def read(self, note: AnalysedNote, encounter: Encounter) -> Stay:
        """Whose record the note is, and what in it gives a code of its own."""
        lower = _lower(note.text)
        if not (
            any(word in lower for word in _WORDS)
            or _SHORT_WORDS.search(lower)
            or (_WEEKS.search(lower) and self._obstetric.search(lower))
        ):
            return NOTHING
        tally: Counter[str] = Counter()
        women: set[str] = set()
        weeks: list[tuple[Span, int]] = []
        trimesters: set[str] = set()
        for sentence in note.sentences:
            text = sentence.span.of(lower)
            begin = sentence.span.start
            another = _ANOTHER_ONE.search(text) is not None
            named = [] if another else list(gestation.weeks(text))
            weeks += [(Span(begin + a, begin + b), n) for a, b, n in named]
            trimesters |= gestation.trimesters(text)
            for pattern, says in self._cues:
                if (another and says not in _SURE) or (says == _OBSTETRIC and not named):
                    continue
                for match in pattern.finditer(text):
                    if says == "woman":
                        women.add(match[0])
                    elif says == _OBSTETRIC:
                        tally["in pregnancy"] += 1
                        break
                    elif self._is_said(note, begin, text, match, says):
                        tally[says] += 1
                        break
        period = _period(tally, min(3, len(women)), bool(weeks), encounter)
        trimester = next(iter(trimesters)) if len(trimesters) == 1 else UNSPECIFIED
        if period == CHILDBIRTH:
            weeks = [
                (Span(s.span.start + a, s.span.start + b), n)
                for s in note.sentences
                for a, b, n in gestation.weeks(s.span.of(note.text), delivered=True)
            ]
        numbers = {number for _, number in weeks}
        one = numbers.pop() if len(numbers) == 1 else None
        said = self._said(note, lower, period, weeks, encounter) if period else ()
        return Stay(period, trimester, one, bool(tally["delivery"]), tuple(said))

    def _is_said(
        self, note: AnalysedNote, begin: int, text: str, match: re.Match[str], says: str
    ) -> bool:
        if says in _SURE:
            return True
        if _NOT_NOW.search(text, 0, match.start()) and says != PUERPERIUM:
            return False
        span = Span(begin + match.start(), begin + match.end())
        return note.assertion(span).assertion in (Assertion.AFFIRMED, Assertion.POSSIBLE)

    def _said(
        self,
        note: AnalysedNote,
        lower: str,
        period: str,
        weeks: list[tuple[Span, int]],
        encounter: Encounter,
    ) -> Iterator[Said]:
        """What a note of this record says that is a code by itself."""
        if period in (PREGNANCY, CHILDBIRTH):
            for span, number in weeks:
                if number >= 8:
                    yield Said(span.start, span.end, f"Z3A.{number:02}")
        if period == NEWBORN:
            yield from _measured(note)
        for pattern, says, code in self._codes:
            if says != period or (period == NEWBORN and encounter.type != "inpatient"):
                continue
            for sentence in note.sentences:
                text = sentence.span.of(lower)
                match = pattern.search(text)
                if match and not _NOT_NOW.search(text, 0, match.start()):
                    begin = sentence.span.start
                    yield Said(begin + match.start(), begin + match.end(), code)
                    break


def _lower(text: str) -> str:
    """A text in lower case, each code point in its place: that of one is two."""
    return text.replace("\u0130", "I").lower()


def _period(tally: Counter[str], women: int, weeks: bool, encounter: Encounter) -> str:
    """Whose record it is, by what the note says and what is known of the patient."""
    mother = women + 2 * (tally[PREGNANCY] + tally[PUERPERIUM]) + 3 * tally["adult"]
    named = tally["newborn"] or tally["a newborn"]
    newborn = 2 * (tally["newborn"] + tally["mother"]) + tally["a newborn"] if named else 0
    age = encounter.age
    if age == 0 or (age is None and newborn > mother):
        return NEWBORN if named and not tally["infant"] else CHILD
    if (age is not None and not 9 <= age <= 60) or encounter.sex == "M":
        return CHILD if age is not None and age < 9 else ""
    if age is None and tally["infant"] and not tally["adult"] and not mother:
        return CHILD
    pregnant = tally[PREGNANCY] or (weeks and tally["in pregnancy"])
    late = tally["readmission"]
    if encounter.type == "inpatient":
        if late and (tally[PUERPERIUM] or tally["delivery"]):
            return PUERPERIUM
        if tally["delivery"]:
            return CHILDBIRTH
        return PREGNANCY if pregnant else PUERPERIUM if tally[PUERPERIUM] else ""
    if tally[PUERPERIUM] or late > 0:
        return PUERPERIUM
    return PREGNANCY if pregnant else ""


def _measured(note: AnalysedNote) -> Iterator[Said]:
    """Weight and completed weeks at birth (Guidelines I.C.16.d)."""
    for sentence in note.sentences:
        text, begin = sentence.span.of(note.text), sentence.span.start
        for start, end, number in gestation.weeks_at_birth(text):
            if (code := _of_weeks(number)) is not None:
                yield Said(begin + start, begin + end, code)
        for match in _GRAMS.finditer(text):
            grams = _grams(match)
            before = text[max(0, match.start() - 30) : match.start()]
            if _LEAST <= grams <= _MOST and not _OTHER_WEIGHT.search(before):
                code = next((c for most, c in _WEIGHTS if grams < most), None)
                code = code or next((c for least, c in _HEAVY if grams >= least), None)
                if code is not None:
                    yield Said(begin + match.start(), begin + match.end(), code)


def _grams(match: re.Match[str]) -> int:
    if match[4]:
        return round(float(match[4]) * 1000)
    if match[5]:
        return round(int(match[5]) * 453.6 + int(match[6]) * 28.35)
    return int((match[1] or "") + (match[2] or match[3]))


def _of_weeks(number: int) -> str | None:
    if number < 28:
        return f"P07.2{max(1, number - 21)}"
    if number < 37:
        return f"P07.3{number - 27}"
    if number < 41:
        return None
    return "P08.21" if number == 41 else "P08.22"
