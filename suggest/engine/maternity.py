"""Whose record a note is, and what that makes of its conditions: a pregnant woman's, one in
childbirth or after it, a newborn's.

Sources: ICD-10-CM Guidelines I.C.15.a.1 (chapter 15 comes before other chapters, on the mother's
record only), I.C.15.a.3 (trimester, childbirth, puerperium), I.C.15.b (delivery and its outcome),
I.C.16.a (chapter 16 on the newborn's record only), I.C.16.d (weight and weeks). The patterns are in
`lexicon/maternity.tsv`, the codes of conditions in `lexicon/obstetric.tsv`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from suggest.codesets import CodeSet
from suggest.engine import gestation
from suggest.engine.model import Encounter
from suggest.engine.normal import read_rows
from suggest.text import AnalysedNote, Assertion, Span

PREGNANCY, CHILDBIRTH, PUERPERIUM = "pregnancy", "childbirth", "puerperium"
NEWBORN, CHILD = "newborn", "child"
AFTER = frozenset((CHILDBIRTH, PUERPERIUM))
WOMAN = frozenset((PREGNANCY, CHILDBIRTH, PUERPERIUM))
# Codes of the other's record (I.C.15.a.1, I.C.16.a.1).
OF_MOTHER = ("O", "Z33", "Z34", "Z36", "Z37", "Z39", "Z3A", "F53")
# What a newborn's note tells of its mother, whose record has it.
OF_ITS_MOTHER = ("E08", "E09", "E10", "E11", "E13", "F", "I10", "Z72", "Z79", "Z87")
OF_NEWBORN = ("P", "Z38", "Z05")

# Any of these words, or the note is no one's of these; of some of them only beside weeks.
_ANY = re.compile(
    r"pregnan|gravid|partum|\bppd|s pp\b|hyperemesis|prenatal|trimester|gestation|deliver|"
    r"cesarean|c[ -]section|"
    r"nsvd|\bsvd|vbac|ltcs|newborn|neonat|infant|\bbaby\b|nicu\b|\bdol\b|day of life|"
    r"(?:hours?|days?|weeks?|months?)[ -]old|preterm|\blabor\b|\biup|\bega\b|birth|stillborn|"
    r"liveborn|\bg\d+ ?,?p\d|\bob (?:visit|appointment)|\d{2}w\d",
    re.IGNORECASE,
)
_WEEKS = re.compile(r"\d ?-?w(?:ee)?k?|\d\+\d|\d/7", re.IGNORECASE)
# Whose pregnancy a sentence may tell in place of the patient's.
_ANOTHER_ONE = re.compile(
    r"\b(?:daughter|daughter-in-law|sister|wife|girlfriend|niece|cousin|friend)\b", re.IGNORECASE
)
_SURE = frozenset(("newborn", "a newborn", "infant", "mother", "adult", "readmission"))
_OBSTETRIC = "obstetric"
_NOT_NOW = re.compile(
    r"\b(?:prior|previous|history|hx|h/o|plan\w*|desires?|candidate|schedul\w+|trial|declin\w+|"
    r"risks?|consent\w*|anticipat\w+|last|her (?:first|second)|expect\w*|avoid|trying|try|wants?|"
    r"could be|if|become|get|getting|when|not|never|while|until|mother of|(?:19|20)\d\d)\b[^,;.]*$",
    re.IGNORECASE,
)
_PERIODS = (
    (re.compile(r"\b(?:childbirth|labor)\b"), CHILDBIRTH),
    (re.compile(r"\bpuerperium\b"), PUERPERIUM),
    (re.compile(r"\b(first|second|third|unspecified) trimester\b"), ""),
    (re.compile(r"\bpregnancy\b"), PREGNANCY),
)
_STEM = re.compile(
    r",? (?:(?:complicating|in|associated with) )?(?:the )?"
    r"(?:pregnancy|childbirth|puerperium|labor)\b"
    r"|,? (?:unspecified|first|second|third) trimester"
)
_UNSPECIFIED = "unspecified trimester"
_GRAMS = re.compile(
    r"\b(?:(\d)[, ]?(\d{3})|(\d{3})) ?(?:g|gm|gms|grams?)\b|\b(\d\.\d{1,3}) ?kg\b|"
    r"\b(\d{1,2}) ?(?:lbs?|pounds?)[ ,]*(\d{1,2}) ?(?:oz|ounces?)\b",
    re.IGNORECASE,
)
_OTHER_WEIGHT = re.compile(
    r"\b(?:current|today|todays|discharge|now|loss|lost|placenta|gain\w*|down)\b", re.IGNORECASE
)
_FETUS = re.compile(r"\b(?:fetal|fetus|infant|baby|newborn|neonat\w+)\b[^,;.]*$", re.IGNORECASE)
_DAY_AFTER = re.compile(r"ppd ?#? ?\d", re.IGNORECASE)
_FORMER = re.compile(r"\b(?:history|hx|h/o|prior|previous|last|past)\b[^.;]*$", re.IGNORECASE)
_FAR = 80
_NEAR = 30  # code points
# A newborn's conditions that come of its mother's.
_OF_MOTHERS = ("P00", "P01", "P02", "P03", "P04", "P70.0", "P70.1")
_NONE = "-"  # in place of a code: the condition has none in the chapter
_LEAST, _MOST = 300, 6500  # grams at birth
_WEIGHTS = (
    *((500, "P07.01"), (750, "P07.02"), (1000, "P07.03"), (1250, "P07.14"), (1500, "P07.15")),
    *((1750, "P07.16"), (2000, "P07.17"), (2500, "P07.18")),
)
_HEAVY = ((4500, "P08.0"), (4000, "P08.1"))
_TERM, _PROLONGED = 37, 42  # completed weeks
# A code that says nothing of the weeks, that before 37 (its trimester follows), that at term.
_BY_WEEKS = (
    ("O47.9", "O47.0", "O47.1"),
    ("O42.90", "O42.91", "O42.92"),
    ("O42.00", "O42.01", "O42.02"),
    ("O42.10", "O42.11", "O42.12"),
)
_SMALL = re.compile(r"P05\.[01]")


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


NOTHING = Stay("", _UNSPECIFIED, None, False, ())


class Maternity:
    """Holds the tables; reads one note at a time."""

    def __init__(self, codeset: CodeSet) -> None:
        self._codeset = codeset
        self._cues: list[tuple[re.Pattern[str], str]] = []
        self._codes: list[tuple[re.Pattern[str], str, str]] = []
        for row in read_rows("maternity.tsv"):
            pattern = re.compile(row["pattern"], re.IGNORECASE)
            if row["code"]:
                self._codes.append((pattern, row["says"], row["code"]))
            else:
                self._cues.append((pattern, row["says"]))
        self._obstetric = next(cue for cue, says in self._cues if says == _OBSTETRIC)
        self._table: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in read_rows("obstetric.tsv"):
            self._table[row["prefix"]].append(row)
        self._by_stem = lru_cache(maxsize=64)(self._stems)
        self._below = lru_cache(maxsize=2_000)(self._below_of)

    def read(self, note: AnalysedNote, encounter: Encounter) -> Stay:
        """Whose record the note is, and what in it gives a code of its own."""
        if not _ANY.search(note.text) and not (
            _WEEKS.search(note.text) and self._obstetric.search(note.text)
        ):
            return NOTHING
        tally: Counter[str] = Counter()
        women: set[str] = set()
        weeks: list[tuple[Span, int]] = []
        trimesters: set[str] = set()
        for sentence in note.sentences:
            text = sentence.span.of(note.text)
            begin = sentence.span.start
            another = _ANOTHER_ONE.search(text) is not None
            named = [] if another else list(gestation.weeks(text))
            weeks += [(Span(begin + a, begin + b), n) for a, b, n in named]
            trimesters |= gestation.trimesters(text)
            for pattern, says in self._cues:
                if another and says not in _SURE:
                    continue
                for match in pattern.finditer(text):
                    if says == "woman":
                        women.add(match[0].lower())
                    elif says == _OBSTETRIC:
                        tally["in pregnancy"] += bool(named)
                        break
                    elif self._is_said(note, begin, text, match, says):
                        tally[says] += 1
                        break
        period = _period(tally, min(3, len(women)), bool(weeks), encounter)
        trimester = next(iter(trimesters)) if len(trimesters) == 1 else _UNSPECIFIED
        if period == CHILDBIRTH:
            weeks = [
                (Span(s.span.start + a, s.span.start + b), n)
                for s in note.sentences
                for a, b, n in gestation.weeks(s.span.of(note.text), delivered=True)
            ]
        numbers = {number for _, number in weeks}
        one = numbers.pop() if len(numbers) == 1 else None
        said = self._said(note, period, weeks, encounter) if period else ()
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
                text = sentence.span.of(note.text)
                match = pattern.search(text)
                if match and not _NOT_NOW.search(text, 0, match.start()):
                    begin = sentence.span.start
                    yield Said(begin + match.start(), begin + match.end(), code)
                    break

    def codes_of(self, code: str, stay: Stay, valid: frozenset[str]) -> list[tuple[str, bool]]:
        """The chapter's codes for a condition, each with whether it stands instead."""
        for size in range(len(code), 0, -1):
            rows = [r for r in self._table.get(code[:size], ()) if _counts(r, stay)]
            if not rows:
                continue
            made = [
                (found, row["way"] == "instead")
                for row in rows
                if row["code"] != _NONE
                and (found := self._below(row["code"], stay.period, stay.trimester)) is not None
            ]
            return [(code, instead) for code, instead in made if code in valid]
        return []

    def _below_of(self, parent: str, period: str, trimester: str) -> str | None:
        """The code below another one for the period: its trimester, childbirth, puerperium."""
        if self._codeset[parent].billable:
            return parent
        below = {c: self._codeset.title(c) for c in sorted(self._codeset.descendants(parent))}
        for wanted in (
            *(() if period == PREGNANCY else (period,)),
            trimester,
            _UNSPECIFIED,
            "complicating pregnancy",
            "unspecified",
        ):
            for code, title in below.items():
                if wanted in title:
                    return code
        return None

    def of_weeks(self, code: str, stay: Stay) -> str:
        """The code of the completed weeks where chapter 15 tells them apart by title: labor that
        is false, membranes that rupture, a pregnancy that is prolonged."""
        if stay.weeks is None or stay.period not in (PREGNANCY, CHILDBIRTH):
            return code
        trimester = {"second trimester": "2", "third trimester": "3"}.get(stay.trimester, "9")
        for head, early, term in _BY_WEEKS:
            if code.startswith(head):
                return term if stay.weeks >= _TERM else early + trimester
        if code == "O48.0" and stay.weeks >= _PROLONGED:
            return "O48.1"
        if code == "O60.10X0" and trimester != "9":
            return f"O60.1{'4' if trimester == '3' else '2'}X0"
        return code

    def in_period(self, code: str, period: str) -> str:
        """The code of chapter 15 that says childbirth or puerperium where this one says another
        time of the same condition."""
        if period not in (CHILDBIRTH, PUERPERIUM):
            return code
        stems = self._by_stem(code[:3])
        title = self._codeset.title(code)
        if _period_of(title) in ("", period):
            return code
        return stems.get((_stem(title), period), code)

    def _stems(self, category: str) -> dict[tuple[str, str], str]:
        stems: dict[tuple[str, str], str] = {}
        for code in self._codeset.descendants(category):
            title = self._codeset.title(code)
            period = _period_of(title)
            if period in (CHILDBIRTH, PUERPERIUM):
                stems.setdefault((_stem(title), period), code)
        return stems


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


