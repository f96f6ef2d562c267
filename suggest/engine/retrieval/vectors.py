"""The encoder's file and the vectors of words read from it.

A word class (`suggest.engine.normal`) has a row. A word that has none is read as a term's word a
letter or two away, or else as the mean of its letter n-grams' rows (fastText, Bojanowski et al.
2017), so that misspellings and unseen inflections stand near the word meant. A phrase is the sum of
its words, its length n taken to n / sqrt(1 + n²): a phrase that says little is near nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from suggest.engine.arrays import read_arrays
from suggest.engine.normal import Normaliser
from suggest.engine.retrieval.spelling import Spelling
from suggest.errors import ModelError

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
SIDES = frozenset({"right", "left", "bilateral", "unilateral"})  # refined from the sentence
SHORTEST = 4  # letters of a word that may be read by its n-grams
_KEPT = 50_000  # words outside the vocabulary that are remembered


@dataclass(frozen=True, slots=True)
class EncoderFile:
    """What the encoder's file holds. Vectors are int8 with a scale a row.

    The first `terms` of the words stand in terms. `prototypes` are unit vectors of the concepts'
    terms, ordered by category; `category_ptr` bounds each category's. `floors` are the least
    similarities to a category and to a concept.
    """

    words: NDArray[np.uint8]
    terms: NDArray[np.int32]
    vectors: NDArray[np.int8]
    scales: Floats
    grams: NDArray[np.int8]
    gram_scales: Floats
    codes: NDArray[np.uint8]
    prototypes: NDArray[np.int8]
    prototype_code: NDArray[np.int32]
    categories: NDArray[np.uint8]
    category_vectors: NDArray[np.int8]
    category_ptr: NDArray[np.int32]
    floors: Floats

    def write(self, path: Path) -> None:
        """Writes the file; the same arrays give the same bytes."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self)}
        np.savez_compressed(path, **arrays)

    @classmethod
    def read(cls, path: Path) -> EncoderFile:
        """Raises ModelError when the file is missing or damaged."""
        try:
            arrays = read_arrays(path)
            return cls(**{f.name: arrays[f.name] for f in fields(cls)})
        except FileNotFoundError:
            raise ModelError(f"no encoder: {path} is missing; train the model again") from None
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{path} cannot be read ({error}): restore the folder") from None


def text_of(lines: Sequence[str]) -> NDArray[np.uint8]:
    """Lines as an array."""
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


def lines_of(array: NDArray[np.uint8]) -> list[str]:
    """The lines of `text_of`."""
    return array.tobytes().decode().split("\n")


def grams(word: str, buckets: int) -> Iterator[int]:
    """The buckets of a word's letter n-grams of three to five, its ends marked."""
    marked = f"<{word}>".encode()
    for size in (3, 4, 5):
        for start in range(len(marked) - size + 1):
            yield zlib.crc32(marked[start : start + size]) % buckets


class WordVectors:
    """Rows of words; those outside the vocabulary are made once and kept. Threads may share it.

    Ids up to `terms` are words of terms, those below `known` of the vocabulary; 0 is none.
    """

    def __init__(self, file: EncoderFile, normaliser: Normaliser) -> None:
        self._normaliser = normaliser
        self._ids = {word: i + 1 for i, word in enumerate(lines_of(file.words))}
        self.known = len(self._ids) + 1
        self.terms = int(file.terms)
        self._vectors = file.vectors
        self._scales = file.scales
        self._grams = file.grams
        self._gram_scales = file.gram_scales
        self._of: dict[str, int] = {}
        self._made: list[Floats] = []
        self._growing = Lock()
        self._spelling = Spelling(lines_of(file.words)[: self.terms])
        self.width = int(file.vectors.shape[1])

    def id_of(self, norm: str) -> int:
        """The id of a token's norm; 0 for one that carries no meaning."""
        found = self._of.get(norm)
        if found is None:
            found = self._find(norm)
            if len(self._of) < _KEPT:
                self._of[norm] = found
        return found

    def _find(self, norm: str) -> int:
        name = self._normaliser(norm) if norm[0].isalnum() else ""
        if not name or name in SIDES:
            return 0
        found = self._ids.get(name)
        if found is not None:
            return found
        if len(name) < SHORTEST or not name.isalpha() or len(self._made) >= _KEPT:
            return 0
        meant = self._spelling.meant(name)
        if meant is not None:
            return self._grown(self.rows(np.array([self._ids[meant]]))[0])
        rows = list(grams(name, len(self._grams)))
        made = self._grams[rows].astype(np.float32) * self._gram_scales[rows, None]
        return self._grown(made.mean(axis=0))

    def _grown(self, row: Floats) -> int:
        with self._growing:
            self._made.append(row)
            return self.known + len(self._made) - 1

    def rows(self, ids: Ints) -> Floats:
        """(ids, width) vectors; a row of zeros for id 0."""
        known = ids < self.known
        at = np.where(known, ids - 1, 0)
        made = self._vectors[at].astype(np.float32) * self._scales[at, None]
        made[ids == 0] = 0.0
        for place in np.flatnonzero(~known).tolist():
            made[place] = self._made[int(ids[place]) - self.known]
        return made


def shrink(total: Floats) -> Floats:
    """Sums of word vectors as phrase vectors; see the module."""
    square = np.einsum("ij,ij->i", total, total)
    shrunk: Floats = total / np.sqrt(1.0 + square)[:, None]
    return shrunk
