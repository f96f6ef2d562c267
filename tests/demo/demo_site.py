"""A filled demo database to look into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from suggest.audit.checkpoint import SigningKey
from suggest.auth.users import DemoUser
from suggest.settings import Settings
from suggest.store.base import Database


@dataclass(frozen=True)
class Demo:
    settings: Settings
    users: list[DemoUser]
    now: datetime
    database: Database
    key: SigningKey
