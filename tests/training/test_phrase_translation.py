"""A phrase of the original is found again in its translation."""

from __future__ import annotations

import pytest

from suggest.text import Span
from training.corpora.translation import Word, WordTable, carry, words_in

PAIRS = [
    ("insuficiencia renal aguda", "acute renal failure"),
    ("insuficiencia renal", "renal failure"),
    ("insuficiencia cardiaca", "heart failure"),
    ("fiebre y dolor", "fever and pain"),
    ("dolor renal", "renal pain"),
    ("presenta fiebre", "has fever"),
    ("presenta insuficiencia", "has failure"),
    ("diabetes y dolor", "diabetes and pain"),
]


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable([(a.split(), b.split()) for a, b in PAIRS])


def words(text: str) -> list[Word]:
    return words_in(text, Span(0, len(text)))


def carried(table: WordTable, spanish: str, phrase: str, english: str) -> str | None:
    left = words(spanish)
    chosen = frozenset(n for n, w in enumerate(left) if w.norm in phrase.split())
    found = carry(table, left, chosen, words(english))
    return found.span.of(english) if found else None


def test_a_phrase_of_several_words_is_found_in_another_order(table: WordTable) -> None:
    english = "The patient has acute renal failure and pain"
    spanish = "presenta insuficiencia renal aguda y dolor"
    assert carried(table, spanish, "insuficiencia renal aguda", english) == "acute renal failure"
    assert carried(table, spanish, "dolor", english) == "pain"


def test_a_cognate_that_never_stood_in_the_pairs_is_not_guessed(table: WordTable) -> None:
    assert carried(table, "presenta hepatitis", "hepatitis", "has hepatitis") is None


def test_what_the_translation_left_out_has_no_place(table: WordTable) -> None:
    assert carried(table, "presenta fiebre", "fiebre", "has failure") is None
    assert carry(table, words("fiebre"), frozenset({0}), []) is None


def test_accents_and_case_do_not_matter() -> None:
    assert [w.norm for w in words("Fiebre PÚRPURA 38,5")] == ["fiebre", "purpura", "38,5"]
