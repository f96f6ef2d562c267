"""Dates, times and numbers as the pages say them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

# The word beside a probability; the lower bound of each (suggestions come calibrated).
PROBABILITY_WORDS: Final = (
    (0.85, "very likely"),
    (0.6, "likely"),
    (0.3, "possible"),
    (0.0, "unlikely"),
)


def day(value: date | None) -> str:
    """ "5 Mar 2026"."""
    return "" if value is None else f"{value.day} {value:%b %Y}"


def short_day(value: date | None, now: datetime) -> str:
    """ "5 Mar", with the year only where it is not the present one."""
    if value is None:
        return ""
    return f"{value.day} {value:%b}" if value.year == now.year else day(value)


def time(value: datetime | None, zone: ZoneInfo) -> str:
    """ "5 Mar 2026, 14:05" in the zone."""
    if value is None:
        return ""
    local = value.astimezone(zone)
    return f"{day(local.date())}, {local:%H:%M}"


def clock(value: datetime, zone: ZoneInfo) -> str:
    """ "14:05" in the zone."""
    return f"{value.astimezone(zone):%H:%M}"


def due(value: date | None, now: datetime, zone: ZoneInfo) -> str:
    """How far off a deadline is: "overdue by 3 days", "today", "in 2 days"."""
    if value is None:
        return "no deadline"
    days = (value - now.astimezone(zone).date()).days
    if days < -1:
        return f"overdue by {-days} days"
    near = {-1: "overdue by 1 day", 0: "today", 1: "tomorrow"}
    return near.get(days) or f"in {days} days"


def urgency(value: date | None, now: datetime, zone: ZoneInfo) -> str:
    """overdue, soon (within two days) or later."""
    if value is None:
        return "later"
    days = (value - now.astimezone(zone).date()).days
    return "overdue" if days < 0 else "soon" if days <= 2 else "later"


def likelihood(value: float | None) -> str:
    """The word for a probability."""
    if value is None:
        return ""
    return next(word for lowest, word in PROBABILITY_WORDS if value >= lowest)


def percent(value: float | None) -> str:
    """ "87 %"; never 0 or 100 for what is not certain."""
    if value is None:
        return ""
    return f"{min(max(round(value * 100), 1), 99)} %"


def count(value: int, one: str, many: str | None = None) -> str:
    """ "1 code", "3 codes"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def plain(value: str) -> str:
    """A name of the program as words: "in_review" -> "in review"."""
    return value.replace("_", " ")


def exact(value: str) -> Markup:
    """Text that a browser reads back to the same code points.

    A parser turns a bare carriage return into a line feed: it goes as a character reference.
    """
    return Markup(str(escape(value)).replace("\r", "&#13;"))


def share(value: float | None) -> str:
    """ "87.5 %": a share of what was counted, where 0 and 100 can be."""
    return "" if value is None else f"{value * 100:.1f} %"


def signed(value: float) -> str:
    """ "0.42", "−0.03"."""
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def seconds(milliseconds: float | None) -> str:
    """ "12.4 s"."""
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f} s"


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "day": day,
    "short_day": short_day,
    "time": time,
    "clock": clock,
    "due": due,
    "urgency": urgency,
    "likelihood": likelihood,
    "percent": percent,
    "count": count,
    "plain": plain,
    "exact": exact,
    "share": share,
    "seconds": seconds,
    "signed": signed,
}
