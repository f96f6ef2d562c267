"""Physician queries of an encounter: written beside its notes, checked, sent, answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from suggest.errors import SuggestError
from suggest.review import queries, query_rules
from suggest.review.errors import InvalidQuery, VersionConflict
from suggest.review.queries import NewQuery, QueryView
from suggest.review.query_rules import NamesIn, Template, names_by
from suggest.review.spans import Selected, checked
from suggest.review.suggestions import visit
from suggest.review.view import Workbench, workbench
from suggest.web.marked import marked
from suggest.web.page import Page, page_for

router = APIRouter(prefix="/encounters/{encounter_id}/queries")
Reader = Annotated[Page, Depends(page_for("encounter.view"))]
Writer = Annotated[Page, Depends(page_for("query.send"))]
Answerer = Annotated[Page, Depends(page_for("query.answer"))]
Version = Annotated[int, Form(ge=0, lt=2**63)]
VALUE: Final = "value_"  # the form's fields that fill the template's placeholders
OPTIONS: Final = 10  # clinical ones that are read from the form


@dataclass(frozen=True, slots=True)
class Written:
    """The form as it was typed. `spans`: (note version, start, end)."""

    template: Template
    values: Mapping[str, str]
    question: str
    options: str
    spans: tuple[tuple[int, int, int], ...]
    version: int

    def query(self) -> NewQuery:
        """What the rules take; an empty question is the template's."""
        return NewQuery(
            template=self.template.id,
            options=[line[:200] for line in self.options.splitlines() if line.strip()][:OPTIONS],
            indicators=[Selected(*span) for span in self.spans],
            values=self.values,
            question=self.question.strip() or None,
        )

    def wording(self) -> str:
        """The question as it would be sent; the template's with gaps where a value is missing."""
        if self.question.strip():
            return self.question.strip()
        given = {name: self.values.get(name, "").strip() for name in self.template.placeholders}
        shown = {name: value or f"[{name}]" for name, value in given.items()}
        return query_rules.rendered(self.template, shown)


@dataclass(frozen=True, slots=True)
class Quote:
    """A text that can be quoted, with where it stands."""

    version_id: int
    start: int
    end: int
    text: str
    why: str

    @property
    def value(self) -> str:
        return f"{self.version_id}:{self.start}:{self.end}"


async def written(request: Request) -> Written:
    """A dependency: the form of a query. InvalidQuery for an unknown template."""
    form = await request.form()
    template = query_rules.template(_text(form, "template", 64))
    spans = []
    for raw in form.getlist("span")[:50]:
        numbers = str(raw).split(":")
        if len(numbers) == 3 and all(n.isascii() and n.isdigit() and len(n) < 16 for n in numbers):
            spans.append((int(numbers[0]), int(numbers[1]), int(numbers[2])))
    version = _text(form, "version", 18)
    return Written(
        template=template,
        values={name: _text(form, VALUE + name, 200) for name in template.placeholders},
        question=_text(form, "question", 4000),
        options=_text(form, "options", 4000),
        spans=tuple(dict.fromkeys(spans)),
        version=int(version) if version.isascii() and version.isdigit() else 0,
    )


Form_ = Annotated[Written, Depends(written)]


@router.get("")
def show_all(encounter_id: str, page: Reader) -> Response:
    """The encounter's queries, and the templates for another."""
    found = queries.listed(page.session, page.actor, encounter_id)
    seen = workbench(page.session, page.actor, encounter_id, page.now)
    return page.render(
        "queries/list.html",
        encounter=seen.encounter,
        queries=found,
        templates=query_rules.templates(),
        names=page.names({q.created_by for q in found}),
        may_write=page.allows("query.send"),
    )


@router.get("/new")
def ask(
    encounter_id: str, page: Writer, template: Annotated[str, Query(max_length=64)]
) -> Response:
    """An empty form of the template."""
    return _editor(page, encounter_id, _empty(query_rules.template(template)))


@router.post("/check")
def check(encounter_id: str, page: Writer, form: Form_) -> Response:
    """What keeps the query from being sent, while it is written."""
    return page.render("queries/checked.html", **_checked(page, encounter_id, form))


@router.post("")
def draft(
    encounter_id: str, page: Writer, form: Form_, then: Annotated[str, Form()] = ""
) -> Response:
    """Store the draft; `then` = send sends it too."""
    try:
        with page.work() as work:
            step = queries.draft(work, encounter_id, form.query(), expected_version=form.version)
            if then == "send":
                step = queries.send(
                    work, encounter_id, step.query_id, _names_in(page, encounter_id),
                    expected_version=step.version,
                )  # fmt: skip
    except SuggestError as error:
        return _again(page, encounter_id, form, None, error)
    return _stored(page, encounter_id, step.query_id, then)


@router.get("/{query_id}")
def show(encounter_id: str, query_id: int, page: Reader) -> Response:
    """A draft to go on with, or a query as it was sent, with its answer."""
    query = queries.one(page.session, page.actor, encounter_id, query_id)
    if query.status == "draft" and page.allows("query.send"):
        return _editor(page, encounter_id, _of(query), query)
    seen = workbench(page.session, page.actor, encounter_id, page.now)
    return page.render(
        "queries/show.html",
        encounter=seen.encounter,
        query=query,
        text=queries.as_text(query),
        names=page.names({query.created_by}),
        may_answer=page.allows("query.answer"),
        may_write=page.allows("query.send"),
        other=query_rules.standard_options()[0],
        error=None,
    )


