"""The audit log: read, exported, verified; and the report on one code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from suggest.api.calls import (
    LARGEST_ID,
    RESPONSES,
    SIGNED_IN,
    Call,
    EncounterId,
    Id,
    Moment,
    RowId,
    may,
)
from suggest.audit import verify
from suggest.audit.chain import Head
from suggest.audit.checkpoint import Checkpoint
from suggest.audit.log import Event
from suggest.audit.pdf import to_pdf
from suggest.audit.report import CodeReport, to_json
from suggest.review.view import seen_by

router = APIRouter(prefix="/v1", tags=["audit"], dependencies=SIGNED_IN, responses=RESPONSES)

EventName = Annotated[
    str,
    Query(
        pattern=r"^[a-z_]+\.[a-z_]*$",
        max_length=100,
        description="a name, or the beginning of names up to the dot: `auth.`",
        examples=["decision.accepted", "auth."],
    ),
]
_JSON, _PDF, _LINES = "application/json", "application/pdf", "application/x-ndjson"


class EventsOut(BaseModel):
    """Events, newest first; `before` of the next page, null on the last."""

    events: list[Event]
    next_before: int | None


class FindingOut(BaseModel):
    """What is wrong with the rows `seq` to `last` (null: with no row of the log)."""

    seq: int | None
    last: int | None
    kind: str
    message: str


class VerificationOut(BaseModel):
    """Whether the log is as it was written, and every finding if not."""

    ok: bool
    events: int
    head: Head
    checkpoints: int
    findings: list[FindingOut]
    left_out: Annotated[int, Field(description="findings beyond those listed")]


@router.get("/audit/events")
def list_events(
    call: Call = may("audit.view"),
    encounter: Annotated[str | None, Query(max_length=26)] = None,
    actor: Annotated[Id | None, Query()] = None,
    event: EventName | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    size: Annotated[int, Query(ge=1, le=500)] = 100,
) -> EventsOut:
    """Events that match all that is given, newest first."""
    with call.read() as session:
        found = call.service.audit.events(
            session,
            encounter_id=encounter,
            actor=actor,
            event=event,
            since=since,
            until=until,
            before_seq=before,
            limit=size + 1,
            among=seen_by(call.actor),
        )
    shown = found[:size]
    return EventsOut(events=shown, next_before=shown[-1].seq if len(found) > size else None)


@router.get(
    "/audit/export",
    response_class=StreamingResponse,
    responses={200: {"content": {_LINES: {}}}},
)
def export_events(
    call: Call = may("audit.export"),
    encounter: Annotated[str | None, Query(max_length=26)] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> StreamingResponse:
    """Events as lines of canonical JSON with their hashes, oldest first. The export is an event."""
    with call.work() as work:
        work.record("audit.exported", encounter, {})

    def lines() -> Iterator[bytes]:
        with call.read() as session:
            yield from call.service.audit.export(
                session,
                encounter_id=encounter,
                since=since,
                until=until,
                among=seen_by(call.actor),
            )

    return StreamingResponse(lines(), media_type=_LINES)


@router.get("/audit/verification")
def verify_log(call: Call = may("audit.verify")) -> VerificationOut:
    """Read the whole log and name every row that was changed, removed, inserted or moved."""
    with call.read() as session:
        report = verify.verify(session, keys=[call.service.key.verify_key])
    return VerificationOut(
        ok=report.ok,
        events=report.events,
        head=report.head,
        checkpoints=report.checkpoints,
        findings=[
            FindingOut(seq=f.seq, last=f.last, kind=f.kind, message=f.message)
            for f in report.findings
        ],
        left_out=report.left_out,
    )


@router.get("/audit/checkpoints")
def list_checkpoints(call: Call = may("audit.view")) -> list[Checkpoint]:
    """The signed checkpoints, oldest first; copies kept elsewhere are what counts."""
    with call.read() as session:
        return verify.checkpoints(session)


@router.post("/audit/checkpoints", status_code=201)
def set_checkpoint(call: Call = may("audit.verify")) -> Checkpoint:
    """Sign where the log stands. Keep the answer where nobody who can change the database is."""
    with call.service.database.write() as session:
        return verify.set_checkpoint(session, call.service.key, call.now)


@router.get(
    "/encounters/{encounter_id}/entries/{entry_id}/report.json",
    response_class=Response,
    responses={200: {"content": {_JSON: {}}}},
)
def report_as_json(
    encounter_id: EncounterId, entry_id: RowId, call: Call = may("audit.export")
) -> Response:
    """Everything behind one code, as canonical JSON (RFC 8785)."""
    return Response(to_json(_report(call, encounter_id, entry_id, "json")), media_type=_JSON)


@router.get(
    "/encounters/{encounter_id}/entries/{entry_id}/report.pdf",
    response_class=Response,
    responses={200: {"content": {_PDF: {}}}},
)
def report_as_pdf(
    encounter_id: EncounterId, entry_id: RowId, call: Call = may("audit.export")
) -> Response:
    """Everything behind one code, as PDF."""
    report = _report(call, encounter_id, entry_id, "pdf")
    name = f"{report.code.replace('.', '')}-{encounter_id}.pdf"
    return Response(
        to_pdf(report),
        media_type=_PDF,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _report(call: Call, encounter_id: str, entry_id: int, form: str) -> CodeReport:
    with call.work() as work:
        made = call.service.code_report(work, encounter_id, entry_id, call.user.display_name)
        work.record("report.exported", encounter_id, {"entry": entry_id, "form": form})
    return made
