"""The real server on a database of its own, as the browser tests see it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI

from suggest.auth.principal import principal
from suggest.auth.tables import User
from suggest.review import decisions, encounters, sequencing, signing
from suggest.review.actor import Actor
from suggest.review.view import EntryView, Workbench, workbench
from suggest.service import SYSTEM, Service

PASSWORD = "correct horse battery"
USERS = {
    "casey": "coder", "robin": "coder", "lee": "lead", "audrey": "auditor", "mel": "ml_engineer",
    "ada": "admin",
}  # fmt: skip
NOTE = """HISTORY
61 y/o here for follow-up. Denies chest pain. Burning feet at night.
Mother had breast cancer.

ASSESSMENT
1. Type 2 diabetes mellitus with stage 4 CKD.
2. Hypertension, well controlled.
3. No pneumonia on the film.
"""


@dataclass
class Running:
    """The application, where it answers, and short ways to prepare what a test needs."""

    app: FastAPI
    url: str
    users: dict[str, User] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return self.app.state.service

    def actor(self, name: str) -> Actor:
        return principal(self.users[name]).actor

    def add_users(self) -> None:
        with self.service.database.write() as session:
            for name, role in USERS.items():
                self.users[name] = self.service.auth.users.add(
                    session, actor="test", now=datetime.now(UTC), name=name, role=role,
                    facilities=["*"], display_name=name.title(), password=PASSWORD,
                )  # fmt: skip

    def receive(self, text: str = NOTE, **fields: Any) -> str:
        """An encounter with one note and its suggestions; its id."""
        today = datetime.now(UTC).date()
        given: dict[str, Any] = {
            "facility_id": "north",
            "patient": "P-100",
            "type": "outpatient",
            "date_of_service": today - timedelta(days=3),
            "birth_date": date(1964, 5, 1),
            "sex": "F",
            "payer": "Medicare",
            "claim_deadline": today + timedelta(days=9),
        } | fields
        written = datetime.now(UTC) - timedelta(days=3)
        with self.service.work(SYSTEM) as work:
            encounter_id = encounters.create(work, encounters.NewEncounter(**given))
            note = encounters.NewNote("Progress note", "physician", written, text)
            encounters.add_note(work, encounter_id, note)
        self.service.jobs.run_waiting()
        return encounter_id

    def bench(self, encounter_id: str) -> Workbench:
        """The encounter as it stands."""
        with self.service.database.read() as session:
            return workbench(session, SYSTEM, encounter_id, self.service.clock())

    def entry(self, encounter_id: str, code: str) -> EntryView:
        return next(e for e in self.bench(encounter_id).entries if e.code == code)

    def do(self, name: str, step: Any, encounter_id: str, *args: Any, **given: Any) -> Any:
        """One step of the review work by the user."""
        version = self.bench(encounter_id).encounter.version
        with self.service.work(self.actor(name)) as work:
            return step(work, encounter_id, *args, expected_version=version, **given)

    def signed(self, name: str, keep: str = "I12.9", **fields: Any) -> str:
        """An encounter that the coder signed with one code; its id."""
        encounter_id = self.receive(**fields)
        for entry in self.bench(encounter_id).entries:
            if entry.code == keep:
                self.do(name, decisions.accept, encounter_id, entry.id)
            else:
                self.do(name, decisions.reject, encounter_id, entry.id, "not_documented")
        kept = self.entry(encounter_id, keep).id
        self.do(name, sequencing.principal, encounter_id, kept)
        self.do(name, signing.sign, encounter_id)
        return encounter_id


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application answers on a free port of this machine; its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)
