"""A code that a human names: looked up, billable and valid on the day of service."""

from __future__ import annotations

from datetime import date

from suggest.codesets import CodeSet
from suggest.errors import UnknownCode
from suggest.review.decisions import NewCode
from suggest.review.errors import InvalidDecision


def usable(codeset: CodeSet, code: str, day: date | None) -> NewCode:
    """The code with its title. InvalidDecision where it cannot be reported on that day.

    ICD-10-CM Guidelines I.B.2: the highest number of characters available.
    """
    try:
        found = codeset[code]
    except UnknownCode:
        raise InvalidDecision(
            f"{code[:20]!r} is not in {codeset.system} {codeset.release}: search the code book"
        ) from None
    if not found.billable:
        raise InvalidDecision(
            f"{found.code} is a header, not a code to report: choose one of those below it"
        )
    if not codeset.on(day).is_valid(found.code):
        raise InvalidDecision(
            f"{found.code} is not valid on {day}: choose a code of the release in force then"
        )
    return NewCode(codeset.system, found.code, found.title)
