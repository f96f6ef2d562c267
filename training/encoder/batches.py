"""What the static encoder is shown: terms with neighbours, altered, and words that name nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.encoder.terms import CURATED, Term

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Settings:
    """Hyperparameters of the static encoder; `seed` fixes everything random.

    A batch has `phrases` terms of `concepts` concepts of each of `categories` categories and
    `nothing` phrases that name nothing. `drop`, `noise` and `spell` are the chances that a word is
    left out, a general word is added, a word is read by its spelling alone.
    """

    width: int = 128
    buckets: int = 1 << 14
    steps: int = 900
    categories: int = 80
    concepts: int = 4
    phrases: int = 3
    nothing: int = 320
    rate: float = 0.01
    temperature: float = 0.06
    drop: float = 0.1
    noise: float = 0.2
    spell: float = 0.1
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Batch:
    """(phrases, words) ids padded with 0; concept and category numbers of the phrases."""

    phrases: Tensor
    concepts: Tensor
    categories: Tensor
    nothing: Tensor


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by id from 1 on, then spellings that have n-grams only: a word's own and wrong ones.

    `spelt` gives the ids of those spellings for a word's id.
    """

    ids: dict[str, int]
    spellings: list[str]
    spelt: dict[int, list[int]]

    @classmethod
    def of(cls, words: Sequence[str], terms: Sequence[Term], seed: int) -> Vocabulary:
        """The words, and three more spellings of each word of a term."""
        random = np.random.default_rng(seed)
        ids = {w: i for i, w in enumerate(words, 1)}
        spellings = ["", *words]
        spelt: dict[int, list[int]] = {}
        for word in sorted({w for t in terms for w in t.words}):
            if len(word) >= 5 and word.isalpha():
                others = [word, misspelt(word, random), misspelt(word, random)]
                spelt[ids[word]] = list(range(len(spellings), len(spellings) + len(others)))
                spellings.extend(others)
        return cls(ids, spellings, spelt)


def misspelt(word: str, random: np.random.Generator) -> str:
    """The word with one letter swapped with the next, left out, doubled or replaced."""
    at = int(random.integers(1, len(word) - 1))
    how = int(random.integers(4))
    if how == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if how == 1:
        return word[:at] + word[at + 1 :]
    if how == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _LETTERS[int(random.integers(26))] + word[at + 1 :]


class Batches:
    """Draws terms: categories by the root of their size, then concepts, then terms."""

    def __init__(self, terms: Sequence[Term], vocabulary: Vocabulary, settings: Settings) -> None:
        self._settings = settings
        self._random = np.random.default_rng(settings.seed)
        self._spelt = vocabulary.spelt
        ids = vocabulary.ids
        self.categories = sorted({t.code[:3] for t in terms})
        place = {c: i for i, c in enumerate(self.categories)}
        by_code: list[dict[str, list[tuple[list[int], float]]]] = [{} for _ in self.categories]
        for term in terms:
            known = by_code[place[term.code[:3]]].setdefault(term.code, [])
            known.append(([ids[w] for w in term.words], 3.0 if term.kind == CURATED else 1.0))
        self._of = [list(codes.values()) for codes in by_code]
        sizes = np.sqrt([sum(map(len, codes)) for codes in self._of])
        self._probability = sizes / sizes.sum()
        used = {w for t in terms for w in t.words}
        self._general = np.array([i for w, i in ids.items() if w not in used])
        self._parts, spread = _parts_of_terms(terms, ids)
        self._heaped = np.cumsum(np.sqrt(spread))

    def __iter__(self) -> Iterator[Batch]:
        s = self._settings
        for _ in range(s.steps):
            rows: list[list[int]] = []
            concepts: list[int] = []
            categories: list[int] = []
            number = 0
            chosen = self._random.choice(
                len(self._of), s.categories, replace=False, p=self._probability
            )
            for category in chosen.tolist():
                codes = self._of[category]
                for index in self._random.permutation(len(codes))[: s.concepts].tolist():
                    for words in self._drawn(codes[index]):
                        rows.append(self._altered(words))
                        concepts.append(number)
                        categories.append(category)
                    number += 1
            nothing = [self._nothing() for _ in range(s.nothing)]
            yield Batch(
                _padded(rows), torch.tensor(concepts), torch.tensor(categories), _padded(nothing)
            )

    def _drawn(self, terms: list[tuple[list[int], float]]) -> list[list[int]]:
        """Different terms, curated ones sooner; a lone term twice."""
        if len(terms) == 1:
            return [terms[0][0]] * 2
        keys = self._random.random(len(terms)) ** (1.0 / np.array([w for _, w in terms]))
        return [terms[i][0] for i in np.argsort(-keys)[: self._settings.phrases].tolist()]

    def _altered(self, words: list[int]) -> list[int]:
        s = self._settings
        chances = self._random.random(2 * len(words) + 1)
        kept = words
        if len(words) > 2:
            kept = [w for w, chance in zip(words, chances, strict=False) if chance >= s.drop]
            kept = kept or words
        kept = [
            self._other_spelling(w) if chance < s.spell else w
            for w, chance in zip(kept, chances[len(words) :], strict=False)
        ]
        if chances[-1] < s.noise:
            kept.append(int(self._general[self._random.integers(len(self._general))]))
        return kept

    def _other_spelling(self, word: int) -> int:
        others = self._spelt.get(word)
        return others[int(self._random.integers(len(others)))] if others else word

    def _nothing(self) -> list[int]:
        """One to four general words, or one or two of which none is a term by itself."""
        chance = self._random.random()
        if chance < 0.35:
            size = int(self._random.integers(1, 5))
            return [int(i) for i in self._random.choice(self._general, size)]
        size = int(self._random.integers(1, 3))
        if chance < 0.65:
            return [int(i) for i in self._random.choice(self._parts, size)]
        places = np.searchsorted(self._heaped, self._random.random(size) * self._heaped[-1])
        return [int(i) for i in self._parts[places]]


def _parts_of_terms(terms: Sequence[Term], ids: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Words that are no term by themselves (acute, anal, history) and their categories' number."""
    spread: dict[str, set[str]] = defaultdict(set)
    alone = {t.words[0] for t in terms if len(t.words) == 1}
    for term in terms:
        for word in term.words:
            spread[word].add(term.code[:3])
    kept = [(ids[w], len(c)) for w, c in sorted(spread.items()) if w not in alone]
    return np.array([i for i, _ in kept]), np.array([n for _, n in kept], dtype=np.float64)


def _padded(rows: list[list[int]]) -> Tensor:
    made = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for i, row in enumerate(rows):
        made[i, : len(row)] = row
    return torch.from_numpy(made)
