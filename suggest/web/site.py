"""What a site sets: its settings (admins) and its reasons for rejecting (leads too)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from suggest.review import encounters, reasons, settings
from suggest.review.errors import AlreadyThere, InvalidSetting
from suggest.review.reasons import ReasonRow
from suggest.review.settings import Setting, Value
from suggest.web.page import Page, page_for

router = APIRouter(prefix="/settings")
Reader = Annotated[Page, Depends(page_for("reject_reasons.edit"))]
Editor = Annotated[Page, Depends(page_for("settings.edit"))]
Founder = Annotated[Page, Depends(page_for("facilities.manage"))]


class ReasonsForm(BaseModel):
    """The table of reasons: a row each, in one order. `stays`: the ids of those offered."""

    model_config = ConfigDict(extra="ignore")

    id: list[str] = []
    label: list[str] = []
    place: list[str] = []
    needs_text: list[str] = []
    stays: list[str] = []
    new_label: str = ""
    new_needs_text: str = ""

    def rows(self) -> list[ReasonRow]:
        """The reasons in their new order. InvalidSetting for a form that was not ours."""
        if not len(self.id) == len(self.label) == len(self.place):
            raise InvalidSetting("the form is incomplete: load the page again")
        listed = [
            (_place(place, number), ReasonRow(id, label, id in self.needs_text, id in self.stays))
            for number, (id, label, place) in enumerate(
                zip(self.id, self.label, self.place, strict=True), start=1
            )
        ]
        rows = [row for _, row in sorted(listed, key=lambda pair: pair[0])]
        label = " ".join(self.new_label.split())
        if label:
            rows.append(ReasonRow(_id_of(label, self.id), label, bool(self.new_needs_text), True))
        return rows


@router.get("")
def show(page: Reader) -> Response:
    """Both, as far as the user may change them."""
    return _page(page)


@router.post("/reasons")
def write_reasons(form: Annotated[ReasonsForm, Form()], page: Reader) -> Response:
    """Write the list of reasons anew."""
    try:
        with page.work() as work:
            reasons.write(work, form.rows())
    except InvalidSetting as error:
        return _page(page, str(error))
    return page.see_other("/settings#reasons", "The reasons are stored.")


@router.post("/facilities")
def add_facility(
    page: Founder,
    facility_id: Annotated[str, Form(max_length=64, pattern=r"^\s*\S+\s*$")],
    name: Annotated[str, Form(max_length=200, pattern=r"\S")],
) -> Response:
    """Add a facility; its id is the one that the sending systems use."""
    try:
        with page.work() as work:
            encounters.add_facility(work, facility_id.strip(), " ".join(name.split()))
    except AlreadyThere as error:
        return _page(page, str(error))
    return page.see_other("/settings#facilities", "The facility is added.")


@router.post("/{key}")
def change(key: str, page: Editor, value: Annotated[str, Form()] = "") -> Response:
    """Change one setting."""
    try:
        with page.work() as work:
            known = {s.key: s for s in settings.every(work.session)}
            settings.change(work, key, _value(known.get(key), value))
    except InvalidSetting as error:
        return _page(page, str(error))
    return page.see_other("/settings", f"{known[key].meaning}: stored.")


def _page(page: Page, error: str | None = None) -> Response:
    session = page.reread()
    return page.render(
        "site/show.html",
        status=200 if error is None else 422,
        settings=settings.every(session),
        reasons=reasons.every(session),
        may_set=page.allows("settings.edit"),
        may_add=page.allows("facilities.manage"),
        facilities=encounters.facilities(session, page.actor),
        error=error,
    )


def _value(setting: Setting | None, text: str) -> Value:
    """What was typed as the setting's type; shares are typed as percent."""
    text = text.strip().replace(",", ".")
    if setting is None or setting.type == "flag":
        return text == "on"
    try:
        return int(text) if setting.type == "whole" else float(text.rstrip("% ")) / 100
    except (ValueError, OverflowError):
        raise InvalidSetting(f"{setting.meaning}: type a number") from None


def _place(text: str, otherwise: int) -> float:
    try:
        return float(text)
    except ValueError:
        return otherwise


def _id_of(label: str, taken: list[str]) -> str:
    """An id from the label's words that no other reason has."""
    base = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:50]
    base = base if base[:1].isalpha() else f"reason_{base}".strip("_")
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}_{number}"
    return found
