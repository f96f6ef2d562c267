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


@pytest.mark.parametrize(
    ("text", "definite", "sign"),
    [
        ("Type 2 diabetes mellitus. Impaired fasting glucose.", "E11.9", "R73.01"),
        ("Essential hypertension. Elevated blood pressure reading today.", "I10", "R03.0"),
        ("Epilepsy. Seizure yesterday.", "G40.909", "R56.9"),
        ("Mild persistent asthma. Wheezing at night.", "J45.30", "R06.2"),
        ("Low back pain with left-sided sciatica.", "M54.42", "M54.50"),
    ],
)
def test_a_sign_is_not_suggested_beside_what_excludes_it(
    suggester: Suggester, text: str, definite: str, sign: str
) -> None:
    found = codes(suggester, text)
    assert definite in found
    assert sign not in found


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("Type 2 diabetes with stage 4 CKD.", {"E11.22", "N18.4"}, "E10"),
        ("Type 1 diabetes with diabetic polyneuropathy.", {"E10.42"}, "E11"),
        ("Type 1 diabetes mellitus. Diabetic gastroparesis.", {"E10.43"}, "E11"),
        ("Steroid-induced diabetes.", {"E09.9"}, "E11"),
        ("Brother has type 1 diabetes. Patient has diabetes.", {"E11.9"}, "E10"),
    ],
)
def test_a_code_is_of_the_type_of_diabetes_that_the_note_names(
    suggester: Suggester, text: str, right: set[str], wrong: str
) -> None:
    found = codes(suggester, text)
    assert right <= set(found)
    assert not any(code.startswith(wrong) for code in found)


def test_a_semicolon_ends_what_is_said_of_a_condition(suggester: Suggester) -> None:
    found = codes(suggester, "Right clavicle fracture; left tibia shaft fracture.")
    assert "S42.001A" in found
    assert not any(code.startswith("S42.02") for code in found[:3])


def test_the_side_of_labelled_notes_is_not_taken_over(suggester: Suggester) -> None:
    assert codes(suggester, "Ankle sprain, right.")[0] == "S93.401A"
    hand = codes(suggester, "Pain in right hand and left foot.")
    assert {"M79.641", "M79.672"} == {code for code in hand if code.startswith("M79.6")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Noncompliance with medication.", "Z91.148"),
        ("Missed dialysis.", "Z91.158"),
        ("Stung by a wasp.", "T63.461A"),
        ("UTI due to E. coli.", "B96.20"),
        ("C. difficile colitis, recurrent.", "A04.71"),
    ],
)
def test_what_coders_meet_every_day_is_found(
    suggester: Suggester, text: str, expected: str
) -> None:
    assert expected in codes(suggester, text)
