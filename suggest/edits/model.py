"""What edits look at and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class CodedLine:
    """One code of the encounter. `sequence` is its place (1 first); None where it has none yet."""

    code: str
    principal: bool = False
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """What the Medicare Code Editor compares codes with. `age` in whole years at the date.

    `date` is that of discharge for an inpatient, of service otherwise; None: today's code set.
    """

    inpatient: bool = False
    date: date | None = None
    sex: str | None = None
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A rule that fired.

    `codes`: those it is about, the one to look at first. `rule` is a stable name, `source` where
    the rule stands. An error would stop a claim, a warning wants a look, an info is a reminder.
    """

    rule: str
    severity: Severity
    codes: tuple[str, ...]
    text: str
    source: str
