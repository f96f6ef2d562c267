"""What goes into the engine and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

EncounterType = Literal["outpatient", "emergency", "inpatient"]
Sex = Literal["F", "M"]


@dataclass(frozen=True, slots=True)
class Encounter:
    """What is known of the visit beside its note.

    `date_of_service` is the date of discharge for an inpatient, the date of service otherwise:
    it chooses the code set (ICD-10-CM Guidelines, cover page). None means the newest code set.
    `age` is in whole years at that date.
    """

    type: EncounterType = "outpatient"
    date_of_service: date | None = None
    sex: Sex | None = None
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A snippet of the note: `text == note[start:end]`, in code points of the text as submitted."""

    start: int
    end: int
    text: str
    section: str
    assertion: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the code stands where it does, in words a coder understands.

    `feature` is the ranker's feature, `weight` its contribution to the log-odds.
    """

    feature: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate code with the exact snippets that support it and those that speak against it."""

    code: str
    system: str
    title: str
    probability: float
    rank: int
    evidence: list[Evidence]
    against: list[Evidence]
    reasons: list[Reason]
    unspecified_because: str | None = None
