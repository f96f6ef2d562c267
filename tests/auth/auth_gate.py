"""The sign-in with a clock that stands until it is moved and argon2 made cheap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from suggest.audit.log import AuditLog
from suggest.auth.service import Auth, NewSession
from suggest.auth.settings import AuthSettings
from suggest.auth.tables import User
from suggest.auth.tokens import NewToken, make_token
from suggest.store.base import Database

PHRASE = "correct horse battery staple"


class Gate:
    """Auth and short ways to use it."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
        self.settings = AuthSettings(
            argon2_time=1, argon2_memory=8, argon2_lanes=1, production=False, **settings
        )
        self.audit = AuditLog(lambda: self.now)
        self.auth = Auth(database, self.audit, self.settings, lambda: self.now)

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def add(self, name: str = "ann", role: str = "coder", password: str | None = PHRASE) -> User:
        with self.auth.database.write() as session:
            return self.auth.users.add(
                session, actor="t", now=self.now, name=name, role=role, facilities=["north"],
                password=password,
            )  # fmt: skip

    def sign_in(
        self, name: str = "ann", password: str = PHRASE, address: str = "10.0.0.1", **more: str
    ) -> NewSession:
        return self.auth.sign_in(name, password, address=address, **more)

    def token(self, name: str, *scopes: str, days: int = 1) -> NewToken:
        with self.auth.database.write() as session:
            return make_token(
                session, audit=self.audit, actor="t", now=self.now,
                owner=self.auth.users.get(session, name), label="test", scopes=scopes,
                life=timedelta(days=days), longest_life=self.settings.longest_token_life,
            )  # fmt: skip

    def events(self) -> list[str]:
        with self.auth.database.read() as session:
            return [e.event for e in reversed(self.audit.events(session, limit=1000))]
