"""The rules of the work that are data: legal steps, code systems, site settings."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Literal

from suggest.errors import UnknownSystem

DATA = Path(__file__).parent / "data"
Kind = Literal["diagnosis", "procedure"]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a data file beside this module."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@cache
def transitions() -> frozenset[tuple[str, str]]:
    """(from, to) of every legal step of an encounter's state; the database holds the same."""
    return frozenset((row["from_state"], row["to_state"]) for row in rows("transitions.tsv"))


@cache
def _kinds() -> dict[str, str]:
    return {row["system"]: row["kind"] for row in rows("systems.tsv")}


def kind_of(system: str) -> str:
    """`diagnosis` or `procedure`. UnknownSystem for a code system that is not known."""
    try:
        return _kinds()[system]
    except KeyError:
        known = ", ".join(_kinds())
        raise UnknownSystem(f"no code system {system!r}: use one of {known}") from None