@router.post("/{query_id}")
def edit(
    encounter_id: str,
    query_id: int,
    page: Writer,
    form: Form_,
    then: Annotated[str, Form()] = "",
) -> Response:
    """Store the draft again; `then` = send sends it too."""
    try:
        with page.work() as work:
            step = queries.edit(
                work, encounter_id, query_id, form.query(), expected_version=form.version
            )
            if then == "send":
                queries.send(
                    work, encounter_id, query_id, _names_in(page, encounter_id),
                    expected_version=step.version,
                )  # fmt: skip
    except SuggestError as error:
        query = queries.one(page.session, page.actor, encounter_id, query_id)
        return _again(page, encounter_id, form, query, error)
    return _stored(page, encounter_id, query_id, then)


@router.post("/{query_id}/answer")
def answer(
    encounter_id: str,
    query_id: int,
    page: Answerer,
    version: Version,
    option: Annotated[str, Form(max_length=200)] = "",
    answered_by: Annotated[str, Form(max_length=200)] = "",
    text: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Record what the physician answered."""
    with page.work() as work:
        queries.answer(
            work, encounter_id, query_id, option, answered_by, text, expected_version=version
        )
    return page.see_other(f"/encounters/{encounter_id}/queries", "The answer is recorded.")


@router.post("/{query_id}/withdraw")
def withdraw(encounter_id: str, query_id: int, page: Writer, version: Version) -> Response:
    """Take back a draft or a sent query."""
    with page.work() as work:
        queries.withdraw(work, encounter_id, query_id, expected_version=version)
    return page.see_other(f"/encounters/{encounter_id}/queries", "The query is withdrawn.")


def _editor(
    page: Page,
    encounter_id: str,
    form: Written,
    query: QueryView | None = None,
    error: str | None = None,
    status: int = 200,
) -> Response:
    seen = workbench(page.session, page.actor, encounter_id, page.now)
    if not form.version:
        form = replace(form, version=seen.encounter.version)
    quotes = _quotes(page, seen, form)
    chosen = {quote.value for quote in quotes if quote.why == ""}
    owners = [(str(e.id), ev) for e in seen.entries for ev in (*e.evidence, *e.against)]
    return page.render(
        "queries/edit.html",
        status=status,
        encounter=seen.encounter,
        form=form,
        query=query,
        notes=marked(seen.notes, owners),
        chosen=[quote for quote in quotes if quote.why == ""],
        offered=[quote for quote in quotes if quote.why and quote.value not in chosen],
        standard=query_rules.standard_options(),
        value_field=VALUE,
        error=error,
        **_checked(page, encounter_id, form),
    )


def _again(
    page: Page, encounter_id: str, form: Written, query: QueryView | None, error: SuggestError
) -> Response:
    """The form with what was typed, and why it was not stored."""
    if isinstance(error, VersionConflict):
        # What was typed is the user's own: with the newest version it can be stored.
        told = "The encounter was changed meanwhile. Look it over, then store the query again."
        return _editor(page, encounter_id, replace(form, version=0), query, told, error.status)
    return _editor(page, encounter_id, form, query, str(error), error.status)


def _stored(page: Page, encounter_id: str, query_id: int, then: str) -> Response:
    url = f"/encounters/{encounter_id}/queries/{query_id}"
    if then == "send":
        return page.see_other(url, "The query is sent. Hand it on as text or FHIR.")
    return page.see_other(url, "The draft is stored.")


def _checked(page: Page, encounter_id: str, form: Written) -> dict[str, Any]:
    """The wording as it would be sent, and its faults."""
    found = form.query()
    try:
        quoted = [text for _, text in checked(page.session, encounter_id, found.indicators)]
    except SuggestError:
        quoted = []
    wording = form.wording()
    faults = query_rules.faults(
        form.template,
        form.template.title,
        wording,
        query_rules.with_standard(found.options),
        quoted,
        _names_in(page, encounter_id),
    )
    lacking = [n for n in form.template.placeholders if not form.values.get(n, "").strip()]
    if lacking and not form.question.strip():
        faults = (f"fill in {' and '.join(lacking)}", *faults)
    return {"wording": wording, "faults": faults}


def _names_in(page: Page, encounter_id: str) -> NamesIn:
    """What the engine would code from, in the query's own words."""
    encounter = visit(page.session, page.actor, encounter_id)
    return names_by(page.service.suggester.suggest, encounter)


def _quotes(page: Page, seen: Workbench, form: Written) -> list[Quote]:
    """What the form quotes (no `why`), and the evidence of the codes, which can be quoted."""
    encounter_id = seen.encounter.id
    chosen = []
    for span in form.spans:
        try:
            ((selected, text),) = checked(page.session, encounter_id, [Selected(*span)])
        except SuggestError:
            continue  # the note was corrected since: the text is not there any more
        chosen.append(Quote(selected.note_version_id, selected.start, selected.end, text, ""))
    offered = [
        Quote(e.note_version_id, e.start, e.end, e.text, entry.code)
        for entry in seen.entries
        for e in (*entry.evidence, *entry.against)
        if e.current
    ]
    once = {quote.value: quote for quote in reversed(offered)}
    return [*chosen, *sorted(once.values(), key=lambda q: (q.version_id, q.start))]


def _empty(template: Template) -> Written:
    return Written(template, {}, "", "", (), 0)


def _of(query: QueryView) -> Written:
    """A stored draft as the form shows it: its question stands as words of its own."""
    standard = {option.lower() for option in query_rules.standard_options()}
    return Written(
        template=query_rules.template(query.template),
        values={},
        question=query.question,
        options="\n".join(o for o in query.options if o.lower() not in standard),
        spans=tuple((i.note_version_id, i.start, i.end) for i in query.indicators),
        version=0,
    )


def _text(form: FormData, name: str, longest: int) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        return ""
    if len(value) > longest:
        raise InvalidQuery((f"{name} is longer than {longest} characters: shorten it",))
    return value
