"""The codes of chapters 15 and 16 for what a mother's or a newborn's note names.

Sources: ICD-10-CM Guidelines I.C.15.a.1 (chapter 15 comes before other chapters, on the mother's
record only), I.C.15.a.3 (trimester, childbirth, puerperium), I.C.15.b (delivery and its outcome),
I.C.16.a (chapter 16 on the newborn's record only). The codes of conditions are in
`lexicon/obstetric.tsv`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from suggest.codesets import CodeSet
from suggest.engine.candidates import Candidate, clearest, merge
from suggest.engine.lexicon.compiled import CURATED, EXACT, SHORT, VOCABULARY
from suggest.engine.normal import read_rows
from suggest.engine.stay import (
    CHILD,
    CHILDBIRTH,
    NEWBORN,
    PREGNANCY,
    PUERPERIUM,
    UNSPECIFIED,
    WOMAN,
    Stay,
)
from suggest.text import AnalysedNote, Span

_AFTER = frozenset((CHILDBIRTH, PUERPERIUM))
# Codes of the other's record (I.C.15.a.1, I.C.16.a.1).
_OF_MOTHER = ("O", "Z33", "Z34", "Z36", "Z37", "Z39", "Z3A", "F53")
# What a newborn's note tells of its mother, whose record has it.
_OF_ITS_MOTHER = ("E08", "E09", "E10", "E11", "E13", "F", "I10", "Z72", "Z79", "Z87")
_OF_NEWBORN = ("P", "Z38", "Z05")
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
_FETUS = re.compile(r"\b(?:fetal|fetus|infant|baby|newborn|neonat\w+)\b[^,;.]*$", re.IGNORECASE)
_DAY_AFTER = re.compile(r"ppd ?#? ?\d", re.IGNORECASE)
_FORMER = re.compile(r"\b(?:history|hx|h/o|prior|previous|last|past)\b[^.;]*$", re.IGNORECASE)
_FAR = 80
_NEAR = 30  # code points
# A newborn's conditions that come of its mother's.
_FROM_MOTHER = ("P00", "P01", "P02", "P03", "P04", "P70.0", "P70.1")
_NONE = "-"  # in place of a code: the condition has none in the chapter
_TERM, _PROLONGED = 37, 42  # completed weeks
# A code that says nothing of the weeks, that before 37 (its trimester follows), that at term.
_BY_WEEKS = (
    ("O47.9", "O47.0", "O47.1"),
    ("O42.90", "O42.91", "O42.92"),
    ("O42.00", "O42.01", "O42.02"),
    ("O42.10", "O42.11", "O42.12"),
)
_SMALL = re.compile(r"P05\.[01]")


class Maternity:
    """Holds the table; `apply` is the whole work."""

    def __init__(self, codeset: CodeSet) -> None:
        self._codeset = codeset
        self._table: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in read_rows("obstetric.tsv"):
            self._table[row["prefix"]].append(row)
        self._by_stem = lru_cache(maxsize=64)(self._stems)
        self._below = lru_cache(maxsize=2_000)(self._below_of)

    def apply(
        self,
        note: AnalysedNote,
        candidates: dict[str, Candidate],
        stay: Stay,
        valid: frozenset[str],
    ) -> dict[str, Candidate]:
        """The candidates by code as the note's record has them, without those that only another
        record has."""
        if stay.period:
            candidates = self._of_record(note, candidates, stay, valid)
            if stay.period != CHILD:
                self._add_conditions(note, candidates, stay, valid)
        others = _of_none(stay, candidates)
        return {code: c for code, c in candidates.items() if not code.startswith(others)}

    def _of_record(
        self,
        note: AnalysedNote,
        candidates: dict[str, Candidate],
        stay: Stay,
        valid: frozenset[str],
    ) -> dict[str, Candidate]:
        """The candidates without those of the other's record, at the time of this one."""
        others: tuple[str, ...] = _OF_NEWBORN if stay.period in WOMAN else _OF_MOTHER
        if stay.period == NEWBORN:
            others += _OF_ITS_MOTHER
        weights = [
            c.code for c in candidates.values() if c.code[:3] == "P07" and CURATED in c.kinds
        ]
        moved: dict[str, Candidate] = {}
        for candidate in candidates.values():
            if candidate.code.startswith(others):
                continue
            code = candidate.code
            if stay.period in _AFTER:
                candidate.for_ = [m for m in candidate.for_ if not _is_day_after(note, m.span)]
            if code[0] == "O":
                code = self._in_period(_at_weeks(code, stay), stay.period)
            elif stay.period == NEWBORN:
                code = _small_of_weight(code, weights)
            if code != candidate.code and code in valid:
                candidate = replace(candidate, code=code)
            merge(moved, candidate)
        return moved

    def _add_conditions(
        self,
        note: AnalysedNote,
        candidates: dict[str, Candidate],
        stay: Stay,
        valid: frozenset[str],
    ) -> None:
        """Conditions as chapters 15 and 16 have them, instead of their general codes or beside
        them (I.C.15.a.1, I.C.16.a.1)."""
        for candidate in list(candidates.values()):
            unnamed = candidate.kinds.isdisjoint((CURATED, EXACT, SHORT, VOCABULARY))
            if not candidate.for_ or candidate.sibling is not None or unnamed:
                continue
            own = clearest(candidate)
            if stay.period != NEWBORN:
                own = [m for m in own if not _is_of_fetus(note, m.span)]
            if not own:
                continue
            for code, instead in self._codes_of(candidate.code, stay, valid):
                made = Candidate(code, own, kinds={CURATED}, stands_for=candidate.code)
                merge(candidates, made)
                if instead:
                    candidates.pop(candidate.code, None)

    def _codes_of(self, code: str, stay: Stay, valid: frozenset[str]) -> list[tuple[str, bool]]:
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
            UNSPECIFIED,
            "complicating pregnancy",
            "unspecified",
        ):
            for code, title in below.items():
                if wanted in title:
                    return code
        return None

    def _in_period(self, code: str, period: str) -> str:
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


