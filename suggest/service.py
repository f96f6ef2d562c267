"""What the running application holds, opened once and shared by the API and the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import Request

from suggest.audit.checkpoint import SigningKey, signing_key
from suggest.audit.log import AuditLog
from suggest.audit.report import CodeReport
from suggest.auth.oidc import OidcSignIn
from suggest.auth.service import Auth
from suggest.codesets import CodeSet
from suggest.edits import Edits
from suggest.engine.model import Encounter, Suggestion
from suggest.engine.pipeline import Suggester
from suggest.errors import UnknownSystem
from suggest.review import encounters
from suggest.review.actor import EVERY_FACILITY, Actor, Work
from suggest.review.code_report import code_report
from suggest.review.suggestions import Model, Suggest
from suggest.settings import Settings
from suggest.store.base import Database, utcnow
from suggest.store.tables import Facility

if TYPE_CHECKING:
    from suggest.jobs import SuggestionJobs

SYSTEM = Actor("system", "system", EVERY_FACILITY)


@dataclass(frozen=True, slots=True)
class Service:
    """Database, sign-in, engine, edits and jobs; `request.app.state.service` holds it."""

    settings: Settings
    database: Database
    audit: AuditLog
    auth: Auth
    oidc: OidcSignIn | None
    suggester: Suggester
    edits: Edits
    key: SigningKey
    jobs: SuggestionJobs
    clock: Callable[[], datetime]

    @property
    def model(self) -> Model:
        """What makes the suggestions now."""
        return model_of(self.suggester)

    @contextmanager
    def work(self, actor: Actor) -> Iterator[Work]:
        """One transaction of review work; nothing is stored when it raises."""
        with self.database.write() as session:
            yield Work(session, actor, self.audit, self.clock())

    def code_report(self, work: Work, encounter_id: str, entry_id: int, made_by: str) -> CodeReport:
        """Everything behind one code, for an auditor; see `code_report`."""
        return code_report(
            work.session,
            work.actor,
            encounter_id,
            entry_id,
            now=work.now,
            made_by=made_by,
            people=self.auth.users.people(work.session),
            head=self.audit.head(work.session),
            edits=self.edits,
        )

    def codeset(self, system: str = "ICD-10-CM") -> CodeSet:
        """The code set of a system. UnknownSystem where it is not installed."""
        if system.upper() != self.suggester.codeset.system:
            raise UnknownSystem(f"code system {system[:20]!r} is not installed; use ICD-10-CM")
        return self.suggester.codeset


def service(request: Request) -> Service:
    """A dependency: what the application holds."""
    found: Service = request.app.state.service
    return found


def model_of(suggester: Suggester) -> Model:
    """The identity that is stored with every suggestion."""
    codeset = f"{suggester.codeset.system} {suggester.codeset.release}"
    return Model(suggester.model_name, suggester.model_sha256, codeset)


def open_service(
    settings: Settings,
    suggester: Suggester | None = None,
    clock: Callable[[], datetime] = utcnow,
) -> Service:
    """Open and migrate the database, load the model, make what the first start makes."""
    from suggest.jobs import SuggestionJobs

    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = signing_key(settings.key_file)
    database = Database(settings.url)
    database.migrate()
    audit = AuditLog(clock)
    auth = Auth(database, audit, settings.auth, clock)
    oidc = OidcSignIn(auth) if settings.oidc is not None else None
    engine = suggester or Suggester.load(settings.model)
    jobs = SuggestionJobs(
        database,
        audit,
        SYSTEM,
        probable(engine, settings.lowest_probability),
        model_of(engine),
        clock,
        settings.poll_seconds,
    )
    edits = Edits.load(engine.codeset)
    opened = Service(settings, database, audit, auth, oidc, engine, edits, key, jobs, clock)
    _add_facilities(opened)
    return opened


def probable(suggester: Suggester, lowest: float) -> Suggest:
    """The suggestions that are worth a coder's decision."""

    def suggest(text: str, encounter: Encounter) -> list[Suggestion]:
        return [s for s in suggester.suggest(text, encounter) if s.probability >= lowest]

    return suggest


def _add_facilities(opened: Service) -> None:
    with opened.work(SYSTEM) as work:
        for facility_id, name in opened.settings.facilities.items():
            if work.session.get(Facility, facility_id) is None:
                encounters.add_facility(work, facility_id, name)
