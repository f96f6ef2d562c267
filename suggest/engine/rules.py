"""Coding rules over a note's candidates: what is never suggested, and what stands together.

Sources: ICD-10-CM Guidelines I.A.15 ("with"), I.B.5 (integral signs), I.C.4.a, I.C.9.a, I.C.21.c.4
(history), IV.H and II.H (uncertain diagnoses). The tables are data files.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from suggest.codesets import CodeSet
from suggest.engine.candidates import Candidate, Reading, clearest, names
from suggest.engine.lexicon.compiled import CURATED, EXACT, MINED, SHORT, VOCABULARY, Entry
from suggest.engine.matching import Mention
from suggest.engine.maternity import (
    AFTER,
    CHILD,
    NEWBORN,
    OF_ITS_MOTHER,
    OF_MOTHER,
    OF_NEWBORN,
    WOMAN,
    Maternity,
    Stay,
    is_day_after,
    is_of_stay,
    of_fetus,
    small_of_weight,
    unsaid,
)
from suggest.engine.model import Encounter
from suggest.engine.normal import Normaliser, read_rows
from suggest.engine.precedence import Precedence
from suggest.engine.refine import LATERALITY
from suggest.engine.typed import Types
from suggest.text import AnalysedNote, Assertion, Span

# Chapter 18 (symptoms, signs, findings), and pain and injury of no named place.
_SYMPTOMS = ("R", "G89", "T14", "T30")
_PAST = "past_medical_history"
_BLOOD = ("C8", "C9")  # their remissions have codes of their own
# "With a past medical history significant for ..." until what the patient has now.
_LISTS_THE_PAST = re.compile(
    r"\b(?:medical history|pmhx?|pmh/psh|history (?:is )?(?:significant|notable|remarkable))\b"
    r"(?!.*\b(?:presents?|presenting|comes?|here|now|admitted|today|currently)\b)",
    re.IGNORECASE | re.DOTALL,
)
_GONE = re.compile(
    r"\bNED\b|\b(?i:no evidence of (?:disease|recurren\w+)|(?:cancer|disease)[- ]free|"
    r"survivor(?:ship)?|without (?:evidence of )?recurrence)\b"
)


class Rules:
    """Holds the tables; `apply` is the whole work."""

    def __init__(self, codeset: CodeSet, normaliser: Normaliser) -> None:
        self._codeset = codeset
        self._history = {r["prefix"]: r for r in read_rows("history.tsv")}
        self._listed = tuple(r["prefix"] for r in read_rows("past_when_listed.tsv"))
        self._combinations = [
            (_categories(row["first"]), _categories(row["second"]), row)
            for row in read_rows("combinations.tsv")
        ]
        self._gives_way = {
            r["prefix"]: tuple(p for p in r["keeps_beside"].split("|") if p)
            for r in read_rows("gives_way.tsv")
        }
        self._never_beside = list(read_rows("never_beside.tsv"))
        self._types = Types(codeset)
        self._maternity = Maternity(codeset)
        self._precedence = Precedence(codeset, normaliser)
        self._sexes = {r["prefix"]: r["sex"] for r in read_rows("sexes.tsv")}

    def apply(
        self,
        reading: Reading,
        candidates: list[Candidate],
        encounter: Encounter,
        valid: frozenset[str],
    ) -> list[Candidate]:
        """The candidates that may be suggested, and after them those with mentions against them
        alone, which may not: others are judged beside them."""
        note, stay = reading.note, reading.stay
        merged: dict[str, Candidate] = {}
        for candidate in self._types.agree(note, candidates, valid):
            for one in self._with_history(note, candidate, stay, valid):
                _merge(merged, one)
        self._prefer_sides(merged)
        self._combine(merged, valid)
        if stay.period:
            merged = self._of_stay(note, merged, stay, valid)
        others = unsaid(stay, merged)
        for code in [code for code in merged if code.startswith(others)]:
            del merged[code]
        for row in self._never_beside:
            excluded = [code for code in merged if code.startswith(row["code"])]
            if excluded and _is_said_apart(_starting(merged, row["other"]), excluded, merged):
                for code in excluded:
                    del merged[code]
        sex = encounter.sex or ("F" if stay.period in WOMAN else None)
        kept = [c for c in merged.values() if c.for_ and self._fits(c.code, sex)]
        for candidate in kept:
            candidate.inside = _only_inside_others(candidate, kept)
        self._leave_to_longer(kept)
        kept = self._precedence.drop_general(note, [c for c in kept if c.for_])
        return kept + [c for c in merged.values() if not c.for_ and c.against]

    def _with_history(
        self, note: AnalysedNote, candidate: Candidate, stay: Stay, valid: frozenset[str]
    ) -> list[Candidate]:
        """A past condition becomes its personal-history code, a relative's the family one."""
        row = self._row(candidate.code)
        if row is None or _is_sequela(candidate.code):
            return [candidate]
        past = [
            m
            for m in candidate.for_
            if m.assertion is Assertion.HISTORICAL
            and not is_of_stay(note, candidate.code, m.span, stay)
        ]
        family = [m for m in candidate.against if m.assertion is Assertion.FAMILY]
        listed = [
            m
            for m in candidate.for_
            if self._is_listed(note, m, candidate.code) or _is_gone(note, m, candidate.code)
        ]
        made = [candidate]
        if past and (code := _first_valid(row["personal"], valid)):
            candidate.for_ = [m for m in candidate.for_ if m not in past]
            made.append(replace(candidate, code=code, for_=past, against=[]))
        if listed and (code := _first_valid(row["personal"], valid)):
            made.append(replace(candidate, code=code, for_=listed, against=[]))
        if family and (code := _first_valid(row["family"], valid)):
            made.append(replace(candidate, code=code, for_=family, against=[]))
        for one in made[1:]:
            one.refined = None
        return made

    def _is_listed(self, note: AnalysedNote, mention: Mention, code: str) -> bool:
        """Whether a condition that does not last (`past_when_listed.tsv`) stands in a past medical
        history: both it and its history code are proposed, the ranker weighs them."""
        if (
            mention.assertion is not Assertion.AFFIRMED
            or not code.startswith(self._listed)
            or not names(mention, code)
        ):
            return False
        start = note.sentences[mention.sentence].span.start
        return mention.section == _PAST or bool(
            _LISTS_THE_PAST.search(note.text[start : mention.span.start])
        )

    def _row(self, code: str) -> dict[str, str] | None:
        for size in range(len(code), 2, -1):
            row = self._history.get(code[:size])
            if row is not None:
                return row
        return None

    def _combine(self, merged: dict[str, Candidate], valid: frozenset[str]) -> None:
        """Two conditions the classification presumes linked become their combination code."""
        have = {code[:3] for code in merged}
        for of_first, of_second, row in self._combinations:
            if of_first.isdisjoint(have) or of_second.isdisjoint(have):
                continue
            first = _starting(merged, row["first"])
            second = _starting(merged, row["second"])
            if not first or not second or row["code"] not in valid:
                continue
            have.add(row["code"][:3])
            mentions = [m for c in (*first, *second) for m in clearest(c)]
            made = Candidate(row["code"], mentions, kinds={CURATED})
            _merge(merged, made)
            for code in row["replaces"].split("|"):
                merged.pop(code, None)

    def _of_stay(
        self,
        note: AnalysedNote,
        merged: dict[str, Candidate],
        stay: Stay,
        valid: frozenset[str],
    ) -> dict[str, Candidate]:
        """The candidates of a mother's or a newborn's record, conditions as chapters 15 and 16
        have them (I.C.15.a.1, I.C.16.a.1)."""
        others: tuple[str, ...] = OF_NEWBORN if stay.period in WOMAN else OF_MOTHER
        if stay.period == NEWBORN:
            others += OF_ITS_MOTHER
        weights = [c.code for c in merged.values() if c.code[:3] == "P07" and CURATED in c.kinds]
        moved: dict[str, Candidate] = {}
        for candidate in merged.values():
            if candidate.code.startswith(others):
                continue
            code = candidate.code
            if stay.period in AFTER and any(is_day_after(note, m.span) for m in candidate.for_):
                candidate.for_ = [m for m in candidate.for_ if not is_day_after(note, m.span)]
            if code[0] == "O":
                code = self._maternity.in_period(self._maternity.of_weeks(code, stay), stay.period)
            elif stay.period == NEWBORN:
                code = small_of_weight(code, weights)
            if code != candidate.code and code in valid:
                candidate = replace(candidate, code=code)
            _merge(moved, candidate)
        if stay.period == CHILD:
            return moved
        for candidate in list(moved.values()):
            unnamed = candidate.kinds.isdisjoint((CURATED, EXACT, SHORT, VOCABULARY))
            if not candidate.for_ or candidate.sibling is not None or unnamed:
                continue
            own = clearest(candidate)
            if stay.period != NEWBORN:
                own = [m for m in own if not of_fetus(note, m.span)]
            for code, instead in self._maternity.codes_of(candidate.code, stay, valid):
                if not own:
                    break
                made = Candidate(code, own, kinds={CURATED})
                made.stands_for = candidate.code
                _merge(moved, made)
                if instead:
                    moved.pop(candidate.code, None)
        return moved

    def _prefer_sides(self, merged: dict[str, Candidate]) -> None:
        """A code of unspecified side gives its mentions to the one that names the side (I.B.13)."""
        for code in list(merged):
            refined = merged[code].refined
            if refined is None or refined.unspecified_because != LATERALITY:
                continue
            sided = [
                s
                for s in self._codeset.siblings(code)
                if s in merged
                and merged[s].for_
                and not merged[s].kinds.isdisjoint((CURATED, EXACT, SHORT))
                and (other := merged[s].refined) is not None
                and other.unspecified_because != LATERALITY
            ]
            if len(sided) == 1:
                given = replace(merged.pop(code), code=sided[0], refined=None)
                _merge(merged, given)

    def _leave_to_longer(self, kept: list[Candidate]) -> None:
        """A symptom's mention inside an unbroken longer one is that one's: "pain" in "chest pain".

        A condition's stays: "hypertensive heart failure" takes a code for heart failure, too. What
        gives way wholly (`gives_way.tsv`) is no suggestion without a mention of its own.
        """
        longer: dict[int, list[tuple[Candidate, set[int]]]] = defaultdict(list)
        for candidate in kept:
            for m in candidate.for_:
                if m.gap == 0 and len(m.tokens) > 1 and candidate.kinds != {MINED}:
                    longer[m.sentence].append((candidate, set(m.tokens)))
        for candidate in kept:
            wholly = next((p for p in self._gives_way if candidate.code.startswith(p)), None)
            if wholly is None and not candidate.code.startswith(_SYMPTOMS):
                continue
            beside = self._gives_way.get(wholly or "", ())
            own = [
                m
                for m in candidate.for_
                if not any(
                    other is not candidate
                    and tokens > set(m.tokens)
                    and not other.code.startswith(beside)
                    for other, tokens in longer[m.sentence]
                )
            ]
            candidate.inside |= not own
            if own or wholly:
                candidate.for_ = own

    def _fits(self, code: str, sex: str | None) -> bool:
        if sex is None:
            return True
        return all(own == sex or not code.startswith(prefix) for prefix, own in self._sexes.items())


