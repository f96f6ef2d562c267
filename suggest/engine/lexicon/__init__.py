"""Phrases that name codes: built from the code set and the curated files, compiled once."""

from suggest.engine.lexicon.compiled import Lexicon, load

__all__ = ["Lexicon", "load"]
