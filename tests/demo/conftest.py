from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_site import Demo

from suggest.audit.checkpoint import signing_key
from suggest.auth.users import DemoUser
from suggest.demo.start import demo_settings
from suggest.settings import Settings
from suggest.store.base import Database, utcnow


@pytest.fixture
def demo(filled_demo: tuple[Settings, list[DemoUser]], tmp_path: Path) -> Iterator[Demo]:
    """A copy, so that a test may change it."""
    settings, users = filled_demo
    shutil.copytree(settings.data_dir, tmp_path, dirs_exist_ok=True)
    own = demo_settings(tmp_path)
    database = Database(own.url)
    yield Demo(own, users, utcnow(), database, signing_key(own.key_file))
    database.close()
