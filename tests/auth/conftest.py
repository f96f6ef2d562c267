from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from auth_gate import Gate

from suggest.store.base import Database


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    database = Database(f"sqlite:///{tmp_path / 'suggest.db'}")
    database.migrate()
    yield Gate(database)
    database.close()
