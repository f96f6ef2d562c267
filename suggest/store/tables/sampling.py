"""Second review: samples of completed encounters and the decisions of the second reviewer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from suggest.store.base import Base, BigInt, UtcDateTime


class Sample(Base):
    """A random sample: its definition and seed draw the same encounters again."""

    __tablename__ = "sample"
    __table_args__ = (CheckConstraint("size >= 1 AND size <= population", name="size"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(BigInteger)
    population: Mapped[int]
    size: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SampleItem(Base):
    """One encounter of a sample, finished when the reviewer has decided on every code."""

    __tablename__ = "sample_item"
    __table_args__ = (
        UniqueConstraint("sample_id", "encounter_id"),
        UniqueConstraint("sample_id", "position"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id"))
    encounter_id: Mapped[str] = mapped_column(ForeignKey("encounter.id"))
    position: Mapped[int]
    first_coder: Mapped[str] = mapped_column(String(64))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by: Mapped[str | None] = mapped_column(String(64))


class SecondDecision(Base):
    """Whether a code belongs on the encounter: the first coder's answer, frozen when the sample was
    drawn, and the second reviewer's, given without seeing the first.
    """

    __tablename__ = "second_decision"
    __table_args__ = (
        UniqueConstraint("item_id", "system", "code"),
        CheckConstraint("(second_coded IS NULL) = (decided_at IS NULL)", name="decided"),
        Index("ix_second_decision_code", "code", "system"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("sample_item.id"))
    system: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(Text)
    probability: Mapped[float | None]
    first_coded: Mapped[bool]
    added_by_reviewer: Mapped[bool] = mapped_column(default=False, server_default=false())
    second_coded: Mapped[bool | None]
    comment: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