def _is_sequela(code: str) -> bool:
    """Whether a code is for what an injury of the past left behind (Guidelines I.C.19.a)."""
    return code[0] in "ST" and len(code) == len("S52.501S") and code.endswith("S")


def _is_gone(note: AnalysedNote, mention: Mention, code: str) -> bool:
    """Whether the sentence of a solid cancer says that nothing of it is left (I.C.2.m)."""
    return (
        code[0] == "C"
        and not code.startswith(_BLOOD)
        and mention.assertion is Assertion.AFFIRMED
        and names(mention, code)
        and bool(_GONE.search(note.sentences[mention.sentence].span.of(note.text)))
    )


def _first_valid(codes: str, valid: frozenset[str]) -> str | None:
    """The first of the codes (`Z84.19|Z84.1`: newest first) that is billable on the day."""
    return next((code for code in codes.split("|") if code in valid), None)


def _categories(prefixes: str) -> frozenset[str]:
    return frozenset(prefix[:3] for prefix in prefixes.split("|"))


def _starting(merged: dict[str, Candidate], prefixes: str) -> list[Candidate]:
    wanted = tuple(prefixes.split("|"))
    codes = [code for code in merged if code.startswith(wanted)]
    # What labelled notes or the encoder alone say is too weak to change another code.
    return [
        c
        for c in map(merged.__getitem__, codes)
        if c.for_ and c.sibling is None and not c.kinds.isdisjoint((CURATED, EXACT, SHORT))
    ]


