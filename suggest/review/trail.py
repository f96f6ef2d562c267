"""The history of an encounter's decisions as it is shown: who did what to which code, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.review.actor import Actor
from suggest.review.guard import find, refuse_blind
from suggest.store.tables import CodedEntry, Decision


@dataclass(frozen=True, slots=True)
class TrailStep:
    """One step on one code. Steps of one `action` belong together; `undoes` names one taken back.

    `what`: accepted, rejected, replaced, added, principal, poa, moved, undone, or carried (the
    suggestions were made again). `state`, `reject_reason`, `replaced_by` and `poa`: after the step.
    """

    at: datetime
    actor: str
    action: str
    what: str
    undoes: str | None
    entry_id: int
    code: str
    system: str
    state_before: str
    state: str
    reject_reason: str | None
    reject_text: str | None
    replaced_by: int | None
    principal: bool
    poa: str | None
    sequence: int | None
    ms_spent: int | None
    evidence_seen: float | None


def trail(
    session: Session, actor: Actor, encounter_id: str, entry_id: int | None = None
) -> list[TrailStep]:
    """The steps on the encounter's codes (or on one), oldest first. NotFound; Forbidden where the
    actor is to review it blind."""
    row = find(session, actor, encounter_id)
    refuse_blind(session, actor, row)
    query = (
        select(Decision, CodedEntry.code, CodedEntry.system)
        .join(CodedEntry, CodedEntry.id == Decision.entry_id)
        .where(Decision.encounter_id == row.id)
        .order_by(Decision.id)
    )
    if entry_id is not None:
        query = query.where(Decision.entry_id == entry_id)
    return [
        TrailStep(
            at=d.at,
            actor=d.actor,
            action=d.action,
            what=d.kind,
            undoes=d.undoes,
            entry_id=d.entry_id,
            code=code,
            system=system,
            state_before=d.before["state"],
            state=d.after["state"],
            reject_reason=d.after["reject_reason"],
            reject_text=d.after["reject_text"],
            replaced_by=d.after["replaced_by"],
            principal=bool(d.after["principal"]),
            poa=d.after["poa"],
            sequence=d.after["sequence"],
            ms_spent=d.ms_spent,
            evidence_seen=d.evidence_seen,
        )
        for d, code, system in session.execute(query)
    ]
