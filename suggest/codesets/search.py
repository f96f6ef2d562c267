"""Code look-up by words, code prefix, abbreviation or misspelt word.

Each reading of the query is scored against every title and inclusion term: the share of the query
that the phrase covers, times how much of the phrase the query says, words weighed by rarity (the
idf of BM25). From the phrase's code the search goes down to the billable code that the remaining
words of the query ask for, else to the unspecified one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from suggest.codesets.arrayfile import Array, Strings
from suggest.codesets.indexing import Traits, stem, stems
from suggest.codesets.model import SearchHit, dotted
from suggest.codesets.reading import Reader
from suggest.codesets.tabular import CODE

_CODE = re.compile(r"[A-Z](?:\d[0-9A-Z]?|A\d)(?:\.[0-9A-Z]{0,4}|[0-9A-Z]{0,4})")
_CANDIDATES = 300
_DESCENTS = 40  # phrases from which the codes below are looked through for the words left over
_OUTRIGHT = 2.0  # above every score by words
_BREVITY = 0.45  # how much it matters that the phrase says no more than the query
_TERM = 0.97  # an inclusion term's weight beside a title's
_COMPLETED = 0.95  # a word's weight when the query has only its beginning, less for each letter
_BELOW = 0.99  # a code found through the phrase of a code above it
_LEFT_OVER = 0.75  # the weight of a query's word that only the code below says
_BILLABLE, _UNSPECIFIED, _OTHER, _REMOTE, _SIDE, _DENIED = 0.05, 0.03, 0.03, 0.06, 0.1, 0.15
_SIDES = frozenset(("right", "left", "bilateral"))
# Words that ask for what is remote otherwise (Traits.REMOTE).
_ASKED = re.compile(
    r"\b(?:history|family|status|screening|encounter|presence|pregnancy|newborn|delivery|maternal"
    r"|poisoning|adverse|toxic|fall|accident|sequela)\b"
)
_WITHOUT = re.compile(r"\bwithout (\w+)")


class _Said(NamedTuple):
    """A reading's words with their weights, the sum of these, and whether it asks for a code
    that is otherwise remote."""

    weights: dict[str, float]
    total: float
    remote: bool


class SearchIndex:
    """Reads the compiled index; holds no state between searches but decoded titles."""

    def __init__(
        self,
        arrays: dict[str, Array],
        ids: Sequence[str],
        where: Mapping[str, int],
        titles: Strings,
    ) -> None:
        self._ids = ids
        self._where = where
        self._titles = titles
        self._phrases = Strings(arrays, "phrase")
        self._arrays = arrays
        self._reader = Reader(arrays)
        self._words_of = lru_cache(20_000)(lambda number: frozenset(stems(titles[number])))

    def search(self, query: str, limit: int, mask: Array | None) -> list[SearchHit]:
        """Best first, one hit a code; `mask` says which entries may be found."""
        if _CODE.fullmatch(query.strip().upper()) and (found := self._by_prefix(query, mask)):
            return [
                SearchHit(self._ids[i], self._titles[i], 1.0, self._ids[i]) for i in found[:limit]
            ]
        outright, readings = self._reader.read(query)
        best: dict[int, tuple[float, str]] = {}
        for words in readings:
            self._score(words, best)
        for rank, expansion in enumerate(outright):
            best[self._where[expansion.code]] = (_OUTRIGHT - 0.01 * rank, expansion.text)
        hits = [(-score, n, m) for n, (score, m) in best.items() if mask is None or mask[n]]
        return [
            SearchHit(self._ids[number], self._titles[number], round(-score, 4), matched)
            for score, number, matched in sorted(hits)[:limit]
        ]

    def _by_prefix(self, query: str, mask: Array | None) -> list[int]:
        prefix, kinds = dotted(query), self._arrays["kind"]
        category = self._where.get(prefix[:3])
        if len(prefix) < 3:
            places = range(len(self._ids))
        elif category is None:
            return []
        else:
            places = range(category, int(self._arrays["end"][category]))
        return [
            number
            for number in places
            if self._ids[number].startswith(prefix)
            and kinds[number] == CODE
            and (mask is None or mask[number])
        ]

    def _score(self, words: tuple[str, ...], best: dict[int, tuple[float, str]]) -> None:
        documents = self._arrays["doc_weight"]
        covered = np.zeros(len(documents), dtype=np.float32)  # weight of the query's words found
        told = np.zeros_like(covered)  # weight of the phrase's words that the query says
        weights = {word: self._cover(word, covered, told) for word in words}
        remote = _ASKED.search(" ".join(words)) is not None
        said = _Said(weights, sum(weights.values()), remote)
        value = covered / said.total
        value *= 1 - _BREVITY + _BREVITY * np.minimum(1.0, told / documents)
        value[self._arrays["doc_phrase"] >= 0] *= _TERM
        top = np.argpartition(-value, _CANDIDATES)[:_CANDIDATES]
        top = top[np.argsort(-value[top], kind="stable")]
        for rank, document in enumerate(top[value[top] > 0].tolist()):
            self._offer(document, float(value[document]), said, rank < _DESCENTS, best)

    def _cover(self, word: str, covered: Array, told: Array) -> float:
        """Add a word to the sums of the phrases that hold it. Returns its weight."""
        weights = self._arrays["word_weight"]
        number = self._reader.number.get(word)
        forms = [] if number is None else [(number, 1.0)]
        if len(word) > 2 and (number is None or len(word) > 5) and not word.isdigit():
            for longer in self._reader.completions(word):
                added = len(self._reader.words[longer]) - len(word)
                forms.append((longer, _COMPLETED - 0.01 * added))
        if not forms:
            return float(weights.mean())
        weight = min(float(weights[form]) for form, _ in forms)
        found = np.zeros_like(covered)
        at = self._arrays["posting_at"]
        for form, similarity in forms:
            here = slice(at[form], at[form + 1])
            posting = self._arrays["posting"][here]
            found[posting] = np.maximum(found[posting], weight * similarity)
            told[posting] += weights[form] * self._arrays["posting_share"][here]
        covered += found
        return weight

    def _offer(
        self,
        document: int,
        value: float,
        said: _Said,
        look_below: bool,
        best: dict[int, tuple[float, str]],
    ) -> None:
        """Enter a phrase's code, and the billable code below that the query comes to."""
        entry = int(self._arrays["doc_entry"][document])
        phrase = int(self._arrays["doc_phrase"][document])
        matched = self._phrases[phrase] if phrase >= 0 else self._titles[entry]
        left = said.weights.keys() - self._words_of(entry)
        if phrase >= 0:
            left -= set(stems(matched))
        offers = [(entry, value)]
        below = self._below(entry, left) if look_below else int(self._arrays["usual"][entry])
        if below not in (-1, entry):
            gained = sum(said.weights[word] for word in left & self._words_of(below))
            offers.append((below, value * _BELOW + _LEFT_OVER * gained / said.total))
        for number, score in offers:
            score += self._prior(number, said)
            if score > best.get(number, (0.0, ""))[0]:
                best[number] = (score, matched)

    def _below(self, entry: int, left: set[str]) -> int:
        """The billable code below that says most of the words left over; -1 if none stands out."""
        usual, ends = self._arrays["usual"], self._arrays["end"]
        while not self._arrays["billable"][entry]:
            best, most = -1, 0
            child = entry + 1
            while left and child < ends[entry]:
                says = len(left & self._words_of(child))
                likely = child <= usual[entry] < ends[child]
                if says > most or (says == most > 0 and likely):
                    best, most = child, says
                child = int(ends[child])
            if best < 0:
                return int(usual[entry])
            entry = best
        return entry

    def _prior(self, number: int, said: _Said) -> float:
        traits = int(self._arrays["traits"][number])
        words = self._words_of(number)
        prior = _BILLABLE if self._arrays["billable"][number] else 0.0
        sides = _SIDES & said.weights.keys()
        if sides and not sides & words and (_SIDES & words or "unspecified" in words):
            prior -= _SIDE
        elif traits & Traits.UNSPECIFIED:
            prior += _UNSPECIFIED
        if traits & Traits.OTHER and "other" not in said.weights:
            prior -= _OTHER
        if traits & Traits.REMOTE and not said.remote:
            prior -= _REMOTE
        if traits & Traits.WITHOUT and "without" not in said.weights:
            denied = (stem(word) for word in _WITHOUT.findall(self._titles[number]))
            prior -= _DENIED if any(word in said.weights for word in denied) else 0.0
        return prior
