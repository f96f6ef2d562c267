"""Users, sessions, failed sign-ins and API tokens. Secrets are stored as their SHA-256 only."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from suggest.store.base import Base, UtcDateTime

ROLES: Final = ("coder", "lead", "auditor", "ml_engineer", "admin", "system")


class User(Base):
    """A person or a system. `name` is in the form that `users.login_name` gives.

    Without a password hash nobody signs in by password (an identity provider vouches, or it is a
    system that uses API tokens).
    """

    __tablename__ = "auth_user"
    __table_args__ = (
        UniqueConstraint("name"),
        UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_auth_user_oidc"),
        CheckConstraint(f"role IN ({', '.join(map(repr, ROLES))})", name="role"),
        CheckConstraint("(oidc_issuer IS NULL) = (oidc_subject IS NULL)", name="oidc"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    display_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    oidc_issuer: Mapped[str | None] = mapped_column(String(300))
    oidc_subject: Mapped[str | None] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    demo: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    facilities: Mapped[list[UserFacility]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def facility_ids(self) -> frozenset[str]:
        """The facilities that the user may see; `{"*"}` for every one."""
        return frozenset(row.facility_id for row in self.facilities)


class UserFacility(Base):
    """A facility that a user may see; `*` is every facility."""

    __tablename__ = "auth_user_facility"

    user_id: Mapped[str] = mapped_column(ForeignKey("auth_user.id"), primary_key=True)
    facility_id: Mapped[str] = mapped_column(String(64), primary_key=True)


class UserSession(Base):
    """Somebody who is signed in. The browser has the token; here stands only its hash."""

    __tablename__ = "auth_session"
    __table_args__ = (
        Index("ix_auth_session_user_id", "user_id"),
        Index("ix_auth_session_expires_at", "expires_at"),
    )

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(26))
    user_id: Mapped[str] = mapped_column(ForeignKey("auth_user.id"))
    method: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Throttle(Base):
    """Failed sign-ins of one name or one address, which stand here as a hash."""

    __tablename__ = "auth_throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A token for the JSON API. `prefix` names it in lists and logs; `scopes` are actions."""

    __tablename__ = "auth_api_token"
    __table_args__ = (UniqueConstraint("prefix"), Index("ix_auth_api_token_user_id", "user_id"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(16))
    secret_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(ForeignKey("auth_user.id"))
    label: Mapped[str] = mapped_column(String(200))
    scopes: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OidcFlow(Base):
    """A sign-in that has gone to the identity provider and is not back yet."""

    __tablename__ = "auth_oidc_flow"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
