"""Rules that the database itself keeps, written once for SQLite and PostgreSQL.

Conditions are the SQL that both understand: NEW and OLD rows, EXISTS, IS DISTINCT FROM (SQLite
3.39 or newer). A trigger that refuses raises an integrity error in both. To be called while a
migration runs.
"""

from __future__ import annotations

from typing import Literal

from alembic import op

Event = Literal["INSERT", "UPDATE", "DELETE"]


def refuse(name: str, table: str, event: Event, when: str | None, message: str) -> None:
    """Refuse the event on a row of `table` when the SQL condition holds (None: always)."""
    text = message.replace("'", "''")
    if op.get_context().dialect.name == "sqlite":
        condition = f"WHEN {when} " if when else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
        )
        return
    row = "OLD" if event == "DELETE" else "NEW"
    raising = f"RAISE EXCEPTION '%', '{text}' USING ERRCODE = 'check_violation';"
    body = f"IF {when} THEN {raising} END IF;" if when else raising
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$body$ BEGIN {body} RETURN {row}; END $body$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def allow(name: str, table: str) -> None:
    """Drop a rule made by `refuse` (for downgrades and for later revisions that change it)."""
    if op.get_context().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(f"DROP FUNCTION {name}()")


def append_only(table: str) -> None:
    """Refuse every UPDATE and DELETE of the table's rows."""
    events: tuple[Event, Event] = ("UPDATE", "DELETE")
    for event in events:
        refuse(
            f"{table}_no_{event.lower()}",
            table,
            event,
            None,
            f"rows of {table} are never changed or deleted",
        )
