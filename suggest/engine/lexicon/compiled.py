"""The lexicon as arrays: which word classes, found together, name which codes.

A term is a set of word classes; it is looked up by its rarest class. Compiling reads every
title and inclusion term of the code set and the curated files once and writes one file to the
cache folder, keyed by what it was made of.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from suggest.codesets import CodeSet, cache_folder
from suggest.engine.arrays import read_arrays
from suggest.engine.lexicon.variants import phrase_rules, variants
from suggest.engine.normal import Normaliser, fold, read_rows

VERSION = 12
MAX_WORDS = 9
EVENT = "@event"  # among what a row requires
KINDS = ("curated", "exact", "short", "vocabulary", "part", "other", "mined", "near")
CURATED, EXACT, SHORT, VOCABULARY, PART, OTHER, MINED, NEAR = range(8)


class Entry(NamedTuple):
    """One reading of a term: a code, where the term comes from, and the row's conditions."""

    code: str
    kind: int
    condition: int


@dataclass(frozen=True, slots=True)
class Condition:
    """When a curated row counts; words are folded phrases looked for in the folded text.

    `event`: where the mention's sentence tells of an injury or a poisoning (`EVENT` in a row).
    """

    requires: tuple[str, ...]
    excludes: tuple[str, ...]
    sections: tuple[str, ...]
    forbidden_sections: tuple[str, ...]
    upper: bool
    event: bool = False


@dataclass(slots=True)
class Lexicon:
    """Terms by their rarest class. Lists are parallel; ids index them."""

    class_ids: dict[str, int]
    idf: list[float]
    by_key: dict[int, list[int]]
    term_classes: list[tuple[int, ...]]
    entries: list[list[Entry]]
    conditions: list[Condition]
    normaliser: Normaliser
    fingerprint: str

    def add(self, classes: tuple[int, ...], entry: Entry) -> None:
        """One more reading, for lexicons learned from labelled notes."""
        key = max(classes, key=lambda c: self.idf[c])
        for term in self.by_key.get(key, ()):
            if self.term_classes[term] == classes:
                if entry not in self.entries[term]:
                    self.entries[term].append(entry)
                return
        self.by_key.setdefault(key, []).append(len(self.term_classes))
        self.term_classes.append(classes)
        self.entries.append([entry])

    def ids(self, classes: list[str], *, grow: bool = False) -> tuple[int, ...] | None:
        """Sorted distinct ids of word classes; None when one is unknown and `grow` is off."""
        found: set[int] = set()
        for name in classes:
            index = self.class_ids.get(name)
            if index is None:
                if not grow:
                    return None
                index = len(self.class_ids)
                self.class_ids[name] = index
                self.idf.append(max(self.idf, default=1.0))
            found.add(index)
        return tuple(sorted(found))


def load(codeset: CodeSet) -> Lexicon:
    """The compiled lexicon of a code set, compiled first if the cache has no sound one for it."""
    normaliser = Normaliser()
    fingerprint = _fingerprint(codeset)
    path = cache_folder() / f"lexicon-{fingerprint}.npz"
    arrays: dict[str, np.ndarray]
    try:
        arrays = read_arrays(path)
    except (OSError, ValueError):
        arrays = _compile(codeset, normaliser)
        _write(path, arrays)
    return _unpack(arrays, codeset, normaliser, fingerprint)


def _fingerprint(codeset: CodeSet) -> str:
    digest = hashlib.sha256(f"{VERSION}|{codeset.fingerprint}".encode())
    root = resources.files("suggest.engine") / "lexicon"
    for folder in ("data", "terms"):
        for item in sorted((root / folder).iterdir(), key=lambda i: i.name):
            if item.name.endswith(".tsv"):
                digest.update(item.name.encode())
                digest.update(item.read_bytes())
    return digest.hexdigest()[:16]


def _rows(codeset: CodeSet) -> tuple[list[Condition], list[tuple[str, str, int, int]]]:
    """The rows of the term files: (term, code, kind, condition id or -1)."""
    conditions: list[Condition] = []
    index: dict[Condition, int] = {}
    rows: list[tuple[str, str, int, int]] = []
    folder = resources.files("suggest.engine") / "lexicon" / "terms"
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        if not item.name.endswith(".tsv"):
            continue
        for row in read_rows(f"terms/{item.name}"):
            sections = _split(row.get("sections", ""))
            requires = _split(row.get("requires", ""))
            condition = Condition(
                requires=tuple(part for part in requires if part != EVENT),
                excludes=_split(row.get("excludes", "")),
                sections=tuple(s for s in sections if not s.startswith("!")),
                forbidden_sections=tuple(s[1:] for s in sections if s.startswith("!")),
                upper=row.get("case", "") == "upper",
                event=EVENT in requires,
            )
            number = -1
            if condition != _ALWAYS:
                number = index.setdefault(condition, len(conditions))
                if number == len(conditions):
                    conditions.append(condition)
            kind = CURATED if row["source"] == "curated" else VOCABULARY
            rows.append((row["term"], codeset[row["code"]].code, kind, number))
    return conditions, rows


