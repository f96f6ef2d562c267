from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_site import PASSWORD, Site

from suggest.store.base import utcnow


@pytest.fixture(scope="session")
def password_hash(new_app: Callable[..., FastAPI]) -> str:
    """argon2id takes its time: every test user has the same hash."""
    with TestClient(new_app()) as client:
        return client.app.state.auth._passwords.hash(PASSWORD, name="nobody")


@pytest.fixture
def site(new_app: Callable[..., FastAPI], password_hash: str) -> Iterator[Site]:
    """A running application with a user of each role, at `north` unless told otherwise."""
    app = new_app()
    with TestClient(app, raise_server_exceptions=False):
        found = Site(app, password_hash)
        for name, role, places in (
            ("ann", "coder", ["north"]),
            ("bob", "coder", ["north"]),
            ("sue", "coder", ["south"]),
            ("lea", "lead", ["*"]),
            ("aud", "auditor", ["*"]),
            ("mel", "ml_engineer", []),
            ("ada", "admin", ["*"]),
        ):
            found.add_user(name, role, places, utcnow())
        yield found
