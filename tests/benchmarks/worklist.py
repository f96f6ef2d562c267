"""Prints how fast the worklist answers: python tests/benchmarks/worklist.py [ENCOUNTERS]

A SQLite file with 20 suggestions an encounter (100,000 and 2,000,000 unless told otherwise) is
filled in a temporary folder; each query is asked many times, deep pages too.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Table, insert, text

from suggest.app import create_app
from suggest.auth.web import session_cookie
from suggest.review import worklist
from suggest.review.actor import EVERY_FACILITY, Actor
from suggest.review.worklist import UNASSIGNED, Filter, Sort
from suggest.settings import Settings
from suggest.store.base import Database, utcnow
from suggest.store.tables import (
    CodedEntry,
    Encounter,
    Evidence,
    Facility,
    Note,
    NoteVersion,
    Suggestion,
    SuggestionRun,
)

SUGGESTIONS = 20
FACILITIES = tuple(f"facility-{number:02d}" for number in range(12))
CODERS = tuple(f"01hzcoder{number:017d}" for number in range(40))
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEXT = "Type 2 diabetes with stage 4 CKD, hypertension. Denies chest pain. " * 12
# Shares as a hospital's worklist has them: most of what was ever received is done.
STATES = {
    "received": 1, "suggested": 30, "in_review": 6, "query_open": 2, "reopened": 1,
    "completed": 10, "exported": 50,
}  # fmt: skip
BATCH = 2_000  # encounters
REPEATS = 30


def encounter(number: int, dice: random.Random) -> dict[str, Any]:
    """A row of the table of encounters."""
    state = dice.choices(list(STATES), list(STATES.values()))[0]
    done = state in ("completed", "exported")
    served = TODAY - timedelta(days=dice.randrange(1, 400 if done else 40))
    undecided = 0 if done or state == "received" else dice.randrange(1, SUGGESTIONS)
    return {
        "id": f"{number:026d}",
        "facility_id": dice.choice(FACILITIES),
        "source_id": f"visit-{number}",
        "patient": f"p-{dice.randrange(60_000)}",
        "type": dice.choice(("inpatient", "outpatient", "outpatient", "emergency")),
        "date_of_service": served,
        "sex": dice.choice("FM"),
        "birth_date": date(1930 + dice.randrange(90), 5, 1),
        "payer": dice.choice(("Medicare", "Medicaid", "Commercial A", "Commercial B", None)),
        "claim_deadline": served + timedelta(days=30) if dice.random() < 0.9 else None,
        "state": state,
        "assignee": dice.choice(CODERS) if done or dice.random() < 0.4 else None,
        "version": 1 if state == "received" else 9,
        "suggestions_stale": state == "received",
        "suggestion_count": 0 if state == "received" else SUGGESTIONS,
        "undecided_count": undecided,
        "lowest_probability": round(dice.random(), 4) if undecided else None,
        "undo_floor": 0,
        "received_at": datetime(served.year, served.month, served.day, tzinfo=UTC)
        + timedelta(seconds=number % 86_400),
        "updated_at": NOW,
    }


def rows_of(first: int, dice: random.Random) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """The rows of BATCH encounters, table by table."""
    encounters = [encounter(number, dice) for number in range(first, first + BATCH)]
    numbers = [int(row["id"]) for row in encounters]
    suggested = [int(row["id"]) for row in encounters if row["state"] != "received"]
    undecided = {int(row["id"]): row["undecided_count"] for row in encounters}
    ranks = range(1, SUGGESTIONS + 1)
    pairs = [(number, rank, number * SUGGESTIONS + rank) for number in suggested for rank in ranks]
    yield Encounter.__table__, encounters
    yield Note.__table__, [
        {"id": n, "encounter_id": f"{n:026d}", "type": "progress note", "author_role": "physician",
         "written_at": NOW}
        for n in numbers
    ]  # fmt: skip
    yield NoteVersion.__table__, [
        {"id": n, "note_id": n, "number": 1, "text": TEXT, "length": len(TEXT), "sha256": "a" * 64,
         "received_at": NOW, "received_by": "feed"}
        for n in numbers
    ]  # fmt: skip
    yield SuggestionRun.__table__, [
        {"id": n, "encounter_id": f"{n:026d}", "model_id": "default", "model_sha256": "b" * 64,
         "codeset": "ICD-10-CM", "note_versions": str(n), "made_at": NOW}
        for n in suggested
    ]  # fmt: skip
    yield Suggestion.__table__, [
        {"id": i, "run_id": n, "system": "ICD-10-CM", "code": f"Z{rank:02d}.{n % 10}",
         "title": "A title of the usual length, without complications",
         "probability": round(1 - rank / 25, 3), "rank": rank, "reasons": []}
        for n, rank, i in pairs
    ]  # fmt: skip
    yield Evidence.__table__, [
        {"suggestion_id": i, "note_version_id": n, "span_start": 0, "span_end": 15,
         "text": TEXT[:15], "section": "assessment", "assertion": "affirmed"}
        for n, _, i in pairs
    ]  # fmt: skip
    yield CodedEntry.__table__, [
        {"encounter_id": f"{n:026d}", "suggestion_id": i, "origin": "suggested",
         "system": "ICD-10-CM", "code": f"Z{rank:02d}.{n % 10}",
         "title": "A title of the usual length, without complications", "kind": "diagnosis",
         "state": "undecided" if rank <= undecided[n] else "accepted", "sequence": rank}
        for n, rank, i in pairs
    ]  # fmt: skip


def fill(database: Database, count: int) -> None:
    """Bulk rows; the triggers, which would check each of them, stand aside meanwhile."""
    dice = random.Random(4)
    with database.write() as session:
        triggers = session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        ).all()
        for name, _ in triggers:
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(
            insert(Facility.__table__), [{"id": f, "name": f.title()} for f in FACILITIES]
        )
    for first in range(1, count + 1, BATCH):
        with database.write() as session:
            for table, rows in rows_of(first, dice):
                if rows:
                    session.connection().execute(insert(table), rows)
    with database.write() as session:
        for _, sql in triggers:
            session.connection().exec_driver_sql(sql)


Question = tuple[str, Filter, Sort]
CODER = Actor(CODERS[0], "coder", frozenset(FACILITIES[:3]))
LEAD = Actor("lead", "lead", EVERY_FACILITY)
QUESTIONS: tuple[Question, ...] = (
    ("open, by deadline", Filter(), "deadline"),
    ("open, least confident first", Filter(), "lowest_confidence"),
    ("open, oldest first", Filter(), "received"),
    ("one facility", Filter(facility_id=FACILITIES[2]), "deadline"),
    ("one facility, least confident", Filter(facility_id=FACILITIES[2]), "lowest_confidence"),
    ("inpatient", Filter(type="inpatient"), "deadline"),
    ("emergency, least confident", Filter(type="emergency"), "lowest_confidence"),
    ("mine", Filter(assignee=CODERS[0]), "deadline"),
    ("unassigned", Filter(assignee=UNASSIGNED), "deadline"),
    ("unassigned inpatient, least confident",
     Filter(assignee=UNASSIGNED, type="inpatient"), "lowest_confidence"),
    ("query open", Filter(states=frozenset({"query_open"})), "deadline"),
    ("reopened, oldest first", Filter(states=frozenset({"reopened"})), "received"),
    ("reopened, mine", Filter(states=frozenset({"reopened"}), assignee=CODERS[0]), "deadline"),
    ("completed", Filter(states=frozenset({"completed"})), "deadline"),
    ("exported, oldest first", Filter(states=frozenset({"exported"})), "received"),
    ("every state", Filter(states=frozenset(STATES)), "received"),
    ("overdue", Filter(due_by=TODAY), "deadline"),
    ("overdue, least confident", Filter(due_by=TODAY), "lowest_confidence"),
    ("confidence below 1 %", Filter(confidence_below=0.01), "deadline"),
    ("one patient", Filter(facility_id=FACILITIES[1], patient="p-77"), "deadline"),
)  # fmt: skip


def line(name: str, question: Callable[[], object]) -> None:
    """Ask many times and print what it took; processor time is what a busy machine does not add."""
    question()
    times, spent = [], []
    for _ in range(REPEATS):
        started, cpu = time.perf_counter(), time.process_time()
        question()
        times.append((time.perf_counter() - started) * 1000)
        spent.append((time.process_time() - cpu) * 1000)
    times.sort()
    print(
        f"{name:<46} median {statistics.median(times):6.1f} ms  "
        f"p95 {times[len(times) * 95 // 100]:6.1f} ms  "
        f"processor {statistics.median(spent):6.1f} ms"
    )


def deep(database: Database, actor: Actor, where: Filter, sort: Sort, pages: int) -> str | None:
    """Where page `pages` begins (or the last one before it)."""
    after = None
    with database.read() as session:
        for _ in range(pages // 4):
            following = worklist.page(session, actor, NOW, where, sort, after, 200).next_after
            if following is None:
                break
            after = following
    return after


def ask(
    database: Database, actor: Actor, where: Filter, sort: Sort, after: str | None
) -> Callable[[], object]:
    def question() -> object:
        with database.read() as session:
            return worklist.page(session, actor, NOW, where, sort, after)

    return question


def pages(database: Database, folder: str) -> None:
    """The page itself: HTML for a signed-in lead, through the whole application in this process."""
    settings = Settings(
        data_dir=Path(folder),
        database_url=str(database.engine.url),
        production=False,
        secure_cookies=False,
        session_hours=72,
        idle_minutes=1440,
    )
    app = create_app(settings, jobs=False)
    with TestClient(app) as client:
        auth = app.state.auth
        with database.write() as session:
            user = auth.users.add(
                session, actor="benchmark", now=utcnow(), name="lead", role="lead", facilities=["*"]
            )
            new = auth.begin(session, user.id, method="password", address="benchmark")
        client.cookies.set(session_cookie(auth), new.token)
        for address in (
            "/worklist",
            "/worklist?sort=lowest_confidence",
            "/worklist?sort=received",
            f"/worklist?facility={FACILITIES[2]}&type=inpatient",
            "/worklist?state=query_open",
            "/worklist?assignee=-&due=overdue",
            f"/worklist?assignee={CODERS[0]}&state=all",
        ):
            assert client.get(address).text.count("<tr") > 1, address

            def question(address: str = address) -> object:
                return client.get(address)

            line(f"page {address}", question)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/worklist.db")
        database.migrate()
        started = time.perf_counter()
        fill(database, count)
        with database.read() as session:
            found = [
                session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in ("encounter", "suggestion", "coded_entry")
            ]
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        print(
            "{} encounters, {} suggestions, {} entries: ".format(*found)
            + f"filled in {time.perf_counter() - started:.0f} s, {size:.0f} MB"
        )
        for actor, who in ((LEAD, "lead"), (CODER, "coder")):
            for name, where, sort in QUESTIONS:
                line(f"{who}: {name}", ask(database, actor, where, sort, None))
        for name, where, sort in QUESTIONS[:3] + QUESTIONS[14:16]:
            after = deep(database, LEAD, where, sort, 400)
            line(f"lead: {name}, page 400", ask(database, LEAD, where, sort, after))
        pages(database, folder)
        with database.read() as session:
            line("coder: counts by state", lambda: worklist.counts(session, CODER))
            line("lead: counts by state", lambda: worklist.counts(session, LEAD))
        database.close()


if __name__ == "__main__":
    main()
