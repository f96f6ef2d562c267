"""What the engine said, once per model, code set and note versions, and the text it said it for."""

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
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from suggest.store.base import Base, BigInt, UtcDateTime

_CURRENT = text("superseded_at IS NULL")


class SuggestionRun(Base):
    """One pass of the engine over an encounter's notes; at most one is current.

    `note_versions` are the ids of the versions it read, sorted, joined by commas.
    """

    __tablename__ = "suggestion_run"
    __table_args__ = (
        UniqueConstraint("encounter_id", "model_id", "model_sha256", "codeset", "note_versions"),
        Index(
            "uq_suggestion_run_current",
            "encounter_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    model_id: Mapped[str] = mapped_column(String(200))
    model_sha256: Mapped[str] = mapped_column(String(64))
    codeset: Mapped[str] = mapped_column(String(100))
    note_versions: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Suggestion(Base):
    """A code the engine suggested in one run, merged over the encounter's notes."""

    __tablename__ = "suggestion"
    __table_args__ = (
        UniqueConstraint("run_id", "system", "code"),
        CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
        CheckConstraint("rank >= 1", name="rank"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("suggestion_run.id"))
    system: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(Text)
    probability: Mapped[float]
    rank: Mapped[int]
    unspecified_because: Mapped[str | None] = mapped_column(Text)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Evidence(Base):
    """`text == note_version.text[span_start:span_end]`, for a suggestion or for a human's code.

    `against` marks text that speaks against the code (a negation, another person's history).
    `action` is the decision that brought a human's evidence; when it is undone, so is the evidence.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("(suggestion_id IS NULL) <> (entry_id IS NULL)", name="one_owner"),
        CheckConstraint("(entry_id IS NULL) = (action IS NULL)", name="action"),
        CheckConstraint("span_start >= 0 AND span_start < span_end", name="span"),
        Index("ix_evidence_suggestion", "suggestion_id"),
        Index("ix_evidence_entry", "entry_id"),
        Index("ix_evidence_note_version", "note_version_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestion.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("coded_entry.id"))
    action: Mapped[str | None] = mapped_column(String(26))
    note_version_id: Mapped[int] = mapped_column(ForeignKey("note_version.id"))
    span_start: Mapped[int]
    span_end: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    section: Mapped[str] = mapped_column(String(100))
    assertion: Mapped[str] = mapped_column(String(32))
    against: Mapped[bool] = mapped_column(default=False, server_default=false())
