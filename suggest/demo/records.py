"""The demo's encounters, notes and what was decided, as the files beside this one say it.

`encounters.tsv` and `notes.tsv` count days back from the day of the demo, so that deadlines are
always near; `decisions.tsv` has the codes of the signed encounters with the words that support
them (`second`: what the second reviewer says, `no` or `missed`; empty where both agree).
Patients are invented.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from suggest.review.encounters import NewEncounter, NewNote

FACILITIES = {
    "lakeside": "Lakeside General Hospital",
    "hillcrest": "Hillcrest Community Hospital",
    "riverbend": "Riverbend Clinics",
}


@dataclass(frozen=True, slots=True)
class DemoEncounter:
    """A visit as it arrives, and who it is assigned to (a user's name, or "")."""

    key: str
    new: NewEncounter
    notes: tuple[NewNote, ...]
    assignee: str


@dataclass(frozen=True, slots=True)
class FinalCode:
    """A code of a signed encounter; `quote` stands in one of its notes."""

    code: str
    poa: str | None
    quote: str
    second: str

    @property
    def coded(self) -> bool:
        """False for one that only the second reviewer finds."""
        return self.second != "missed"


def folder() -> Traversable:
    """Where the demo's files are."""
    return files("suggest.demo")


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the demo's tables."""
    lines = (folder() / name).read_text("utf-8").splitlines()
    yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def demo_encounters(today: date) -> list[DemoEncounter]:
    """All encounters, in the order in which they arrived."""
    notes = list(rows("notes.tsv"))
    found = [
        _encounter(row, [note for note in notes if note["encounter"] == row["id"]], today)
        for row in rows("encounters.tsv")
    ]
    return sorted(found, key=lambda each: (each.new.date_of_service, each.key))


def final_codes() -> dict[str, list[FinalCode]]:
    """The codes of the signed encounters, the principal diagnosis first."""
    found: dict[str, list[FinalCode]] = {}
    for row in rows("decisions.tsv"):
        code = FinalCode(row["code"], row["poa"] or None, row["quote"], row["second"])
        found.setdefault(row["encounter"], []).append(code)
    return found


def story() -> dict[str, Any]:
    """What else happened before the demo opens (`story.toml`)."""
    return tomllib.loads((folder() / "story.toml").read_text("utf-8"))


def _encounter(row: dict[str, str], notes: list[dict[str, str]], today: date) -> DemoEncounter:
    served = today - timedelta(days=int(row["served_days_ago"]))
    stay = row["stay_days"]
    return DemoEncounter(
        row["id"],
        NewEncounter(
            facility_id=row["facility"],
            patient=row["patient"],
            type=row["type"],
            date_of_service=served,
            admission_date=served - timedelta(days=int(stay)) if stay else None,
            sex=row["sex"],
            birth_date=served - timedelta(days=round(float(row["age"]) * 365.25) + 40),
            payer=row["payer"],
            claim_deadline=(
                today + timedelta(days=int(row["due_in_days"])) if row["due_in_days"] else None
            ),
            source_id=f"demo-{row['id']}",
        ),
        tuple(_note(note, served) for note in notes),
        row["assignee"],
    )


def _note(row: dict[str, str], served: date) -> NewNote:
    day = served - timedelta(days=int(row["days_before"]))
    text = folder() / "notes" / f"{row['encounter']}-{row['number']}.txt"
    return NewNote(
        type=row["type"],
        author_role=row["author_role"],
        written_at=datetime.combine(day, time.fromisoformat(row["time"]), UTC),
        text=text.read_text("utf-8"),
    )