_ALWAYS = Condition((), (), (), (), upper=False)


def _condition(fields: dict[str, Any]) -> Condition:
    upper, event = fields.pop("upper"), fields.pop("event")
    words = {name: tuple(words) for name, words in fields.items()}
    return Condition(**words, upper=upper, event=event)


def _split(cell: str) -> tuple[str, ...]:
    """The phrases of a cell; a space after one says that its last word ends there."""
    return tuple(fold(part.lstrip()) for part in cell.split("|") if part.strip())


def _compile(codeset: CodeSet, normaliser: Normaliser) -> dict[str, np.ndarray]:
    conditions, rows = _rows(codeset)
    rules = phrase_rules()
    generic = {normaliser(row["word"]) for row in read_rows("data/generic.tsv")}
    terms: dict[tuple[str, ...], dict[tuple[int, int], int]] = {}

    def put(phrase: str, code: int, kind: int, condition: int) -> None:
        classes = tuple(sorted(set(normaliser.classes(phrase))))
        if not classes or len(classes) > MAX_WORDS or (len(classes) == 1 and len(classes[0]) < 2):
            return
        if kind != CURATED and generic.issuperset(classes):
            return
        entry = terms.setdefault(classes, {})
        key = (code, condition)
        entry[key] = min(entry.get(key, 99), kind)

    index = {code: number for number, code in enumerate(codeset.codes)}
    for term, code, kind, condition in rows:
        put(term, index[code], kind, condition)
    for number, code in enumerate(codeset.codes):
        entry = codeset[code]
        if _is_extended(codeset, code):
            continue
        for text, how in variants(entry.title, rules):
            put(text, number, KINDS.index(how), -1)
        for inclusion in codeset.notes(code).inclusion_terms:
            for text, how in variants(inclusion, rules):
                put(text, number, KINDS.index(how), -1)
    frequency: Counter[str] = Counter(c for classes in terms for c in classes)
    names = sorted(frequency)
    ids = {name: i for i, name in enumerate(names)}
    idf = np.log(len(terms) / np.array([frequency[n] for n in names], dtype=np.float64))
    keys: list[int] = []
    term_ptr, entry_ptr = [0], [0]
    term_ids: list[int] = []
    flat: list[tuple[int, int, int]] = []
    for classes, entries in terms.items():
        numbers = [ids[c] for c in classes]
        keys.append(max(numbers, key=idf.__getitem__))
        term_ids.extend(numbers)
        term_ptr.append(len(term_ids))
        flat.extend((code, kind, cond) for (code, cond), kind in entries.items())
        entry_ptr.append(len(flat))
    return {
        "names": np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        "idf": idf.astype(np.float32),
        "keys": np.array(keys, dtype=np.int32),
        "conditions": np.frombuffer(orjson.dumps([asdict(c) for c in conditions]), dtype=np.uint8),
        "term_ptr": np.array(term_ptr, dtype=np.int32),
        "term_ids": np.array(term_ids, dtype=np.int32),
        "entry_ptr": np.array(entry_ptr, dtype=np.int32),
        "entries": np.array(flat, dtype=np.int32),
    }


def _is_extended(codeset: CodeSet, code: str) -> bool:
    """Whether the code is its parent plus a 7th character: the title adds no words to match."""
    return len(code) == 8 and bool(codeset.notes(code).seventh_characters)


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    os.replace(name, path)


def _unpack(
    arrays: dict[str, np.ndarray],
    codeset: CodeSet,
    normaliser: Normaliser,
    fingerprint: str,
) -> Lexicon:
    names = arrays["names"].tobytes().decode().split("\n")
    codes = codeset.codes
    idf: list[float] = arrays["idf"].tolist()
    ptr: list[int] = arrays["term_ptr"].tolist()
    flat: list[int] = arrays["term_ids"].tolist()
    term_classes = [tuple(flat[a:b]) for a, b in pairwise(ptr)]
    rows = [Entry(codes[c], k, d) for c, k, d in arrays["entries"].tolist()]
    entry_ptr: list[int] = arrays["entry_ptr"].tolist()
    entries = [rows[a:b] for a, b in pairwise(entry_ptr)]
    by_key: dict[int, list[int]] = {}
    for term, key in enumerate(arrays["keys"].tolist()):
        by_key.setdefault(key, []).append(term)
    return Lexicon(
        {name: i for i, name in enumerate(names)},
        idf,
        by_key,
        term_classes,
        entries,
        [_condition(fields) for fields in orjson.loads(arrays["conditions"].tobytes())],
        normaliser,
        fingerprint,
    )
