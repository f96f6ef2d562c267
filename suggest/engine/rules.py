"""Coding rules over a note's candidates: what is never suggested, and what stands together.

Sources: ICD-10-CM Guidelines I.A.15 ("with"), I.B.5 (integral signs), I.C.4.a, I.C.9.a, I.C.21.c.4
(history), IV.H and II.H (uncertain diagnoses). The tables are data files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from suggest.codesets import CodeSet
from suggest.engine.candidates import Candidate, Reading, clearest, merge
from suggest.engine.history import History
from suggest.engine.lexicon.compiled import CURATED, EXACT, MINED, SHORT
from suggest.engine.maternity import Maternity
from suggest.engine.model import Encounter
from suggest.engine.normal import Normaliser, read_rows
from suggest.engine.precedence import Precedence
from suggest.engine.refine import LATERALITY
from suggest.engine.stay import WOMAN
from suggest.engine.typed import Types

# Chapter 18 (symptoms, signs, findings), and pain and injury of no named place.
_SYMPTOMS = ("R", "G89", "T14", "T30")


class Rules:
    """Holds the tables; `apply` is the whole work."""

    def __init__(self, codeset: CodeSet, normaliser: Normaliser) -> None:
        self._codeset = codeset
        self._history = History()
        self._combinations = [
            (_categories(row["first"]), _categories(row["second"]), row)
            for row in read_rows("combinations.tsv")
        ]
        self._gives_way = {
            r["prefix"]: tuple(p for p in r["keeps_beside"].split("|") if p)
            for r in read_rows("gives_way.tsv")
        }
        self._never_beside = [(r["code"][:3], r) for r in read_rows("never_beside.tsv")]
        self._types = Types(codeset)
        self._maternity = Maternity(codeset)
        self._precedence = Precedence(codeset, normaliser)
        sexes = list(read_rows("sexes.tsv"))
        # The codes that a patient of this sex may not have.
        self._of_other_sex = {
            sex: tuple(r["prefix"] for r in sexes if r["sex"] != sex) for sex in ("F", "M")
        }

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
            for one in self._history.split(note, candidate, stay, valid):
                merge(merged, one)
        self._prefer_sides(merged)
        self._combine(merged, valid)
        merged = self._maternity.apply(note, merged, stay, valid)
        self._exclude(merged)
        sex = encounter.sex or ("F" if stay.period in WOMAN else None)
        unfit = self._of_other_sex.get(sex or "", ())
        kept = [c for c in merged.values() if c.for_ and not c.code.startswith(unfit)]
        for candidate in kept:
            candidate.inside = _only_inside_others(candidate, kept)
        self._leave_to_longer(kept)
        kept = self._precedence.drop_general(note, [c for c in kept if c.for_])
        # The other leaves of a category whose own reading the rules took away go with it.
        gone = _categories_read(candidates) - _categories_read(kept)
        kept = [c for c in kept if c.sibling is None or c.code[:3] not in gone]
        return kept + [c for c in merged.values() if not c.for_ and c.against]

    def _exclude(self, merged: dict[str, Candidate]) -> None:
        """What never stands beside another condition that is named goes (`never_beside.tsv`)."""
        have = {code[:3] for code in merged}
        for category, row in self._never_beside:
            if category not in have:
                continue
            excluded = [code for code in merged if code.startswith(row["code"])]
            if excluded and _is_said_apart(_starting(merged, row["other"]), excluded, merged):
                for code in excluded:
                    del merged[code]

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
            merge(merged, made)
            for code in row["replaces"].split("|"):
                merged.pop(code, None)

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
                merge(merged, given)

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


def _categories_read(candidates: Iterable[Candidate]) -> set[str]:
    return {c.code[:3] for c in candidates if c.sibling is None}


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
