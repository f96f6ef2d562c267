"""Users and API tokens, for admins; and who the caller is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, SecretStr

from suggest.api.calls import RESPONSES, SIGNED_IN, Call, Id, In, Line, may
from suggest.auth.errors import InvalidUser
from suggest.auth.permissions import actions
from suggest.auth.principal import Principal
from suggest.auth.tables import ApiToken, User
from suggest.auth.tokens import make_token, revoke_token, tokens_of
from suggest.auth.web import current_user

router = APIRouter(prefix="/v1", tags=["users"], dependencies=SIGNED_IN, responses=RESPONSES)

Name = Annotated[str, Path(min_length=1, max_length=100, examples=["casey"])]
Role = Literal["coder", "lead", "auditor", "ml_engineer", "admin", "system"]
FacilityId = Annotated[Id, Field(description="a facility's id, or `*` for every one")]


class Password(In):
    """A new password; it is stored as argon2id and shown nowhere."""

    password: Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class UserIn(In):
    """A new user. A system gets no password but API tokens."""

    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["casey"])]
    display_name: Annotated[Line, Field(min_length=1, examples=["Casey Coder"])] | None = None
    role: Role
    facilities: Annotated[list[FacilityId], Field(default_factory=list, max_length=1000)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=1000)] | None = None


class UserChange(In):
    """What is to change; what is left out stays."""

    role: Role | None = None
    facilities: Annotated[list[FacilityId], Field(max_length=1000)] | None = None
    active: bool | None = None


class UserOut(BaseModel):
    """A user, without anything secret."""

    id: str
    name: str
    display_name: str
    role: str
    facilities: list[str]
    active: bool
    demo: bool
    created_at: datetime


class TokenIn(In):
    """What the token is for, what it may do, how long it lives."""

    label: Annotated[Line, Field(min_length=1, examples=["interface engine"])]
    scopes: Annotated[list[Line], Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenMade(BaseModel):
    """The token: this is the only time that it is shown."""

    token: str
    prefix: str
    expires_at: datetime


class TokenOut(BaseModel):
    """A token without its secret."""

    prefix: str
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class Me(BaseModel):
    """Who calls, and what they may do."""

    id: str
    name: str
    display_name: str
    role: str
    facilities: list[str]
    actions: list[str]


@router.get("/me")
def who_am_i(user: Principal = Depends(current_user)) -> Me:
    """Who the token or the session belongs to, and what it may do."""
    return Me(
        id=user.user_id,
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        facilities=sorted(user.facilities),
        actions=[name for name in actions() if user.allows(name)],
    )


@router.get("/users")
def list_users(call: Call = may("users.manage")) -> list[UserOut]:
    """Every user, by name."""
    with call.read() as session:
        return [_user(user) for user in call.service.auth.users.all(session)]


@router.post("/users", status_code=201)
def add_user(body: UserIn, call: Call = may("users.manage")) -> UserOut:
    """Add a user."""
    with call.service.database.write() as session:
        return _user(
            call.service.auth.users.add(
                session,
                actor=call.user.user_id,
                now=call.now,
                name=body.name,
                role=body.role,
                facilities=body.facilities,
                display_name=body.display_name,
                password=body.password.get_secret_value() if body.password else None,
            )
        )


@router.get("/users/{name}")
def read_user(name: Name, call: Call = may("users.manage")) -> UserOut:
    """One user."""
    with call.read() as session:
        return _user(call.service.auth.users.get(session, name))


@router.patch("/users/{name}")
def change_user(name: Name, body: UserChange, call: Call = may("users.manage")) -> UserOut:
    """Change role, facilities or whether they may sign in; nobody changes themselves."""
    users = call.service.auth.users
    with call.service.database.write() as session:
        user = users.get(session, name)
        if user.id == call.user.user_id:
            raise InvalidUser("nobody changes their own rights: ask another admin")
        actor = call.user.user_id
        users.set_rights(
            session,
            actor=actor,
            name=name,
            role=body.role or user.role,
            facilities=user.facility_ids if body.facilities is None else body.facilities,
        )
        if body.active is not None:
            users.set_active(session, actor=actor, name=name, active=body.active)
        return _user(users.get(session, name))


@router.put("/users/{name}/password", status_code=204)
def set_password(name: Name, body: Password, call: Call = may("users.manage")) -> None:
    """Set a new password; ends the user's sessions."""
    with call.service.database.write() as session:
        call.service.auth.users.set_password(
            session,
            actor=call.user.user_id,
            name=name,
            password=body.password.get_secret_value(),
        )


@router.get("/users/{name}/tokens")
def list_tokens(name: Name, call: Call = may("tokens.manage")) -> list[TokenOut]:
    """The user's API tokens, newest first."""
    with call.read() as session:
        user = call.service.auth.users.get(session, name)
        return [_token(token) for token in tokens_of(session, user.id)]


@router.post("/users/{name}/tokens", status_code=201)
def add_token(name: Name, body: TokenIn, call: Call = may("tokens.manage")) -> TokenMade:
    """Make an API token; its value is shown this once."""
    auth = call.service.auth
    with call.service.database.write() as session:
        new = make_token(
            session,
            audit=call.service.audit,
            actor=call.user.user_id,
            now=call.now,
            owner=auth.users.get(session, name),
            label=body.label,
            scopes=body.scopes,
            life=timedelta(days=body.days),
            longest_life=auth.settings.longest_token_life,
        )
    return TokenMade(token=new.value, prefix=new.prefix, expires_at=new.expires_at)


@router.delete("/tokens/{prefix}", status_code=204)
def stop_token(
    prefix: Annotated[str, Path(min_length=1, max_length=16)], call: Call = may("tokens.manage")
) -> None:
    """Stop a token at once."""
    with call.service.database.write() as session:
        revoke_token(
            session,
            audit=call.service.audit,
            actor=call.user.user_id,
            now=call.now,
            prefix=prefix,
        )


def _user(user: User) -> UserOut:
    return UserOut(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        facilities=sorted(user.facility_ids),
        active=user.active,
        demo=user.demo,
        created_at=user.created_at,
    )


def _token(token: ApiToken) -> TokenOut:
    return TokenOut(
        prefix=token.prefix,
        label=token.label,
        scopes=token.scopes.split(),
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )
