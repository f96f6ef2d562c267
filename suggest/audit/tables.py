"""The tables of the audit log. Triggers (migration 0002) refuse every change of their rows."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from suggest.store.base import Base, BigInt


class AuditEvent(Base):
    """One event. `time` and `detail` are kept as the text that was hashed.

    Nothing but `seq` is unique: SQLite's INSERT OR REPLACE deletes the rows that it collides with
    without firing their DELETE trigger.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("length(hash) = 64", name="hash_length"),
        CheckConstraint("length(prev_hash) = 64", name="prev_hash_length"),
        Index("ix_audit_event_encounter_id_seq", "encounter_id", "seq"),
        Index("ix_audit_event_actor_seq", "actor", "seq"),
        Index("ix_audit_event_event_seq", "event", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    time: Mapped[str] = mapped_column(String(27))
    actor: Mapped[str] = mapped_column(String(200))
    event: Mapped[str] = mapped_column(String(100))
    encounter_id: Mapped[str | None] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditCheckpoint(Base):
    """A signed statement of where the log stood; the copies kept elsewhere are what counts."""

    __tablename__ = "audit_checkpoint"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    seq: Mapped[int] = mapped_column(BigInt)
    hash: Mapped[str] = mapped_column(String(64))
    count: Mapped[int] = mapped_column(BigInt)
    time: Mapped[str] = mapped_column(String(27))
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(128))
