"""Suggestions made in the background for every encounter whose notes were not read yet.

The queue is the database itself: an encounter waits while its suggestions are older than its
notes. So nothing is lost when the process stops, and whoever stores a note has nothing to enqueue.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from suggest.errors import SuggestError
from suggest.review import suggestions
from suggest.review.actor import Actor
from suggest.review.errors import NotesChanged
from suggest.review.events import AuditSink
from suggest.review.suggestions import Model, Suggest
from suggest.store.base import Database
from suggest.store.tables import Encounter, Note
from suggest.store.tables.encounters import OPEN_STATES

logger = logging.getLogger("suggest.jobs")
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
BATCH = 50


class SuggestionJobs:
    """One thread that makes suggestions, most urgent encounter first.

    `wake` after storing a note starts it at once; it also looks by itself every `poll` seconds,
    for notes that another process stored. What fails is tried again, after a growing wait.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditSink,
        actor: Actor,
        suggest: Suggest,
        model: Model,
        clock: Callable[[], datetime],
        poll: float = 15.0,
    ) -> None:
        self._database = database
        self._audit = audit
        self._actor = actor
        self._suggest = suggest
        self._model = model
        self._clock = clock
        self._poll = poll
        self._failed: dict[str, tuple[int, datetime]] = {}
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work; encounters that wait from before come first."""
        self._thread = threading.Thread(target=self._run, name="suggestions", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the encounter in hand."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def wake(self) -> None:
        """Something was stored that waits for suggestions."""
        self._wake.set()

    def run_waiting(self) -> int:
        """Make suggestions for all that wait now, in this thread; how many encounters got theirs.

        Encounters that failed and whose time has not come again are passed over.
        """
        made = 0
        while not self._stop.is_set():
            with self._database.read() as session:
                waiting_ids = waiting(session, tuple(self._not_yet()))
            if not waiting_ids:
                return made
            for encounter_id in waiting_ids:
                if self._stop.is_set():
                    break
                made += self._make(encounter_id)
        return made

    def _not_yet(self) -> list[str]:
        now = self._clock()
        return [key for key, (_, again_at) in self._failed.items() if now < again_at]

    def _make(self, encounter_id: str) -> bool:
        try:
            suggestions.make(
                self._database,
                self._actor,
                self._audit,
                self._clock(),
                encounter_id,
                self._suggest,
                self._model,
            )
        except NotesChanged:
            return False  # still waiting: it comes again with the newest text
        except (SuggestError, SQLAlchemyError, ArithmeticError, LookupError, ValueError) as error:
            times = self._failed.get(encounter_id, (0, self._clock()))[0] + 1
            wait = min(FIRST_WAIT * 2 ** min(times - 1, 12), LONGEST_WAIT)
            self._failed[encounter_id] = (times, self._clock() + wait)
            # The kind alone: an error's words could hold a part of the note.
            logger.error("suggestions for %s failed: %s", encounter_id, type(error).__name__)
            return False
        self._failed.pop(encounter_id, None)
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.run_waiting()
            except SQLAlchemyError as error:  # the database is away: it may come back
                logger.error("the queue cannot be read: %s", type(error).__name__)
            self._wake.wait(self._poll)


def waiting(session: Session, without: tuple[str, ...] = (), limit: int = BATCH) -> list[str]:
    """Ids of open encounters whose notes are newer than their suggestions, most urgent first."""
    query = (
        select(Encounter.id)
        .where(
            Encounter.suggestions_stale,
            Encounter.state.in_(OPEN_STATES),
            exists().where(Note.encounter_id == Encounter.id),
        )
        .order_by(Encounter.due_on, Encounter.id)
        .limit(limit)
    )
    if without:
        query = query.where(Encounter.id.not_in(without))
    return list(session.scalars(query))
