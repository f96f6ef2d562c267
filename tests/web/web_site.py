"""The application as a test sees it: users in browsers, encounters that were received."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import update

from suggest.auth.principal import principal
from suggest.auth.tables import User
from suggest.review import encounters, settings
from suggest.review.actor import Actor
from suggest.review.view import Workbench, workbench
from suggest.service import SYSTEM, Service

PASSWORD = "a long enough passphrase"
NOTE = """ASSESSMENT
1. Type 2 diabetes mellitus with stage 4 CKD.
2. Hypertension, well controlled.
Denies chest pain. No pneumonia on the film.
"""


class Browser:
    """Somebody's browser: keeps cookies, sends the CSRF token of the last page it saw."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(
            app,
            raise_server_exceptions=False,
            headers={"Accept": "text/html,application/xhtml+xml"},
        )
        self.csrf = ""

    def get(self, path: str, **given: Any) -> Response:
        answer = self.client.get(path, **given)
        token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        if token:
            self.csrf = token[1]
        return answer

    def post(self, path: str, *, htmx: bool = False, follow: bool = True, **form: Any) -> Response:
        """Send a form as the page would, or as htmx would."""
        headers = {"HX-Request": "true"} if htmx else {}
        form.setdefault("csrf_token", self.csrf)
        return self.client.post(path, data=form, headers=headers, follow_redirects=follow)

    def sign_in(self, name: str, password: str = PASSWORD, **form: Any) -> Response:
        page = self.client.get("/sign-in").text
        token = re.search(r'name="login_token" value="([^"]+)"', page)
        assert token
        form.setdefault("login_token", token[1])
        answer = self.client.post(
            "/sign-in", data={"name": name, "password": password, **form}, follow_redirects=False
        )
        if answer.status_code == 303:
            self.get(answer.headers["location"])
        return answer


@dataclass
class Site:
    """The running application."""

    app: FastAPI
    password_hash: str
    users: dict[str, User] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return self.app.state.service

    def add_user(self, name: str, role: str, places: list[str], now: datetime) -> None:
        with self.service.database.write() as session:
            user = self.service.auth.users.add(
                session, actor="test", now=now, name=name, role=role, facilities=places,
                display_name=name.title(),
            )  # fmt: skip
            hashed = update(User).where(User.id == user.id)
            session.execute(hashed.values(password_hash=self.password_hash))
            self.users[name] = user

    def browser(self, name: str | None = None) -> Browser:
        """A browser, signed in under the name."""
        browser = Browser(self.app)
        if name is not None:
            assert browser.sign_in(name).status_code == 303
        return browser

    def receive(self, *notes: str, suggest: bool = True, **fields: Any) -> str:
        """An encounter that arrives with its notes and gets its suggestions."""
        given = {
            "facility_id": "north",
            "patient": "P-1",
            "type": "outpatient",
            "date_of_service": date(2026, 3, 1),
        } | fields
        with self.service.work(SYSTEM) as work:
            encounter_id = encounters.create(work, encounters.NewEncounter(**given))
            for text in notes or (NOTE,):
                note = encounters.NewNote(
                    "Progress note", "physician", datetime(2026, 3, 1, 9, tzinfo=UTC), text
                )
                encounters.add_note(work, encounter_id, note)
        if suggest:
            self.service.jobs.run_waiting()
        return encounter_id

    def workbench(self, encounter_id: str, name: str = "lea") -> Workbench:
        actor = SYSTEM if name == "system" else self.actor(name)
        with self.service.database.read() as session:
            return workbench(session, actor, encounter_id, self.service.clock())

    def events(self, encounter_id: str | None = None) -> list[str]:
        """The names of the audit events, oldest first."""
        with self.service.database.read() as session:
            found = self.service.audit.events(session, encounter_id=encounter_id, limit=1000)
        return [event.event for event in reversed(found)]

    def actor(self, name: str) -> Actor:
        """The user as the review work knows them."""
        return principal(self.users[name]).actor

    def set(self, key: str, value: settings.Value) -> None:
        """Change a setting of the site."""
        with self.service.work(SYSTEM) as work:
            settings.change(work, key, value)


def words(answer: Response) -> str:
    """What a person reads on the page: no tags, single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
