"""The declarative base, the column types shared by all tables, and `Database`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from suggest.store import dialect
from suggest.store.errors import NaiveDatetime

DEFAULT_URL = "sqlite:///var/suggest.db"
MIGRATIONS = Path(__file__).parent / "migrations"


class Base(DeclarativeBase):
    """Base of every table of the service, whichever package it stands in."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# SQLite numbers rows by itself only for a primary key declared INTEGER.
BigInt = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database. NaiveDatetime for one without a zone.

    SQLite keeps it as text of one fixed form, so that comparing text compares time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveDatetime(f"{value.isoformat()} has no zone: pass a datetime with tzinfo")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utcnow() -> datetime:
    """Now, with its zone."""
    return datetime.now(UTC)


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32


def new_id() -> str:
    """26 characters that nobody can guess and that sort by the time of making (as a ULID does)."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


class Database:
    """One database: `read()` and `write()` give sessions, `migrate()` brings the tables up to date.

    `url`: `sqlite:///path` or `postgresql+psycopg://user@host/name`. A write session commits when
    its block ends and rolls back when it raises; a read session is refused any write by the
    database itself.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        parsed = make_url(url)
        if dialect.check(parsed) == "sqlite" and parsed.database not in (None, "", ":memory:"):
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        # An error of the database must not carry a note into a log.
        self.engine = create_engine(parsed, hide_parameters=True)
        dialect.prepare(self.engine)
        self._writer = self.engine.execution_options(**{dialect.WRITES: True})
        self._read_sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._write_sessions = sessionmaker(self._writer, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one snapshot and writes nothing."""
        session = self._read_sessions()
        try:
            yield session
        finally:
            session.close()  # not rollback: that would expire what was read

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose block is one transaction; on SQLite it holds the write lock."""
        with self._write_sessions() as session, session.begin():
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Upgrade to `revision`, in one transaction where nothing is half done."""
        with self._writer.begin() as connection:
            config = _alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def revision(self) -> str | None:
        """The revision the database stands at; None when it was never migrated."""
        from alembic.runtime.migration import MigrationContext

        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def migration_sql(url: str, revision: str = "head") -> str:
    """The migrations as SQL text for the URL's dialect, for a DBA to read; connects nowhere."""
    config = _alembic_config()
    out = StringIO()
    config.output_buffer = out
    config.attributes["url"] = url
    command.upgrade(config, revision, sql=True)
    return out.getvalue()


def _alembic_config(**attributes: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes.update(attributes)
    return config
