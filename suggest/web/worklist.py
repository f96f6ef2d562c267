"""The worklist: what waits, most urgent first; and the next encounter to work on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, field_validator
from starlette.responses import Response

from suggest.auth.tables import User
from suggest.auth.users import coders_at
from suggest.review import encounters, settings, worklist
from suggest.review.worklist import UNASSIGNED, Filter, Sort
from suggest.store.tables.encounters import OPEN_STATES, STATES
from suggest.web.page import Page, page_for

router = APIRouter()
PAGE_SIZE: Final = 50
NOBODY: Final = "-"
MINE: Final = "me"
Due = Literal["overdue", "today", "3", "7", "30"]


class Asked(BaseModel):
    """The filter as it stands in the address. An empty field filters nothing."""

    model_config = ConfigDict(extra="ignore")

    state: str = ""
    facility: str = ""
    type: str = ""
    assignee: str = ""
    due: Due | Literal[""] = ""
    patient: str = ""
    sort: Sort = "deadline"
    after: str = ""

    @field_validator("patient")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.strip()[:200]

    def filter(self, user_id: str, today: date) -> Filter:
        """What the rules of the work take."""
        states = {"": None, "all": frozenset(STATES)}.get(self.state, frozenset({self.state}))
        assignee = {"": None, NOBODY: UNASSIGNED, MINE: user_id}.get(self.assignee, self.assignee)
        days = {"overdue": -1, "today": 0}
        due_by = None
        if self.due:
            due_by = today + timedelta(days=days.get(self.due) or int(self.due or 0))
        return Filter(
            states=states,
            facility_id=self.facility or None,
            type=self.type or None,
            assignee=assignee,
            due_by=due_by,
            patient=self.patient or None,
        )

    def address(self, **changed: str) -> str:
        """The page's address with some fields changed; empty ones are left out."""
        fields = self.model_dump() | {"after": ""} | changed
        kept = {k: v for k, v in fields.items() if v and (k, v) != ("sort", "deadline")}
        return "/worklist" + (f"?{urlencode(kept)}" if kept else "")


@router.get("/worklist")
def show(
    asked: Annotated[Asked, Query()], page: Annotated[Page, Depends(page_for("worklist.view"))]
) -> Response:
    """The list, one page of it."""
    today = page.now.astimezone(page.service.settings.zone).date()
    found = worklist.page(
        page.session,
        page.actor,
        page.now,
        asked.filter(page.user.user_id, today),
        asked.sort,
        asked.after or None,
        PAGE_SIZE,
    )
    counts = worklist.counts(page.session, page.actor)
    people = {row.encounter.assignee for row in found.rows} | {
        row.encounter.lease_holder for row in found.rows
    }
    return page.render(
        "worklist/list.html",
        asked=asked,
        rows=found.rows,
        next_after=found.next_after,
        counts=counts,
        open_count=sum(counts[state] for state in OPEN_STATES),
        states=STATES,
        facilities=encounters.facilities(page.session, page.actor),
        coders=_coders(page),
        names=page.names(people),
        may_take=page.allows("encounter.decide"),
        hide_probabilities=settings.get_bool(page.session, "hide_probabilities"),
    )


@router.post("/worklist/next")
def take_next(page: Annotated[Page, Depends(page_for("encounter.decide"))]) -> Response:
    """Take the most urgent encounter that nobody has, and open it."""
    with page.work() as work:
        encounter_id = worklist.next_for(work)
    if encounter_id is None:
        return page.see_other(
            "/worklist", "There is no encounter left that nobody has taken.", "warning"
        )
    return page.see_other(f"/encounters/{encounter_id}")


def _coders(page: Page) -> list[User]:
    """Coders and leads who see a facility that the user sees."""
    mine = page.user.facilities
    return [
        user
        for user in coders_at(page.session)
        if "*" in mine or "*" in user.facility_ids or mine & user.facility_ids
    ]
