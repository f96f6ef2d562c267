"""The end of the work: sign, export, and open again with a reason."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.review import guard, history
from suggest.review.actor import Actor, Work
from suggest.review.errors import (
    CannotComplete,
    IllegalTransition,
    InvalidDecision,
    VersionConflict,
)
from suggest.store.tables import (
    CodedEntry,
    Encounter,
    ExportRecord,
    PhysicianQuery,
    ReopenRecord,
    Signature,
)


def what_is_missing(session: Session, actor: Actor, encounter_id: str) -> tuple[str, ...]:
    """What stands between the encounter and its signature, in words. NotFound."""
    return missing(session, guard.find(session, actor, encounter_id))


def missing(session: Session, row: Encounter) -> tuple[str, ...]:
    """What stands between the encounter and its signature, each in words; () when nothing does.

    POA: UB-04 manual and ICD-10-CM Guidelines, Appendix I. Principal: Guidelines II and IV.A.
    """
    entries = session.scalars(
        select(CodedEntry)
        .where(CodedEntry.encounter_id == row.id, CodedEntry.state != "withdrawn")
        .order_by(CodedEntry.id)
    ).all()
    undecided = [e for e in entries if e.state == "undecided"]
    accepted = [e for e in entries if e.state == "accepted" and e.kind == "diagnosis"]
    unmarked = [e.code for e in accepted if e.poa is None]
    queries = session.scalars(
        select(PhysicianQuery.id).where(
            PhysicianQuery.encounter_id == row.id, PhysicianQuery.status == "sent"
        )
    ).all()
    faults = []
    if row.suggestions_stale:
        faults.append("its suggestions are older than its notes: make them again")
    if row.suggestions_hidden:
        faults.append("its suggestions were not shown yet: reveal and decide on them")
    if undecided and not row.suggestions_hidden:
        codes = ", ".join(e.code for e in undecided)
        faults.append(f"undecided: {codes}: accept, reject or replace each")
    if not any(e.principal for e in accepted):
        name = "principal" if row.type == "inpatient" else "first-listed"
        faults.append(f"no {name} diagnosis: mark one of the accepted diagnoses")
    if row.type == "inpatient" and unmarked:
        faults.append(f"no POA indicator on {', '.join(unmarked)}: set Y, N, U, W or exempt")
    if queries:
        faults.append("a physician query is open: record its answer or withdraw it")
    return tuple(faults)


def sign(work: Work, encounter_id: str, *, expected_version: int) -> int:
    """Complete the encounter under the actor's name. The new version.

    Raises CannotComplete (with everything that is missing) and what `guard.check` raises.
    """
    row = guard.check(work, encounter_id, expected_version)
    if row.state not in ("in_review", "reopened"):
        if row.state == "query_open":
            raise CannotComplete(row.id, missing(work.session, row))
        raise IllegalTransition(
            f"encounter {row.id} is {row.state}: nothing was decided on it that could be signed"
        )
    faults = missing(work.session, row)
    if faults:
        raise CannotComplete(row.id, faults)
    digest = codes_sha256(work.session, row.id)
    work.session.add(
        Signature(
            encounter_id=row.id,
            encounter_version=row.version,
            codes_sha256=digest,
            actor=work.actor.user_id,
            at=work.now,
        )
    )
    history.close(work.session, row)
    work.session.flush()  # the signature first: the database completes nothing unsigned
    version = _step(work, row, "completed")
    work.record("encounter.signed", row.id, {"version": version, "codes_sha256": digest})
    return version


def reopen(work: Work, encounter_id: str, reason: str, *, expected_version: int) -> int:
    """Open a completed or exported encounter again. The new version."""
    row = _current(work, encounter_id, expected_version)
    if row.state not in ("completed", "exported"):
        raise IllegalTransition(f"encounter {row.id} is {row.state}: it is open already")
    if not reason.strip():
        raise InvalidDecision("reopening needs a reason: say why in a few words")
    before = row.state
    work.session.add(
        ReopenRecord(
            encounter_id=row.id,
            encounter_version=row.version,
            from_state=before,
            reason=reason.strip(),
            actor=work.actor.user_id,
            at=work.now,
        )
    )
    work.session.flush()
    version = _step(work, row, "reopened")
    digest = hashlib.sha256(reason.strip().encode()).hexdigest()
    work.record(
        "encounter.reopened",
        row.id,
        {"version": version, "from": before, "reason_sha256": digest},
    )
    return version


def exported(
    work: Work, encounter_id: str, form: str, sha256: str, *, expected_version: int
) -> int:
    """Record that the signed codes went out as `form` with this content. The new version.

    A second export (another form) of an exported encounter leaves its state and version.
    """
    row = _current(work, encounter_id, expected_version)
    if row.state not in ("completed", "exported"):
        raise IllegalTransition(
            f"encounter {row.id} is {row.state}: only signed encounters are exported"
        )
    work.session.add(
        ExportRecord(
            encounter_id=row.id,
            encounter_version=row.version,
            format=form,
            sha256=sha256,
            actor=work.actor.user_id,
            at=work.now,
        )
    )
    work.session.flush()
    version = _step(work, row, "exported") if row.state == "completed" else row.version
    work.record("encounter.exported", row.id, {"version": version, "form": form, "sha256": sha256})
    return version


def codes_sha256(session: Session, encounter_id: str) -> str:
    """SHA-256 over the accepted codes in their order, as canonical JSON: what a signature signs."""
    entries = session.scalars(
        select(CodedEntry)
        .where(CodedEntry.encounter_id == encounter_id, CodedEntry.state == "accepted")
        .order_by(CodedEntry.kind, CodedEntry.sequence, CodedEntry.id)
    )
    codes = [[e.system, e.code, e.principal, e.poa] for e in entries]
    return hashlib.sha256(json.dumps(codes, separators=(",", ":")).encode()).hexdigest()


def _current(work: Work, encounter_id: str, expected_version: int) -> Encounter:
    row = guard.find(work.session, work.actor, encounter_id, lock=True)
    if row.version != expected_version:
        raise VersionConflict(row.id, expected_version, row.version)
    return row


def _step(work: Work, row: Encounter, to_state: str) -> int:
    """Change the state and let the lease go: the work on this state is done."""
    guard.touch(work, row)
    guard.step(row, to_state)
    row.lease_holder = row.lease_expires_at = None
    work.session.flush()
    return row.version
