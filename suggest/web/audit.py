"""The audit log and the audit of an encounter, for auditors."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from suggest.audit import verify
from suggest.audit.excerpt import excerpts
from suggest.audit.report import CodeReport, ReportNote
from suggest.review.guard import find, refuse_blind
from suggest.review.view import encounter_view, entry_views, seen_by
from suggest.store.tables import Facility
from suggest.web.page import Page, page_for

router = APIRouter()
Viewer = Annotated[Page, Depends(page_for("audit.view"))]
Verifier = Annotated[Page, Depends(page_for("audit.verify"))]
Auditor = Annotated[Page, Depends(page_for("audit.export"))]
PAGE_SIZE: Final = 100
LISTED: Final = 500  # events of one encounter on its page
# What the filter offers: the beginning of the events' names.
KINDS: Final = (
    ("encounter.", "Encounters"),
    ("note.", "Notes"),
    ("suggestions.", "Suggestions"),
    ("decision.", "Decisions"),
    ("lease.", "Holding"),
    ("query.", "Physician queries"),
    ("sample.", "Samples"),
    ("second_review.", "Second review"),
    ("auth.", "Sign-in"),
    ("user.", "Users"),
    ("token.", "API tokens"),
    ("setting.", "Settings"),
    ("reject_reasons.", "Reasons for rejecting"),
    ("report.", "Reports"),
    ("audit.", "The log itself"),
)


class Asked(BaseModel):
    """The filter as it stands in the address. An empty field filters nothing."""

    model_config = ConfigDict(extra="ignore")

    kind: str = ""
    actor: str = ""
    encounter: str = ""
    since: str = ""
    until: str = ""
    before: str = ""

    def address(self, **changed: str) -> str:
        """The page's address with some fields changed."""
        fields = self.model_dump() | changed
        kept = {key: value for key, value in fields.items() if value}
        return "/audit" + (f"?{urlencode(kept)}" if kept else "")


@router.get("/audit")
def show(asked: Annotated[Asked, Query()], page: Viewer) -> Response:
    """The log, newest first."""
    log, session = page.service.audit, page.session
    users = page.service.auth.users.all(session)
    before = int(asked.before) if asked.before.isascii() and asked.before.isdigit() else None
    found = log.events(
        session,
        encounter_id=asked.encounter.strip()[:26] or None,
        actor=asked.actor or None,
        event=asked.kind if asked.kind in dict(KINDS) else None,
        since=_start(page, asked.since),
        until=_start(page, asked.until, days=1),
        before_seq=before if before is None or before < 2**63 else None,
        limit=PAGE_SIZE + 1,
        among=seen_by(page.actor),
    )
    shown = found[:PAGE_SIZE]
    return page.render(
        "audit/log.html",
        asked=asked,
        events=shown,
        next_before=shown[-1].seq if len(found) > PAGE_SIZE else None,
        kinds=KINDS,
        users=users,
        names={user.id: user.display_name for user in users},
        head=log.head(session),
        checkpoints=verify.checkpoints(session),
        may_verify=page.allows("audit.verify"),
        may_report=page.allows("audit.export"),
    )


@router.post("/audit/verify")
def verify_log(page: Verifier) -> Response:
    """Read the whole log and tell what does not fit."""
    began = page.service.clock()
    report = verify.verify(page.session, keys=[page.service.key.verify_key])
    took = (page.service.clock() - began).total_seconds()
    if page.htmx:
        return page.render("audit/verified.html", report=report, took=took)
    told = f"{report.events:,} events fit together."
    if not report.ok:
        told = "; ".join(finding.message for finding in report.findings[:3])
    return page.see_other("/audit", told, "done" if report.ok else "error")


@router.post("/audit/checkpoint")
def checkpoint(page: Verifier) -> Response:
    """Sign where the log stands, as a file to keep elsewhere."""
    with page.service.database.write() as session:
        point = verify.set_checkpoint(session, page.service.key, page.now)
    name = f"audit-checkpoint-{point.seq}.json"
    return Response(
        point.to_json(),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/encounters/{encounter_id}/audit")
def encounter(encounter_id: str, page: Auditor) -> Response:
    """Everything that happened to an encounter, and the way to the sheet of each code."""
    session = page.session
    row = find(session, page.actor, encounter_id)
    refuse_blind(session, page.actor, row)
    events = page.service.audit.events(session, encounter_id=row.id, limit=LISTED)
    entries = entry_views(session, row)
    facility = session.get(Facility, row.facility_id)
    people: set[str | None] = {e.actor for e in events}
    names = page.names(people | {e.decided_by for e in entries})
    return page.render(
        "audit/encounter.html",
        encounter=encounter_view(row, page.now),
        facility=facility.name if facility is not None else row.facility_id,
        entries=entries,
        events=events,
        names=names,
    )


@router.get("/encounters/{encounter_id}/codes/{entry_id}/audit")
def code(encounter_id: str, entry_id: int, page: Auditor) -> Response:
    """Everything behind one code. That it was looked at stands in the log."""
    with page.work() as work:
        report = page.service.code_report(work, encounter_id, entry_id, page.user.display_name)
        work.record("report.viewed", encounter_id, {"entry": entry_id})
    return page.render(
        "audit/code.html",
        report=report,
        entry_id=entry_id,
        notes=[(note, _shown(report, note)) for note in report.notes],
    )


def _shown(report: CodeReport, note: ReportNote) -> dict[str, Any]:
    """The note's parts around its evidence, and that evidence in the pieces' order."""
    items = [item for item in report.evidence if item.note_id == note.id]
    return {"items": items, "excerpts": excerpts(note.text, [item.span for item in items])}


def _start(page: Page, text: str, days: int = 0) -> datetime | None:
    """The beginning of the day (or of one after it) where the site is; None for no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not 1970 <= day.year <= 2199:
        return None
    return datetime.combine(day + timedelta(days=days), time(), page.service.settings.zone)
