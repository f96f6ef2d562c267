"""Proves the log, or names the rows that were tampered with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.orm import Session

from suggest.audit.chain import EMPTY, Head
from suggest.audit.checkpoint import Checkpoint, SigningKey, VerifyKey
from suggest.audit.errors import LogTampered
from suggest.audit.scan import ChainScan, Finding
from suggest.audit.tables import AuditCheckpoint, AuditEvent

BATCH: Final = 10_000
_BOTH: Final = frozenset(
    {
        "audit_event_follows",
        "audit_event_no_update",
        "audit_event_no_delete",
        "audit_checkpoint_no_update",
        "audit_checkpoint_no_delete",
    }
)
TRIGGERS: Final = {
    "sqlite": _BOTH,
    "postgresql": _BOTH | {"audit_event_no_truncate", "audit_checkpoint_no_truncate"},
}
_ROWS: Final = text(
    "SELECT seq, time, actor, event, encounter_id, detail, prev_hash, hash "
    "FROM audit_event WHERE seq > :after ORDER BY seq"
)
_TRIGGERS_OF: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND NOT tgisinternal",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying found. `left_out` counts findings beyond those that are listed."""

    events: int
    head: Head
    checkpoints: int
    findings: tuple[Finding, ...]
    left_out: int

    @property
    def ok(self) -> bool:
        return not self.findings and not self.left_out


def verify(
    session: Session, *, keys: Iterable[VerifyKey] = (), checkpoints: Iterable[Checkpoint] = ()
) -> Report:
    """Read the whole log once and compare it with the checkpoints, stored and given.

    `keys` are the public keys to believe; a checkpoint of any other key is itself a finding.
    """
    trusted, findings = _trusted([*_stored(session), *checkpoints], list(keys))
    findings += _unprotected(session.connection())
    scan = ChainScan(watch={point.seq for point in trusted})
    _read(session, scan, EMPTY)
    findings += scan.findings()
    findings += _against(scan.head, scan.seen, trusted)
    return Report(scan.count, scan.head, len(trusted), tuple(findings), scan.left_out)


def set_checkpoint(session: Session, key: SigningKey, now: datetime) -> Checkpoint:
    """Sign where the log stands, in the caller's transaction.

    What came since this key's last checkpoint is verified first; LogTampered when it does not fit.
    """
    own = key.verify_key
    stored = [point for point in _stored(session) if own.signed(point)]
    start = max(stored, key=lambda point: point.seq, default=None)
    after = EMPTY if start is None else Head(start.seq, start.hash)
    scan = ChainScan(after=after)
    _read(session, scan, after)
    findings = scan.findings()
    if start is not None:
        findings += _against(scan.head, {start.seq: _hash_at(session, start.seq)}, [start])
    if findings:
        raise LogTampered(tuple(finding.message for finding in findings))
    count = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    point = key.sign(scan.head, count, now)
    session.execute(
        insert(AuditCheckpoint).values(
            seq=point.seq,
            hash=point.hash,
            count=point.count,
            time=point.time,
            key_id=point.key_id,
            signature=point.signature,
        )
    )
    return point


def checkpoints(session: Session) -> list[Checkpoint]:
    """The checkpoints stored beside the log, oldest first."""
    return _stored(session)


def _stored(session: Session) -> list[Checkpoint]:
    rows = session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.id))
    return [
        Checkpoint(row.seq, row.hash, row.count, row.time, row.key_id, row.signature)
        for row in rows
    ]


def _hash_at(session: Session, seq: int) -> str | None:
    return session.scalar(select(AuditEvent.hash).where(AuditEvent.seq == seq))


def _read(session: Session, scan: ChainScan, after: Head) -> None:
    connection = session.connection()
    with _any_text(connection):
        result = connection.execute(
            _ROWS,
            {"after": after.seq if after.seq else -(2**63)},
            execution_options={"stream_results": True, "yield_per": BATCH},
        )
        for batch in result.partitions(BATCH):
            scan.read(batch)


@contextmanager
def _any_text(connection: Connection) -> Iterator[None]:
    """SQLite stores any bytes as text; the driver raises at those that are no UTF-8.

    They are decoded to what cannot be hashed, so that the row is a finding, not a crash.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    before = driver.text_factory
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = before


def _trusted(
    points: Sequence[Checkpoint], keys: Sequence[VerifyKey]
) -> tuple[list[Checkpoint], list[Finding]]:
    by_id = {key.id: key for key in keys}
    trusted: list[Checkpoint] = []
    findings: list[Finding] = []
    for point in points:
        name = f"the checkpoint of {point.time} at row {point.seq}"
        if point.key_id not in by_id:
            message = f"{name} is signed by the unknown key {point.key_id}"
            findings.append(Finding(point.seq, point.seq, "unknown-key", message))
        elif not by_id[point.key_id].signed(point):
            message = f"{name} was changed or forged: its signature does not fit"
            findings.append(Finding(point.seq, point.seq, "forged-checkpoint", message))
        else:
            trusted.append(point)
    return trusted, findings


def _against(
    head: Head, seen: Mapping[int, str | None], points: Sequence[Checkpoint]
) -> list[Finding]:
    """Checkpoints that the log as it stands contradicts."""
    findings = []
    for point in points:
        if point.seq > head.seq or (point.seq and seen.get(point.seq) is None):
            message = (
                f"the log ends at row {head.seq}, but the checkpoint of {point.time} "
                f"saw row {point.seq}: the tail is cut off"
            )
            findings.append(Finding(head.seq + 1, point.seq, "cut-off", message))
        elif point.seq and seen[point.seq] != point.hash:
            message = (
                f"row {point.seq} has another hash than the checkpoint of {point.time} saw: "
                "it or rows before it were written anew"
            )
            findings.append(Finding(point.seq, point.seq, "rewritten", message))
    return findings


def _unprotected(connection: Connection) -> list[Finding]:
    dialect = connection.dialect.name
    present = set(connection.exec_driver_sql(_TRIGGERS_OF[dialect]).scalars())
    return [
        Finding(None, None, "unprotected", f"the trigger {name} is missing or switched off")
        for name in sorted(TRIGGERS[dialect] - present)
    ]
