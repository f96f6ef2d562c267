"""`suggest users ...`: add and change users and API tokens where the server runs."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from suggest.audit.log import AuditLog
from suggest.auth.passwords import Passwords
from suggest.auth.settings import AuthSettings
from suggest.auth.tokens import make_token, revoke_token, tokens_of
from suggest.auth.users import Users
from suggest.errors import SuggestError
from suggest.store.base import DEFAULT_URL, Database, utcnow

users_app = typer.Typer(name="users", help="Users and API tokens.", no_args_is_help=True)

BAD_INPUT = 2

DatabaseUrl = Annotated[
    str, typer.Option("--database", envvar="SUGGEST_DATABASE_URL", help="The database's URL.")
]
Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
Facility = Annotated[
    list[str] | None,
    typer.Option("--facility", help="A facility's id, or * for every one; may be given again."),
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@users_app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="coder, lead, auditor, ml_engineer, admin, system.")],
    facility: Facility = None,
    display_name: Annotated[str | None, typer.Option(help="The name to show.")] = None,
    password_stdin: PasswordStdin = False,
    database: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Add a user; the password is asked for, never an argument. A system gets none."""
    password = None if role == "system" else _password(password_stdin)
    with _work(database) as (session, users):
        user = users.add(
            session,
            actor=_operator(),
            now=utcnow(),
            name=name,
            role=role,
            facilities=facility or [],
            display_name=display_name,
            password=password,
        )
        typer.echo(f"added {user.name} ({user.role}), id {user.id}")


@users_app.command("list")
def list_users(database: DatabaseUrl = DEFAULT_URL) -> None:
    """Every user with role and facilities."""
    with _work(database) as (session, users):
        for user in users.all(session):
            state = "" if user.active else "\tinactive"
            places = ",".join(sorted(user.facility_ids)) or "-"
            typer.echo(f"{user.name}\t{user.role}\t{places}\t{user.display_name}{state}")


@users_app.command()
def password(
    name: Name, password_stdin: PasswordStdin = False, database: DatabaseUrl = DEFAULT_URL
) -> None:
    """Set a new password; ends the user's sessions."""
    chosen = _password(password_stdin)
    with _work(database) as (session, users):
        users.set_password(session, actor=_operator(), name=name, password=chosen)


@users_app.command()
def rights(
    name: Name,
    role: Annotated[str, typer.Option(help="The new role.")],
    facility: Facility = None,
    database: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Set the role and all the facilities of a user."""
    with _work(database) as (session, users):
        users.set_rights(
            session, actor=_operator(), name=name, role=role, facilities=facility or []
        )


@users_app.command()
def deactivate(name: Name, database: DatabaseUrl = DEFAULT_URL) -> None:
    """Switch a user off: sessions end, tokens stop."""
    with _work(database) as (session, users):
        users.set_active(session, actor=_operator(), name=name, active=False)


@users_app.command()
def activate(name: Name, database: DatabaseUrl = DEFAULT_URL) -> None:
    """Switch a user on again."""
    with _work(database) as (session, users):
        users.set_active(session, actor=_operator(), name=name, active=True)


@users_app.command("token-add")
def token_add(
    name: Name,
    scope: Annotated[list[str], typer.Option(help="An action; may be given again.")],
    label: Annotated[str, typer.Option(help="What the token is for.")],
    days: Annotated[int, typer.Option(help="How long it holds.")] = 90,
    database: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Make an API token and print it, once."""
    with _work(database) as (session, users):
        new = make_token(
            session,
            audit=AuditLog(),
            actor=_operator(),
            now=utcnow(),
            owner=users.get(session, name),
            label=label,
            scopes=scope,
            life=timedelta(days=days),
            longest_life=AuthSettings().longest_token_life,
        )
    typer.echo(new.value)


@users_app.command("token-list")
def token_list(name: Name, database: DatabaseUrl = DEFAULT_URL) -> None:
    """The tokens of a user: prefix, end, scopes, label."""
    with _work(database) as (session, users):
        for token in tokens_of(session, users.get(session, name).id):
            state = "revoked" if token.revoked_at else f"until {token.expires_at:%Y-%m-%d %H:%M}"
            typer.echo(f"{token.prefix}\t{state}\t{token.scopes}\t{token.label}")


@users_app.command("token-revoke")
def token_revoke(
    prefix: Annotated[str, typer.Argument(help="The token's 8 characters behind sgt_.")],
    database: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Stop a token."""
    with _work(database) as (session, _):
        revoke_token(session, audit=AuditLog(), actor=_operator(), now=utcnow(), prefix=prefix)


@contextmanager
def _work(url: str) -> Iterator[tuple[Session, Users]]:
    """A transaction; errors become one line and exit code 2."""
    try:
        with Database(url).write() as session:
            yield session, Users(Passwords(AuthSettings()), AuditLog())
    except SuggestError as error:
        typer.echo(f"{error.title}: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    except (SQLAlchemyError, ImportError) as error:  # ImportError: the URL's driver is missing
        # Only the driver's own words: SQLAlchemy's add the statement and its parameters.
        words = error.orig if isinstance(error, DBAPIError) else error
        typer.echo(f"the database cannot be used: {words}", err=True)
        raise typer.Exit(BAD_INPUT) from error


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    chosen: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return chosen


def _operator() -> str:
    """The actor of what is done at the server's command line."""
    return f"cli:{getpass.getuser()}"
