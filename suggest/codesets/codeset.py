"""One release of a code system: codes, titles, hierarchy, notes, validity, search."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, overload

import numpy as np
import orjson

from suggest.codesets import validity
from suggest.codesets.arrayfile import Array, ArrayFile, Strings
from suggest.codesets.model import Code, Notes, SearchHit, dotted, undotted
from suggest.codesets.tabular import BLOCK, CHAPTER, CODE
from suggest.errors import DateOutsideCodeSets, UnknownCode

if TYPE_CHECKING:
    from suggest.codesets.search import SearchIndex


@dataclass(frozen=True)
class InForce:
    """What is valid between two changes of the code set.

    `ids`, `billable` and `present` (valid, or above something valid) have one row an entry;
    `untitled` are the numbers of the valid codes that have no title in this release.
    """

    ids: Sequence[str]
    billable: Array
    present: Array
    untitled: frozenset[int]

    @cached_property
    def valid(self) -> frozenset[str]:
        """The valid billable codes that have a title."""
        return frozenset(self.ids[i] for i in self.billable.nonzero()[0].tolist())

    @classmethod
    def on(cls, ids: Sequence[str], arrays: dict[str, Array], day: int) -> InForce:
        rows = arrays["span"]
        valid = rows[(rows[:, 1] <= day) & (day <= rows[:, 2]), 0]
        billable = np.zeros(len(arrays["end"]), dtype=bool)
        billable[valid[valid >= 0]] = True
        before = np.concatenate(([0], np.cumsum(billable)))
        present = before[arrays["end"]] > before[:-1]
        return cls(ids, billable, present, frozenset(valid[valid < 0].tolist()))


class CodeSet:
    """Look-up, hierarchy, notes and search. Codes may be given dotted or not, in any case.

    Chapters ("9") and blocks ("I20-I25"; "B99-B99" where one category is a block) take part in
    the hierarchy and have titles and notes; they are not codes. Entries are numbered in tabular
    order, each right before everything below it.
    """

    def __init__(self, system: str, release: str, fingerprint: str, file: ArrayFile) -> None:
        self.system = system
        self.release = release
        self.fingerprint = fingerprint
        arrays = file.arrays
        self._meta = file.meta
        self._arrays = arrays
        self._ids = Strings(arrays, "id").all()
        self._titles = Strings(arrays, "title")
        self._title_at = lru_cache(maxsize=20_000)(self._titles.__getitem__)
        self._notes = Strings(arrays, "note")
        self._seventh = Strings(arrays, "seventh")
        self._parent: list[int] = arrays["parent"].tolist()
        self._end: list[int] = arrays["end"].tolist()
        self._kind = arrays["kind"].tobytes()
        self._billable = arrays["billable"].tobytes()
        self._where = {identifier: i for i, identifier in enumerate(self._ids)}
        self._shared: dict[str, dict[str, str]] = {}
        self._in_force: dict[int, InForce] = {}

    # Look-up

    @cached_property
    def codes(self) -> Sequence[str]:
        """Every header and billable code, dotted, in tabular order."""
        return tuple(i for i, kind in zip(self._ids, self._kind, strict=True) if kind == CODE)

    @cached_property
    def billable(self) -> Sequence[str]:
        """Every billable code, dotted, in tabular order."""
        return tuple(i for i, yes in zip(self._ids, self._billable, strict=True) if yes)

    @cached_property
    def _place(self) -> list[int]:
        """Entry number -> place in `codes`."""
        places: list[int] = (np.cumsum(self._arrays["kind"] == CODE) - 1).tolist()
        return places

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        if not isinstance(code, str):
            return False
        number = self._find(code)
        return number is not None and self._kind[number] == CODE

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __getitem__(self, code: str) -> Code:
        number = self._number(code)
        if self._kind[number] != CODE:
            raise UnknownCode(f"{code[:20]!r} is a chapter or block of {self.system}, not a code")
        return self._code(number)

    @overload
    def get(self, code: str) -> Code | None: ...
    @overload
    def get(self, code: str, default: None) -> Code | None: ...
    @overload
    def get(self, code: str, default: Code) -> Code: ...
    def get(self, code: str, default: Code | None = None) -> Code | None:
        """The code, or the default where there is none."""
        number = self._find(code)
        return default if number is None or self._kind[number] != CODE else self._code(number)

    def _find(self, code: str) -> int | None:
        number = self._where.get(code)
        return self._where.get(dotted(code)) if number is None else number

    def _number(self, code: str) -> int:
        number = self._find(code)
        if number is None:
            raise UnknownCode(f"{code[:20]!r} is not in {self.system} ({self.release})")
        return number

    def _code(self, number: int) -> Code:
        line = list(self._line(number))
        block = next(above for above in line if self._kind[above] == BLOCK)
        return Code(
            self._ids[number],
            self._titles[number],
            bool(self._billable[number]),
            self._ids[line[-1]],
            self._ids[block],
            self._ids[line[0]] if self._kind[line[0]] == CODE else None,
            self._place[number],
        )

    def title(self, code: str) -> str:
        """The full title of a code, block ("I20-I25") or chapter ("9")."""
        return self._title_at(self._number(code))

    def chapter_title(self, chapter: str) -> str:
        """The title of a chapter by its number."""
        return self._titled(chapter, CHAPTER, "chapter")

    def block_title(self, block: str) -> str:
        """The title of a block by its id."""
        return self._titled(block, BLOCK, "block")

    def _titled(self, identifier: str, kind: int, name: str) -> str:
        number = self._number(identifier)
        if self._kind[number] != kind:
            raise UnknownCode(f"{identifier[:20]!r} is not a {name} of {self.system}")
        return self._titles[number]

    # Hierarchy

    def _line(self, number: int) -> Iterator[int]:
        while (number := self._parent[number]) >= 0:
            yield number

    def _below(self, number: int) -> Iterator[int]:
        child = number + 1
        while child < self._end[number]:
            yield child
            child = self._end[child]

    def _offered(self, number: int) -> bool:  # noqa: ARG002 - a day's view offers fewer
        return True

    def parent(self, code: str) -> str | None:
        """The code, block or chapter above; None above a chapter."""
        above = self._parent[self._number(code)]
        return self._ids[above] if above >= 0 else None

    def children(self, code: str) -> list[str]:
        """The codes (or blocks) right below, in tabular order."""
        return [self._ids[i] for i in self._below(self._number(code)) if self._offered(i)]

    def siblings(self, code: str) -> list[str]:
        """The others below the same parent, in tabular order; a chapter's are the chapters."""
        number = self._number(code)
        above = self._parent[number]
        level = self._below(above) if above >= 0 else self._chapters()
        return [self._ids[i] for i in level if i != number and self._offered(i)]

    def _chapters(self) -> Iterator[int]:
        chapter = 0
        while chapter < len(self._ids):
            yield chapter
            chapter = self._end[chapter]

    @property
    def chapters(self) -> list[str]:
        """The chapters' numbers in tabular order."""
        return [self._ids[i] for i in self._chapters()]

    def ancestors(self, code: str) -> list[str]:
        """What stands above, nearest first: up to the category, its block(s), the chapter."""
        return [self._ids[i] for i in self._line(self._number(code))]

    def descendants(self, code: str, *, billable: bool = True) -> list[str]:
        """Every code below, in tabular order; only billable codes unless told otherwise."""
        number = self._number(code)
        return [
            self._ids[i]
            for i in range(number + 1, self._end[number])
            if (self._billable[i] if billable else self._kind[i] == CODE and self._offered(i))
        ]

    def category(self, code: str) -> str:
        """The three-character category of a code. Raises UnknownCode for a block or chapter."""
        return self[code].code[:3]

    def usual(self, code: str) -> str | None:
        """The billable code that a title comes to when no more is said: E11 -> E11.9.

        The code itself if it is billable; None where the code set has no unspecified choice.
        """
        number = int(self._arrays["usual"][self._number(code)])
        return self._ids[number] if number >= 0 and self._offered(number) else None

    # Notes

    def notes(self, code: str) -> Notes:
        """The notes that stand at this very code, block or chapter; 7th characters inherited."""
        return self._noted(self._number(code))

    def _noted(self, number: int) -> Notes:
        note = int(self._arrays["note_id"][number])
        own = orjson.loads(self._notes[note]) if note >= 0 else {}
        definition = int(self._arrays["seventh_id"][number])
        seventh = self._meanings(definition) if definition >= 0 else {}
        return Notes(**{k: tuple(v) for k, v in own.items()}, seventh_characters=dict(seventh))

    def _meanings(self, definition: int) -> dict[str, str]:
        text = self._seventh[definition]
        if text not in self._shared:
            self._shared[text] = orjson.loads(text)
        return self._shared[text]

    def inherited_notes(self, code: str) -> list[tuple[str, Notes]]:
        """The notes at the code and at everything above it, each with the place it stands at."""
        number = self._number(code)
        return [(self._ids[i], self._noted(i)) for i in (number, *self._line(number))]

    # Validity

    @property
    def newest_day(self) -> date:
        """The last day on which this release is in force."""
        followed = self._meta["followed"]
        if followed is None:
            return validity.LAST
        return validity.as_date(followed) - timedelta(days=1)

    @property
    def covered(self) -> tuple[date, date]:
        """The first and the last day of service that codes can be given for."""
        return validity.FIRST, validity.LAST

    def on(self, day: date | None) -> CodeSetOn:
        """The codes valid on a day; None means the newest day of this release.

        Raises DateOutsideCodeSets for a day that the table of validity does not cover.
        """
        day = day or self.newest_day
        if not validity.FIRST <= day <= validity.LAST:
            raise DateOutsideCodeSets(
                f"no {self.system} code set is installed for {day.isoformat()}: "
                f"use a date from {validity.FIRST} to {validity.LAST}"
            )
        number = validity.as_number(day)
        period = bisect_right(self._meta["changes"], number)
        if period not in self._in_force:
            self._in_force[period] = InForce.on(self._ids, self._arrays, number)
        return CodeSetOn(self, day, self._in_force[period])

    def validity(self, code: str) -> list[tuple[date, date]]:
        """When the code may stand on a claim: (first day, last day), both valid, oldest first.

        A header has none unless it was once billable. Raises UnknownCode.
        """
        number = self._find(code)
        if number is None:
            number = self._untitled.get(undotted(code))
        if number is None:
            raise UnknownCode(f"{code[:20]!r} was never a code of {self.system}")
        rows = self._arrays["span"]
        found = rows[rows[:, 0] == number, 1:].tolist()
        return sorted((validity.as_date(a), validity.as_date(b)) for a, b in found)

    @cached_property
    def _untitled(self) -> dict[str, int]:
        """Undotted codes of other releases, which have validity but no title here."""
        return {c: -1 - i for i, c in enumerate(Strings(self._arrays, "untitled").all())}

    # Search

    def search(self, words: str, limit: int = 20) -> list[SearchHit]:
        """Codes by words, code prefix, abbreviation or misspelt word; best first.

        Scores are comparable within one search only.
        """
        return self._index.search(words, limit, self._mask)

    @property
    def _mask(self) -> Array | None:
        """Which entries a search may find; None for all."""
        return None

    @cached_property
    def _index(self) -> SearchIndex:
        from suggest.codesets.search import SearchIndex  # rapidfuzz is not needed to look up

        return SearchIndex(self._arrays, self._ids, self._where, self._titles)


