"""What the mention encoder learns from, and that it learns the same from the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suggest import codesets
from suggest.codesets import CodeSet
from suggest.engine.normal import Normaliser
from training.encoder import static
from training.encoder.batches import Settings, misspelt
from training.encoder.export import file_of
from training.encoder.terms import Concepts, Term, collect

TERMS = [
    Term(("asthma",), "J45", 2),
    Term(("bronchial", "asthma"), "J45", 0),
    Term(("wheezy", "bronchitis"), "J45", 1),
    Term(("chronic", "bronchitis"), "J42", 0),
    Term(("diabetes", "nephropathy"), "E11.21", 0),
    Term(("diabetes", "kidney", "disease"), "E11.21", 2),
    Term(("diabetes", "retinopathy"), "E11.31", 0),
    Term(("diabetes", "eye", "disease"), "E11.31", 2),
]
WORDS = [*sorted({w for t in TERMS for w in t.words}), "cheese", "monday", "weather"]
SMALL = Settings(
    width=16, buckets=256, steps=60, categories=3, concepts=2, phrases=2, nothing=8, rate=0.03
)


def learned(seed: int = 7) -> static.Learned:
    teacher = np.random.default_rng(1).normal(size=(len(WORDS), 24)).astype(np.float32)
    return static.train(TERMS, WORDS, teacher, replace(SMALL, seed=seed))


@pytest.fixture(scope="module")
def icd10cm() -> CodeSet:
    return codesets.load("ICD-10-CM")


def test_terms_of_one_code_come_to_stand_together() -> None:
    kidney, disease, eye = static.encode(
        learned(),
        [("diabetes", "nephropathy"), ("diabetes", "kidney", "disease"), ("diabetes", "eye")],
    )
    assert kidney @ disease > kidney @ eye


def test_the_same_seed_gives_the_same_file() -> None:
    first, second, other = (file_of(learned(seed), TERMS) for seed in (7, 7, 8))
    assert all(
        np.array_equal(getattr(first, name), getattr(second, name)) for name in first.__slots__
    )
    assert not np.array_equal(first.vectors, other.vectors)


def test_held_out_terms_have_word_sets_that_no_other_term_has(icd10cm: CodeSet) -> None:
    terms = collect(icd10cm, hold_out=0.1)
    known = {frozenset(t.words) for t in terms.train}
    assert len(terms.held_out) > 500
    assert not [t for t in terms.held_out if frozenset(t.words) in known]


def test_a_concept_is_a_code_without_side_and_seventh_character(icd10cm: CodeSet) -> None:
    concepts = Concepts(icd10cm, Normaliser())
    assert concepts.of("M25.561") == "M25.56"
    assert concepts.of("S52.521A") == concepts.of("S52.522D")
    assert concepts.of("D18.1") == "D18.1"


def test_a_misspelling_keeps_the_first_letter() -> None:
    random = np.random.default_rng(3)
    made = {misspelt("hypertension", random) for _ in range(50)}
    assert len(made) > 10
    assert all(word[0] == "h" and abs(len(word) - 12) <= 1 for word in made)
