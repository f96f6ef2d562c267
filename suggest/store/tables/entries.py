"""The codes of an encounter with what was decided on each, and the history of the decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from suggest.store.base import Base, BigInt, UtcDateTime
from suggest.store.tables.encounters import one_of

ENTRY_STATES = ("undecided", "accepted", "rejected", "replaced", "withdrawn")
POA_VALUES = ("Y", "N", "U", "W", "exempt")

_STANDING = text("state <> 'withdrawn'")
_PRINCIPAL = text("principal")


class RejectReason(Base):
    """A reason for rejecting; a site may add, retire and re-order them, never delete."""

    __tablename__ = "reject_reason"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    needs_text: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True, server_default=true())


class CodedEntry(Base):
    """A code that stands on the encounter, suggested or added, and the current decision on it.

    A code stands once; `withdrawn` entries (a suggestion that a corrected note no longer gives, an
    addition undone) do not stand. `sequence` orders the accepted ones; gaps are allowed.
    `stale`: its evidence was in a note version that has been corrected since.
    """

    __tablename__ = "coded_entry"
    __table_args__ = (
        CheckConstraint(one_of("state", ENTRY_STATES), name="state"),
        CheckConstraint(one_of("origin", ("suggested", "added", "replacement")), name="origin"),
        CheckConstraint(one_of("kind", ("diagnosis", "procedure")), name="kind"),
        CheckConstraint(
            "(state = 'rejected') = (reject_reason IS NOT NULL)", name="reject_has_reason"
        ),
        CheckConstraint("(state = 'replaced') = (replaced_by IS NOT NULL)", name="replaced_by"),
        CheckConstraint("replaced_by IS NULL OR replaced_by <> id", name="not_by_itself"),
        CheckConstraint(
            "NOT principal OR (state = 'accepted' AND kind = 'diagnosis')", name="principal"
        ),
        CheckConstraint(f"poa IS NULL OR {one_of('poa', POA_VALUES)}", name="poa"),
        CheckConstraint(
            "state <> 'accepted' OR sequence IS NOT NULL", name="accepted_has_sequence"
        ),
        CheckConstraint("origin <> 'suggested' OR suggestion_id IS NOT NULL", name="suggested"),
        Index(
            "uq_coded_entry_standing",
            "encounter_id",
            "system",
            "code",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(
            "uq_coded_entry_principal",
            "encounter_id",
            unique=True,
            sqlite_where=_PRINCIPAL,
            postgresql_where=_PRINCIPAL,
        ),
        Index("ix_coded_entry_encounter", "encounter_id", "state"),
        Index("ix_coded_entry_code", "code", "system"),
        Index("ix_coded_entry_suggestion", "suggestion_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestion.id"))
    origin: Mapped[str] = mapped_column(String(16))
    system: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    reject_reason: Mapped[str | None] = mapped_column(ForeignKey("reject_reason.id"))
    reject_text: Mapped[str | None] = mapped_column(Text)
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("coded_entry.id"))
    sequence: Mapped[int | None]
    principal: Mapped[bool] = mapped_column(default=False, server_default=false())
    poa: Mapped[str | None] = mapped_column(String(8))
    stale: Mapped[bool] = mapped_column(default=False, server_default=false())
    found_blind: Mapped[bool] = mapped_column(default=False, server_default=false())
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Decision(Base):
    """One step in the history of an entry; rows of one action share `action`. Append-only.

    `before` and `after` are the entry's decided fields; `undoes` names the action taken back.
    `ms_spent` is the time from showing to deciding, `evidence_seen` the share (0 to 1) of its
    evidence that was on the screen.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint(
            "evidence_seen IS NULL OR (evidence_seen >= 0 AND evidence_seen <= 1)",
            name="evidence_seen",
        ),
        CheckConstraint("ms_spent IS NULL OR ms_spent >= 0", name="ms_spent"),
        Index("ix_decision_encounter", "encounter_id", "id"),
        Index("ix_decision_entry", "entry_id"),
        Index("ix_decision_actor", "actor", "at"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("coded_entry.id"))
    action: Mapped[str] = mapped_column(String(26))
    kind: Mapped[str] = mapped_column(String(16))
    undoes: Mapped[str | None] = mapped_column(String(26))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ms_spent: Mapped[int | None]
    evidence_seen: Mapped[float | None]
