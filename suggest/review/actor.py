"""Who does something, and the transaction it is done in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from suggest.review.events import AuditSink, Detail

EVERY_FACILITY = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person or system. `facilities` are the ids they may see, or EVERY_FACILITY."""

    user_id: str
    role: str
    facilities: frozenset[str]

    @property
    def sees_every_facility(self) -> bool:
        return "*" in self.facilities

    def sees(self, facility_id: str) -> bool:
        return self.sees_every_facility or facility_id in self.facilities


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: a write session, who does it, when (aware), and where it is recorded.

    Every function that changes something takes one; the caller owns the transaction.
    """

    session: Session
    actor: Actor
    audit: AuditSink
    now: datetime

    def record(self, event: str, encounter_id: str | None, detail: Detail) -> None:
        """Append an audit event in the work's own transaction."""
        self.audit.record(
            self.session,
            event=event,
            actor=self.actor.user_id,
            encounter_id=encounter_id,
            detail=detail,
        )
