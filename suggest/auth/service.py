"""Signing in and out, and who a cookie or a token belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from suggest.auth import throttle
from suggest.auth.errors import (
    InvalidToken,
    InvalidUser,
    NotSignedIn,
    SignInFailed,
    TooManyAttempts,
)
from suggest.auth.passwords import Passwords
from suggest.auth.principal import Principal, principal
from suggest.auth.secret import derived, digest, new_secret
from suggest.auth.settings import AuthSettings
from suggest.auth.tables import ApiToken, OidcFlow, User, UserSession
from suggest.auth.tokens import find_token
from suggest.auth.users import Users, login_name
from suggest.review.events import AuditSink
from suggest.store.base import Database, new_id, utcnow

NOBODY: Final = "anonymous"  # the actor of what somebody unknown tried
# A request writes down that the session was used only when this long passed: reading stays reading.
TOUCH: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun; `token` goes into the cookie and is stored nowhere."""

    token: str
    principal: Principal
    expires_at: datetime


class Auth:
    """The service's gate. Two servers on one database agree: what it holds is in the database.

    Its functions open their own transactions, because a failed sign-in raises and must still be
    counted and recorded. They block (database, argon2): call them from a thread.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditSink,
        settings: AuthSettings,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self.database = database
        self.audit = audit
        self.settings = settings
        self.clock = clock
        self._passwords = Passwords(settings)
        self.users = Users(self._passwords, audit)
        self._used = False

    def sign_in(
        self, name: str, password: str, *, address: str, old_token: str | None = None
    ) -> NewSession:
        """Begin a session; always with a new token, and the old one of the browser ends.

        SignInFailed for every reason alike; TooManyAttempts after too many of them.
        """
        try:
            normal = login_name(name)
        except InvalidUser:
            normal = ""  # nobody's name: counted and refused like any other
        by_name, by_address = throttle.keys(normal or name, address, self.settings.throttle)
        self._count_attempt(by_name, by_address)
        with self.database.read() as session:
            user = session.scalar(select(User).where(User.name == normal))
            user_id = user.id if user is not None else None
            usable = user is not None and user.active and user.role != "system"
            stored = user.password_hash if user is not None and usable else None
        if not self._passwords.verify(stored, password) or user_id is None:
            with self.database.write() as session:
                self._record(
                    session,
                    "auth.sign_in_failed",
                    user_id or NOBODY,
                    {"method": "password", "address": address, "known": user_id is not None},
                )
            raise SignInFailed
        with self.database.write() as session:
            throttle.give_back(session, by_name, by_address, self.clock())
            if stored is not None and self._passwords.outdated(stored):
                session.execute(
                    update(User)
                    .where(User.id == user_id, User.password_hash == stored)
                    .values(password_hash=self._passwords.rehash(password))
                )
            return self.begin(
                session, user_id, method="password", address=address, old_token=old_token
            )

    def begin(
        self,
        session: Session,
        user_id: str,
        *,
        method: str,
        address: str,
        old_token: str | None = None,
    ) -> NewSession:
        """A session for a user whose identity has just been proved, in the caller's transaction."""
        now = self.clock()
        user = session.get(User, user_id, populate_existing=True)
        if user is None or not user.active:
            raise SignInFailed
        self._forget(session, now)
        if old_token is not None:
            session.execute(delete(UserSession).where(UserSession.token_hash == digest(old_token)))
        token, session_id = new_secret(), new_id()
        expires_at = now + self.settings.absolute_timeout
        session.add(
            UserSession(
                token_hash=digest(token),
                id=session_id,
                user_id=user.id,
                method=method,
                address=address[:64],
                created_at=now,
                last_seen_at=now,
                expires_at=expires_at,
            )
        )
        session.flush()
        detail = {"method": method, "address": address, "session": session_id}
        self._record(session, "auth.signed_in", user.id, detail)
        return NewSession(token, principal(user, session_id=session_id), expires_at)

    def sign_out(self, token: str) -> None:
        """End the session; nothing happens where it has ended already."""
        with self.database.write() as session:
            row = session.get(UserSession, digest(token))
            if row is None:
                return
            self._record(session, "auth.signed_out", row.user_id, {"session": row.id})
            session.delete(row)

    def by_session(self, token: str) -> Principal:
        """Whose session it is. NotSignedIn when it ended, by sign-out, idleness or age."""
        now = self.clock()
        key = digest(token)
        with self.database.read() as session:
            row = session.get(UserSession, key)
            user = session.get(User, row.user_id) if row is not None else None
            if row is None or user is None or not user.active:
                raise NotSignedIn("nobody is signed in here")
            last_seen_at = row.last_seen_at
            if now >= row.expires_at or now >= last_seen_at + self.settings.idle_timeout:
                raise NotSignedIn("the session has ended: sign in again")
            found = principal(user, session_id=row.id)
        if now - last_seen_at >= min(TOUCH, self.settings.idle_timeout / 10):
            with self.database.write() as session:
                session.execute(
                    update(UserSession)
                    .where(UserSession.token_hash == key, UserSession.last_seen_at < now)
                    .values(last_seen_at=now)
                )
        return found

    def by_api_token(self, value: str) -> Principal:
        """Whose API token it is, with its scopes. InvalidToken."""
        now = self.clock()
        with self.database.read() as session:
            token = find_token(session, value)
            user = session.get(User, token.user_id)
            holds = token.revoked_at is None and now < token.expires_at
            usable = holds and user is not None and user.active
            refused = {"token": token.prefix, "revoked": token.revoked_at is not None}
            owner, token_id, last_used_at = token.user_id, token.id, token.last_used_at
            if user is not None:
                found = principal(user, scopes=frozenset(token.scopes.split()))
        if not usable:
            with self.database.write() as session:
                self._record(session, "auth.token_refused", owner, refused)
            raise InvalidToken("the API token has expired or was revoked")
        if last_used_at is None or now - last_used_at >= TOUCH:
            with self.database.write() as session:
                session.execute(
                    update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now)
                )
        return found

    def in_use(self) -> bool:
        """Whether there is any user. Nobody takes the last one away, so yes stays yes."""
        if not self._used:
            with self.database.read() as session:
                self._used = session.scalar(select(User.id).limit(1)) is not None
        return self._used

    def csrf_token(self, token: str) -> str:
        """The token that the session's forms carry."""
        return derived(token, "csrf")

    def _count_attempt(self, *counted: throttle.Key) -> None:
        now = self.clock()
        # Looked up without the write lock first: who is blocked must not slow down the others.
        with self.database.read() as session:
            seconds = throttle.wait(session, counted, now)
        if not seconds:
            with self.database.write() as session:
                seconds = throttle.count(session, counted, now, self.settings.throttle)
        if seconds:
            raise TooManyAttempts(seconds)

    def _forget(self, session: Session, now: datetime) -> None:
        """Drop what has ended."""
        idle = now - self.settings.idle_timeout
        session.execute(
            delete(UserSession).where(
                (UserSession.expires_at <= now) | (UserSession.last_seen_at <= idle)
            )
        )
        session.execute(delete(OidcFlow).where(OidcFlow.expires_at <= now))
        throttle.forget(session, now, self.settings.throttle)

    def _record(self, session: Session, event: str, actor: str, detail: dict[str, Any]) -> None:
        self.audit.record(session, event=event, actor=actor, encounter_id=None, detail=detail)
