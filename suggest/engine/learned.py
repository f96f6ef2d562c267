"""What labelled notes taught: how coders coded each phrase, and how often each code was given.

A phrase is a set of word classes, as in the lexicon; it is found where its words stand side by
side. Counts are of notes, so that the counts of a part of the notes can be taken out again.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from suggest.engine.normal import Normaliser
from suggest.text import AnalysedNote

Phrase = tuple[str, ...]
LONGEST = 6  # word classes
_DRAWN = 8.0  # notes that a wider share counts as


@dataclass(frozen=True, slots=True)
class Vote:
    """In how many notes a phrase was the evidence for a code, and the code given at all."""

    evidence: int
    given: int


@dataclass(slots=True)
class Judged:
    """In how many US notes each code was proposed, and in how many of them it was right.

    What is right wherever case reports name it (R52 for "pain") is seldom reported in practice.
    """

    proposed: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    _of_category: dict[str, list[int]] = field(default_factory=dict)  # proposed, confirmed

    def add(self, proposed: Iterable[str], right: Collection[str]) -> None:
        """Counts one note's codes."""
        for code in proposed:
            self.count(code, 1, int(code in right))

    def count(self, code: str, proposed: int, confirmed: int) -> None:
        """Adds to a code's counts."""
        self.proposed[code] += proposed
        self.confirmed[code] += confirmed
        for key in (code[:3], ""):
            sums = self._of_category.setdefault(key, [0, 0])
            sums[0] += proposed
            sums[1] += confirmed

    def without(self, others: Judged) -> Judged:
        """The counts of the other notes; `others` was counted in these, too."""
        rest = Judged()
        for code, n in self.proposed.items():
            rest.count(
                code, n - others.proposed[code], self.confirmed[code] - others.confirmed[code]
            )
        return rest

    def share(self, code: str) -> float:
        """How often the code was right: of few notes drawn to its category's share, and that to
        the share of all codes."""
        proposed, confirmed = self._of_category.get("", (0, 0))
        share = (confirmed + 1.0) / (proposed + 10.0)
        proposed, confirmed = self._of_category.get(code[:3], (0, 0))
        share = (confirmed + _DRAWN * share) / (proposed + _DRAWN)
        return (self.confirmed[code] + _DRAWN * share) / (self.proposed[code] + _DRAWN)


@dataclass(slots=True)
class Labels:
    """Counts over labelled notes.

    `occurred`: notes in which the phrase stands undenied. `votes`: phrase -> code -> its vote.
    `codes`: notes with the code. `leaves`: the codes of each category, most frequent first.
    """

    notes: int = 0
    occurred: Counter[Phrase] = field(default_factory=Counter)
    votes: dict[Phrase, dict[str, Vote]] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    leaves: dict[str, list[str]] = field(default_factory=dict)
    judged: Judged = field(default_factory=Judged)

    def count_categories(self) -> None:
        """Sets `categories` and `leaves` from `codes`."""
        self.categories, self.leaves = Counter(), {}
        for code, count in sorted(self.codes.items(), key=lambda item: (-item[1], item[0])):
            self.categories[code[:3]] += count
            self.leaves.setdefault(code[:3], []).append(code)


def word_classes(note: AnalysedNote, normaliser: Normaliser) -> list[str]:
    """The class of each token: '' for a word without meaning, '.' for punctuation."""
    norms = note.tokens.norm
    classes = {n: normaliser(n) if n[0].isalnum() else "." for n in set(norms)}
    return [classes[n] for n in norms]


def phrase_of(classes: Sequence[str], tokens: Sequence[int]) -> Phrase:
    """The phrase that these tokens make."""
    return tuple(sorted({c for i in tokens if (c := classes[i]) and c != "."}))


def runs(
    note: AnalysedNote, classes: Sequence[str], known: Container[Phrase] | None = None
) -> Iterator[tuple[int, Phrase, tuple[int, ...]]]:
    """Every run of up to six meaningful words of one sentence: (sentence, phrase, tokens).

    With `known` those of its phrases alone.
    """
    for number, sentence in enumerate(note.sentences):
        run: list[int] = []
        for index in sentence.tokens:
            name = classes[index]
            if name == "." or index in note.headings:
                run = []
            elif name:
                run.append(index)
                names: list[str] = []
                for size in range(1, min(LONGEST, len(run)) + 1):
                    name = classes[run[-size]]
                    if name in names:
                        break
                    insort(names, name)
                    phrase = tuple(names)
                    if known is None or phrase in known:
                        yield number, phrase, tuple(run[-size:])
