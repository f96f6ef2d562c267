"""What SQLite and PostgreSQL do differently, in one place.

SQLite is told to be strict (foreign keys, WAL) and every write transaction takes the write lock at
its start: a deferred transaction that reads and then writes can fail with SQLITE_BUSY half-way,
where waiting does not help (https://www.sqlite.org/lang_transaction.html, 2.2).
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from suggest.store.errors import StoreError

BUSY_TIMEOUT_MS = 10_000
T = TypeVar("T")
WRITES = "suggest_writes"  # the execution option that marks an engine whose transactions write


def check(url: URL) -> str:
    """The dialect's name: `sqlite` or `postgresql`. StoreError for any other."""
    name = url.get_backend_name()
    if name not in ("sqlite", "postgresql"):
        raise StoreError(
            f"the database URL names {name!r}: use sqlite:///path or postgresql+psycopg://host/name"
        )
    return name


def prepare(engine: Engine) -> None:
    """Attach the connection's settings and the way a transaction begins."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "begin", _postgresql_begin)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself; `_sqlite_begin` does
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


class _Passed(FunctionElement[Any]):
    inherit_cache = True


@compiles(_Passed)
def _plain(element: _Passed, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(_Passed, "sqlite")
def _with_plus(element: _Passed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


def passed(column: InstrumentedAttribute[T]) -> ColumnElement[T]:
    """The column as a filter that chooses no index by itself.

    SQLite takes any index on a filtered column before one that sorts; a unary plus tells it not to
    (https://www.sqlite.org/optoverview.html, 8.2). PostgreSQL knows how many rows a filter leaves.
    """
    return _Passed(column)
