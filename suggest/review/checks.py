"""The coding edits over an encounter as it stands."""

from __future__ import annotations

from suggest.edits import CodedLine, Edit, Edits, Patient
from suggest.review.view import EncounterView, Workbench

STANDING = ("accepted", "undecided")


def edits_for(edits: Edits, view: Workbench) -> list[Edit]:
    """The edits over the accepted codes and those that may yet be accepted, errors first."""
    lines = [
        CodedLine(entry.code, entry.principal, entry.sequence)
        for entry in view.entries
        if entry.state in STANDING and entry.kind == "diagnosis"
    ]
    return edits.check(lines, patient_of(view.encounter)) if lines else []


def patient_of(encounter: EncounterView) -> Patient:
    """What the edits compare codes with."""
    return Patient(
        inpatient=encounter.type == "inpatient",
        date=encounter.date_of_service,
        sex=encounter.sex,
        age=encounter.age,
    )
