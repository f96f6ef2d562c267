"""What one code says more exactly another one is not suggested for beside it."""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester

VISIT = Encounter(type="outpatient", date_of_service=date(2026, 3, 1))
STAY = Encounter(type="inpatient", date_of_service=date(2026, 3, 1))


def codes(suggester: Suggester, text: str, encounter: Encounter = VISIT) -> list[str]:
    return [s.code for s in suggester.suggest(text, encounter, top=None)]


@pytest.mark.parametrize(
    ("text", "specific", "general"),
    [
        ("COPD exacerbation.", "J44.1", "J44.9"),
        ("Cirrhosis with bleeding esophageal varices.", "I85.11", "I85.10"),
        ("Morbid obesity.", "E66.01", "E66.9"),
        ("Alcoholic acute pancreatitis.", "K85.20", "K85.90"),
        ("Acute cystitis with hematuria.", "N30.01", "N30.91"),
        ("Type 2 diabetes with mild nonproliferative retinopathy.", "E11.3299", "E11.9"),
        ("Cholelithiasis with chronic cholecystitis.", "K80.10", "K80.20"),
        ("Age-related osteoporosis with compression fracture of L1.", "M80.08XA", "M81.0"),
    ],
)
def test_the_general_code_gives_way_to_the_one_that_says_more(
    suggester: Suggester, text: str, specific: str, general: str
) -> None:
    found = codes(suggester, text)
    assert specific in found
    assert general not in found


def test_a_general_code_with_words_of_its_own_stays(suggester: Suggester) -> None:
    found = codes(suggester, "Abscess of the right axilla. Low back pain.")
    assert {"L02.411", "M54.50"} <= set(found)


def test_what_a_note_asks_to_code_beside_it_stays(suggester: Suggester) -> None:
    found = codes(suggester, "Hypertensive heart failure.", STAY)
    assert {"I11.0", "I50.9"} <= set(found)


@pytest.mark.parametrize(
    ("text", "with_it", "without_it"),
    [
        ("Acute cystitis without hematuria.", "N30.01", "N30.00"),
        ("Migraine with aura, not intractable.", "G43.119", "G43.109"),
        ("Concussion without loss of consciousness.", "S06.0X9A", "S06.0X0A"),
        (
            "Type 2 diabetes with mild nonproliferative retinopathy without macular edema,"
            " both eyes.",
            "E11.3213",
            "E11.3293",
        ),
    ],
)
def test_what_the_note_says_to_be_lacking_is_not_read_as_there(
    suggester: Suggester, text: str, with_it: str, without_it: str
) -> None:
    found = codes(suggester, text)
    assert found[0] == without_it
    assert with_it not in found