def _is_said_apart(
    others: list[Candidate], excluded: list[str], merged: dict[str, Candidate]
) -> bool:
    """Whether one of the others has a mention that is no part of the excluded codes' own terms:
    "hypertension" in "white coat hypertension" does not speak against that one."""
    longer = [
        (m.sentence, set(m.tokens))
        for code in excluded
        for m in merged[code].for_
        if any(e.kind == CURATED and e.code == code for e in m.entries)
    ]
    return any(
        not any(m.sentence == sentence and set(m.tokens) < tokens for sentence, tokens in longer)
        for other in others
        for m in clearest(other)
    )


def _place(mention: Mention) -> tuple[Span, tuple[int, ...], tuple[Entry, ...]]:
    return mention.span, mention.tokens, mention.entries


def _merge(merged: dict[str, Candidate], one: Candidate) -> None:
    known = merged.get(one.code)
    if known is None:
        merged[one.code] = one
        return
    known.for_ = sorted({*known.for_, *one.for_}, key=_place)
    known.against = sorted({*known.against, *one.against}, key=_place)
    known.kinds |= one.kinds
    known.stands_for = known.stands_for or one.stands_for
    known.sibling = None if one.sibling is None else known.sibling


def _only_inside_others(candidate: Candidate, others: list[Candidate]) -> bool:
    """Every mention is part of a longer one of the same category: the longer one says more."""
    if not all(m.subsumed for m in candidate.for_):
        return False
    return all(
        any(
            set(m.tokens) < set(o.tokens)
            for c in others
            if c is not candidate and c.code[:3] == candidate.code[:3]
            for o in c.for_
        )
        for m in candidate.for_
    )
