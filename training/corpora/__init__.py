"""Readers of labelled notes."""

from training.corpora.documents import Document, GoldCode, SentenceEvidence, read_jsonl
from training.corpora.errors import CorpusError

__all__ = ["CorpusError", "Document", "GoldCode", "SentenceEvidence", "read_jsonl"]
