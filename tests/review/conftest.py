from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_clinic import START, SYSTEM, Clinic, Heard

from suggest.review import encounters
from suggest.review.actor import Work
from suggest.store.base import Database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "template.db"
    db = Database(f"sqlite:///{path}")
    db.migrate()
    with db.write() as session:
        work = Work(session, SYSTEM, Heard(), START)
        encounters.add_facility(work, "north", "North Hospital")
        encounters.add_facility(work, "south", "South Clinic")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture
def clinic(migrated: Path, tmp_path: Path) -> Iterator[Clinic]:
    path = tmp_path / "suggest.db"
    shutil.copy(migrated, path)
    db = Database(f"sqlite:///{path}")
    yield Clinic(db)
    db.close()
