"""The site's reasons for rejecting: listed with the retired ones, written anew as one list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.review.actor import Work
from suggest.review.errors import InvalidSetting
from suggest.review.events import Scalar
from suggest.store.tables import RejectReason

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason; its place in the list is its number key. Retired ones are not offered any more."""

    id: str
    label: str
    needs_text: bool
    active: bool


def every(session: Session) -> list[ReasonRow]:
    """All reasons in their order, retired ones last."""
    return [
        ReasonRow(r.id, r.label, r.needs_text, r.active)
        for r in session.scalars(
            select(RejectReason).order_by(
                RejectReason.active.desc(), RejectReason.position, RejectReason.id
            )
        )
    ]


def write(work: Work, wanted: Sequence[ReasonRow]) -> None:
    """Make the list the site's: order, labels, new ones, retired ones.

    InvalidSetting where a reason is missing (decisions name it: retire it instead), an id or a
    label cannot be, or no reason would be left.
    """
    _check(wanted)
    there = {r.id: r for r in work.session.scalars(select(RejectReason))}
    missing = sorted(set(there) - {r.id for r in wanted})
    if missing:
        raise InvalidSetting(
            f"{', '.join(missing)}: decisions may name it, so it cannot be deleted: retire it"
        )
    for position, reason in enumerate(wanted, start=1):
        row = there.get(reason.id)
        if row is None:
            row = RejectReason(id=reason.id)
            work.session.add(row)
        row.label, row.position = " ".join(reason.label.split()), position
        row.needs_text, row.active = reason.needs_text, reason.active
    work.session.flush()
    listed: list[Mapping[str, Scalar]] = [
        {"id": r.id, "label": r.label, "needs_text": r.needs_text, "active": r.active}
        for r in wanted
    ]
    work.record("reject_reasons.changed", None, {"reasons": listed})


def _check(wanted: Sequence[ReasonRow]) -> None:
    ids = [r.id for r in wanted]
    for reason in wanted:
        if not _ID.fullmatch(reason.id):
            raise InvalidSetting(
                f"{reason.id!r} is no id of a reason: use a-z, 0-9 and _, a letter first"
            )
        if not 1 <= len(" ".join(reason.label.split())) <= LONGEST:
            raise InvalidSetting(
                f"the reason {reason.id} needs a label of 1 to {LONGEST} characters"
            )
    if len(set(ids)) != len(ids):
        raise InvalidSetting("two reasons have one id")
    if not any(r.active for r in wanted):
        raise InvalidSetting("at least one reason must be offered")
