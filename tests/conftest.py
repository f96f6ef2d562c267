"""What the tests share: one loaded Suggester."""

from __future__ import annotations

import pytest

from suggest import Suggester


@pytest.fixture(scope="session")
def suggester() -> Suggester:
    """The packaged model, loaded once."""
    return Suggester.load()
