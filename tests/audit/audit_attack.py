"""What somebody can do who has the database file: the triggers are no obstacle."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from suggest.audit.chain import ZERO_HASH, chained_hash, record_bytes
from suggest.store.base import Database

Row = tuple[int, str, str, str, str | None, str, str, str]
COLUMNS = "seq, time, actor, event, encounter_id, detail, prev_hash, hash"


@contextmanager
def file_of(database: Database) -> Iterator[sqlite3.Connection]:
    """The raw file with every trigger of the log gone, put back at the end without a trace."""
    connection = sqlite3.connect(str(database.engine.url.database))
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    for _, statement in triggers:
        connection.execute(statement)
    connection.commit()
    connection.close()


def rewrite(database: Database, change: Callable[[list[Row]], Sequence[Row]]) -> None:
    """Replace all rows by what `change` makes of them."""
    with file_of(database) as connection:
        rows = connection.execute(f"SELECT {COLUMNS} FROM audit_event ORDER BY seq").fetchall()
        connection.execute("DELETE FROM audit_event")
        connection.executemany(
            f"INSERT INTO audit_event ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", change(rows)
        )


def rehashed(row: Row, prev_hash: str | None = None) -> Row:
    """The row with a hash that fits its content, as an attacker who knows the rule makes it."""
    previous = prev_hash if prev_hash is not None else row[6]
    return (*row[:6], previous, chained_hash(previous, record_bytes(*row[:6])))


def rechained(rows: Sequence[Row]) -> list[Row]:
    """All rows numbered and hashed anew: a chain that fits in itself."""
    made: list[Row] = []
    for seq, row in enumerate(rows, 1):
        made.append(rehashed((seq, *row[1:]), made[-1][7] if made else ZERO_HASH))
    return made
