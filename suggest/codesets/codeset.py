"""One release of a code system: codes, titles, hierarchy, notes and validity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import orjson

from suggest.codesets import search as searching
from suggest.codesets import validity
from suggest.errors import DateOutsideCodeSets, UnknownCode


@dataclass(frozen=True, slots=True)
class Code:
    """One code: dotted, with its full title. `billable` says whether it may stand on a claim."""

    code: str
    title: str
    billable: bool
    chapter: str
    block: str
    parent: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Notes:
    """The instructional notes that stand at one code, block or chapter."""

    inclusion_terms: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    excludes1: tuple[str, ...] = ()
    excludes2: tuple[str, ...] = ()
    code_first: tuple[str, ...] = ()
    use_additional: tuple[str, ...] = ()
    code_also: tuple[str, ...] = ()
    seventh_characters: Mapping[str, str] = field(default_factory=dict)


class SearchHit(NamedTuple):
    """A code found by words; `matched` is the phrase of the code that was found."""

    code: str
    title: str
    score: float
    matched: str


class CodeSet:
    """Look-up, hierarchy and notes. Codes may be given dotted or not, in any case."""

    def __init__(self, system: str, fingerprint: str, arrays: dict[str, np.ndarray]) -> None:
        self.system = system
        self.fingerprint = fingerprint
        self.release: str = arrays["release"].tobytes().decode()
        self._ids: list[str] = arrays["ids"].tobytes().decode().split("\n")
        self._arrays = arrays
        self._parent: list[int] = arrays["parent"].tolist()
        self._kind: list[int] = arrays["kind"].tolist()
        self._billable: list[bool] = arrays["billable"].tolist()
        self._where = {identifier: i for i, identifier in enumerate(self._ids)}

    @cached_property
    def codes(self) -> Sequence[str]:
        """Every header and billable code, dotted, in tabular order."""
        return [i for i, kind in zip(self._ids, self._kind, strict=True) if kind == 2]

    @cached_property
    def billable(self) -> Sequence[str]:
        """Every billable code, dotted, in tabular order."""
        return [i for i, yes in zip(self._ids, self._billable, strict=True) if yes]

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        children: dict[int, list[int]] = {}
        for index, parent in enumerate(self._parent):
            children.setdefault(parent, []).append(index)
        return children

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self._find(code) is not None

    def _find(self, code: str) -> int | None:
        index = self._where.get(code)
        if index is None:
            plain = code.strip().upper().replace(".", "")
            dotted = f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 and "-" not in plain else plain
            index = self._where.get(dotted)
        return index

    def _index(self, code: str) -> int:
        index = self._find(code)
        if index is None:
            raise UnknownCode(f"{code[:20]!r} is not in {self.system} ({self.release})")
        return index

    def _text(self, name: str, index: int) -> bytes:
        at = self._arrays[f"{name}_at"]
        return bytes(self._arrays[name][at[index] : at[index + 1]])

    def title(self, code: str) -> str:
        """The full title of a code, block ("I20-I25") or chapter ("9")."""
        return self._text("title", self._index(code)).decode()

    chapter_title = block_title = title

    def __getitem__(self, code: str) -> Code:
        index = self._index(code)
        if self._kind[index] != 2:
            raise UnknownCode(f"{code[:20]!r} is a chapter or block of {self.system}, not a code")
        line = [index, *self._line(index)]
        return Code(
            self._ids[index],
            self._text("title", index).decode(),
            self._billable[index],
            self._ids[line[-1]],
            self._ids[line[-2]],
            self._ids[line[1]] if self._kind[line[1]] == 2 else None,
            index,
        )

    def get(self, code: str, default: Code | None = None) -> Code | None:
        """The code, or the default where there is none."""
        try:
            return self[code]
        except UnknownCode:
            return default

    def _line(self, index: int) -> Iterator[int]:
        while (index := self._parent[index]) >= 0:
            yield index

    def parent(self, code: str) -> str | None:
        """The code, block or chapter above; None above a chapter."""
        above = self._parent[self._index(code)]
        return self._ids[above] if above >= 0 else None

    def children(self, code: str) -> list[str]:
        """The codes (or blocks) right below, in tabular order."""
        return [self._ids[i] for i in self._children.get(self._index(code), ())]

    def siblings(self, code: str) -> list[str]:
        """The others below the same parent."""
        index = self._index(code)
        return [self._ids[i] for i in self._children[self._parent[index]] if i != index]

    def ancestors(self, code: str) -> list[str]:
        """What stands above: nearest first, up to category, block and chapter."""
        return [self._ids[i] for i in self._line(self._index(code))]

    def descendants(self, code: str, *, billable: bool = True) -> list[str]:
        """Everything below, in tabular order; only billable codes unless told otherwise."""
        found: list[int] = []
        stack = [self._index(code)]
        while stack:
            for child in self._children.get(stack.pop(), ()):
                stack.append(child)
                if self._billable[child] or not billable:
                    found.append(child)
        return [self._ids[i] for i in sorted(found)]

    def category(self, code: str) -> str:
        """The three-character category of a code."""
        return self._ids[self._index(code)][:3]

    def notes(self, code: str) -> Notes:
        """The notes that stand at this very code, block or chapter; 7th characters inherited."""
        index = self._index(code)
        raw = self._text("notes", index)
        own = {k: tuple(v) for k, v in orjson.loads(raw).items()} if raw else {}
        return Notes(**own, seventh_characters=self._seventh(index))

    def _seventh(self, index: int) -> dict[str, str]:
        while index >= 0 and self._kind[index] == 2:
            if raw := self._text("seventh", index):
                meanings: dict[str, str] = orjson.loads(raw)
                return meanings
            index = self._parent[index]
        return {}

    def inherited_notes(self, code: str) -> list[tuple[str, Notes]]:
        """The notes at the code and at everything above it, each with the place it stands at."""
        places = [self._ids[self._index(code)], *self.ancestors(code)]
        return [(place, self.notes(place)) for place in places]

    def search(self, words: str, limit: int = 20) -> list[SearchHit]:
        """Codes by words, code prefix, abbreviation or misspelt word; best first."""
        return [SearchHit(*hit) for hit in self._search_index.search(words, limit)]

    @cached_property
    def _search_index(self) -> searching.SearchIndex:
        return searching.SearchIndex(self)

    def on(self, day: date | None) -> CodeSetOn:
        """The codes valid on a day; None means the newest day that this release covers.

        Raises DateOutsideCodeSets for a day that no installed table covers.
        """
        day = day or self.newest_day
        if not validity.FIRST <= day <= validity.LAST:
            raise DateOutsideCodeSets(
                f"no ICD-10-CM code set is installed for {day.isoformat()}: "
                f"use a date from {validity.FIRST} to {validity.LAST}"
            )
        return CodeSetOn(self, day)

    @property
    def newest_day(self) -> date:
        """A day on which exactly this release is in force."""
        return date(2026, 9, 30)

    def valid_on(self, day: date) -> frozenset[str]:
        """The dotted codes with a title that may stand on a claim that day."""
        number = day.year * 10000 + day.month * 100 + day.day
        rows = self._arrays["valid"]
        keep = rows[(rows[:, 1] <= number) & (number <= rows[:, 2]), 0]
        return frozenset(self._ids[i] for i in keep.tolist())

    def untitled_valid_on(self, day: date) -> frozenset[str]:
        """Undotted codes valid that day whose title is not in this release."""
        number = day.year * 10000 + day.month * 100 + day.day
        rows = self._arrays["untitled_valid"]
        names = self._arrays["untitled"].tobytes().decode().split("\n")
        keep = rows[(rows[:, 1] <= number) & (number <= rows[:, 2]), 0]
        return frozenset(names[i] for i in keep.tolist())


class CodeSetOn:
    """A code set on one day."""

    def __init__(self, codeset: CodeSet, day: date) -> None:
        self.codeset = codeset
        self.day = day
        self._valid = codeset.valid_on(day)

    @cached_property
    def _untitled(self) -> frozenset[str]:
        return self.codeset.untitled_valid_on(self.day)

    def is_valid(self, code: str) -> bool:
        """Whether the code may stand on a claim of that day."""
        if code in self._valid:
            return True
        found = self.codeset.get(code)
        if found is not None:
            return found.code in self._valid
        return code.strip().upper().replace(".", "") in self._untitled

    @property
    def valid_billable(self) -> frozenset[str]:
        """Every dotted code that is valid that day and has a title."""
        return self._valid
