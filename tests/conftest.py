"""What the tests share: one loaded Suggester, and how long hypothesis looks for counterexamples."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from suggest import Suggester

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
