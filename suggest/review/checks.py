"""The coding edits over an encounter as it stands."""

from __future__ import annotations

from collections.abc import Iterable

from suggest.edits import CodedLine, Edit, Edits, Patient
from suggest.review.view import EncounterView, EntryView, Workbench

STANDING = ("accepted", "undecided")


def edits_for(edits: Edits, view: Workbench) -> list[Edit]:
    """The edits over the accepted codes and those that may yet be accepted, errors first."""
    return edits_over(edits, view.entries, view.encounter)


def edits_over(edits: Edits, entries: Iterable[EntryView], encounter: EncounterView) -> list[Edit]:
    """As `edits_for`, of entries and an encounter that were read already."""
    lines = [
        CodedLine(entry.code, entry.principal, entry.sequence)
        for entry in entries
        if entry.state in STANDING and entry.kind == "diagnosis"
    ]
    return edits.check(lines, patient_of(encounter)) if lines else []


def patient_of(encounter: EncounterView) -> Patient:
    """What the edits compare codes with."""
    return Patient(
        inpatient=encounter.type == "inpatient",
        date=encounter.date_of_service,
        sex=encounter.sex,
        age=encounter.age,
    )
