"""What the auditor is shown and given of one code: everything behind it, on one sheet.

The pages fill these; nothing here knows the review's tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final, Literal

from suggest.audit.canonical import canonical
from suggest.audit.chain import Head, time_text
from suggest.audit.errors import InvalidReport
from suggest.text.span import Span

FORMAT: Final = "suggest-code-report/1"


@dataclass(frozen=True, slots=True)
class ReportNote:
    """One version of a note, with the text as submitted. `id` names the version."""

    id: str
    type: str
    version: int
    author_role: str
    time: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ReportEvidence:
    """A span of a note that speaks for the code, or against it; found by the model or a coder."""

    note_id: str
    span: Span
    section: str
    assertion: str
    supports: bool
    found_by: Literal["model", "coder"]


@dataclass(frozen=True, slots=True)
class ReportReason:
    """Why the model put the code where it stands; `weight` is its part of the log-odds."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class ReportDecision:
    """Who did what to the code, when. `detail`: the reason, the code it was replaced by, ..."""

    time: datetime
    who: str
    role: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReportEdit:
    """A coding edit that fired on the code, with the source of its rule."""

    rule: str
    severity: str
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class CodeReport:
    """All that stands behind one code of one encounter.

    `model` and `code_set` name the versions that the suggestion was made with; `model` is None for
    a code that a coder added, as is `probability`. `head` is where the audit log stood.
    """

    encounter_id: str
    facility: str
    encounter_type: str
    date_of_service: date | None
    system: str
    code: str
    title: str
    status: str
    principal: bool
    poa: str | None
    probability: float | None
    model: str | None
    model_hash: str | None
    code_set: str
    notes: tuple[ReportNote, ...]
    evidence: tuple[ReportEvidence, ...]
    reasons: tuple[ReportReason, ...]
    decisions: tuple[ReportDecision, ...]
    edits: tuple[ReportEdit, ...]
    head: Head
    made_at: datetime
    made_by: str

    def __post_init__(self) -> None:
        lengths = {note.id: len(note.text) for note in self.notes}
        if len(lengths) != len(self.notes):
            raise InvalidReport(f"{self.code}: two notes of the report have one id")
        for item in self.evidence:
            if item.note_id not in lengths:
                raise InvalidReport(f"{self.code}: evidence in a note that is not in the report")
            if len(item.span) == 0 or item.span.end > lengths[item.note_id]:
                raise InvalidReport(
                    f"{self.code}: evidence [{item.span.start}:{item.span.end}] does not lie in "
                    f"note {item.note_id}"
                )

    def note(self, note_id: str) -> ReportNote:
        """The note of this id, which is one of the report's."""
        return next(note for note in self.notes if note.id == note_id)


def to_json(report: CodeReport) -> bytes:
    """The report as canonical JSON (RFC 8785): the same report has the same bytes and hash.

    Offsets are half-open, in code points of the note's text.
    """
    return canonical(_fields(report)).encode()


def _fields(report: CodeReport) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "encounter": {
            "id": report.encounter_id,
            "facility": report.facility,
            "type": report.encounter_type,
            "date_of_service": (
                report.date_of_service.isoformat() if report.date_of_service else None
            ),
        },
        "code": {
            "system": report.system,
            "code": report.code,
            "title": report.title,
            "status": report.status,
            "principal": report.principal,
            "poa": report.poa,
            "probability": report.probability,
        },
        "made_with": {
            "model": report.model,
            "model_hash": report.model_hash,
            "code_set": report.code_set,
        },
        "notes": [
            {
                "id": note.id,
                "type": note.type,
                "version": note.version,
                "author_role": note.author_role,
                "time": time_text(note.time),
                "sha256": sha256(note.text.encode()).hexdigest(),
                "text": note.text,
            }
            for note in report.notes
        ],
        "evidence": [
            {
                "note": item.note_id,
                "start": item.span.start,
                "end": item.span.end,
                "text": item.span.of(report.note(item.note_id).text),
                "section": item.section,
                "assertion": item.assertion,
                "supports": item.supports,
                "found_by": item.found_by,
            }
            for item in report.evidence
        ],
        "reasons": [{"text": reason.text, "weight": reason.weight} for reason in report.reasons],
        "decisions": [
            {
                "time": time_text(decision.time),
                "who": decision.who,
                "role": decision.role,
                "what": decision.what,
                "detail": decision.detail,
            }
            for decision in report.decisions
        ],
        "edits": [
            {
                "rule": edit.rule,
                "severity": edit.severity,
                "message": edit.message,
                "source": edit.source,
            }
            for edit in report.edits
        ],
        "audit_log": {"seq": report.head.seq, "hash": report.head.hash},
        "made_at": time_text(report.made_at),
        "made_by": report.made_by,
    }
