"""Site settings: what a site may choose, its defaults (`data/settings.tsv`) and its changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.review.actor import Work
from suggest.review.errors import InvalidSetting
from suggest.review.rules import rows
from suggest.store.tables import SiteSetting

Value = bool | int | float


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting and its value now. `type`: flag, whole (number) or share (0 to 1)."""

    key: str
    type: str
    value: Value
    lowest: float | None
    highest: float | None
    meaning: str


@cache
def _defaults() -> dict[str, Setting]:
    result = {}
    for row in rows("settings.tsv"):
        kind, text = row["type"], row["default"]
        value: Value = (
            text == "true" if kind == "flag" else int(text) if kind == "whole" else float(text)
        )
        result[row["key"]] = Setting(
            key=row["key"],
            type=kind,
            value=value,
            lowest=float(row["lowest"]) if row["lowest"] else None,
            highest=float(row["highest"]) if row["highest"] else None,
            meaning=row["meaning"],
        )
    return result


def _default(key: str) -> Setting:
    try:
        return _defaults()[key]
    except KeyError:
        raise InvalidSetting(f"no setting {key!r}: there are {', '.join(_defaults())}") from None


def every(session: Session) -> list[Setting]:
    """All settings with their values now."""
    changed = {row.key: row.value for row in session.scalars(select(SiteSetting))}
    return [
        Setting(s.key, s.type, changed.get(s.key, s.value), s.lowest, s.highest, s.meaning)
        for s in _defaults().values()
    ]


def get(session: Session, key: str) -> Value:
    """The value now. InvalidSetting for an unknown key."""
    default = _default(key)
    row = session.get(SiteSetting, key)
    value: Value = default.value if row is None else row.value
    return value


def get_bool(session: Session, key: str) -> bool:
    return bool(get(session, key))


def get_int(session: Session, key: str) -> int:
    return int(get(session, key))


def get_float(session: Session, key: str) -> float:
    return float(get(session, key))


def change(work: Work, key: str, value: Value) -> None:
    """Set the value for the site. InvalidSetting for a value of the wrong type or out of range."""
    setting = _default(key)
    right = (
        isinstance(value, bool)
        if setting.type == "flag"
        else not isinstance(value, bool)
        and isinstance(value, int if setting.type == "whole" else int | float)
    )
    if not right:
        wanted = {"flag": "true or false", "whole": "a whole number", "share": "a number"}
        raise InvalidSetting(f"{key} is {wanted[setting.type]}, not {value!r}")
    if (setting.lowest is not None and value < setting.lowest) or (
        setting.highest is not None and value > setting.highest
    ):
        raise InvalidSetting(
            f"{key} lies between {setting.lowest:g} and {setting.highest:g}, not at {value}"
        )
    before = get(work.session, key)
    row = work.session.get(SiteSetting, key)
    if row is None:
        row = SiteSetting(key=key)
        work.session.add(row)
    row.value, row.changed_by, row.changed_at = value, work.actor.user_id, work.now
    work.session.flush()
    work.record("setting.changed", None, {"key": key, "from": before, "to": value})
