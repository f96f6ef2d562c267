"""Alembic's entry: runs the revisions on the connection (or, offline, for the URL) it is handed."""

from __future__ import annotations

from alembic import context

from suggest.store.schema import metadata

attributes = context.config.attributes
if context.is_offline_mode():
    context.configure(
        url=attributes["url"],
        target_metadata=metadata(),
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
        transactional_ddl=True,
    )
else:
    context.configure(
        connection=attributes["connection"], target_metadata=metadata(), transactional_ddl=True
    )
with context.begin_transaction():
    context.run_migrations()
