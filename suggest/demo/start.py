"""Opens the demo: a database of its own, filled once, and users with passwords to print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from suggest.audit.checkpoint import signing_key
from suggest.audit.log import AuditLog
from suggest.auth.users import DemoUser, create_demo_users
from suggest.demo.seed import Seeding
from suggest.engine.pipeline import Suggester
from suggest.settings import Settings
from suggest.store.base import Database, utcnow

FOLDER = Path("var/demo")


def demo_settings(folder: Path = FOLDER) -> Settings:
    """Settings of a demo on this machine alone: no TLS, never production."""
    return Settings(
        data_dir=folder,
        database_url=None,
        audit_key=None,
        production=False,
        secure_cookies=False,
        idle_minutes=240,
        site_name="Demo hospital group",
        oidc=None,
    )


def prepare(
    settings: Settings, suggester: Suggester, clock: Callable[[], datetime] = utcnow
) -> list[DemoUser]:
    """Fill the demo's database if there is none; the users, with new passwords each time.

    It is filled under another name first: a start that was broken off leaves no half demo.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = settings.data_dir / "suggest.db"
    if not target.exists():
        return _fill(settings, suggester, target, clock())
    database = Database(settings.url)
    database.migrate()
    with database.write() as session:
        users = create_demo_users(
            session, audit=AuditLog(clock), now=clock(), settings=settings.auth
        )
    database.close()
    return users


def _fill(settings: Settings, suggester: Suggester, target: Path, now: datetime) -> list[DemoUser]:
    draft = target.with_name("filling.db")
    for left in draft.parent.glob("filling.db*"):
        left.unlink()
    database = Database(f"sqlite:///{draft}")
    database.migrate()
    key = signing_key(settings.key_file)
    users = Seeding(database, suggester, settings.auth, key, now).run()
    database.close()  # the last connection moves the write-ahead log into the file
    draft.rename(target)
    return users
