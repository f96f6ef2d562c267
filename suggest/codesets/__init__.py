"""Code sets: codes, titles, hierarchy, notes, validity by date, search."""

from suggest.codesets.codeset import CodeSet, CodeSetOn
from suggest.codesets.errors import CodeSetUnavailable
from suggest.codesets.load import cache_folder, load
from suggest.codesets.model import Code, Notes, SearchHit, at_or_above

__all__ = [
    "Code",
    "CodeSet",
    "CodeSetOn",
    "CodeSetUnavailable",
    "Notes",
    "SearchHit",
    "at_or_above",
    "cache_folder",
    "load",
]
