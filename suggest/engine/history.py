"""What is past, or a relative's, has codes of its own (Z80-Z87, Z91, Z92).

Sources: ICD-10-CM Guidelines I.C.2.m (malignancy), I.C.21.c.4 (history). The codes are in
`lexicon/history.tsv`, the conditions that do not last in `lexicon/past_when_listed.tsv`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from suggest.engine.candidates import Candidate, names
from suggest.engine.matching import Mention
from suggest.engine.maternity import is_of_stay
from suggest.engine.normal import read_rows
from suggest.engine.stay import Stay
from suggest.text import AnalysedNote, Assertion

_PAST = "past_medical_history"
_INJURY = "S"
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


class History:
    """Holds the tables; `split` is the whole work."""

    def __init__(self) -> None:
        self._rows = {r["prefix"]: r for r in read_rows("history.tsv")}
        self._listed = tuple(r["prefix"] for r in read_rows("past_when_listed.tsv"))

    def split(
        self, note: AnalysedNote, candidate: Candidate, stay: Stay, valid: frozenset[str]
    ) -> list[Candidate]:
        """The candidate, and those for a past of it: its mentions in the past are its
        personal-history code's, a relative's the family one's."""
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
            if candidate.code[0] == _INJURY:
                # In a list of what was, an injury is none of today: it would be under treatment.
                candidate.for_ = [m for m in candidate.for_ if m not in listed]
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
            row = self._rows.get(code[:size])
            if row is not None:
                return row
        return None


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
