"""Turns the sources of a code set into the arrays that CodeSet reads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from suggest.codesets import indexing, tabular, validity
from suggest.codesets.arrayfile import Array, Strings

NONE = -1


def icd10cm(xml: Path, table: bytes, released: int) -> tuple[dict[str, Any], dict[str, Array]]:
    """Meta data and arrays of an ICD-10-CM release; `released` is its first day (yyyymmdd)."""
    ranges = validity.ranges(table)
    starts = sorted({start for spans in ranges.values() for start, _ in spans})
    # A code exists in this release if it is not retired before it; the MCE table lists billable
    # codes only, and bars the 7th characters that the notes of S06 bar.
    known = {code for code, spans in ranges.items() if any(released <= end for _, end in spans)}
    entries = tabular.read(xml, known)
    where = {e.id.replace(".", ""): i for i, e in enumerate(entries) if e.kind == tabular.CODE}
    untitled = [code for code in ranges if code not in where]
    numbers = {**where, **{code: -1 - i for i, code in enumerate(untitled)}}
    spans = [(numbers[code], *span) for code, found in ranges.items() for span in found]
    notes, notes_id = _interned([e.notes for e in entries])
    seventh, seventh_id = _interned([e.seventh for e in entries])
    following = next((start for start in starts if start > released), None)
    days = {*starts, *(_day_after(end) for found in ranges.values() for _, end in found)}
    meta = {"released": released, "followed": following, "changes": sorted(days)}
    return meta, {
        **Strings.pack("id", [e.id for e in entries]),
        **Strings.pack("title", [e.title for e in entries]),
        **Strings.pack("note", notes),
        **Strings.pack("seventh", seventh),
        **Strings.pack("untitled", untitled),
        "note_id": notes_id,
        "seventh_id": seventh_id,
        "parent": np.array([e.parent for e in entries], dtype=np.int32),
        "end": np.array([e.end for e in entries], dtype=np.int32),
        "kind": np.array([e.kind for e in entries], dtype=np.uint8),
        "billable": np.array([e.billable for e in entries], dtype=bool),
        "span": np.array(spans, dtype=np.int32),
        **indexing.build(entries),
    }


def _interned(values: list[dict[str, Any]]) -> tuple[list[str], Array]:
    """Each different value once, as JSON, and the number of each entry's value (-1 for none)."""
    numbers: dict[str, int] = {}
    ids = [
        numbers.setdefault(orjson.dumps(value).decode(), len(numbers)) if value else NONE
        for value in values
    ]
    return list(numbers), np.array(ids, dtype=np.int32)


def _day_after(number: int) -> int:
    return validity.as_number(validity.as_date(number) + timedelta(days=1))
