"""Prints what the audit log costs: python tests/benchmarks/audit.py [EVENTS]

Events are written with the log's own hashes, then verified from the file in one process. Recording
is measured one event a transaction, as the service does it. CPU time is what one core spends.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from suggest.audit.canonical import canonical
from suggest.audit.chain import ZERO_HASH, chained_hash, record_bytes, time_text
from suggest.audit.checkpoint import signing_key
from suggest.audit.log import AuditLog
from suggest.audit.tables import AuditEvent
from suggest.audit.verify import set_checkpoint, verify
from suggest.store.base import Database, utcnow

RECORDED = 500
BATCH = 20_000


def events(count: int) -> Iterator[dict[str, object]]:
    """Decisions as the review work records them, about 190 bytes of detail each."""
    previous, start = ZERO_HASH, datetime(2026, 1, 1, tzinfo=UTC)
    for seq in range(1, count + 1):
        detail = canonical(
            {
                "entry": f"01hzentry{seq:017d}",
                "code": "E11.22",
                "reason": None,
                "milliseconds": seq % 60_000,
                "evidence_read": [{"start": seq % 4000, "end": seq % 4000 + 24, "note": "n1"}],
                "probability": (seq % 1000) / 1000,
            }
        )
        row = {
            "seq": seq,
            "time": time_text(start + timedelta(seconds=seq)),
            "actor": f"01hzcoder{seq % 40:017d}",
            "event": "decision.accepted",
            "encounter_id": f"01hzencounter{seq // 20:013d}",
            "detail": detail,
        }
        hashed = chained_hash(previous, record_bytes(**row))  # type: ignore[arg-type]
        yield {**row, "prev_hash": previous, "hash": hashed}
        previous = hashed


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/audit.db")
        database.migrate()
        log, key = AuditLog(), signing_key(Path(folder) / "key.pem")
        rows = events(count)
        started = time.perf_counter()
        while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
            with database.write() as session:
                session.execute(insert(AuditEvent), batch)
        print(f"filled: {count} events in {time.perf_counter() - started:.1f} s")

        started = time.perf_counter()
        for number in range(RECORDED):
            with database.write() as session:
                log.record(
                    session,
                    event="decision.accepted",
                    actor="u",
                    encounter_id="e",
                    detail={"number": number},
                )
        each = (time.perf_counter() - started) / RECORDED
        print(f"record: {each * 1000:.2f} ms an event, each in its own transaction")

        for label in ("checkpoint (first)", "checkpoint (no news)"):
            started = time.perf_counter()
            with database.write() as session:
                set_checkpoint(session, key, utcnow())
            print(f"{label}: {time.perf_counter() - started:.1f} s")

        started, cpu = time.perf_counter(), time.process_time()
        with database.read() as session:
            report = verify(session, keys=[key.verify_key])
        took, spent = time.perf_counter() - started, time.process_time() - cpu
        size = Path(f"{folder}/audit.db").stat().st_size / 1e6
        print(
            f"verify: {report.events} events in {took:.1f} s ({spent:.1f} s CPU), "
            f"{'ok' if report.ok else 'TAMPERED'}, file {size:.0f} MB"
        )
        database.close()


if __name__ == "__main__":
    main()
