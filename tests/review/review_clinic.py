"""A small clinic to test the rules of the work in: a database, a clock, a four-word engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from suggest.engine import model as engine
from suggest.review import encounters, suggestions
from suggest.review.actor import EVERY_FACILITY, Actor, Work
from suggest.review.suggestions import Model
from suggest.review.view import Workbench, workbench
from suggest.store.base import Database
from suggest.store.tables import Encounter

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CODER = Actor("ann", "coder", frozenset({"north"}))
OTHER = Actor("bob", "coder", frozenset({"north"}))
LEAD = Actor("lea", "lead", frozenset({"north", "south"}))
SYSTEM = Actor("feed", "system", EVERY_FACILITY)
MODEL = Model("tiny", "a" * 64, "ICD-10-CM 2026")

# The words of the test notes that the test engine knows.
VOCABULARY = {
    "pneumonia": ("J18.9", "Pneumonia, unspecified organism", 0.9),
    "hypertension": ("I10", "Essential (primary) hypertension", 0.8),
    "diabetes": ("E11.9", "Type 2 diabetes mellitus without complications", 0.7),
    "asthma": ("J45.909", "Unspecified asthma, uncomplicated", 0.4),
}
NOTE = "Pneumonia. Hypertension, controlled. Type 2 diabetes."


def suggest(text: str, _encounter: engine.Encounter) -> list[engine.Suggestion]:
    """Finds the vocabulary's words; "no" before a word makes it evidence against."""
    found = []
    for word, (code, title, probability) in VOCABULARY.items():
        support, against = [], []
        for match in re.finditer(word, text, re.IGNORECASE):
            negated = text[: match.start()].lower().endswith("no ")
            evidence = engine.Evidence(
                match.start(),
                match.end(),
                match.group(),
                "assessment",
                "negated" if negated else "affirmed",
            )
            (against if negated else support).append(evidence)
        if support:
            reason = engine.Reason("term", f"the note says {word}", 1.5)
            found.append(
                engine.Suggestion(
                    code, "ICD-10-CM", title, probability, 1, support, against, [reason]
                )
            )
    return found


@dataclass
class Heard:
    """An audit sink that remembers."""

    events: list[tuple[str, str, str | None, dict[str, Any]]] = field(default_factory=list)

    def record(
        self, session: Any, *, event: str, actor: str, encounter_id: str | None, detail: Any
    ) -> None:
        assert session.in_transaction()
        self.events.append((event, actor, encounter_id, dict(detail)))

    def names(self) -> list[str]:
        return [event for event, *_ in self.events]


@dataclass
class Clinic:
    """A database with two facilities, a clock that stands until it is moved, and short ways."""

    db: Database
    audit: Heard = field(default_factory=Heard)
    now: datetime = START

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    @contextmanager
    def work(self, actor: Actor = CODER) -> Iterator[Work]:
        with self.db.write() as session:
            yield Work(session, actor, self.audit, self.now)

    def receive(
        self,
        *texts: str,
        facility: str = "north",
        kind: str = "outpatient",
        suggested: bool = True,
        **fields: Any,
    ) -> str:
        with self.work(SYSTEM) as work:
            encounter_id = encounters.create(
                work,
                encounters.NewEncounter(
                    facility_id=facility,
                    patient=fields.pop("patient", "p-1"),
                    type=kind,
                    date_of_service=date(2026, 3, 1),
                    **fields,
                ),
            )
            for text in texts or (NOTE,):
                encounters.add_note(
                    work,
                    encounter_id,
                    encounters.NewNote("progress note", "physician", self.now, text),
                )
        if suggested:
            self.suggest(encounter_id)
        return encounter_id

    def suggest(self, encounter_id: str, model: Model = MODEL) -> int:
        return suggestions.make(self.db, SYSTEM, self.audit, self.now, encounter_id, suggest, model)

    def see(self, encounter_id: str, actor: Actor = CODER) -> Workbench:
        with self.db.read() as session:
            return workbench(session, actor, encounter_id, self.now)

    def version(self, encounter_id: str) -> int:
        with self.db.read() as session:
            return session.get_one(Encounter, encounter_id).version

    def entry(self, encounter_id: str, code: str) -> int:
        return next(e.id for e in self.see(encounter_id).entries if e.code == code)

    def states(self, encounter_id: str) -> dict[str, str]:
        return {e.code: e.state for e in self.see(encounter_id).entries}

    def do(self, step: Any, encounter_id: str, *args: Any, actor: Actor = CODER, **kw: Any) -> Any:
        """One service call at the encounter's newest version, in a transaction of its own."""
        kw.setdefault("expected_version", self.version(encounter_id))
        with self.work(actor) as work:
            return step(work, encounter_id, *args, **kw)
