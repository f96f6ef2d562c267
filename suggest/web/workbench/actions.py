"""What a coder does on the workbench: each a form, each one step of `suggest.review`."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, ConfigDict, Field, Json
from sqlalchemy.orm import Session
from starlette.responses import Response

from suggest.review import decisions, encounters, leases, sequencing, signing, worklist
from suggest.review.actor import Work
from suggest.review.decisions import NewCode
from suggest.review.errors import InvalidDecision
from suggest.review.guard import find
from suggest.review.history import Effort
from suggest.review.spans import Selected, checked
from suggest.review.steps import Changed
from suggest.store.tables import NoteVersion
from suggest.web.page import Page, page_for
from suggest.web.workbench.show import answer
from suggest.web.workbench.text import place
from suggest.web.workbench.told import in_words

router = APIRouter(prefix="/encounters/{encounter_id}")
Decider = Annotated[Page, Depends(page_for("encounter.decide"))]
Signer = Annotated[Page, Depends(page_for("encounter.sign"))]
Reopener = Annotated[Page, Depends(page_for("encounter.reopen"))]
Assigner = Annotated[Page, Depends(page_for("encounter.assign"))]
Version = Annotated[int, Form()]


class Picked(BaseModel):
    """Text that was selected in a note: a version and a half-open range of code points."""

    v: int
    start: int
    end: int


class Step(BaseModel):
    """The form of an entry. `ms` and `seen` tell how the decision came about."""

    model_config = ConfigDict(extra="ignore")

    do: Literal["accept", "reject", "replace", "principal", "poa", "move"]
    version: int
    reason: str = ""
    text: str = ""
    poa: str = ""
    place: int = 0
    code: str = ""
    spans: Json[list[Picked]] = []
    ms: str = ""
    seen: str = ""

    @property
    def effort(self) -> Effort:
        return _effort(self.ms, self.seen)


class Addition(BaseModel):
    """The form that adds a code that was missed."""

    model_config = ConfigDict(extra="ignore")

    version: int
    code: Annotated[str, Field(min_length=1, max_length=20)]
    spans: Json[list[Picked]] = []
    ms: str = ""


@router.post("/codes/{entry_id}")
def step(
    encounter_id: str, entry_id: int, form: Annotated[Step, Form()], page: Decider
) -> Response:
    """Decide on a code, or set its place, its POA indicator, the principal mark."""
    with in_words(page, encounter_id), page.work() as work:
        version = _begin(work, page, encounter_id, form.version)
        told = _step(work, page, encounter_id, entry_id, form, version)
    # After a decision the page goes on by itself; a plain form comes back to its code.
    onward = page.htmx and form.do in ("accept", "reject")
    entry = None if onward else entry_id
    return answer(page, encounter_id, told, notes=form.do == "replace", entry=entry)


@router.post("/codes")
def add(encounter_id: str, form: Annotated[Addition, Form()], page: Decider) -> Response:
    """Add a code that was missed, with the selected text as its evidence."""
    with in_words(page, encounter_id), page.work() as work:
        new = _look_up(work, page, encounter_id, form.code)
        changed = decisions.add(
            work,
            encounter_id,
            new,
            _selected(work.session, encounter_id, form.spans),
            expected_version=_begin(work, page, encounter_id, form.version),
            effort=_effort(form.ms, ""),
        )
    return answer(page, encounter_id, f"{new.code} added.", notes=True, entry=_first(changed))


@router.post("/undo")
def undo(encounter_id: str, version: Version, page: Decider) -> Response:
    """Take back the user's own last step."""
    with in_words(page, encounter_id), page.work() as work:
        changed = decisions.undo(work, encounter_id, expected_version=version)
    codes = ", ".join(entry.code for entry in changed.entries)
    return answer(
        page, encounter_id, f"Undone: {codes} as before.", notes=True, entry=_first(changed)
    )


@router.post("/reveal")
def reveal(encounter_id: str, version: Version, page: Decider) -> Response:
    """Show the suggestions of an encounter that was coded without them first."""
    with in_words(page, encounter_id), page.work() as work:
        encounters.reveal(work, encounter_id, expected_version=version)
    return answer(page, encounter_id, "The suggestions are shown now: compare.", notes=True)


@router.post("/sign")
def sign(
    encounter_id: str, version: Version, page: Signer, then: Annotated[str, Form()] = ""
) -> Response:
    """Complete the encounter; `then` = next opens the next one."""
    with in_words(page, encounter_id), page.work() as work:
        signing.sign(work, encounter_id, expected_version=version)
        following = worklist.next_for(work) if then == "next" else None
    if following is not None:
        return page.see_other(f"/encounters/{following}", "Signed. This is the next encounter.")
    last = " No other encounter waits." if then == "next" else ""
    return page.see_other(f"/encounters/{encounter_id}", f"Signed and completed.{last}")


@router.post("/reopen")
def reopen(
    encounter_id: str, version: Version, page: Reopener, reason: Annotated[str, Form()] = ""
) -> Response:
    """Open a completed encounter again."""
    with in_words(page, encounter_id), page.work() as work:
        signing.reopen(work, encounter_id, reason, expected_version=version)
        leases.acquire(work, encounter_id)
    return page.see_other(f"/encounters/{encounter_id}", "Reopened. Sign it again when done.")