class CodeSetOn(CodeSet):
    """A code set on one day: the same interface, limited to what is valid that day.

    `Code.billable` is then decided by the day: M54.5 is a header in this release and was billable
    in 2018. Headers belong to the view when something valid stands below them. `Code.index` stays
    the place in the whole release.
    """

    def __init__(self, codeset: CodeSet, day: date, in_force: InForce) -> None:
        own = {"codes", "billable"}
        self.__dict__.update((k, v) for k, v in codeset.__dict__.items() if k not in own)
        self.codeset = codeset
        self.day = day
        self._valid = in_force
        self._billable = in_force.billable.tobytes()

    @cached_property
    def codes(self) -> Sequence[str]:
        """Every code valid that day and every header above one, in tabular order."""
        kept = self._valid.present & (self._arrays["kind"] == CODE)
        return tuple(self._ids[i] for i in kept.nonzero()[0].tolist())

    @cached_property
    def valid_billable(self) -> frozenset[str]:
        """Every dotted code that is valid that day and has a title in this release."""
        return self._valid.valid

    def is_valid(self, code: str) -> bool:
        """Whether the code may stand on a claim of that day, be its title known or not."""
        number = super()._find(code)
        if number is None:
            return self.codeset._untitled.get(undotted(code)) in self._valid.untitled
        return bool(self._billable[number])

    def on(self, day: date | None) -> CodeSetOn:
        """The same release on another day."""
        return self.codeset.on(day)

    def validity(self, code: str) -> list[tuple[date, date]]:
        """When the code may stand on a claim, whatever this view's day."""
        return self.codeset.validity(code)

    @cached_property
    def _place(self) -> list[int]:
        return self.codeset._place

    @cached_property
    def _index(self) -> SearchIndex:
        return self.codeset._index

    @property
    def _mask(self) -> Array:
        return self._valid.present

    def _offered(self, number: int) -> bool:
        return bool(self._valid.present[number])

    def _find(self, code: str) -> int | None:
        number = super()._find(code)
        return number if number is not None and self._offered(number) else None

    def _number(self, code: str) -> int:
        number = self._find(code)
        if number is None:
            raise UnknownCode(f"{code[:20]!r} is not in {self.system} on {self.day.isoformat()}")
        return number
