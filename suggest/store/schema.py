"""All tables of the service, whichever package they stand in."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData

from suggest.store.base import Base

TABLE_MODULES = ("suggest.store.tables", "suggest.audit.tables", "suggest.auth.tables")


def metadata() -> MetaData:
    """The metadata with every table module imported."""
    for name in TABLE_MODULES:
        if find_spec(name.rpartition(".")[0]) is not None and find_spec(name) is not None:
            import_module(name)
    return Base.metadata