@router.post("/hold")
def hold(
    encounter_id: str, version: Version, page: Decider, beat: Annotated[str, Form()] = ""
) -> Response:
    """Hold the encounter, or hold it longer; `beat`: the page says that somebody works on it."""
    with in_words(page, encounter_id), page.work() as work:
        leases.acquire(work, encounter_id)
        row = find(work.session, work.actor, encounter_id)
    if not beat:
        return page.see_other(f"/encounters/{encounter_id}")
    if row.version != version:
        return answer(page, encounter_id, "Something changed: shown as it stands.", notes=True)
    return Response(status_code=204)


@router.post("/release")
def release(encounter_id: str, page: Decider) -> Response:
    """Let it go, so that another may work on it."""
    with page.work() as work:
        leases.release(work, encounter_id)
    return page.see_other("/worklist", "The encounter is free for others.")


@router.post("/take-over")
def take_over(encounter_id: str, page: Assigner) -> Response:
    """A lead holds it although somebody else does."""
    with in_words(page, encounter_id), page.work() as work:
        leases.take_over(work, encounter_id)
    return page.see_other(f"/encounters/{encounter_id}", "You hold this encounter now.", "warning")


@router.post("/assign")
def assign(
    encounter_id: str, version: Version, page: Assigner, assignee: Annotated[str, Form()] = ""
) -> Response:
    """Give the encounter to a coder, or to nobody."""
    with in_words(page, encounter_id), page.work() as work:
        encounters.assign(work, encounter_id, assignee or None, expected_version=version)
    name = page.names({assignee})[assignee] if assignee else "nobody"
    return page.see_other(f"/encounters/{encounter_id}", f"Assigned to {name}.")


def _begin(work: Work, page: Page, encounter_id: str, version: int) -> int:
    """Who decides holds the encounter, and a coder's first step makes it theirs, so that nobody
    is given it half coded. The version to go on from."""
    leases.acquire(work, encounter_id)
    row = find(work.session, work.actor, encounter_id)
    if row.assignee is not None or page.user.role != "coder":
        return version
    return encounters.assign(work, encounter_id, page.user.user_id, expected_version=version)


def _step(
    work: Work, page: Page, encounter_id: str, entry_id: int, form: Step, version: int
) -> str:
    if form.do == "accept":
        changed = decisions.accept(
            work, encounter_id, entry_id, expected_version=version, effort=form.effort
        )
        return f"{_code(changed, entry_id)} accepted."
    if form.do == "reject":
        changed = decisions.reject(
            work, encounter_id, entry_id, form.reason, form.text,
            expected_version=version, effort=form.effort,
        )  # fmt: skip
        return f"{_code(changed, entry_id)} rejected."
    if form.do == "replace":
        new = _look_up(work, page, encounter_id, form.code)
        spans = _selected(work.session, encounter_id, form.spans)
        changed = decisions.replace(
            work, encounter_id, entry_id, new, spans,
            expected_version=version, effort=form.effort,
        )  # fmt: skip
        return f"{_code(changed, entry_id)} replaced by {new.code}."
    if form.do == "principal":
        changed = sequencing.principal(work, encounter_id, entry_id, expected_version=version)
        return f"{_code(changed, entry_id)} stands first now."
    if form.do == "poa":
        value = form.poa or None
        changed = sequencing.poa(work, encounter_id, entry_id, value, expected_version=version)
        return f"POA of {_code(changed, entry_id)}: {value or 'not set'}."
    changed = sequencing.move(work, encounter_id, entry_id, form.place, expected_version=version)
    return f"{_code(changed, entry_id)} is number {form.place} now."


def _look_up(work: Work, page: Page, encounter_id: str, code: str) -> NewCode:
    """The code on the encounter's date; InvalidDecision where it may not stand on a claim then."""
    row = find(work.session, work.actor, encounter_id)
    codeset = page.service.codeset().on(row.date_of_service)
    entry = codeset[code]
    if not codeset.is_valid(entry.code):
        raise InvalidDecision(
            f"{entry.code} is not billable on {row.date_of_service.isoformat()}: "
            "choose a code below it"
        )
    return NewCode(codeset.system, entry.code, entry.title)


def _selected(session: Session, encounter_id: str, picked: list[Picked]) -> list[Selected]:
    """The selections with their section and what the note says there of what was selected."""
    plain = [Selected(p.v, p.start, p.end) for p in picked]
    result = []
    for selected, _ in checked(session, encounter_id, plain):
        text = session.get_one(NoteVersion, selected.note_version_id).text
        section, assertion = place(text, selected.start, selected.end)
        result.append(
            Selected(selected.note_version_id, selected.start, selected.end, section, assertion)
        )
    return result


def _effort(ms: str, seen: str) -> Effort:
    """What the page measured; what is no number, or cannot be, is left out."""
    spent = int(ms) if ms.isascii() and ms.isdigit() and len(ms) < 10 else None
    try:
        share = float(seen)
    except ValueError:
        share = math.nan
    return Effort(spent, share if 0 <= share <= 1 else None)


def _code(changed: Changed, entry_id: int) -> str:
    return next((e.code for e in changed.entries if e.id == entry_id), "The code")


def _first(changed: Changed) -> int | None:
    return changed.entries[0].id if changed.entries else None
