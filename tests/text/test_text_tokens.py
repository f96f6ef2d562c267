"""Tokens: what a word is, where it stands, and the form it is matched on."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.text import Span, analyse
from suggest.text.tokens import is_word, tokenise

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def norms(text: str) -> list[str]:
    return tokenise(text).norm


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5.2 mg", ["5.2", "mg"]),
        ("5.2mg", ["5.2", "mg"]),
        ("1,000 units", ["1000", "units"]),
        ("CKD stage 3b", ["ckd", "stage", "3b"]),
        ("follow-up", ["follow", "up"]),
        ("Guillain–Barré", ["guillain", "barre"]),
        ("Alzheimer's disease", ["alzheimer", "disease"]),
        ("Alzheimer’s disease", ["alzheimer", "disease"]),
        ("doesn’t", ["doesn't"]),
        ("nausea/vomiting", ["nausea", "/", "vomiting"]),
        ("h/o MI", ["h", "/", "o", "mi"]),
        ("q.d. p.o.", ["qd", "po"]),
        ("C.O.P.D. exacerbation", ["copd", "exacerbation"]),
        ("e.g., asthma", ["eg", ",", "asthma"]),
        ("cafe\u0301", ["cafe"]),
        ("ﬁbrosis", ["fibrosis"]),
        ("m²", ["m2"]),
        ("haemorrhage", ["haemorrhage"]),
        ("=====", ["="]),
        ("-fever", ["-", "fever"]),
        ("(+)", ["(", "+", ")"]),
        ("🙂 pain", ["🙂", "pain"]),
        ("E11.9", ["e11", ".", "9"]),
        ("5'10\"", ["5", "'", "10", '"']),
        ("di\u00adabetes", ["diabetes"]),
        ("BP\u00a0120/80", ["bp", "120", "/", "80"]),
    ],
)
def test_norms(text: str, expected: list[str]) -> None:
    assert norms(text) == expected


def test_possessive_is_in_the_range_but_not_in_the_norm() -> None:
    text = "Crohn's colitis"
    tokens = tokenise(text)
    assert tokens.span(0).of(text) == "Crohn's"
    assert tokens.norm[0] == "crohn"


def test_tokens_covering_a_span() -> None:
    text = "no chest pain today"
    tokens = tokenise(text)
    assert tokens.covering(Span(3, 13)) == range(1, 3)
    assert tokens.covering(Span(4, 5)) == range(1, 2)
    assert not tokens.covering(Span(2, 3))


@given(any_text)
def test_tokens_stand_in_order_and_hold_all_but_space_and_hyphens(text: str) -> None:
    tokens = tokenise(text)
    last = 0
    for start, end, norm in tokens:
        assert last <= start < end <= len(text)
        assert norm
        skipped = text[last:start]
        assert all(c.isspace() or c in "-\u2010\u2011\u2013" for c in skipped)
        last = end
    assert all(c.isspace() for c in text[last:])


@given(any_text)
def test_norms_are_folded(text: str) -> None:
    for _, _, norm in tokenise(text):
        if is_word(norm) and norm.isascii():
            assert norm == norm.lower()


@given(st.from_regex(r"[A-Za-zéüñ]{3,12}", fullmatch=True))
def test_norm_does_not_depend_on_case_or_composition(word: str) -> None:
    composed = unicodedata.normalize("NFC", word)
    decomposed = unicodedata.normalize("NFD", word)
    assert norms(composed) == norms(decomposed) == norms(composed.upper())


@given(any_text.filter(lambda text: bool(text) and not text.isspace()))
def test_analysis_keeps_the_text_as_submitted(text: str) -> None:
    note = analyse(text)
    assert note.text == text
    assert len(note.tokens) >= 1
