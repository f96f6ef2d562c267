from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_site import PASSWORD, Site

from suggest import Suggester
from suggest.auth.tables import User
from suggest.service import open_service
from suggest.store.base import utcnow


@dataclass(frozen=True)
class Ready:
    """The application's routes, and a data folder with the users, to copy for every test."""

    app: FastAPI
    folder: Path
    password_hash: str
    users: dict[str, User]


@pytest.fixture(scope="session")
def ready(new_app: Callable[..., FastAPI], tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("ready")
    app = new_app(folder)
    with TestClient(app):
        # argon2id takes its time: every test user has the same hash.
        site = Site(app, app.state.auth._passwords.hash(PASSWORD, name="nobody"))
        for name, role, places in (
            ("ann", "coder", ["north"]),
            ("bob", "coder", ["north"]),
            ("sue", "coder", ["south"]),
            ("lea", "lead", ["*"]),
            ("aud", "auditor", ["*"]),
            ("mel", "ml_engineer", []),
            ("ada", "admin", ["*"]),
        ):
            site.add_user(name, role, places, utcnow())
        with site.service.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return Ready(app, folder, site.password_hash, site.users)


@pytest.fixture
def site(ready: Ready, suggester: Suggester, tmp_path: Path) -> Iterator[Site]:
    """A running application with a user of each role, at `north` unless told otherwise."""
    old = ready.app.state.service
    folder = tmp_path / "data"
    shutil.copytree(ready.folder, folder)
    settings = old.settings.model_copy(update={"data_dir": folder})
    service = open_service(settings, suggester)
    ready.app.state.service, ready.app.state.auth = service, service.auth
    yield Site(ready.app, ready.password_hash, dict(ready.users))
    service.database.close()
