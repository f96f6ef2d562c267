"""An office to test the API in: the real application, a user of each role, a token for each."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from suggest.auth.permissions import actions
from suggest.auth.tokens import make_token
from suggest.service import Service
from suggest.store.base import utcnow

# The routes with the action that each needs; "-" for none. New routes are added here first.
with (Path(__file__).parent / "routes.tsv").open(newline="") as file:
    ROUTES = [(r["method"], r["path"], r["action"]) for r in csv.DictReader(file, delimiter="\t")]
ROLES = ("coder", "lead", "auditor", "ml_engineer", "admin", "system")
# (name, role, facilities); a coder beside each other, one at another facility.
STAFF = (
    ("coder", "coder", ("north",)),
    ("coder2", "coder", ("north",)),
    ("stranger", "coder", ("south",)),
    ("far_auditor", "auditor", ("south",)),
    ("lead", "lead", ("north", "south")),
    ("auditor", "auditor", ("north",)),
    ("ml_engineer", "ml_engineer", ("north",)),
    ("admin", "admin", ("*",)),
    ("system", "system", ("*",)),
)
NOTE = (
    "ASSESSMENT\nType 2 diabetes with stage 4 chronic kidney disease. "
    "Community acquired pneumonia. Denies chest pain.\n"
)


@dataclass
class Office:
    """The application, and a client for each member of the staff, by name."""

    app: FastAPI
    clients: dict[str, TestClient] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    nobody: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.nobody = TestClient(self.app, raise_server_exceptions=False)
        for name, role, facilities in STAFF:
            self.tokens[name], self.ids[name] = add_user(self.service, name, role, facilities)
            self.clients[name] = TestClient(
                self.app,
                raise_server_exceptions=False,
                headers={"Authorization": f"Bearer {self.tokens[name]}"},
            )

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    def __getitem__(self, name: str) -> TestClient:
        return self.clients[name]

    def receive(self, *texts: str, suggested: bool = True, **changes: Any) -> str:
        """An encounter of the north with notes; its id."""
        body = {
            "facility_id": "north",
            "patient": "p-1",
            "type": "outpatient",
            "date_of_service": "2026-03-01",
            "notes": [
                {
                    "type": "progress note",
                    "author_role": "physician",
                    "written_at": "2026-03-01T09:30:00Z",
                    "text": text,
                }
                for text in texts or (NOTE,)
            ],
        } | changes
        answer = self["system"].post("/v1/encounters", json=body)
        assert answer.status_code == 201, answer.text
        if suggested:
            self.service.jobs.run_waiting()
        encounter_id: str = answer.json()["encounter_id"]
        return encounter_id

    def see(self, encounter_id: str, who: str = "lead") -> dict[str, Any]:
        answer = self[who].get(f"/v1/encounters/{encounter_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def etag(self, encounter_id: str) -> str:
        return self["lead"].get(f"/v1/encounters/{encounter_id}").headers["ETag"]

    def change(
        self, who: str, method: str, encounter_id: str, path: str, body: Any = None
    ) -> Response:
        """A change at the encounter's newest version."""
        return self[who].request(
            method,
            f"/v1/encounters/{encounter_id}{path}",
            json=body,
            headers={"If-Match": self.etag(encounter_id)},
        )

    def decide(self, encounter_id: str, body: dict[str, Any], who: str = "coder") -> Response:
        return self.change(who, "POST", encounter_id, "/decisions", body)

    def entry(self, encounter_id: str, code: str) -> int:
        entries = self.see(encounter_id)["entries"]
        found: int = next(e["id"] for e in entries if e["code"] == code)
        return found

    def sign(self, encounter_id: str, who: str = "coder") -> None:
        """Accept every code, mark the first as first-listed, sign."""
        for entry in self.see(encounter_id)["entries"]:
            self.decide(encounter_id, {"do": "accept", "entry": entry["id"]}, who)
        first = self.see(encounter_id)["entries"][0]["id"]
        self.decide(encounter_id, {"do": "principal", "entry": first}, who)
        answer = self.change(who, "POST", encounter_id, "/signature")
        assert answer.status_code == 201, answer.text


def add_user(
    service: Service, name: str, role: str, facilities: tuple[str, ...]
) -> tuple[str, str]:
    """A user with an API token for all that the role may do; the token and the user's id."""
    with service.database.write() as session:
        user = service.auth.users.add(
            session, actor="test", now=utcnow(), name=name, role=role, facilities=facilities
        )
        token = make_token(
            session,
            audit=service.audit,
            actor="test",
            now=utcnow(),
            owner=user,
            label="test",
            scopes=[a.name for a in actions().values() if role in a.roles],
            life=timedelta(days=1),
            longest_life=timedelta(days=1),
        )
        return token.value, user.id
