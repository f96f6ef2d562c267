"""Code look-up by words, code prefix, abbreviation or misspelt word.

A query is read in several ways (as written; with abbreviations spelled out); each reading is
scored against every title and inclusion term: the share of the query that the phrase covers,
times how much of the phrase the query says, words weighed by rarity (the idf of BM25).
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from suggest.codesets.arrayfile import Array, Strings
from suggest.codesets.indexing import stem, stems, tokens
from suggest.codesets.model import SearchHit, undotted

_CODE = re.compile(r"[A-Z]\d[0-9A-Z]?(?:\.[0-9A-Z]{0,4}|[0-9A-Z]{0,4})")
_MAX_QUERY = 200  # characters; a longer text is no query
_MAX_WORDS = 24
_CANDIDATES = 400
_SPELLING = 0.72  # least similarity of a misspelt word
_MAX_COMPLETIONS = 40
_TERM = 0.97  # an inclusion term's weight beside a title's
_BILLABLE, _UNSPECIFIED, _OTHER, _REMOTE = 0.05, 0.03, 0.03, 0.06
_UNSAID = re.compile(r"unspecified|without complication|NOS\b")
# Pregnancy, newborn, external causes, poisoning, sequelae: asked for by name or not at all.
_REMOTE_CODES = re.compile(r"[OPVWXY]|T(?:3[6-9]|[45]\d|6[0-5])|I69|Z")


class Expansion(NamedTuple):
    """What an abbreviation or lay term stands for; `code` is empty where no one code fits."""

    text: str
    code: str


Term = list[tuple[int, float]]  # words that may stand for one word of the query, with similarity


class SearchIndex:
    """Reads the compiled index; holds no state between searches."""

    def __init__(self, arrays: dict[str, Array], ids: Sequence[str], titles: Strings) -> None:
        self._ids = ids
        self._titles = titles
        self._phrases = Strings(arrays, "phrase")
        self._arrays = arrays
        self._words = Strings(arrays, "word").all()
        self._number = {word: number for number, word in enumerate(self._words)}
        self._expansions = _expansions()
        self._longest = max(len(key) for key in self._expansions)
        self._end = arrays["end"]

    def search(self, query: str, limit: int, mask: Array | None) -> list[SearchHit]:
        """Best first, one hit a code; `mask` says which entries may be found."""
        query = query[:_MAX_QUERY]
        plain = undotted(query)
        if _CODE.fullmatch(query.strip().upper()) and (found := self._by_prefix(plain, mask)):
            return [SearchHit(self._ids[i], self._titles[i], 1.0, self._ids[i]) for i in found][
                :limit
            ]
        written = tokens(query)[:_MAX_WORDS]
        best: dict[int, tuple[float, str]] = {}
        for rank, expansion in enumerate(self._expansions.get(tuple(written), ())):
            if expansion.code:
                number = self._codes[undotted(expansion.code)]
                if mask is None or mask[number]:
                    best[number] = (2.0 - 0.01 * rank, expansion.text)
        for words in self._readings(written):
            self._score(words, best, mask)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [
            SearchHit(self._ids[number], self._titles[number], round(score, 4), matched)
            for number, (score, matched) in ranked
        ]

    # By code

    @cached_property
    def _codes(self) -> dict[str, int]:
        """Undotted code -> entry, in the order of the codes' characters."""
        kinds = self._arrays["kind"]
        plain = ((c.replace(".", ""), i) for i, c in enumerate(self._ids) if kinds[i] == 2)
        return dict(sorted(plain))

    @cached_property
    def _sorted(self) -> list[str]:
        return list(self._codes)

    def _by_prefix(self, prefix: str, mask: Array | None) -> list[int]:
        start = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix + "~")
        found = (self._codes[code] for code in self._sorted[start:end])
        return [number for number in found if mask is None or mask[number]]

    # By words

    def _readings(self, written: list[str]) -> list[list[str]]:
        """The query's stems as written, and with what its abbreviations stand for."""
        whole = self._expansions.get(tuple(written))
        if whole:
            readings = [stems(expansion.text) for expansion in whole]
        else:
            readings = [stems(" ".join(self._spelled_out(written)))]
        literal = stems(" ".join(written))
        return readings if literal in readings else [*readings, literal]

    def _spelled_out(self, written: list[str]) -> list[str]:
        spelled: list[str] = []
        at = 0
        while at < len(written):
            for length in range(min(self._longest, len(written) - at), 0, -1):
                found = self._expansions.get(tuple(written[at : at + length]))
                if found:
                    spelled.append(found[0].text)
                    at += length
                    break
            else:
                spelled.append(written[at])
                at += 1
        return spelled

    def _score(
        self, words: list[str], best: dict[int, tuple[float, str]], mask: Array | None
    ) -> None:
        terms = [self._term(word) for word in dict.fromkeys(words)]
        if not any(terms):
            return
        weights = self._arrays["word_weight"]
        documents = self._arrays["doc_weight"]
        covered = np.zeros(len(documents), dtype=np.float32)  # weight of the query's words found
        told = np.zeros_like(covered)  # weight of the phrase's words that the query says
        wanted = 0.0
        for term in terms:
            if not term:
                wanted += float(weights.mean())
                continue
            wanted += max(float(weights[word]) for word, _ in term)
            found = np.zeros_like(covered)
            for word, similarity in term:
                posting, share = self._posting(word)
                found[posting] = np.maximum(found[posting], weights[word] * similarity)
                told[posting] += weights[word] * share
            covered += found
        value = covered / wanted * (0.55 + 0.45 * np.minimum(1.0, told / documents))
        value[self._arrays["doc_phrase"] >= 0] *= _TERM
        top = np.argpartition(-value, min(_CANDIDATES, len(value) - 1))[:_CANDIDATES]
        said = set(words)
        for document in top[np.argsort(-value[top], kind="stable")].tolist():
            if value[document] <= 0:
                break
            self._offer(document, float(value[document]), said, best, mask)

    def _posting(self, word: int) -> tuple[Array, Array]:
        """The documents that hold a word, and the share of its weight in each."""
        at = self._arrays["posting_at"]
        here = slice(at[word], at[word + 1])
        return self._arrays["posting"][here], self._arrays["posting_share"][here]

    def _offer(
        self,
        document: int,
        value: float,
        said: set[str],
        best: dict[int, tuple[float, str]],
        mask: Array | None,
    ) -> None:
        """Enter a phrase's code, and the billable code that it usually comes to."""
        entry = int(self._arrays["doc_entry"][document])
        phrase = int(self._arrays["doc_phrase"][document])
        matched = self._phrases[phrase] if phrase >= 0 else self._titles[entry]
        numbers = {entry}
        usual = int(self._arrays["usual"][entry])
        if usual >= 0:
            numbers.add(self._extension(usual, said))
        for number in numbers:
            if mask is not None and not mask[number]:
                continue
            score = value * (1.0 if number == entry else 0.99) + self._prior(number, said)
            if score > best.get(number, (0.0, ""))[0]:
                best[number] = (score, matched)

    def _prior(self, number: int, said: set[str]) -> float:
        code, title = self._ids[number], self._titles[number]
        prior = _BILLABLE if self._arrays["billable"][number] else 0.0
        if _UNSAID.search(title):
            prior += _UNSPECIFIED
        if "Other" in title and "other" not in said:
            prior -= _OTHER
        if _REMOTE_CODES.match(code):
            prior -= _REMOTE
        return prior

    def _extension(self, number: int, said: set[str]) -> int:
        """The sibling whose 7th character the query asks for, else the code itself."""
        if self._arrays["seventh_id"][number] < 0 or len(self._ids[number]) != 8:
            return number
        parent = int(self._arrays["parent"][number])
        own = len(self._titles[parent])
        siblings = range(parent + 1, int(self._end[parent]))
        asked = {i: len(said & set(stems(self._titles[i][own:]))) for i in siblings}
        most = max(asked.values())
        return number if asked.get(number, 0) == most else max(asked, key=asked.__getitem__)

    # Words that are not in the vocabulary

    def _term(self, word: str) -> Term:
        number = self._number.get(word)
        if number is not None:
            return [(number, 1.0)]
        if len(word) < 3 or word.isdigit():
            return []
        return self._completions(word) or self._similar(word)

    def _completions(self, word: str) -> Term:
        start = bisect_left(self._words, word)
        end = bisect_left(self._words, word + "~")
        return [(number, 0.95) for number in range(start, end)][:_MAX_COMPLETIONS]

    def _similar(self, word: str) -> Term:
        if len(word) < 4:
            return []
        for shorter in (word[:-1], word[:-2], word[:-3]):
            if len(shorter) > 4 and word.endswith(("d", "ed", "ing", "al")):
                number = self._number.get(stem(shorter))
                if number is not None:
                    return [(number, 0.95)]
        found = process.extract(
            word,
            self._words,
            scorer=OSA.normalized_similarity,
            score_cutoff=_SPELLING,
            limit=5,
        )
        if not found:
            return []
        top = found[0][1]
        return [(number, similarity) for _, similarity, number in found if similarity > top - 0.05]


def _expansions() -> dict[tuple[str, ...], list[Expansion]]:
    """Abbreviation or lay term (its words) -> what it stands for, the likeliest first."""
    found: dict[tuple[str, ...], list[Expansion]] = {}
    source = resources.files("suggest.codesets") / "data" / "abbreviations.tsv"
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            key = tuple(tokens(row["abbreviation"]))
            found.setdefault(key, []).append(Expansion(row["expansion"], row.get("code") or ""))
    return found
