"""Physician queries: draft from a template, send, record the answer, withdraw.

A sent query puts the encounter into `query_open`; when the last one is closed it is in review.
All steps raise NotFound, LeaseHeld, VersionConflict, EncounterClosed and InvalidQuery.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from suggest.review import guard, query_rules
from suggest.review.actor import Actor, Work
from suggest.review.errors import IllegalTransition, InvalidQuery, NotFound
from suggest.review.query_rules import NamesIn
from suggest.review.spans import Selected, checked
from suggest.store.tables import (
    Encounter,
    PhysicianQuery,
    QueryIndicator,
)


@dataclass(frozen=True, slots=True)
class NewQuery:
    """A query as a coder writes it. `title` and `question` None: the template's.

    `values` fill the template's placeholders; `options` are the clinical ones, the standard ones
    are added; `indicators` are the texts that it quotes.
    """

    template: str
    options: Sequence[str]
    indicators: Sequence[Selected]
    values: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """A quoted indicator: `text` stands at `start:end` of the note version."""

    note_version_id: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class QueryView:
    """A query. `status`: draft, sent, answered or withdrawn; `answer` is one of the options."""

    id: int
    encounter_id: str
    template: str
    title: str
    question: str
    options: tuple[str, ...]
    indicators: tuple[IndicatorView, ...]
    status: str
    created_by: str
    created_at: datetime
    sent_at: datetime | None
    answer: str | None
    answer_text: str | None
    answered_by: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """The query's id, and the encounter's version and state after the step."""

    query_id: int
    version: int
    state: str


def draft(work: Work, encounter_id: str, new: NewQuery, *, expected_version: int) -> Step:
    """Write a query that is not sent yet."""
    row = guard.begin(work, encounter_id, expected_version)
    if row.state not in guard.WORKABLE:
        raise IllegalTransition(
            f"encounter {row.id} is {row.state}: its suggestions must be made before a query"
        )
    query = PhysicianQuery(
        encounter_id=row.id,
        status="draft",
        created_by=work.actor.user_id,
        created_at=work.now,
    )
    _write(work, row, query, new)
    return _step(work, row, query, "query.drafted")


def edit(
    work: Work, encounter_id: str, query_id: int, new: NewQuery, *, expected_version: int
) -> Step:
    """Write a draft again. InvalidQuery once it is sent."""
    row, query = _find(work, encounter_id, query_id, expected_version, "draft")
    work.session.execute(delete(QueryIndicator).where(QueryIndicator.query_id == query.id))
    _write(work, row, query, new)
    return _step(work, row, query, "query.edited")


def faults(
    session: Session, actor: Actor, encounter_id: str, query_id: int, names_in: NamesIn
) -> tuple[str, ...]:
    """What keeps the query from being sent, in words; () when nothing does."""
    return faults_of(one(session, actor, encounter_id, query_id), names_in)


def one(session: Session, actor: Actor, encounter_id: str, query_id: int) -> QueryView:
    """One query. NotFound."""
    for query in listed(session, actor, encounter_id):
        if query.id == query_id:
            return query
    raise NotFound(f"encounter {encounter_id} has no query {query_id}: load it again")


def send(
    work: Work, encounter_id: str, query_id: int, names_in: NamesIn, *, expected_version: int
) -> Step:
    """Send the draft; its words are fixed from here on.

    `names_in` finds the diagnoses that a text names (`query_rules.names_by`). InvalidQuery with
    every fault of a query that would lead.
    """
    row, query = _find(work, encounter_id, query_id, expected_version, "draft")
    found = faults_of(_views(work.session, [query])[0], names_in)
    if found:
        raise InvalidQuery(found)
    query.status, query.sent_at = "sent", work.now
    if row.state != "query_open":
        guard.step(row, "query_open")
    return _step(work, row, query, "query.sent")


def answer(
    work: Work,
    encounter_id: str,
    query_id: int,
    option: str,
    answered_by: str,
    text: str | None = None,
    *,
    expected_version: int,
) -> Step:
    """Record the physician's answer: one of the options, "other" with a text."""
    row, query = _find(work, encounter_id, query_id, expected_version, "sent")
    text = (text or "").strip() or None
    if option not in query.options:
        raise InvalidQuery((f"{option!r} is none of its options: choose one of them",))
    if option == query_rules.standard_options()[0] and text is None:
        raise InvalidQuery(("the answer 'other' needs the physician's words: add them",))
    if not answered_by.strip():
        raise InvalidQuery(("say who answered",))
    query.status, query.answer, query.answer_text = "answered", option, text
    query.answered_by, query.closed_at = answered_by.strip(), work.now
    _close(work, row)
    return _step(work, row, query, "query.answered")


