"""Somebody with the database file changes the log; verifying names the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from audit_attack import Row, file_of, rechained, rehashed, rewrite
from audit_clock import Clock
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from suggest.audit.chain import EMPTY
from suggest.audit.checkpoint import SigningKey, signing_key
from suggest.audit.errors import LogTampered
from suggest.audit.log import AuditLog
from suggest.audit.scan import ChainScan, Finding
from suggest.audit.verify import checkpoints, set_checkpoint, verify
from suggest.store.base import Database

EVENTS = 20


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing_key(tmp_path / "keys" / "audit.pem")


@pytest.fixture
def written(database: Database, log: AuditLog) -> Database:
    with database.write() as session:
        for number in range(1, EVENTS + 1):
            log.record(
                session,
                event="decision.accepted",
                actor=f"coder-{number % 3}",
                encounter_id=f"encounter-{number}",
                detail={"code": "I10", "number": number, "note": "A"},
            )
    return database


def found(database: Database, **known: object) -> list[tuple[int | None, str]]:
    with database.read() as session:
        report = verify(session, **known)  # type: ignore[arg-type]
    assert report.ok == (not report.findings)
    return [(finding.seq, finding.kind) for finding in report.findings]


def test_an_untouched_log_has_no_findings(written: Database) -> None:
    assert found(written) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "'somebody-else'"),
        ("event", "'decision.rejected'"),
        ("encounter_id", "NULL"),
        ("encounter_id", "'encounter-8 '"),
        ("time", "'2026-03-02T08:00:07.000001Z'"),
        ("detail", "replace(detail, 'I10', 'I11')"),
        ("detail", "detail || ' '"),
        ("detail", "'not JSON'"),
        ("detail", "''"),
        ("prev_hash", f"'{'0' * 64}'"),
        ("hash", f"'{'f' * 64}'"),
        ("actor", "CAST(actor AS BLOB)"),
        ("actor", "CAST(X'C328' AS TEXT)"),
        ("actor", "actor || char(0)"),
        ("hash", "CAST(hash AS BLOB)"),
        ("prev_hash", "upper(prev_hash)"),
    ],
)
def test_a_changed_field_is_found_in_its_row(written: Database, column: str, value: str) -> None:
    with file_of(written) as connection:
        connection.execute(f"UPDATE audit_event SET {column} = {value} WHERE seq = 7")
    assert found(written) == [(7, "changed")]


def test_a_changed_row_with_a_hash_that_fits_it_is_found(written: Database) -> None:
    def change(rows: list[Row]) -> list[Row]:
        rows[6] = rehashed((*rows[6][:2], "somebody-else", *rows[6][3:]))
        return rows

    rewrite(written, change)
    assert found(written) == [(7, "changed")]


def test_a_row_written_anew_without_regard_to_its_neighbours_is_found(written: Database) -> None:
    def change(rows: list[Row]) -> list[Row]:
        rows[6] = rehashed(rows[6], prev_hash="e" * 64)
        return rows

    rewrite(written, change)
    assert found(written) == [(7, "changed")]


@pytest.mark.parametrize("seq", [1, EVENTS])
def test_the_first_and_last_row_written_anew_are_found(written: Database, seq: int) -> None:
    def change(rows: list[Row]) -> list[Row]:
        rows[seq - 1] = rehashed(rows[seq - 1], prev_hash="e" * 64)
        return rows

    rewrite(written, change)
    (finding,) = verify_findings(written)
    assert finding.kind == "changed"
    # Nothing behind the last row tells which of the last two it was.
    assert (finding.seq, finding.last) == ((1, 1) if seq == 1 else (EVENTS - 1, EVENTS))


def verify_findings(database: Database) -> tuple[Finding, ...]:
    with database.read() as session:
        return verify(session).findings


@pytest.mark.parametrize("first", [1, 7, EVENTS - 1])
def test_a_deleted_row_is_found(written: Database, first: int) -> None:
    with file_of(written) as connection:
        connection.execute(f"DELETE FROM audit_event WHERE seq = {first}")
    assert found(written) == [(first, "missing")]


def test_deleted_rows_are_one_finding_that_names_them_all(written: Database) -> None:
    with file_of(written) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq BETWEEN 5 AND 9")
    (finding,) = verify_findings(written)
    assert (finding.seq, finding.last, finding.kind) == (5, 9, "missing")
    assert finding.message == "rows 5 to 9 are missing"


@pytest.mark.parametrize("gone", [1, 3])
def test_a_deleted_row_is_found_although_those_behind_were_renumbered(
    written: Database, gone: int
) -> None:
    def change(rows: list[Row]) -> list[Row]:
        kept = rows[:6] + rows[6 + gone :]
        return [(seq, *row[1:]) for seq, row in enumerate(kept, 1)]

    rewrite(written, change)
    assert found(written) == [(7, "missing"), (7, "reordered")]
    missing, moved = verify_findings(written)
    assert (missing.seq, missing.last) == (7, 6 + gone)
    assert (moved.seq, moved.last) == (7, EVENTS - gone)


@pytest.mark.parametrize("fits", [True, False])
def test_an_inserted_row_is_found(written: Database, fits: bool) -> None:
    def change(rows: list[Row]) -> list[Row]:
        forged = (7, rows[6][1], "intruder", "signed", None, "{}", rows[5][7], "a" * 64)
        inserted = rehashed(forged) if fits else forged
        return [*rows[:6], inserted, *((row[0] + 1, *row[1:]) for row in rows[6:])]

    rewrite(written, change)
    assert found(written) == [(7, "inserted"), (8, "reordered")]


@pytest.mark.parametrize(("one", "other"), [(7, 8), (7, 15), (1, EVENTS)])
def test_two_rows_that_changed_places_are_found(written: Database, one: int, other: int) -> None:
    with file_of(written) as connection:
        for old, new in ((one, -1), (other, one), (-1, other)):
            connection.execute(f"UPDATE audit_event SET seq = {new} WHERE seq = {old}")
    assert found(written) == [(one, "reordered"), (other, "reordered")]
    first, second = verify_findings(written)
    assert first.message == f"row {one} is re-ordered: written as row {other}"
    assert second.message == f"row {other} is re-ordered: written as row {one}"


def test_a_row_moved_to_the_end_is_found(written: Database) -> None:
    with file_of(written) as connection:
        connection.execute(f"UPDATE audit_event SET seq = {EVENTS + 1} WHERE seq = 7")
    assert found(written) == [(EVENTS + 1, "reordered")]


def test_several_attacks_at_once_are_all_named(written: Database) -> None:
    with file_of(written) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq = 3")
        connection.execute("UPDATE audit_event SET actor = 'x' WHERE seq = 9")
        connection.execute("UPDATE audit_event SET event = 'y' WHERE seq = 10")
        connection.execute("DELETE FROM audit_event WHERE seq = 15")
    assert found(written) == [(3, "missing"), (9, "changed"), (15, "missing")]


def test_rows_of_one_number_in_a_table_without_its_key_are_found(written: Database) -> None:
    with file_of(written) as connection:
        connection.execute("CREATE TABLE forged AS SELECT * FROM audit_event")
        connection.execute(
            "INSERT INTO forged SELECT seq, time, 'x', event, encounter_id, detail, prev_hash, hash"
            " FROM audit_event WHERE seq = 7"
        )
        connection.execute("DROP TABLE audit_event")
        connection.execute("ALTER TABLE forged RENAME TO audit_event")
    assert (7, "inserted") in found(written)


def test_a_missing_trigger_is_found(written: Database) -> None:
    with written.write() as session:
        session.execute(text("DROP TRIGGER audit_event_no_delete"))
    assert found(written) == [(None, "unprotected")]


def test_a_cut_off_tail_is_found_by_the_stored_checkpoint(
    written: Database, key: SigningKey, clock: Clock
) -> None:
    with written.write() as session:
        set_checkpoint(session, key, clock())
    assert found(written, keys=[key.verify_key]) == []
    with file_of(written) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq > 14")
    assert found(written) == [(EVENTS, "unknown-key")]
    assert found(written, keys=[key.verify_key]) == [(15, "cut-off")]


def test_a_cut_off_tail_is_found_by_a_checkpoint_kept_elsewhere(
    written: Database, key: SigningKey, clock: Clock
) -> None:
    with written.write() as session:
        point = set_checkpoint(session, key, clock())
    with file_of(written) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq > 14")
        connection.execute("DELETE FROM audit_checkpoint")
    assert found(written) == []  # why checkpoints are kept elsewhere
    assert found(written, keys=[key.verify_key], checkpoints=[point]) == [(15, "cut-off")]


def test_a_tail_that_was_cut_and_grew_again_is_found(
    written: Database, key: SigningKey, clock: Clock, log: AuditLog
) -> None:
    with written.write() as session:
        point = set_checkpoint(session, key, clock())
    with file_of(written) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq > 14")
    with written.write() as session:
        for _ in range(10):
            log.record(session, event="signed", actor="x", encounter_id=None, detail={})
    assert found(written, keys=[key.verify_key], checkpoints=[point]) == [
        (EVENTS, "rewritten"),
        (EVENTS, "rewritten"),
    ]


def test_a_whole_log_written_anew_is_found(
    written: Database, key: SigningKey, clock: Clock
) -> None:
    with written.write() as session:
        set_checkpoint(session, key, clock())

    def change(rows: list[Row]) -> list[Row]:
        return rechained([*rows[:4], *rows[5:], rows[4]])

    rewrite(written, change)
    assert found(written, keys=[key.verify_key]) == [(EVENTS, "rewritten")]


@pytest.mark.parametrize(
    "change",
    [
        lambda point: replace(point, seq=19),
        lambda point: replace(point, hash="0" * 64),
        lambda point: replace(point, count=19),
        lambda point: replace(point, time="2025-03-02T08:00:07.000001Z"),
        lambda point: replace(point, signature="0" * 128),
    ],
)
def test_a_changed_checkpoint_is_found(
    written: Database,
    key: SigningKey,
    clock: Clock,
    change: Callable[[object], object],
) -> None:
    with written.write() as session:
        point = set_checkpoint(session, key, clock())
    forged = change(point)
    (finding,) = found(written, keys=[key.verify_key], checkpoints=[forged])
    assert finding[1] == "forged-checkpoint"


def test_a_checkpoint_of_another_key_is_not_believed(
    written: Database, key: SigningKey, clock: Clock, tmp_path: Path
) -> None:
    other = signing_key(tmp_path / "other.pem")
    with written.write() as session:
        set_checkpoint(session, other, clock())
    assert found(written, keys=[key.verify_key]) == [(EVENTS, "unknown-key")]
    assert found(written, keys=[key.verify_key, other.verify_key]) == []


def test_no_checkpoint_is_set_on_a_broken_log(
    written: Database, key: SigningKey, clock: Clock
) -> None:
    with file_of(written) as connection:
        connection.execute("UPDATE audit_event SET actor = 'x' WHERE seq = 9")
    with (
        pytest.raises(LogTampered, match="row 9 is not what was written"),
        written.write() as session,
    ):
        set_checkpoint(session, key, clock())
    with written.read() as session:
        assert checkpoints(session) == []


def test_a_checkpoint_reads_only_what_came_since_the_last_one(
    written: Database, key: SigningKey, clock: Clock, log: AuditLog
) -> None:
    with written.write() as session:
        first = set_checkpoint(session, key, clock())
        log.record(session, event="signed", actor="x", encounter_id=None, detail={})
        second = set_checkpoint(session, key, clock())
        third = set_checkpoint(session, key, clock())
    assert (first.seq, second.seq, third.seq) == (EVENTS, EVENTS + 1, EVENTS + 1)
    assert second.hash == third.hash
    assert found(written, keys=[key.verify_key]) == []


def test_no_checkpoint_is_set_where_the_last_one_does_not_fit_any_more(
    written: Database, key: SigningKey, clock: Clock
) -> None:
    with written.write() as session:
        set_checkpoint(session, key, clock())
    with file_of(written) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq > 18")
    with pytest.raises(LogTampered, match="cut off"), written.write() as session:
        set_checkpoint(session, key, clock())


def test_checkpoints_cannot_be_changed_in_the_database(
    written: Database, key: SigningKey, clock: Clock
) -> None:
    with written.write() as session:
        set_checkpoint(session, key, clock())
    for statement in ("DELETE FROM audit_checkpoint", "UPDATE audit_checkpoint SET seq = 3"):
        with pytest.raises(IntegrityError), written.write() as session:
            session.execute(text(statement))


def test_a_log_in_ruins_is_reported_without_end_of_words() -> None:
    scan = ChainScan(EMPTY)
    scan.read((seq, "t", "a", "e", None, "{}", "0" * 64, "f" * 64) for seq in range(1, 5001, 2))
    findings = scan.findings()
    assert findings[0].seq == 1
    assert len(findings) < 1000
    assert scan.left_out > 0
