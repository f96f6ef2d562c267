"""API tokens: `sgt_<prefix>_<secret>`, scoped to actions, expiring, revocable."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.auth.errors import InvalidScope, InvalidToken, UnknownToken
from suggest.auth.permissions import actions, allowed
from suggest.auth.secret import digest, new_prefix, new_secret, same
from suggest.auth.tables import ApiToken, User
from suggest.review.events import AuditSink
from suggest.store.base import new_id

MARK: Final = "sgt"  # lets secret scanners find one that was committed somewhere


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; `value` is shown once and stored nowhere."""

    value: str
    prefix: str
    expires_at: datetime


def make_token(
    session: Session,
    *,
    audit: AuditSink,
    actor: str,
    now: datetime,
    owner: User,
    label: str,
    scopes: Collection[str],
    life: timedelta,
    longest_life: timedelta,
) -> NewToken:
    """A token of `owner`. InvalidScope for actions that the owner's role may not do."""
    if not scopes:
        raise InvalidScope("a token has at least one scope: an action it is made for")
    unknown = sorted(set(scopes) - set(actions()))
    if unknown:
        raise InvalidScope(f"scopes are actions of permissions.tsv, not {', '.join(unknown)}")
    beyond = sorted(scope for scope in set(scopes) if not allowed(owner.role, scope))
    if beyond:
        raise InvalidScope(f"the role {owner.role} may not: {', '.join(beyond)}")
    if not timedelta(0) < life <= longest_life:
        raise InvalidScope(f"a token lives for more than nothing and at most {longest_life}")
    prefix, secret = new_prefix(), new_secret()
    session.add(
        ApiToken(
            id=new_id(),
            prefix=prefix,
            secret_hash=digest(secret),
            user_id=owner.id,
            label=label[:200],
            scopes=" ".join(sorted(set(scopes))),
            created_at=now,
            expires_at=now + life,
        )
    )
    session.flush()
    audit.record(
        session,
        event="token.made",
        actor=actor,
        encounter_id=None,
        detail={
            "token": prefix,
            "user": owner.id,
            "scopes": sorted(set(scopes)),
            "expires_at": (now + life).isoformat(),
        },
    )
    return NewToken(f"{MARK}_{prefix}_{secret}", prefix, now + life)


def revoke_token(
    session: Session, *, audit: AuditSink, actor: str, now: datetime, prefix: str
) -> None:
    """The token stops at once. UnknownToken where there is none of this prefix."""
    token = session.scalar(select(ApiToken).where(ApiToken.prefix == prefix))
    if token is None:
        raise UnknownToken(f"there is no token {prefix!r}")
    if token.revoked_at is not None:
        return
    token.revoked_at = now
    detail = {"token": prefix, "user": token.user_id}
    audit.record(session, event="token.revoked", actor=actor, encounter_id=None, detail=detail)


def tokens_of(session: Session, user_id: str) -> list[ApiToken]:
    """The user's tokens, newest first."""
    return list(
        session.scalars(
            select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
        )
    )


def find_token(session: Session, value: str) -> ApiToken:
    """The stored token that the value belongs to, whether it still holds or not. InvalidToken."""
    parts = value.split("_", 2)
    if len(parts) == 3 and parts[0] == MARK:
        token = session.scalar(select(ApiToken).where(ApiToken.prefix == parts[1]))
        if token is not None and same(token.secret_hash, digest(parts[2])):
            return token
    raise InvalidToken("the API token is not known")
