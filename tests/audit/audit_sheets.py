"""A report with some of everything, for the tests of its JSON and PDF."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from suggest.audit.chain import Head
from suggest.audit.report import (
    CodeReport,
    ReportDecision,
    ReportEdit,
    ReportEvidence,
    ReportNote,
    ReportReason,
)
from suggest.text.span import Span

TEXT = (
    "CHIEF COMPLAINT: cough\n\n"
    "HPI: 67 y/o with fever to 38.9 °C and productive cough for 3 days. β-blocker held.\n"
    + "Walks with a cane and lives alone. "
    * 30
    + "\nASSESSMENT & PLAN:\n1. Community acquired pneumonia, RLL infiltrate on CXR <2 cm.\n"
    "2. No pulmonary embolism on CTA.\n"
)
HEAD = Head(4711, "ab" * 32)


def found(phrase: str, assertion: str = "affirmed", supports: bool = True) -> ReportEvidence:
    """The phrase's first place in TEXT as evidence."""
    start = TEXT.index(phrase)
    return ReportEvidence(
        "note-1", Span(start, start + len(phrase)), "assessment_plan", assertion, supports, "model"
    )


def report(**changes: Any) -> CodeReport:
    made = CodeReport(
        encounter_id="01hzencounter0000000000001",
        facility="North Hospital",
        encounter_type="inpatient",
        date_of_service=date(2026, 3, 2),
        system="ICD-10-CM",
        code="J18.9",
        title="Pneumonia, unspecified organism",
        status="accepted",
        principal=True,
        poa="Y",
        probability=0.913,
        model="default 2026-02",
        model_hash="cd" * 32,
        code_set="FY2026",
        notes=(
            ReportNote(
                "note-1",
                "progress note",
                2,
                "physician",
                datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
                TEXT,
            ),
        ),
        evidence=(
            found("productive cough"),
            found("Community acquired pneumonia, RLL infiltrate"),
            found("RLL infiltrate on CXR"),
            found("No pulmonary embolism", "negated", supports=False),
        ),
        reasons=(ReportReason("the term stands in the assessment", 1.82),),
        decisions=(
            ReportDecision(
                datetime(2026, 3, 3, 10, 0, tzinfo=UTC), "Casey Coder", "coder", "accepted"
            ),
        ),
        edits=(ReportEdit("unspecified", "warning", "An organism is not named.", "I.B.18"),),
        head=HEAD,
        made_at=datetime(2026, 3, 4, 8, 0, tzinfo=UTC),
        made_by="Audrey Auditor",
    )
    return replace(made, **changes)
