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
        self._rows: dict[tuple[str, ...], list[dict[str, str]]] = {}
        sizes: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            forms = {words_of(variant) for variant in expand(row[column])}
            if plural:
                forms |= {(*words[:-1], words[-1] + "s") for words in forms}
            for form in forms:
                self._rows.setdefault(form, []).append(row)
                sizes[form[0]].add(len(form))
        # By the first word how many words a phrase may have, most first.
        self._sizes = {first: sorted(of, reverse=True) for first, of in sizes.items()}

    def find(self, norms: Sequence[str], tokens: range) -> list[Place]:
        """All places in order; of those that begin together the longest, without those inside."""
        found: list[Place] = []
        if self._sizes.keys().isdisjoint(norms[tokens.start : tokens.stop]):
            return found
        behind = tokens.start
        for index in tokens:
            if index < behind or norms[index] not in self._sizes:
                continue
            for size in self._sizes[norms[index]]:
                stop = index + size
                rows = self._rows.get(tuple(norms[index:stop])) if stop <= tokens.stop else None
                if rows is not None:
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
