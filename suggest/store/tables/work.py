"""Physician queries, signatures, exports, reopenings and site settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from suggest.store.base import Base, BigInt, UtcDateTime
from suggest.store.tables.encounters import one_of

QUERY_STATES = ("draft", "sent", "answered", "withdrawn")


class PhysicianQuery(Base):
    """A question to the author of a note; its words are fixed once it is sent."""

    __tablename__ = "physician_query"
    __table_args__ = (
        CheckConstraint(one_of("status", QUERY_STATES), name="status"),
        CheckConstraint("(status = 'answered') = (answer IS NOT NULL)", name="answer"),
        Index("ix_physician_query_encounter", "encounter_id", "status"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    template: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    question: Mapped[str] = mapped_column(Text)
    options: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answer_text: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class QueryIndicator(Base):
    """A clinical indicator that the query quotes: `text` is what stands at the span."""

    __tablename__ = "query_indicator"
    __table_args__ = (
        CheckConstraint("span_start >= 0 AND span_start < span_end", name="span"),
        Index("ix_query_indicator_query", "query_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("physician_query.id"))
    note_version_id: Mapped[int] = mapped_column(ForeignKey("note_version.id"))
    span_start: Mapped[int]
    span_end: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class Signature(Base):
    """A coder's name under the final codes. `encounter_version` is the version that was signed."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("encounter_id", "encounter_version"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    encounter_version: Mapped[int]
    codes_sha256: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExportRecord(Base):
    """A signed encounter that went out: which version, in which form, with which content."""

    __tablename__ = "export_record"
    __table_args__ = (Index("ix_export_record_encounter", "encounter_id"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    encounter_version: Mapped[int]
    format: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReopenRecord(Base):
    """Why a completed encounter was opened again, at which of its versions."""

    __tablename__ = "reopen_record"
    __table_args__ = (
        UniqueConstraint("encounter_id", "encounter_version"),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    encounter_version: Mapped[int]
    from_state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SiteSetting(Base):
    """A setting of the site that differs from its default."""

    __tablename__ = "site_setting"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
