"""Labelled notes, one JSON object a line.

{"id": "n1", "text": "...", "codes": [{"code": "I10", "system": "ICD-10-CM",
                                       "evidence": [[3, 15]]}],
 "encounter": {"type": "outpatient", "date": "2026-02-03", "sex": "F", "age": 64}}

`evidence` and `encounter`, and each field of the encounter, may be left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from suggest.engine.model import Encounter, EncounterType, Sex
from suggest.text.span import Span
from training.corpora.errors import CorpusError


@dataclass(frozen=True, slots=True)
class GoldCode:
    """A code that a human gave. `evidence` is None where the corpus does not say why."""

    code: str
    system: str
    evidence: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A note and its codes; a code stands once a system. `encounter` is None where unknown."""

    id: str
    text: str
    codes: tuple[GoldCode, ...]
    encounter: Encounter | None = None

    def gold(self, system: str) -> list[str]:
        """The document's codes of one code system, in the corpus's order."""
        return [gold.code for gold in self.codes if gold.system == system]


@dataclass(frozen=True, slots=True)
class SentenceEvidence:
    """Where a document's codes have their evidence, as far as sentences: indices into them.

    A code is missing where that is unknown.
    """

    sentences: tuple[Span, ...]
    codes: Mapping[str, frozenset[int]]


def read_jsonl(path: Path) -> list[Document]:
    """The documents of a file, in its order.

    A code that stands twice with the same system becomes one with both evidences. Evidence is
    `[start, end]` or `{"start","end"}`, in code points of the text. Raises CorpusError, which
    names the line, for anything else.
    """
    documents: list[Document] = []
    lines: dict[str, int] = {}
    for number, row in rows(path):
        where = f"{path.name}, line {number}"
        document = document_of(row, where)
        if document.id in lines:
            raise CorpusError(f"{where}: the id stands in line {lines[document.id]} already")
        lines[document.id] = number
        documents.append(document)
    if not documents:
        raise CorpusError(f"{path.name}: no document in the file")
    return documents


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line numbers (from 1) and objects of a JSON Lines file; empty lines are passed over."""
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: {error}") from error
    # Not splitlines(): a JSON string may hold U+2028 and its like.
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(f"{path.name}, line {number}: not JSON ({error.msg})") from error
        if not isinstance(row, dict):
            raise CorpusError(f"{path.name}, line {number}: not a JSON object")
        yield number, row


def document_of(row: dict[str, Any], where: str) -> Document:
    """One line's document; `where` opens the messages of the errors."""
    identifier = text_field(row, "id", where)
    text = text_field(row, "text", where)
    given = row.get("codes")
    if not isinstance(given, list):
        raise CorpusError(f'{where}: "codes" must be a list')
    codes: dict[tuple[str, str], tuple[Span, ...] | None] = {}
    for place, entry in enumerate(given, 1):
        here = f"{where}, code {place}"
        if not isinstance(entry, dict):
            raise CorpusError(f"{here}: must be an object with code and system")
        key = (text_field(entry, "system", here), text_field(entry, "code", here))
        found = codes.get(key)
        evidence = _evidence(entry.get("evidence"), text, here)
        if found is not None and evidence is not None:
            evidence = tuple(dict.fromkeys(found + evidence))
        codes[key] = evidence if evidence is not None else found
    return Document(
        identifier,
        text,
        tuple(GoldCode(code, system, e) for (system, code), e in codes.items()),
        _encounter(row.get("encounter"), where),
    )


def text_field(row: dict[str, Any], name: str, where: str) -> str:
    """A field that must be a string with something in it."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise CorpusError(f'{where}: "{name}" must be a string that is not empty')
    return value


def span_of(value: object, length: int, where: str) -> Span:
    """A span given as `[start, end]` or `{"start","end"}`, inside a text of `length`."""
    if isinstance(value, dict):
        value = [value.get("start"), value.get("end")]
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(v, int) and not isinstance(v, bool) for v in value)
    ):
        raise CorpusError(f"{where}: evidence must be [start, end]")
    start, end = value
    if not 0 <= start < end <= length:
        raise CorpusError(f"{where}: evidence [{start}:{end}] is not inside the text ({length})")
    return Span(start, end)


def _encounter(value: object, where: str) -> Encounter | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise CorpusError(f'{where}: "encounter" must be an object')
    kind, day = value.get("type", "outpatient"), value.get("date")
    sex, age = value.get("sex"), value.get("age")
    if kind not in get_args(EncounterType) or (sex is not None and sex not in get_args(Sex)):
        raise CorpusError(f"{where}: the encounter's type or sex is not one of the possible values")
    try:
        seen = None if day is None else date.fromisoformat(day)
        return Encounter(kind, seen, sex, None if age is None else int(age))
    except (TypeError, ValueError) as error:
        raise CorpusError(f"{where}: the encounter's date or age ({error})") from None


def _evidence(value: object, text: str, where: str) -> tuple[Span, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise CorpusError(f"{where}: evidence must be a list of [start, end]")
    return tuple(dict.fromkeys(span_of(one, len(text), where) for one in value))
