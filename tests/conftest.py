"""What the tests share: one Suggester, applications with a database of their own, hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from suggest import Suggester
from suggest.app import create_app
from suggest.auth.users import DemoUser
from suggest.demo.start import demo_settings, prepare
from suggest.settings import Settings

# A test fails for what it finds, never because the machine was busy.
settings.register_profile(
    "suite",
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def suggester() -> Suggester:
    """The packaged model, loaded once."""
    return Suggester.load()


@pytest.fixture(scope="session")
def new_app(
    suggester: Suggester, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., FastAPI]:
    """Makes the application on an empty SQLite file; keywords are those of `create_app`.

    No thread makes suggestions: call `app.state.service.jobs.run_waiting()`.
    """

    def make(folder: Path | None = None, **given: Any) -> FastAPI:
        settings = Settings(
            data_dir=folder or tmp_path_factory.mktemp("data"),
            production=False,
            secure_cookies=False,
            facilities={"north": "North Hospital", "south": "South Clinic"},
        )
        given.setdefault("jobs", False)
        return create_app(settings, suggester, **given)

    return make


@pytest.fixture(scope="session")
def filled_demo(
    suggester: Suggester, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, list[DemoUser]]:
    """A demo database, filled once for all tests: copy its folder before changing anything."""
    settings = demo_settings(tmp_path_factory.mktemp("demo"))
    return settings, prepare(settings, suggester)
