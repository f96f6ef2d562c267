"""Reads a search query: spelling set right, abbreviations and lay terms spelled out.

The terms are in data/abbreviations.tsv: what is looked for, the code set's words for it, and the
code where one code fits. A query that is a term as a whole names its codes outright.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from importlib import resources
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from suggest.codesets.arrayfile import Array, Strings
from suggest.codesets.indexing import STOP, split, stem, stems, tokens

MAX_QUERY = 200  # characters; a longer text is no query
_MAX_WORDS = 24
_MAX_COMPLETIONS = 40
_SPELLING = 0.72  # least similarity of a misspelt word
# What a bare term's code denies ("GERD" is "... without esophagitis") the rest may well affirm.
_DEFAULT = re.compile(r"(?:, not intractable)?,? without .*")
_ENDINGS = ("d", "ed", "ing", "al", "ly")


class Expansion(NamedTuple):
    """What an abbreviation or lay term stands for; `code` is empty where no one code fits."""

    text: str
    code: str


class Query(NamedTuple):
    """What a query may mean: terms that name it outright, and its words as stems, in each way."""

    outright: list[Expansion]
    readings: list[tuple[str, ...]]


class Reader:
    """Knows the index's words and the curated terms; holds no state between queries."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        self.words = Strings(arrays, "word").all()
        self.number = {word: number for number, word in enumerate(self.words)}
        self._weight = arrays["word_weight"]
        self._expansions = _expansions()
        self._longest = max(len(key) for key in self._expansions)
        self._terms = {word for key in self._expansions for word in key}

    def read(self, query: str) -> Query:
        """The query's meanings, the likeliest first; no readings if it holds no word."""
        written = [stem(word) for word in tokens(query[:MAX_QUERY])[:_MAX_WORDS]]
        written = [self._corrected(word) for word in written]
        whole = self._expansions.get(tuple(written), [])
        literal = [word for word in written if word not in STOP]
        ways = [_said(e.text) for e in whole] or [self._spelled_out(written)]
        readings = [tuple(dict.fromkeys(words)) for words in [*ways, literal] if words]
        return Query([e for e in whole if e.code], list(dict.fromkeys(readings)))

    def _spelled_out(self, written: list[str]) -> list[str]:
        """The words with every term in them replaced by its likeliest meaning."""
        spelled: list[str] = []
        at = 0
        while at < len(written):
            for length in range(min(self._longest, len(written) - at), 0, -1):
                found = self._expansions.get(tuple(written[at : at + length]))
                if found and not (length == 1 and written[at] in STOP):
                    spelled.extend(_said(_DEFAULT.sub("", found[0].text)))
                    at += length
                    break
            else:
                if written[at] not in STOP:
                    spelled.append(written[at])
                at += 1
        return spelled

    def _corrected(self, word: str) -> str:
        """A known word for a misspelt or inflected one; the word itself where none is near."""
        if word in self.number or word in self._terms or word in STOP or len(word) < 4:
            return word
        if word.isdigit() or self.completions(word):
            return word
        for ending in _ENDINGS:
            for kept in (word.removesuffix(ending), word.removesuffix(ending) + "e"):
                if len(kept) > 3 and word.endswith(ending) and kept in self.number:
                    return kept
        found = process.extract(
            word, self.words, scorer=OSA.normalized_similarity, score_cutoff=_SPELLING, limit=8
        )
        near = [(self._weight[n], w) for w, s, n in found if s > found[0][1] - 0.02]
        return min(near)[1] if near else word

    def completions(self, word: str) -> list[int]:
        """The numbers of the longer words that begin so: hypothyroid -> hypothyroidism."""
        start = bisect_left(self.words, word)
        end = min(bisect_left(self.words, word + "~"), start + _MAX_COMPLETIONS)
        return [number for number in range(start, end) if self.words[number] != word]


def _said(text: str) -> list[str]:
    heavy = split(text).heavy
    return [word for word in stems(text) if word in heavy]


def _expansions() -> dict[tuple[str, ...], list[Expansion]]:
    """Abbreviation or lay term (its stems) -> what it stands for, the likeliest first."""
    found: dict[tuple[str, ...], list[Expansion]] = {}
    source = resources.files("suggest.codesets") / "data" / "abbreviations.tsv"
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            key = tuple(stem(word) for word in tokens(row["abbreviation"]))
            found.setdefault(key, []).append(Expansion(row["expansion"], row["code"]))
    return found
