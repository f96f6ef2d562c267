"""Splits are files: which document is in which fold.

    python -m training.splits --corpus codiesp/train.jsonl --folds 5 \
        --out training/splits/codiesp-train-5fold.json

The documents, sorted by the SHA-256 of their id, are dealt out in turn: folds of one size that
depend on the ids alone, neither on the order of the file nor on the codes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from suggest.errors import SuggestError


class SplitError(SuggestError):
    """A split file cannot be read or does not fit the corpus."""

    slug = "split-error"
    title = "The split cannot be used"
    status = 422


@dataclass(frozen=True, slots=True)
class Split:
    """Folds of document ids; no document is in two of them."""

    corpus: str
    folds: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        ids = [identifier for fold in self.folds for identifier in fold]
        if len(ids) != len(set(ids)):
            raise SplitError("a document is in two folds of the split")
        if not ids or not all(self.folds):
            raise SplitError("a fold of the split is empty")

    def fold_of(self) -> dict[str, int]:
        """Document id -> number of its fold, from 0."""
        return {one: number for number, fold in enumerate(self.folds) for one in fold}

    def check(self, ids: Iterable[str]) -> None:
        """Raises SplitError unless exactly these documents are dealt out."""
        known, given = set(self.fold_of()), set(ids)
        if known != given:
            raise SplitError(
                f"the split does not fit the corpus: {len(given - known)} documents without a "
                f"fold, {len(known - given)} in a fold but not in the corpus"
            )


def deal(corpus: str, ids: Iterable[str], folds: int) -> Split:
    """Deals documents out into folds; see the module. `corpus` names it for the reader."""
    order = sorted(ids, key=lambda one: (hashlib.sha256(one.encode()).hexdigest(), one))
    return Split(corpus, tuple(tuple(order[n::folds]) for n in range(folds)))


def read(path: Path) -> Split:
    """A split file. Raises SplitError."""
    try:
        content = json.loads(path.read_text("utf-8"))
        folds = tuple(tuple(str(one) for one in fold) for fold in content["folds"])
        return Split(str(content["corpus"]), folds)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SplitError(f"{path}: not a split file ({type(error).__name__})") from error


def write(path: Path, split: Split) -> None:
    """Writes a split file, one id a line, so that a difference can be read."""
    content = {
        "corpus": split.corpus,
        "dealt": "by turns in the order of sha256(id)",
        "folds": [list(fold) for fold in split.folds],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
