"""Phrases of a table found word by word in the tokens of a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from suggest.text.rules import expand
from suggest.text.tokens import words_of


@dataclass(frozen=True, slots=True)
class Place:
    """A phrase of a table where it stands: its first token, the one behind, and its row."""

    start: int
    stop: int
    row: dict[str, str]


class Phrases:
    """Rows of a table by the words of a column, which may be written with variants (`expand`)."""

    def __init__(self, rows: Iterable[dict[str, str]], column: str, *, plural: bool = False):
        rows_of: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
        for row in rows:
            forms = {words_of(variant) for variant in expand(row[column])}
            if plural:
                forms |= {(*words[:-1], words[-1] + "s") for words in forms}
            for form in forms:
                rows_of[form].append(row)
        # By the first word; of those that begin with it the longest first.
        self._by_first: dict[str, list[tuple[tuple[str, ...], list[dict[str, str]]]]] = {}
        for form in sorted(rows_of, key=lambda words: (-len(words), words)):
            self._by_first.setdefault(form[0], []).append((form, rows_of[form]))

    def find(self, norms: Sequence[str], tokens: range) -> list[Place]:
        """All places in order; of those that begin together the longest, without those inside."""
        found: list[Place] = []
        if self._by_first.keys().isdisjoint(norms[tokens.start : tokens.stop]):
            return found
        behind = tokens.start
        for index in tokens:
            if index < behind or norms[index] not in self._by_first:
                continue
            for words, rows in self._by_first[norms[index]]:
                stop = index + len(words)
                if stop <= tokens.stop and tuple(norms[index:stop]) == words:
                    behind = stop
                    found.extend(Place(index, stop, row) for row in rows)
                    break
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
