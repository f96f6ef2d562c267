from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from api_office import Office
from fastapi import FastAPI
from fastapi.testclient import TestClient


@pytest.fixture(scope="module")
def office(new_app: Callable[..., FastAPI]) -> Iterator[Office]:
    app = new_app()
    with TestClient(app):
        yield Office(app)
