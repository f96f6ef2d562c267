"""Users: who exists, with which role, at which facilities."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from suggest.auth.errors import DemoInProduction, InvalidUser, UnknownRole, UnknownUser
from suggest.auth.passwords import Passwords
from suggest.auth.permissions import allowed
from suggest.auth.settings import AuthSettings
from suggest.auth.tables import ROLES, User, UserFacility, UserSession
from suggest.review.events import AuditSink
from suggest.store.base import new_id

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
DEMO_USERS: Final = (
    ("coder", "Casey Coder", "coder"),
    ("coder2", "Robin Coder", "coder"),
    ("lead", "Lee Lead", "lead"),
    ("auditor", "Audrey Auditor", "auditor"),
    ("ml", "Morgan Engineer", "ml_engineer"),
    ("admin", "Ada Admin", "admin"),
)


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A demo user with the password to print."""

    name: str
    password: str
    role: str


def login_name(name: str) -> str:
    """The form in which names are stored and compared. InvalidUser for one that cannot be."""
    normal = unicodedata.normalize("NFKC", name[:400]).strip().casefold()
    if not _NAME.fullmatch(normal):
        raise InvalidUser("a user's name is 1 to 100 of the characters a-z 0-9 . _ @ + -")
    return normal


class Users:
    """Adds and changes users; every change is an audit event in the same transaction."""

    def __init__(self, passwords: Passwords, audit: AuditSink) -> None:
        self._passwords = passwords
        self._audit = audit

    def add(
        self,
        session: Session,
        *,
        actor: str,
        now: datetime,
        name: str,
        role: str,
        facilities: Collection[str],
        display_name: str | None = None,
        password: str | None = None,
        oidc: tuple[str, str] | None = None,
        demo: bool = False,
    ) -> User:
        """A new user. Without `password` they sign in through `oidc` (issuer, subject) or not."""
        normal = login_name(name)
        if session.scalar(select(User.id).where(User.name == normal)) is not None:
            raise InvalidUser(f"there is a user {normal} already")
        _check_role(role)
        if role == "system" and password is not None:
            raise InvalidUser("a system has no password: make it an API token")
        user = User(
            id=new_id(),
            name=normal,
            display_name=(display_name or normal)[:200],
            role=role,
            password_hash=(
                None if password is None else self._passwords.hash(password, name=normal)
            ),
            oidc_issuer=oidc[0] if oidc else None,
            oidc_subject=oidc[1] if oidc else None,
            active=True,
            demo=demo,
            created_at=now,
            facilities=_facility_rows(facilities),
        )
        session.add(user)
        try:
            session.flush()
        except IntegrityError as error:
            raise InvalidUser(f"there is a user {normal} already") from error
        detail = {"user": user.id, "role": role, "facilities": sorted(facilities), "demo": demo}
        self._record(session, "user.added", actor, detail)
        return user

    def set_password(self, session: Session, *, actor: str, name: str, password: str) -> None:
        """A new password; ends the user's sessions."""
        user = self.get(session, name)
        if user.role == "system":
            raise InvalidUser("a system has no password: make it an API token")
        user.password_hash = self._passwords.hash(password, name=user.name)
        _end_sessions(session, user.id)
        self._record(session, "user.password_set", actor, {"user": user.id})

    def set_rights(
        self, session: Session, *, actor: str, name: str, role: str, facilities: Collection[str]
    ) -> None:
        """Another role or other facilities; sessions that stand have them with the next request."""
        user = self.get(session, name)
        _check_role(role)
        if role == "system" and user.password_hash is not None:
            raise InvalidUser("a system has no password: add it as a new user")
        if (user.role, user.facility_ids) == (role, frozenset(facilities)):
            return
        user.role = role
        user.facilities = _facility_rows(facilities)
        session.flush()
        detail = {"user": user.id, "role": role, "facilities": sorted(facilities)}
        self._record(session, "user.rights_set", actor, detail)

    def set_active(self, session: Session, *, actor: str, name: str, active: bool) -> None:
        """Switch a user off (ends their sessions; their API tokens stop) or on again."""
        user = self.get(session, name)
        if user.active == active:
            return
        user.active = active
        if not active:
            _end_sessions(session, user.id)
        event = "user.activated" if active else "user.deactivated"
        self._record(session, event, actor, {"user": user.id})

    def get(self, session: Session, name: str) -> User:
        """The user of this name. UnknownUser."""
        normal = login_name(name)
        user = session.scalar(select(User).where(User.name == normal))
        if user is None:
            raise UnknownUser(f"there is no user {normal}")
        return user

    def all(self, session: Session) -> list[User]:
        """Every user, by name."""
        return list(session.scalars(select(User).order_by(User.name)))

    def display_names(self, session: Session, ids: Iterable[str]) -> dict[str, str]:
        """Names to show for user ids; ids of nobody are left out."""
        rows = session.execute(select(User.id, User.display_name).where(User.id.in_(set(ids))))
        return {row.id: row.display_name for row in rows}

    def people(self, session: Session) -> dict[str, tuple[str, str]]:
        """User id -> name to show and role, of everybody."""
        rows = session.execute(select(User.id, User.display_name, User.role))
        return {row.id: (row.display_name, row.role) for row in rows}

    def _record(self, session: Session, event: str, actor: str, detail: dict[str, Any]) -> None:
        self._audit.record(session, event=event, actor=actor, encounter_id=None, detail=detail)


