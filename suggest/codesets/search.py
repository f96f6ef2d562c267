"""Code look-up by words: BM25 over titles and inclusion terms, with spelling help.

Robertson & Zaragoza 2009 for the weighting. Abbreviations are expanded from a data file.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from importlib import resources
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from suggest.codesets.codeset import CodeSet

_WORD = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"[A-Za-z]\d[0-9A-Za-z](?:\.?[0-9A-Za-z]{0,4})?")
_SKIP = frozenset({"of", "the", "a", "an", "and", "or", "in", "with", "to", "for"})


def _words(text: str) -> list[str]:
    return [
        w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith(("ss", "us", "is")) else w
        for w in _WORD.findall(text.lower().replace("'s", ""))
        if w not in _SKIP
    ]


class SearchIndex:
    """Built on the first search (about a second), then answers in milliseconds."""

    def __init__(self, codeset: CodeSet) -> None:
        self._codeset = codeset
        self._phrases: list[tuple[str, str, int]] = []
        self._postings: dict[str, list[int]] = defaultdict(list)
        self._expansions = _abbreviations()
        for code in codeset.codes:
            entry = codeset[code]
            if len(code) == 8 and codeset.notes(code).seventh_characters:
                continue
            self._add(code, entry.title)
            for term in codeset.notes(code).inclusion_terms:
                self._add(code, term)
        total = len(self._phrases)
        self._idf = {w: math.log(1 + total / len(p)) for w, p in self._postings.items()}

    def _add(self, code: str, phrase: str) -> None:
        words = set(_words(phrase))
        number = len(self._phrases)
        self._phrases.append((code, phrase, len(words)))
        for word in words:
            self._postings[word].append(number)

    def search(self, query: str, limit: int) -> list[tuple[str, str, float, str]]:
        """(code, title, score, matched phrase), best first, one row a code."""
        if _CODE.fullmatch(query.strip()) and (found := self._by_prefix(query, limit)):
            return found
        readings = self._readings(query)
        best: dict[str, tuple[float, str]] = {}
        for words, weight in readings:
            self._score(words, weight, best)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [(c, self._codeset.title(c), round(s, 3), m) for c, (s, m) in ranked]

    def _by_prefix(self, query: str, limit: int) -> list[tuple[str, str, float, str]]:
        plain = query.strip().upper().replace(".", "")
        prefix = plain if len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"
        hits = [c for c in self._codeset.codes if c.startswith(prefix)][:limit]
        return [(c, self._codeset.title(c), 1.0, c) for c in hits]

    def _readings(self, query: str) -> list[tuple[list[str], float]]:
        lowered = query.lower().strip()
        readings = [(_words(lowered), 1.0)]
        for expansion in self._expansions.get(lowered, ()):
            readings.append((_words(expansion), 2.0))
        if len(readings) == 1:
            swapped = [
                w
                for token in _WORD.findall(lowered)
                for w in (
                    _words(self._expansions[token][0])
                    if token in self._expansions
                    else _words(token)
                )
            ]
            if swapped != readings[0][0]:
                readings.append((swapped, 1.2))
        return readings

    def _score(self, words: list[str], weight: float, best: dict[str, tuple[float, str]]) -> None:
        known = {self._nearest(w) for w in words} - {None}
        if not known:
            return
        scores: dict[int, float] = defaultdict(float)
        for word in known:
            assert word is not None
            for number in self._postings[word]:
                scores[number] += self._idf[word]
        wanted = sum(self._idf[w] for w in known if w)
        top = sorted(scores.items(), key=lambda kv: -kv[1])[:400]
        for number, score in top:
            code, phrase, length = self._phrases[number]
            covered = score / wanted
            brief = len(known) / max(length, len(known))
            entry = self._codeset[code]
            bonus = 0.05 * entry.billable + 0.08 * ("unspecified" in entry.title.lower())
            value = weight * (covered + 0.5 * covered * brief + bonus)
            if value > best.get(code, (0.0, ""))[0]:
                best[code] = (value, phrase)

    def _nearest(self, word: str) -> str | None:
        if word in self._postings:
            return word
        if len(word) < 4:
            return None
        match = process.extractOne(word, self._postings.keys(), scorer=fuzz.ratio, score_cutoff=80)
        return match[0] if match else None


def _abbreviations() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    source = resources.files("suggest.codesets") / "data" / "abbreviations.tsv"
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found[row["abbreviation"].lower()].append(row["expansion"])
    return dict(found)