def _counts(row: dict[str, str], stay: Stay) -> bool:
    """Whether a row of the table is of this record."""
    if row["weeks"] and not _within(row["weeks"], stay.weeks):
        return False
    return row["period"] == stay.period if row["period"] else stay.period in WOMAN


def _within(limits: str, number: int | None) -> bool:
    """Whether the completed weeks are within "0-19"."""
    first, last = limits.split("-")
    return number is not None and int(first) <= number <= int(last)


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


def is_day_after(note: AnalysedNote, span: Span) -> bool:
    """Whether words are a day after delivery: "PPD 2" is no two packs per day."""
    return bool(_DAY_AFTER.match(note.text, span.start))


def is_of_stay(note: AnalysedNote, code: str, span: Span, stay: Stay) -> bool:
    """Whether what is past is so since this delivery: "s/p vaginal delivery with hemorrhage"."""
    if code[0] != "O" or stay.period not in AFTER:
        return False
    return not _FORMER.search(note.text[max(0, span.start - _FAR) : span.end])


def of_fetus(note: AnalysedNote, span: Span) -> bool:
    """Whether a condition is said of the child in the womb: "fetal ventriculomegaly"."""
    return bool(_FETUS.search(note.text[max(0, span.start - _NEAR) : span.end]))


def unsaid(stay: Stay, codes: Iterable[str]) -> tuple[str, ...]:
    """What only a delivery of this stay (I.C.15.b.4, I.C.15.b.5), a pregnancy (I.C.21.c.11) or a
    newborn's record (I.C.16.a.2) may have, where the note is of none."""
    prefixes: list[str] = []
    if not stay.delivered:
        prefixes += ["O80", "O82", "Z37"]
    if stay.period != NEWBORN:
        prefixes += ["Z38", *(() if stay.period == CHILD else _OF_MOTHERS)]
    if stay.period not in (PREGNANCY, CHILDBIRTH) and not any(c[0] == "O" for c in codes):
        prefixes.append("Z3A")
    return tuple(prefixes)


def small_of_weight(code: str, weights: list[str]) -> str:
    """The code for a newborn small or light for its weeks at its weight: P05.18 for P05.10."""
    if not _SMALL.match(code) or not code.endswith("0"):
        return code
    digits = {w[-1] for w in weights if w.startswith(("P07.0", "P07.1"))}
    return code[:-1] + next(iter(digits)) if len(digits) == 1 else code


def _period_of(title: str) -> str:
    for pattern, period in _PERIODS:
        match = pattern.search(title)
        if match:
            return period or match[0]
    return ""


def _stem(title: str) -> str:
    return _STEM.sub("", title)
