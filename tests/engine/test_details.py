"""What a sentence says of a condition reaches its code: side, 7th character, measure, relative."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from suggest import Encounter, Suggester

DAY = date(2026, 3, 1)
OFFICE = Encounter(type="outpatient", date_of_service=DAY)
EMERGENCY = Encounter(type="emergency", date_of_service=DAY)
LEXICON = Path(__file__).parents[2] / "suggest" / "engine" / "lexicon"


def codes(suggester: Suggester, text: str, encounter: Encounter = OFFICE) -> set[str]:
    return {s.code for s in suggester.suggest(text, encounter, top=None)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Assessment: R knee pain.", {"M25.561"}),
        ("Assessment: knee pain (L).", {"M25.562"}),
        ("Assessment: R knee pain and L hip pain.", {"M25.561", "M25.552"}),
        ("Assessment: pain in the left knee, right shoulder pain.", {"M25.562", "M25.511"}),
        ("Assessment: bilateral knee pain.", {"M25.561", "M25.562"}),
        ("Assessment: right and left knee pain.", {"M25.561", "M25.562"}),
        ("Assessment: b/l shoulder pain.", {"M25.511", "M25.512"}),
    ],
)
def test_each_condition_takes_its_own_side(
    suggester: Suggester, text: str, expected: set[str]
) -> None:
    assert expected <= codes(suggester, text)


@pytest.mark.parametrize("text", ["Knee pain, on 2 L oxygen.", "Knee pain, r/o gout."])
def test_a_letter_that_is_a_unit_is_no_side(suggester: Suggester, text: str) -> None:
    assert "M25.569" in codes(suggester, f"Assessment: {text}")


@pytest.mark.parametrize(
    ("text", "encounter", "expected"),
    [
        ("Fracture of the shaft of the left tibia.", EMERGENCY, "S82.202A"),
        ("Open fracture of the shaft of the left tibia.", EMERGENCY, "S82.202B"),
        ("Follow-up of a fracture of the shaft of the left tibia.", OFFICE, "S82.202D"),
        ("Nonunion of the fracture of the shaft of the left tibia.", OFFICE, "S82.202K"),
        ("Sequela of a fracture of the shaft of the left tibia.", OFFICE, "S82.202S"),
        (
            "HPI: Here for follow up of her fracture.\nAssessment: fracture of left tibia shaft.",
            OFFICE,
            "S82.202D",
        ),
    ],
)
def test_the_seventh_character_follows_the_care(
    suggester: Suggester, text: str, encounter: Encounter, expected: str
) -> None:
    assert expected in codes(suggester, text, encounter)


@pytest.mark.parametrize("text", ["BMI 34.2", "BMI: 34.27 kg/m2", "Body mass index of 34"])
def test_a_measured_bmi_has_its_code(suggester: Suggester, text: str) -> None:
    assert "Z68.34" in codes(suggester, f"VITALS\n{text}")


def test_a_relative_s_condition_is_a_family_history(suggester: Suggester) -> None:
    found = codes(suggester, "Family History: Mother - breast cancer. Father - kidney disease.")
    assert {"Z80.3", "Z84.1"} <= found or {"Z80.3", "Z84.19"} <= found
    assert "C50.919" not in found
    assert "Z80.0" in codes(suggester, "She has a family history of colon cancer.")


def test_a_drug_is_an_allergy_only_where_allergies_stand(suggester: Suggester) -> None:
    assert "Z88.5" in codes(suggester, "ALLERGIES\nCodeine.")
    assert "Z88.5" not in codes(suggester, "MEDICATIONS\nCodeine 30 mg at night.")


def test_the_history_table_names_codes_that_exist(suggester: Suggester) -> None:
    with (LEXICON / "history.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        named = [c for cell in (row["personal"], row["family"]) for c in cell.split("|") if c]
        assert named, row["prefix"]
        assert all(code in suggester.codeset for code in named), row["prefix"]


def test_a_side_that_is_paralysed_is_presumed_dominant_on_the_right(suggester: Suggester) -> None:
    """Guidelines I.C.6.a."""
    for text, first, presumed in (
        ("Left hemiparesis.", "G81.94", "left nondominant side"),
        ("Right hemiparesis.", "G81.91", "right dominant side"),
    ):
        found = suggester.suggest(text)
        assert found[0].code == first
        assert all(presumed in s.title for s in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Preeclampsia, third trimester.", "O14.93"),
        ("G1P0 at 34w5d. Preeclampsia without severe features.", "O14.03"),
        ("Severe preeclampsia, 34 weeks gestation.", "O14.13"),
        ("Anemia in pregnancy. EGA 22 weeks.", "O99.012"),
        ("Second pregnancy, third trimester. Anemia in pregnancy.", "O99.013"),
        ("Supervision of normal first pregnancy, 12w0d.", "Z34.01"),
        ("UTI in pregnancy, 18 2/7 weeks gestation.", "O23.42"),
        ("Anemia in pregnancy at 13w6d.", "O99.011"),
        ("Anemia in pregnancy at 27w6d.", "O99.012"),
        ("Anemia in pregnancy at 28w0d.", "O99.013"),
    ],
)
def test_weeks_of_gestation_are_a_trimester(suggester: Suggester, text: str, expected: str) -> None:
    """Guidelines I.C.15.a.3."""
    assert expected in codes(suggester, text)


@pytest.mark.parametrize(
    "text",
    [
        "Anemia in pregnancy. Follow up in 6 weeks.",
        "Anemia in pregnancy. Prior delivery at 34w0d.",
        "Anemia in pregnancy. 12w0d by dates, 14w2d by ultrasound.",
    ],
)
def test_a_trimester_that_is_not_said_is_unspecified(suggester: Suggester, text: str) -> None:
    assert "O99.019" in codes(suggester, text)
