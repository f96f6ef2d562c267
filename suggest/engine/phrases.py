"""Phrases of a table found word by word in the tokens of a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from suggest.text.tokens import words_of


@dataclass(frozen=True, slots=True)
class Place:
    """A phrase of a table where it stands: its first token, the one behind, and its row."""

    start: int
    stop: int
    row: dict[str, str]


class Phrases:
    """Rows of a table by the words of a column."""

    def __init__(self, rows: Iterable[dict[str, str]], column: str, *, plural: bool = False):
        self._by_first: dict[str, dict[tuple[str, ...], list[dict[str, str]]]] = {}
        for row in rows:
            words = words_of(row[column])
            forms = {words, (*words[:-1], words[-1] + "s")} if plural else {words}
            for form in sorted(forms):
                of_first = self._by_first.setdefault(form[0], defaultdict(list))
                of_first[form].append(row)

    def find(self, norms: Sequence[str], tokens: range) -> list[Place]:
        """All places in order; of those that begin together the longest, without those inside."""
        found: list[Place] = []
        behind = tokens.start
        for index in tokens:
            of_first = self._by_first.get(norms[index])
            if of_first is None or index < behind:
                continue
            fitting = [w for w in of_first if tuple(norms[index : index + len(w)]) == w]
            best = max(fitting, key=len, default=())
            if best and index + len(best) <= tokens.stop:
                behind = index + len(best)
                found.extend(Place(index, behind, row) for row in of_first[best])
        return found


def tokens_of(*places: Place) -> tuple[int, ...]:
    """The tokens of places, in order."""
    return tuple(sorted({i for p in places for i in range(p.start, p.stop)}))


def is_of(stems: str, stem: str) -> bool:
    """Whether a stem is among those named; "!": all but those."""
    named = stems.split()
    if not named:
        return True
    but = tuple(s[1:] for s in named if s.startswith("!"))
    return not stem.startswith(but) if but else stem.startswith(tuple(named))