def _counts(row: dict[str, str], stay: Stay) -> bool:
    """Whether a row of the table is of this record."""
    if row["weeks"] and not _within(row["weeks"], stay.weeks):
        return False
    return row["period"] == stay.period if row["period"] else stay.period in WOMAN


def _within(limits: str, number: int | None) -> bool:
    """Whether the completed weeks are within "0-19"."""
    first, last = limits.split("-")
    return number is not None and int(first) <= number <= int(last)


def _at_weeks(code: str, stay: Stay) -> str:
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


def _is_day_after(note: AnalysedNote, span: Span) -> bool:
    """Whether words are a day after delivery: "PPD 2" is no two packs per day."""
    return bool(_DAY_AFTER.match(note.text, span.start))


def is_of_stay(note: AnalysedNote, code: str, span: Span, stay: Stay) -> bool:
    """Whether what is past is so since this delivery: "s/p vaginal delivery with hemorrhage"."""
    if code[0] != "O" or stay.period not in _AFTER:
        return False
    return not _FORMER.search(note.text[max(0, span.start - _FAR) : span.end])


def _is_of_fetus(note: AnalysedNote, span: Span) -> bool:
    """Whether a condition is said of the child in the womb: "fetal ventriculomegaly"."""
    return bool(_FETUS.search(note.text[max(0, span.start - _NEAR) : span.end]))


def _of_none(stay: Stay, codes: Iterable[str]) -> tuple[str, ...]:
    """What only a delivery of this stay (I.C.15.b.4, I.C.15.b.5), a pregnancy (I.C.21.c.11) or a
    newborn's record (I.C.16.a.2) may have, where the note is of none."""
    prefixes: list[str] = []
    if not stay.delivered:
        prefixes += ["O80", "O82", "Z37"]
    if stay.period != NEWBORN:
        prefixes += ["Z38", *(() if stay.period == CHILD else _FROM_MOTHER)]
    if stay.period not in (PREGNANCY, CHILDBIRTH) and not any(c[0] == "O" for c in codes):
        prefixes.append("Z3A")
    return tuple(prefixes)


def _small_of_weight(code: str, weights: list[str]) -> str:
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
