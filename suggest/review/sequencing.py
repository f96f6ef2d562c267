"""The order of the accepted codes, the principal diagnosis and the POA indicators.

All raise what the functions of `suggest.review.decisions` raise.
"""

from __future__ import annotations

from collections.abc import Sequence

from suggest.review.actor import Work
from suggest.review.errors import InvalidDecision
from suggest.review.steps import Changed, accepted, done, start
from suggest.store.tables import CodedEntry
from suggest.store.tables.entries import POA_VALUES


def principal(work: Work, encounter_id: str, entry_id: int, *, expected_version: int) -> Changed:
    """Mark the principal (outpatient: first-listed) diagnosis; it stands first."""
    row, entry, action = start(work, encounter_id, entry_id, expected_version, "principal", None)
    if entry.state != "accepted" or entry.kind != "diagnosis":
        raise InvalidDecision(f"{entry.code} is no accepted diagnosis: accept it first")
    if entry.principal:
        raise InvalidDecision(f"{entry.code} is the principal diagnosis already: nothing to do")
    others = [action.watch(e) for e in accepted(work, row, entry.kind) if e.id != entry.id]
    for other in others:
        other.principal = False
    work.session.flush()  # before the new one: the database allows one principal at a time
    entry.principal = True
    _number([entry, *others])
    return done(work, row, action, {"entry": entry.id, "code": entry.code})


def poa(
    work: Work, encounter_id: str, entry_id: int, value: str | None, *, expected_version: int
) -> Changed:
    """Set the present-on-admission indicator: Y, N, U, W, exempt, or None to clear it.

    ICD-10-CM Guidelines, Appendix I: it is reported for inpatient diagnoses.
    """
    row, entry, action = start(work, encounter_id, entry_id, expected_version, "poa", None)
    if row.type != "inpatient":
        raise InvalidDecision("POA is reported for inpatient encounters only: leave it out")
    if entry.state != "accepted" or entry.kind != "diagnosis":
        raise InvalidDecision(f"{entry.code} is no accepted diagnosis: accept it first")
    if value is not None and value not in POA_VALUES:
        raise InvalidDecision(f"POA is one of {', '.join(POA_VALUES)}, not {value!r}")
    entry.poa = value
    return done(work, row, action, {"entry": entry.id, "code": entry.code, "poa": value})


def move(
    work: Work, encounter_id: str, entry_id: int, place: int, *, expected_version: int
) -> Changed:
    """Put an accepted code at the place (1 is first) among those of its kind.

    The principal diagnosis stands first and stays there.
    """
    row, entry, action = start(work, encounter_id, entry_id, expected_version, "moved", None)
    if entry.state != "accepted":
        raise InvalidDecision(f"{entry.code} is not accepted: only accepted codes are ordered")
    order = [action.watch(e) for e in accepted(work, row, entry.kind)]
    if not 1 <= place <= len(order):
        raise InvalidDecision(f"there is no place {place}: choose 1 to {len(order)}")
    order.remove(entry)
    order.insert(place - 1, entry)
    if any(e.principal for e in order[1:]):
        raise InvalidDecision(
            "the principal diagnosis stands first: mark another one as principal to change that"
        )
    _number(order)
    return done(work, row, action, {"entry": entry.id, "code": entry.code, "place": place})


def _number(order: Sequence[CodedEntry]) -> None:
    for place, entry in enumerate(order, start=1):
        entry.sequence = place
