"""Levels of the spine are read as the regions and vertebrae that codes tell apart."""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester
from suggest.engine.levels import level_words
from suggest.engine.normal import Normaliser

VISIT = Encounter(type="outpatient", date_of_service=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("L5-S1 discitis.", "M46.47"),
        ("Discitis T12-L1.", "M46.45"),
        ("Spinal stenosis at L3-4 with neurogenic claudication.", "M48.062"),
        ("Radiculopathy, C7-T1.", "M54.13"),
        ("Disc herniation L4/L5.", "M51.26"),
        ("Wedge compression fracture of L1.", "S32.010A"),
        ("Fracture of the T12 vertebra.", "S22.089A"),
    ],
)
def test_the_code_of_the_level_is_suggested(suggester: Suggester, text: str, code: str) -> None:
    found = suggester.suggest(text, VISIT, top=None)
    assert code in {s.code for s in found}


def test_the_region_that_is_named_comes_before_none(suggester: Suggester) -> None:
    assert suggester.suggest("Spinal stenosis L4-L5.", VISIT)[0].code == "M48.061"


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("C5-C6", {"neck", "mid", "c5", "c6", "level"}),
        ("C2-3", {"neck", "elevated", "occipito", "atlanto", "axial"}),
        ("T7", {"chest", "t7", "t8"}),
        ("L5-S1", {"lumbosacral"}),
        ("L6", set()),
        ("T2-L4", {"chest", "lumbar"}),
        ("vitamin B12, stage T2N0, 5/5", set()),
    ],
)
def test_levels_as_words(text: str, classes: set[str]) -> None:
    assert level_words(text, Normaliser()) == classes