def coders_at(session: Session, facility_id: str | None = None) -> list[User]:
    """Whom work can be given to: active coders and leads (at the facility), by their names."""
    found = session.scalars(
        select(User)
        .where(User.role.in_(("coder", "lead")), User.active)
        .order_by(User.display_name, User.name)
    )
    return [user for user in found if facility_id is None or {"*", facility_id} & user.facility_ids]


def create_demo_users(
    session: Session,
    *,
    audit: AuditSink,
    now: datetime,
    settings: AuthSettings,
    password: str | None = None,
) -> list[DemoUser]:
    """One user of each role at every facility, with passwords to print.

    Passwords are random unless given; where the users exist they get new ones. DemoInProduction
    when the settings say production.
    """
    if settings.production:
        raise DemoInProduction("demo users are made only where the production setting is off")
    users = Users(Passwords(settings), audit)
    made: list[DemoUser] = []
    for name, display_name, role in DEMO_USERS:
        chosen = password or f"demo-{secrets.token_urlsafe(9)}"
        present = session.scalar(select(User).where(User.name == name))
        if present is None:
            users.add(
                session,
                actor="demo",
                now=now,
                name=name,
                role=role,
                facilities=["*"],
                display_name=display_name,
                password=chosen,
                demo=True,
            )
        elif present.demo:
            users.set_password(session, actor="demo", name=name, password=chosen)
        else:
            raise InvalidUser(f"there is a user {name} who is not a demo user")
        made.append(DemoUser(name, chosen, role))
    return made


def check_assignee(session: Session, user_id: str, facility_id: str) -> None:
    """InvalidUser unless the user can code encounters of the facility."""
    user = session.get(User, user_id)
    able = user is not None and user.active and allowed(user.role, "encounter.decide")
    if user is None or not able or not user.facility_ids & {"*", facility_id}:
        raise InvalidUser("nobody of this id codes at the encounter's facility")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UnknownRole(f"there is no role {role!r}: the roles are {', '.join(ROLES)}")


def _facility_rows(facilities: Collection[str]) -> list[UserFacility]:
    if isinstance(facilities, str):
        raise InvalidUser("facilities are given as a list of their ids")
    for facility in facilities:
        if not 1 <= len(facility) <= 64:
            raise InvalidUser("a facility's id has 1 to 64 characters")
    return [UserFacility(facility_id=facility) for facility in sorted(set(facilities))]


def _end_sessions(session: Session, user_id: str) -> None:
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))
