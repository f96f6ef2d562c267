"""Code sets: codes, titles, hierarchy, notes, validity by date, search."""

from suggest.codesets.codeset import Code, CodeSet, CodeSetOn, Notes, SearchHit
from suggest.codesets.load import cache_folder, load

__all__ = ["Code", "CodeSet", "CodeSetOn", "Notes", "SearchHit", "cache_folder", "load"]
