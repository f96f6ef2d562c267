"""The curated chapters of the lexicon: each row names a code that exists by words that count."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from suggest import Suggester
from suggest.engine.lexicon.compiled import MAX_WORDS
from suggest.engine.normal import Normaliser

TERMS = Path(__file__).parents[2] / "suggest" / "engine" / "lexicon" / "terms"
COLUMNS = ["term", "code", "requires", "excludes", "sections", "case", "source"]
# How a term says that it names two conditions, each with its own code.
BOTH = re.compile(r"/| and | with | in | on | due to |\bs/p\b|status post", re.IGNORECASE)


class Row(NamedTuple):
    place: str
    term: str
    classes: tuple[str, ...]
    code: str
    condition: tuple[str, ...]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    normaliser = Normaliser()
    found = []
    for path in sorted(TERMS.glob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            assert reader.fieldnames == COLUMNS, path.name
            for number, row in enumerate(reader, 2):
                place = f"{path.name}:{number} {row['term']}"
                assert set(row) == set(COLUMNS), place
                assert None not in row.values(), place
                found.append(
                    Row(
                        place,
                        row["term"],
                        tuple(sorted(set(normaliser.classes(row["term"])))),
                        row["code"],
                        (row["requires"], row["excludes"], row["sections"], row["case"]),
                    )
                )
    return found


def test_every_row_names_a_code_that_exists(rows: list[Row], suggester: Suggester) -> None:
    assert not [r.place for r in rows if r.code not in suggester.codeset]


def test_every_term_has_words_that_count(rows: list[Row]) -> None:
    assert not [
        r.place
        for r in rows
        if not 0 < len(r.classes) <= MAX_WORDS or (len(r.classes) == 1 and len(r.classes[0]) < 2)
    ]


def test_no_row_says_what_another_says(rows: list[Row]) -> None:
    places: dict[tuple[tuple[str, ...], str, tuple[str, ...]], list[str]] = defaultdict(list)
    for row in rows:
        places[row.classes, row.code, row.condition].append(row.place)
    assert not [same for same in places.values() if len(same) > 1]


def test_two_codes_of_one_category_are_two_conditions(rows: list[Row]) -> None:
    named: dict[tuple[tuple[str, ...], str], list[Row]] = defaultdict(list)
    for row in rows:
        if not any(row.condition):
            named[row.classes, row.code[:3]].append(row)
    assert not [
        [(r.place, r.code) for r in same]
        for same in named.values()
        if len({r.code for r in same}) > 1 and not all(BOTH.search(r.term) for r in same)
    ]


def test_conditions_are_written_as_the_matcher_reads_them(rows: list[Row]) -> None:
    for row in rows:
        requires, excludes, _, case = row.condition
        assert case in ("", "upper"), row.place
        for cell in (requires, excludes):
            assert cell == cell.casefold(), row.place
            assert all(part.strip() for part in cell.split("|") if cell), row.place
