"""Recording and reading events."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from suggest.audit.chain import EMPTY, ZERO_HASH
from suggest.audit.errors import NotCanonical
from suggest.audit.log import AuditLog
from suggest.audit.verify import verify
from suggest.review.events import AuditSink
from suggest.store.base import Database


def write(database: Database, log: AuditLog, count: int) -> None:
    with database.write() as session:
        for number in range(1, count + 1):
            log.record(
                session,
                event="decision.accepted" if number % 2 else "encounter.opened",
                actor=f"coder-{number % 3}",
                encounter_id=f"encounter-{number % 4}",
                detail={"code": "J18.9", "number": number},
            )


def test_the_first_event_follows_from_nothing_and_each_from_the_one_before(
    database: Database, log: AuditLog
) -> None:
    write(database, log, 5)
    with database.read() as session:
        events = log.events(session)[::-1]
        head = log.head(session)
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert events[0].prev_hash == ZERO_HASH
    assert [event.prev_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert (head.seq, head.hash) == (5, events[-1].hash)


def test_an_empty_log_verifies(database: Database, log: AuditLog) -> None:
    with database.read() as session:
        assert log.head(session) == EMPTY
        report = verify(session)
    assert report.ok
    assert report.events == 0


def test_an_event_comes_back_as_it_was_recorded(database: Database, log: AuditLog) -> None:
    detail = {"reason": 'other: "näßt" \u0000', "spans": [{"start": 1, "end": 4}], "p": 0.5}
    with database.write() as session:
        made = log.append(
            session, event="decision.rejected", actor="u1", encounter_id=None, detail=detail
        )
    with database.read() as session:
        (event,) = log.events(session)
    assert event == made
    assert event.detail == detail
    assert event.time == datetime(2026, 3, 2, 8, 0, 1, tzinfo=UTC)
    assert event.encounter_id is None


def test_an_event_is_stored_only_if_the_work_it_tells_of_is(
    database: Database, log: AuditLog
) -> None:
    write(database, log, 2)

    class WorkFailedError(Exception):
        pass

    def fail() -> None:
        with database.write() as session:
            log.record(session, event="signed", actor="u1", encounter_id="e1", detail={})
            raise WorkFailedError

    with pytest.raises(WorkFailedError):
        fail()
    write(database, log, 1)
    with database.read() as session:
        assert [event.event for event in log.events(session)] == [
            "decision.accepted",
            "encounter.opened",
            "decision.accepted",
        ]
        assert verify(session).ok


@pytest.mark.parametrize("field", ["event", "actor", "encounter_id"])
def test_a_nul_character_is_refused(database: Database, log: AuditLog, field: str) -> None:
    fields = {"event": "e", "actor": "a", "encounter_id": "x"} | {field: "a\0b"}
    with pytest.raises(NotCanonical), database.write() as session:
        log.record(session, detail={}, **fields)


def test_a_time_without_zone_is_refused(database: Database) -> None:
    log = AuditLog(lambda: datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="zone"), database.write() as session:
        log.record(session, event="e", actor="a", encounter_id=None, detail={})


def test_events_are_found_by_encounter_actor_event_and_time(
    database: Database, log: AuditLog
) -> None:
    write(database, log, 12)
    with database.read() as session:

        def numbers(**asked: object) -> list[int]:
            return [event.seq for event in log.events(session, **asked)]  # type: ignore[arg-type]

        assert numbers(encounter_id="encounter-1") == [9, 5, 1]
        assert numbers(actor="coder-0", event="encounter.opened") == [12, 6]
        assert numbers(event="decision.") == [11, 9, 7, 5, 3, 1]
        assert numbers(event="dec") == []
        assert numbers(limit=2, before_seq=10) == [9, 8]
        fifth = log.events(session, before_seq=6, limit=1)[0].time
        assert numbers(since=fifth, limit=100)[-1] == 5
        assert numbers(until=fifth) == [4, 3, 2, 1]


def test_the_export_has_all_a_reader_needs_to_check_the_hashes(
    database: Database, log: AuditLog
) -> None:

    write(database, log, 3)
    with database.read() as session:
        lines = [json.loads(line) for line in log.export(session)]
    previous = "0" * 64
    for line in lines:
        hashed = {key: line[key] for key in line if key not in ("hash", "prev_hash")}
        record = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256((previous + record).encode()).hexdigest() == line["hash"]
        previous = line["hash"]
    assert len(lines) == 3


def test_the_log_is_an_audit_sink(log: AuditLog) -> None:
    sink: AuditSink = log
    assert sink is log


FORGED = (
    "INSERT {how} INTO audit_event (seq, time, actor, event, detail, prev_hash, hash) "
    "VALUES ({seq}, '2026-01-01T00:00:00.000000Z', 'x', 'y', '{{}}', {prev}, '" + "a" * 64 + "')"
)
HEAD_HASH = "(SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1)"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'somebody else' WHERE seq = 2",
        "UPDATE audit_event SET detail = detail",
        "DELETE FROM audit_event WHERE seq = 3",
        "DELETE FROM audit_event",
        "UPDATE OR REPLACE audit_event SET seq = 1 WHERE seq = 2",
        FORGED.format(how="", seq=2, prev=HEAD_HASH),
        FORGED.format(how="", seq=5, prev=HEAD_HASH),
        FORGED.format(how="OR REPLACE", seq=2, prev=HEAD_HASH),
        FORGED.format(how="", seq=4, prev="'" + "0" * 64 + "'"),
    ],
)
def test_the_database_refuses_to_change_remove_or_insert_events(
    database: Database, log: AuditLog, statement: str
) -> None:
    write(database, log, 3)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text(statement))
    with database.read() as session:
        assert verify(session).ok


def test_an_insert_that_replaces_a_row_of_equal_hash_removes_nothing(
    database: Database, log: AuditLog
) -> None:
    write(database, log, 3)
    statement = FORGED.format(how="OR REPLACE", seq=4, prev=HEAD_HASH).replace(
        "'" + "a" * 64 + "'", HEAD_HASH
    )
    with database.write() as session:
        session.execute(text(statement))
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM audit_event")) == 4