def withdraw(work: Work, encounter_id: str, query_id: int, *, expected_version: int) -> Step:
    """Take back a draft or a sent query."""
    row, query = _find(work, encounter_id, query_id, expected_version, "draft", "sent")
    query.status, query.closed_at = "withdrawn", work.now
    _close(work, row)
    return _step(work, row, query, "query.withdrawn")


def listed(session: Session, actor: Actor, encounter_id: str) -> list[QueryView]:
    """The encounter's queries, oldest first. NotFound."""
    row = guard.find(session, actor, encounter_id)
    queries = session.scalars(
        select(PhysicianQuery)
        .where(PhysicianQuery.encounter_id == row.id)
        .order_by(PhysicianQuery.id)
    ).all()
    return _views(session, queries)


def as_text(query: QueryView) -> str:
    """The query as plain text, to be sent by any channel; quotes the indicators."""
    lines = [query.title, "", query.question, "", "Clinical indicators in the record:"]
    lines += [f'- "{indicator.text}"' for indicator in query.indicators]
    lines += ["", "Please choose one:"]
    lines += [f"[ ] {option}" for option in query.options]
    lines += ["", "Please answer by your clinical judgment alone."]
    return "\n".join(lines) + "\n"


def _write(work: Work, row: Encounter, query: PhysicianQuery, new: NewQuery) -> None:
    form = query_rules.template(new.template)
    query.template = form.id
    query.title = (new.title if new.title is not None else form.title).strip()
    query.question = (
        new.question if new.question is not None else query_rules.rendered(form, new.values)
    ).strip()
    query.options = list(query_rules.with_standard(new.options))
    work.session.add(query)
    work.session.flush()
    for selected, text in checked(work.session, row.id, new.indicators):
        work.session.add(
            QueryIndicator(
                query_id=query.id,
                note_version_id=selected.note_version_id,
                span_start=selected.start,
                span_end=selected.end,
                text=text,
            )
        )


def _find(
    work: Work, encounter_id: str, query_id: int, expected_version: int, *statuses: str
) -> tuple[Encounter, PhysicianQuery]:
    row = guard.begin(work, encounter_id, expected_version)
    query = work.session.get(PhysicianQuery, query_id)
    if query is None or query.encounter_id != row.id:
        raise NotFound(f"encounter {row.id} has no query {query_id}: load it again")
    if query.status not in statuses:
        raise InvalidQuery((f"it is {query.status}, not {' or '.join(statuses)}",))
    return row, query


def _close(work: Work, row: Encounter) -> None:
    """Back to review when no sent query is left."""
    work.session.flush()
    open_ones = work.session.scalars(
        select(PhysicianQuery.id).where(
            PhysicianQuery.encounter_id == row.id, PhysicianQuery.status == "sent"
        )
    ).all()
    if row.state == "query_open" and not open_ones:
        guard.step(row, "in_review")


def _step(work: Work, row: Encounter, query: PhysicianQuery, event: str) -> Step:
    version = guard.finish(work, row)
    said = "\n".join([query.title, query.question, *query.options, query.answer or ""])
    work.record(
        event,
        row.id,
        {
            "query": query.id,
            "template": query.template,
            "version": version,
            "sha256": hashlib.sha256(said.encode()).hexdigest(),
        },
    )
    return Step(query.id, version, row.state)


def faults_of(query: QueryView, names_in: NamesIn) -> tuple[str, ...]:
    """As `faults`, of a query that was read already."""
    return query_rules.faults(
        query_rules.template(query.template),
        query.title,
        query.question,
        query.options,
        [indicator.text for indicator in query.indicators],
        names_in,
    )


def _views(session: Session, queries: Sequence[PhysicianQuery]) -> list[QueryView]:
    session.flush()
    indicators: dict[int, list[IndicatorView]] = defaultdict(list)
    for i in session.scalars(
        select(QueryIndicator)
        .where(QueryIndicator.query_id.in_([q.id for q in queries]))
        .order_by(QueryIndicator.id)
    ):
        indicators[i.query_id].append(
            IndicatorView(i.note_version_id, i.span_start, i.span_end, i.text)
        )
    return [
        QueryView(
            id=q.id,
            encounter_id=q.encounter_id,
            template=q.template,
            title=q.title,
            question=q.question,
            options=tuple(q.options),
            indicators=tuple(indicators[q.id]),
            status=q.status,
            created_by=q.created_by,
            created_at=q.created_at,
            sent_at=q.sent_at,
            answer=q.answer,
            answer_text=q.answer_text,
            answered_by=q.answered_by,
            closed_at=q.closed_at,
        )
        for q in queries
    ]
