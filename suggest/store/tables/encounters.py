"""Facilities, encounters and their notes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Date,
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

OPEN_STATES = ("received", "suggested", "in_review", "query_open", "reopened")
CLOSED_STATES = ("completed", "exported")
STATES = (*OPEN_STATES, *CLOSED_STATES)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The SQL condition that the column has one of the values."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


# The worklist reads one of these indexes from its start and nothing else until it has a page:
# every column it filters by is in the index behind the columns it sorts by.
_OPEN = text(one_of("state", OPEN_STATES))
_FILTERED = ("facility_id", "state", "type", "assignee", "undecided_count")


class Facility(Base):
    """A hospital or practice; users see only their facilities' encounters."""

    __tablename__ = "facility"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class StateTransition(Base):
    """The legal steps of an encounter's state; a trigger refuses every other."""

    __tablename__ = "state_transition"

    from_state: Mapped[str] = mapped_column(String(16), primary_key=True)
    to_state: Mapped[str] = mapped_column(String(16), primary_key=True)


class Encounter(Base):
    """One visit. `date_of_service` is the date of discharge for an inpatient.

    `due_on` is the claim deadline, or the end of time where there is none, so that it sorts.
    The counters are kept by `suggest.review.counters`; the rules never trust them.
    """

    __tablename__ = "encounter"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("type", ("inpatient", "outpatient", "emergency")), name="type"),
        CheckConstraint("sex IS NULL OR sex IN ('F', 'M')", name="sex"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(
            "admission_date IS NULL OR admission_date <= date_of_service", name="admission_date"
        ),
        CheckConstraint("birth_date IS NULL OR birth_date <= date_of_service", name="birth_date"),
        CheckConstraint("(lease_holder IS NULL) = (lease_expires_at IS NULL)", name="lease"),
        UniqueConstraint("facility_id", "source_id"),
        Index("ix_encounter_by_deadline", "due_on", "id", *_FILTERED),
        Index(
            "ix_encounter_open_by_deadline",
            "due_on",
            "id",
            *_FILTERED,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_encounter_open_by_probability",
            "probability_key",
            "id",
            *_FILTERED,
            "due_on",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_encounter_by_received", "received_at", "id", *_FILTERED, "due_on"),
        Index(
            "ix_encounter_by_assignee", "assignee", "due_on", "id", "facility_id", "state", "type"
        ),
        Index("ix_encounter_facility_state", "facility_id", "state"),
        Index("ix_encounter_by_patient", "facility_id", "patient"),
        # What waits for suggestions: the queue of `suggest.jobs`.
        Index(
            "ix_encounter_waiting",
            "due_on",
            "id",
            sqlite_where=text("suggestions_stale = 1"),
            postgresql_where=text("suggestions_stale"),
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    source_id: Mapped[str | None] = mapped_column(String(200))
    patient: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(16))
    admission_date: Mapped[date | None] = mapped_column(Date)
    date_of_service: Mapped[date] = mapped_column(Date)
    sex: Mapped[str | None] = mapped_column(String(1))
    birth_date: Mapped[date | None] = mapped_column(Date)
    payer: Mapped[str | None] = mapped_column(String(200))
    claim_deadline: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(
        Date, Computed("coalesce(claim_deadline, '9999-12-31')", persisted=True)
    )
    state: Mapped[str] = mapped_column(String(16), default="received")
    assignee: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    lease_holder: Mapped[str | None] = mapped_column(String(64))
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blind: Mapped[bool] = mapped_column(default=False, server_default=false())
    suggestions_hidden: Mapped[bool] = mapped_column(default=False, server_default=false())
    suggestions_stale: Mapped[bool] = mapped_column(default=True)
    suggestion_count: Mapped[int] = mapped_column(default=0)
    undecided_count: Mapped[int] = mapped_column(default=0)
    lowest_probability: Mapped[float | None]
    probability_key: Mapped[float] = mapped_column(
        Computed("coalesce(lowest_probability, 2.0)", persisted=True)
    )
    undo_floor: Mapped[int] = mapped_column(BigInt, default=0)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Note(Base):
    """A note of an encounter; its text is in its versions."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_encounter", "encounter_id"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    type: Mapped[str] = mapped_column(String(100))
    author_role: Mapped[str] = mapped_column(String(100))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoteVersion(Base):
    """The text of a note as it was received once; a correction is another row."""

    __tablename__ = "note_version"
    __table_args__ = (
        UniqueConstraint("note_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("length = length(text)", name="length"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint(
            "number = 1 OR length(trim(coalesce(reason, ''))) > 0", name="correction_has_reason"
        ),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    length: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_by: Mapped[str] = mapped_column(String(64))
