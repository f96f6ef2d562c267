"""The log itself: append in the caller's transaction, read for the auditor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, insert, select, text
from sqlalchemy.orm import Session

from suggest.audit.canonical import canonical
from suggest.audit.chain import EMPTY, Head, chained_hash, record_bytes, time_of, time_text
from suggest.audit.errors import NotCanonical
from suggest.audit.tables import AuditEvent
from suggest.store.base import utcnow

# Any fixed number: whoever appends holds this lock of PostgreSQL until the transaction ends.
APPEND_LOCK: Final = 0x5A0D17


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the log as it was written."""

    seq: int
    time: datetime
    actor: str
    event: str
    encounter_id: str | None
    detail: Mapping[str, Any]
    prev_hash: str
    hash: str


class AuditLog:
    """Appends events and reads them back; the `AuditSink` of the review work."""

    def __init__(self, clock: Callable[[], datetime] = utcnow) -> None:
        self._clock = clock

    def record(
        self,
        session: Session,
        *,
        event: str,
        actor: str,
        encounter_id: str | None,
        detail: Mapping[str, Any],
    ) -> None:
        """Append one event; it is stored if and only if the session's transaction is."""
        self.append(session, event=event, actor=actor, encounter_id=encounter_id, detail=detail)

    def append(
        self,
        session: Session,
        *,
        event: str,
        actor: str,
        encounter_id: str | None,
        detail: Mapping[str, Any],
    ) -> Event:
        """As `record`, and gives the event. NotCanonical for a detail that JSON cannot carry.

        On PostgreSQL appends queue up from here to the end of the transaction (a chain has one
        end): record late in it.
        """
        if any("\0" in field for field in (actor, event, encounter_id or "")):
            raise NotCanonical("an event's fields hold no NUL character")
        written = canonical(detail)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})"))
        head = self.head(session)
        # Taken under the lock, so that times go up with the numbers.
        time = time_text(self._clock())
        seq = head.seq + 1
        hashed = chained_hash(
            head.hash, record_bytes(seq, time, actor, event, encounter_id, written)
        )
        session.execute(
            insert(AuditEvent).values(
                seq=seq,
                time=time,
                actor=actor,
                event=event,
                encounter_id=encounter_id,
                detail=written,
                prev_hash=head.hash,
                hash=hashed,
            )
        )
        return Event(
            seq,
            time_of(time),
            actor,
            event,
            encounter_id,
            json.loads(written),
            head.hash,
            hashed,
        )

    def head(self, session: Session) -> Head:
        """The last event's number and hash."""
        row = session.execute(
            select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
        ).first()
        return EMPTY if row is None else Head(row.seq, row.hash)

    def events(
        self,
        session: Session,
        *,
        encounter_id: str | None = None,
        actor: str | None = None,
        event: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before_seq: int | None = None,
        limit: int = 100,
        among: Select[str] | None = None,
    ) -> list[Event]:
        """Events that match all that is given, newest first; page on with `before_seq`.

        `event` ending in a dot is a prefix ("auth."). `since` is included, `until` is not.
        `among`: only events of these encounters, and those of none.
        """
        matching = _matching(encounter_id, actor, event, since, until, among)
        if before_seq is not None:
            matching.append(AuditEvent.seq < before_seq)
        rows = session.scalars(
            select(AuditEvent).where(*matching).order_by(AuditEvent.seq.desc()).limit(limit)
        )
        return [_event(row) for row in rows]

    def export(
        self,
        session: Session,
        *,
        encounter_id: str | None = None,
        actor: str | None = None,
        event: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        among: Select[str] | None = None,
    ) -> Iterator[bytes]:
        """Events that match, oldest first, one canonical JSON line each, with their hashes."""
        matching = _matching(encounter_id, actor, event, since, until, among)
        query = select(AuditEvent).where(*matching).order_by(AuditEvent.seq)
        for row in session.scalars(query.execution_options(yield_per=1000)):
            line = canonical(
                {
                    "seq": row.seq,
                    "time": row.time,
                    "actor": row.actor,
                    "event": row.event,
                    "encounter_id": row.encounter_id,
                    "detail": json.loads(row.detail),
                    "prev_hash": row.prev_hash,
                    "hash": row.hash,
                }
            )
            yield line.encode() + b"\n"


def _matching(
    encounter_id: str | None,
    actor: str | None,
    event: str | None,
    since: datetime | None,
    until: datetime | None,
    among: Select[str] | None,
) -> list[ColumnElement[bool]]:
    matching: list[ColumnElement[bool]] = []
    if among is not None:
        matching.append(AuditEvent.encounter_id.is_(None) | AuditEvent.encounter_id.in_(among))
    if encounter_id is not None:
        matching.append(AuditEvent.encounter_id == encounter_id)
    if actor is not None:
        matching.append(AuditEvent.actor == actor)
    if event is not None and event.endswith("."):
        matching.append(AuditEvent.event.startswith(event, autoescape=True))
    elif event is not None:
        matching.append(AuditEvent.event == event)
    if since is not None:
        matching.append(AuditEvent.time >= time_text(since))
    if until is not None:
        matching.append(AuditEvent.time < time_text(until))
    return matching


def _event(row: AuditEvent) -> Event:
    return Event(
        row.seq,
        time_of(row.time),
        row.actor,
        row.event,
        row.encounter_id,
        json.loads(row.detail),
        row.prev_hash,
        row.hash,
    )
