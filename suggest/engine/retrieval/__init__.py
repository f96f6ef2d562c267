"""Finds codes for phrases that no dictionary holds, by static vectors of words.

The vectors are learned by `training.encoder`; reading them needs numpy alone.
"""

from suggest.engine.retrieval.retriever import FILE, Hit, Retriever
from suggest.engine.retrieval.vectors import EncoderFile, grams

__all__ = ["FILE", "EncoderFile", "Hit", "Retriever", "grams"]
