"""Physician queries: written, checked, sent, answered; as text and as FHIR."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from suggest.api.calls import (
    RESPONSES,
    SIGNED_IN,
    VERSION,
    Call,
    EncounterId,
    In,
    Line,
    RowId,
    Words,
    may,
    tag,
)
from suggest.api.decisions import Evidence
from suggest.interop.physician_query import MEDIA_TYPE, communication_request
from suggest.review import queries, query_rules
from suggest.review.queries import NewQuery, QueryView, Step
from suggest.review.query_rules import NamesIn, Template, names_by
from suggest.review.suggestions import visit
from suggest.review.view import encounter_of

router = APIRouter(
    prefix="/v1", tags=["physician queries"], dependencies=SIGNED_IN, responses=RESPONSES
)
_QUERIES = "/encounters/{encounter_id}/queries"
_QUERY = _QUERIES + "/{query_id}"


class QueryIn(In):
    """A query. Without title or question, the template's; the standard options are added."""

    template: Annotated[Line, Field(min_length=1, max_length=64, examples=["clarify_finding"])]
    values: Annotated[
        dict[Line, Line],
        Field(
            default_factory=dict,
            max_length=10,
            description="what fills the template's placeholders",
        ),
    ]
    title: Annotated[Line, Field(max_length=200)] | None = None
    question: Words | None = None
    options: Annotated[
        list[Line],
        Field(
            default_factory=list,
            max_length=20,
            examples=[["Acute systolic heart failure", "Fluid overload alone"]],
        ),
    ]
    indicators: Evidence

    def query(self) -> NewQuery:
        return NewQuery(
            template=self.template,
            options=self.options,
            indicators=[i.selected() for i in self.indicators],
            values=self.values,
            title=self.title,
            question=self.question,
        )


class AnswerIn(In):
    """What the physician answered: one of the options, "other" with a text."""

    option: Annotated[Line, Field(min_length=1, examples=["Unable to determine"])]
    answered_by: Annotated[Line, Field(min_length=1, examples=["Dr. Osler"])]
    text: Words | None = None


class QueryOut(BaseModel):
    """A query, and what keeps a draft from being sent."""

    query: QueryView
    faults: list[str]


@router.get("/query-templates")
def list_templates(_: Call = may("site.view")) -> list[Template]:
    """The neutral forms that a query is written from."""
    return list(query_rules.templates())


@router.get(_QUERIES)
def list_queries(
    encounter_id: EncounterId, response: Response, call: Call = may("encounter.view")
) -> list[QueryView]:
    """The encounter's queries, oldest first. The ETag is the encounter's."""
    with call.read() as session:
        found = queries.listed(session, call.actor, encounter_id)
        tag(response, encounter_of(session, call.actor, encounter_id, call.now).version)
    return found


@router.post(_QUERIES, status_code=201)
def draft(
    encounter_id: EncounterId,
    body: QueryIn,
    response: Response,
    call: Call = may("query.send"),
    version: int = VERSION,
) -> Step:
    """Write a query that is not sent yet."""
    with call.work() as work:
        step = queries.draft(work, encounter_id, body.query(), expected_version=version)
    tag(response, step.version)
    response.headers["Location"] = f"/v1/encounters/{encounter_id}/queries/{step.query_id}"
    return step


@router.get(_QUERY)
def read_query(
    encounter_id: EncounterId,
    query_id: RowId,
    response: Response,
    call: Call = may("encounter.view"),
) -> QueryOut:
    """A query; of a draft also what keeps it from being sent."""
    with call.read() as session:
        query = queries.one(session, call.actor, encounter_id, query_id)
        seen = encounter_of(session, call.actor, encounter_id, call.now)
        names = _names_in(session, encounter_id, call)
    tag(response, seen.version)
    found = queries.faults_of(query, names) if query.status == "draft" else ()
    return QueryOut(query=query, faults=list(found))


@router.put(_QUERY)
def edit(
    encounter_id: EncounterId,
    query_id: RowId,
    body: QueryIn,
    response: Response,
    call: Call = may("query.send"),
    version: int = VERSION,
) -> Step:
    """Write a draft again."""
    with call.work() as work:
        step = queries.edit(work, encounter_id, query_id, body.query(), expected_version=version)
    tag(response, step.version)
    return step


@router.post(_QUERY + "/send")
def send(
    encounter_id: EncounterId,
    query_id: RowId,
    response: Response,
    call: Call = may("query.send"),
    version: int = VERSION,
) -> Step:
    """Send the draft; its words are fixed from here on. 422 names every fault of one that leads."""
    with call.read() as session:
        names = _names_in(session, encounter_id, call)
    with call.work() as work:
        step = queries.send(work, encounter_id, query_id, names, expected_version=version)
    tag(response, step.version)
    return step


@router.post(_QUERY + "/answer")
def answer(
    encounter_id: EncounterId,
    query_id: RowId,
    body: AnswerIn,
    response: Response,
    call: Call = may("query.answer"),
    version: int = VERSION,
) -> Step:
    """Record the physician's answer."""
    with call.work() as work:
        step = queries.answer(
            work,
            encounter_id,
            query_id,
            body.option,
            body.answered_by,
            body.text,
            expected_version=version,
        )
    tag(response, step.version)
    return step


@router.post(_QUERY + "/withdraw")
def withdraw(
    encounter_id: EncounterId,
    query_id: RowId,
    response: Response,
    call: Call = may("query.send"),
    version: int = VERSION,
) -> Step:
    """Take back a draft or a sent query."""
    with call.work() as work:
        step = queries.withdraw(work, encounter_id, query_id, expected_version=version)
    tag(response, step.version)
    return step


@router.get(
    _QUERY + "/text", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
def as_text(
    encounter_id: EncounterId, query_id: RowId, call: Call = may("encounter.view")
) -> Response:
    """The query as plain text, to be sent by any channel."""
    with call.read() as session:
        query = queries.one(session, call.actor, encounter_id, query_id)
    return Response(queries.as_text(query), media_type="text/plain; charset=utf-8")


@router.get(
    _QUERY + "/fhir", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}}
)
def as_fhir(
    encounter_id: EncounterId, query_id: RowId, call: Call = may("encounter.view")
) -> Response:
    """The query as a FHIR R4 CommunicationRequest."""
    with call.read() as session:
        query = queries.one(session, call.actor, encounter_id, query_id)
        seen = encounter_of(session, call.actor, encounter_id, call.now)
    return Response(orjson.dumps(communication_request(query, seen)), media_type=MEDIA_TYPE)


def _names_in(session: Session, encounter_id: str, call: Call) -> NamesIn:
    """What the engine would code from, in the query's own words."""
    encounter = visit(session, call.actor, encounter_id)
    return names_by(call.service.suggester.suggest, encounter)
