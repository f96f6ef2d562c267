"""Samples of signed encounters for second review: defined, sized, drawn, drawn again the same."""

from __future__ import annotations

import random
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from suggest.review.actor import Actor, Work
from suggest.review.agreement import sample_size
from suggest.review.errors import InvalidSample, NotFound
from suggest.store.tables import (
    CodedEntry,
    Encounter,
    Sample,
    SampleItem,
    SecondDecision,
    Signature,
    Suggestion,
)

SIGNED = ("completed", "exported")
DECIDED = ("accepted", "rejected", "replaced")


@dataclass(frozen=True, slots=True)
class Definition:
    """Which signed encounters to draw from; None limits nothing.

    With a `code` or a band of probabilities, only the codes that match are reviewed again (and what
    the reviewer finds missing). `margin` is the half-width of the interval (0.05: +- 5 points) at
    `confidence`; `size` sets the number instead. Signed days are days in UTC, both included.
    """

    name: str
    margin: float = 0.05
    confidence: float = 0.95
    size: int | None = None
    facility_id: str | None = None
    coder: str | None = None
    payer: str | None = None
    type: str | None = None
    system: str | None = None
    code: str | None = None
    probability_from: float | None = None
    probability_to: float | None = None
    signed_from: date | None = None
    signed_to: date | None = None


@dataclass(frozen=True, slots=True)
class SampleView:
    """A drawn sample and how far its review has come."""

    id: int
    name: str
    definition: dict[str, Any]
    seed: int
    population: int
    size: int
    finished: int
    created_by: str
    created_at: datetime


def planned(session: Session, actor: Actor, definition: Definition) -> tuple[int, int]:
    """(population, size) that the definition would give. InvalidSample when nothing matches."""
    population = len(_population(session, actor, definition))
    return population, _size(definition, population)


def draw(work: Work, definition: Definition, seed: int | None = None) -> int:
    """Draw at random without replacement; the sample's id. The same seed draws the same.

    The first coder's decisions are frozen here, so that reopening later changes no comparison.
    """
    if not definition.name.strip():
        raise InvalidSample("the sample needs a name")
    signers = _population(work.session, work.actor, definition)
    size = _size(definition, len(signers))
    seed = secrets.randbits(48) if seed is None else seed
    chosen = random.Random(seed).sample(sorted(signers), size)
    sample = Sample(
        name=definition.name.strip(),
        definition=_as_json(definition),
        seed=seed,
        population=len(signers),
        size=size,
        created_by=work.actor.user_id,
        created_at=work.now,
    )
    work.session.add(sample)
    work.session.flush()
    for position, encounter_id in enumerate(chosen, start=1):
        item = SampleItem(
            sample_id=sample.id,
            encounter_id=encounter_id,
            position=position,
            first_coder=signers[encounter_id],
        )
        work.session.add(item)
        work.session.flush()
        work.session.add_all(_frozen(work.session, item, definition))
    work.session.flush()
    work.record(
        "sample.drawn",
        None,
        {"sample": sample.id, "seed": seed, "population": len(signers), "size": size},
    )
    return sample.id


def samples(session: Session, actor: Actor) -> list[SampleView]:
    """The samples with at least one encounter that the actor sees, newest first."""
    query = (
        select(Sample, func.count(SampleItem.finished_at))
        .join(SampleItem, SampleItem.sample_id == Sample.id)
        .group_by(Sample.id)
        .order_by(Sample.id.desc())
    )
    if not actor.sees_every_facility:
        query = query.where(
            Sample.id.in_(
                select(SampleItem.sample_id)
                .join(Encounter, Encounter.id == SampleItem.encounter_id)
                .where(Encounter.facility_id.in_(sorted(actor.facilities)))
            )
        )
    return [
        SampleView(
            s.id,
            s.name,
            s.definition,
            s.seed,
            s.population,
            s.size,
            finished,
            s.created_by,
            s.created_at,
        )
        for s, finished in session.execute(query)
    ]


def sample(session: Session, actor: Actor, sample_id: int) -> SampleView:
    """One sample. NotFound."""
    for each in samples(session, actor):
        if each.id == sample_id:
            return each
    raise NotFound(f"there is no sample {sample_id} at your facilities: check the id")


def _size(definition: Definition, population: int) -> int:
    needed = sample_size(population, definition.margin, definition.confidence)
    if definition.size is None:
        return needed
    if not 1 <= definition.size <= population:
        raise InvalidSample(f"a sample of {population} holds 1 to {population} encounters")
    return definition.size


def _population(session: Session, actor: Actor, definition: Definition) -> dict[str, str]:
    """Encounter id -> its last signer, of every signed encounter that matches."""
    last = (
        select(Signature.encounter_id, func.max(Signature.id).label("id"))
        .group_by(Signature.encounter_id)
        .subquery()
    )
    query = (
        select(Encounter.id, Signature.actor)
        .join(last, last.c.encounter_id == Encounter.id)
        .join(Signature, Signature.id == last.c.id)
        .where(Encounter.state.in_(SIGNED))
    )
    if not actor.sees_every_facility:
        query = query.where(Encounter.facility_id.in_(sorted(actor.facilities)))
    for column, value in (
        (Encounter.facility_id, definition.facility_id),
        (Encounter.payer, definition.payer),
        (Encounter.type, definition.type),
        (Signature.actor, definition.coder),
    ):
        if value is not None:
            query = query.where(column == value)
    if definition.signed_from is not None:
        query = query.where(Signature.at >= _start_of(definition.signed_from))
    if definition.signed_to is not None:
        query = query.where(Signature.at < _start_of(definition.signed_to + timedelta(days=1)))
    focus = _focus(definition)
    if focus:
        query = query.where(
            select(CodedEntry.id)
            .outerjoin(Suggestion, Suggestion.id == CodedEntry.suggestion_id)
            .where(CodedEntry.encounter_id == Encounter.id, *focus)
            .exists()
        )
    return dict(session.execute(query).all())


def _focus(definition: Definition) -> list[ColumnElement[bool]]:
    """The conditions on a single code; none when every code is reviewed."""
    conditions: list[ColumnElement[bool]] = []
    if definition.code is not None:
        conditions.append(CodedEntry.code == definition.code)
    if definition.system is not None:
        conditions.append(CodedEntry.system == definition.system)
    if definition.probability_from is not None:
        conditions.append(Suggestion.probability >= definition.probability_from)
    if definition.probability_to is not None:
        conditions.append(Suggestion.probability < definition.probability_to)
    return [CodedEntry.state.in_(DECIDED), *conditions] if conditions else []


def _frozen(session: Session, item: SampleItem, definition: Definition) -> list[SecondDecision]:
    query = (
        select(CodedEntry, Suggestion.probability)
        .outerjoin(Suggestion, Suggestion.id == CodedEntry.suggestion_id)
        .where(CodedEntry.encounter_id == item.encounter_id, CodedEntry.state.in_(DECIDED))
        .order_by(CodedEntry.system, CodedEntry.code)
    )
    return [
        SecondDecision(
            item_id=item.id,
            system=entry.system,
            code=entry.code,
            title=entry.title,
            probability=probability,
            first_coded=entry.state == "accepted",
        )
        for entry, probability in session.execute(query.where(*_focus(definition)))
    ]


def _as_json(definition: Definition) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in asdict(definition).items()
        if value is not None
    }


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
