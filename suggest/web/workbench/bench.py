"""Everything that the workbench shows of one encounter, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suggest.edits import Edit
from suggest.review import decisions, effort, signing
from suggest.review.checks import edits_for
from suggest.review.decisions import Reason
from suggest.review.effort import BlindComparison
from suggest.review.guard import WORKABLE
from suggest.review.leases import MAY_TAKE_OVER
from suggest.review.view import EncounterView, Workbench, workbench
from suggest.store.tables import Facility
from suggest.store.tables.encounters import CLOSED_STATES
from suggest.web.page import Page
from suggest.web.workbench.groups import Codes, general, grouped
from suggest.web.workbench.text import ShownNote, shown_notes

POA = (
    ("Y", "Y: present on admission"),
    ("N", "N: not present"),
    ("U", "U: documentation insufficient"),
    ("W", "W: clinically undetermined"),
    ("exempt", "exempt from reporting"),
)


@dataclass(frozen=True, slots=True)
class Bench:
    """The encounter with its codes in groups and what the user may do with it now.

    `may_decide`: the role allows it, the encounter is open, and nobody else holds it.
    """

    view: Workbench
    codes: Codes
    edits: Sequence[Edit]
    missing: tuple[str, ...]
    reasons: Sequence[Reason]
    comparison: BlindComparison | None
    names: dict[str, str]
    facility: str
    may_decide: bool
    may_sign: bool
    may_reopen: bool
    may_take_over: bool

    @property
    def encounter(self) -> EncounterView:
        return self.view.encounter

    @property
    def url(self) -> str:
        return f"/encounters/{self.encounter.id}"

    @property
    def waits(self) -> bool:
        """Whether suggestions are being made at this moment."""
        e = self.encounter
        return bool(self.view.notes) and e.suggestions_stale and e.state not in CLOSED_STATES

    def notes(self) -> list[ShownNote]:
        """The notes with the evidence laid over them."""
        return shown_notes(self.view.notes, self.view.entries)


def read(page: Page, encounter_id: str) -> Bench:
    """The encounter as it stands in the page's session. NotFound."""
    session, actor = page.session, page.actor
    view = workbench(session, actor, encounter_id, page.now)
    encounter = view.encounter
    edits = edits_for(page.service.edits, view)
    free = encounter.lease_holder in (None, actor.user_id)
    workable = encounter.state in WORKABLE
    may_decide = page.allows("encounter.decide") and free and workable
    people = {encounter.assignee, encounter.lease_holder, *(e.decided_by for e in view.entries)}
    place = session.get(Facility, encounter.facility_id)
    return Bench(
        view=view,
        codes=grouped(view, edits),
        edits=general(edits, view),
        missing=signing.what_is_missing(session, actor, encounter_id) if workable else (),
        reasons=decisions.reject_reasons(session),
        comparison=effort.blind_comparison(session, actor, encounter_id),
        names=page.names(people),
        facility=place.name if place is not None else encounter.facility_id,
        may_decide=may_decide,
        may_sign=page.allows("encounter.sign") and free and workable,
        may_reopen=page.allows("encounter.reopen") and encounter.state in CLOSED_STATES,
        may_take_over=(
            page.allows("encounter.assign") and actor.role in MAY_TAKE_OVER and not free
        ),
    )
