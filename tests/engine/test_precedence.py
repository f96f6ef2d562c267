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
        ("Type 2 diabetes with mild retinopathy. Type 2 diabetes.", "E11.3299", "E11.9"),
        ("Type 1 diabetes. Type 1 diabetes with ketoacidosis.", "E10.10", "E10.9"),
        ("Hypertensive heart disease. Essential hypertension.", "I11.9", "I10"),
        ("Nontraumatic intracerebral hemorrhage.", "I61.9", "R58"),
        ("MRSA pneumonia.", "J15.212", "J18.9"),
        ("COVID-19 pneumonia.", "J12.82", "J18.9"),
        ("Lobar pneumonia. Pneumonia improving.", "J18.1", "J18.9"),
        ("Aspiration pneumonia. Pneumonia improving.", "J69.0", "J18.9"),
        ("Stage 3 pressure ulcer of the sacrum.", "L89.153", "L89.893"),
        ("Sacral pressure ulcer, stage 2. Pressure ulcer of sacral region.", "L89.152", "L89.159"),
        ("Nausea and vomiting.", "R11.2", "R11.0"),
        ("Vomiting and nausea.", "R11.2", "R11.10"),
        ("Slipped on ice and fell.", "W00.0XXA", "W01.0XXA"),
        ("Fell due to ice and snow.", "W00.0XXA", "W19.XXXA"),
    ],
)
def test_the_general_code_gives_way_to_the_one_that_says_more(
    suggester: Suggester, text: str, specific: str, general: str
) -> None:
    found = codes(suggester, text)
    assert specific in found
    assert general not in found


@pytest.mark.parametrize(
    "text",
    [
        "Right lower lobe pneumonia.",
        "RLL pneumonia, started on ceftriaxone.",
        "Pneumonia of the left upper lobe.",
    ],
)
def test_pneumonia_in_a_lobe_is_no_lobar_pneumonia(suggester: Suggester, text: str) -> None:
    """Coding Clinic 3Q 2018 p24."""
    found = codes(suggester, text)
    assert found[0] == "J18.9"
    assert "J18.1" not in found


def test_covid_pneumonia_is_two_codes(suggester: Suggester) -> None:
    assert {"U07.1", "J12.82"} <= set(codes(suggester, "Pneumonia due to COVID-19.", STAY))


def test_nausea_and_vomiting_of_two_times_stay_two(suggester: Suggester) -> None:
    assert {"R11.0", "R11.10"} <= set(codes(suggester, "Nausea. Vomiting."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Left-sided hemiplegia after stroke.", "I69.354"),
        ("Right hemiplegia following cerebral infarction.", "I69.351"),
        ("Late effect of stroke with right hemiparesis.", "I69.351"),
        ("Post stroke hemiparesis, left.", "I69.354"),
    ],
)
def test_hemiplegia_that_a_stroke_left_is_its_sequela(
    suggester: Suggester, text: str, expected: str
) -> None:
    found = codes(suggester, text)
    assert found[0] == expected
    assert not any(code.startswith("G81") for code in found)


def test_hemiplegia_of_an_acute_stroke_is_none(suggester: Suggester) -> None:
    found = codes(suggester, "Acute ischemic stroke with right hemiplegia.", STAY)
    assert {"G81.91", "I63.9"} <= set(found)


@pytest.mark.parametrize(
    ("text", "cause", "pain"),
    [
        ("Right ankle sprain with pain in the right ankle.", "S93.401A", "M25.571"),
        ("Contusion of left knee with left knee pain.", "S80.02XA", "M25.562"),
        ("Left shoulder pain due to rotator cuff tear of the left shoulder.", "M75.102", "M25.512"),
        ("Pain in left wrist from distal radius fracture, left.", "S52.502A", "M25.532"),
        ("Right knee pain due to osteoarthritis of right knee.", "M17.11", "M25.561"),
    ],
)
def test_the_pain_of_a_condition_is_not_coded_beside_it(
    suggester: Suggester, text: str, cause: str, pain: str
) -> None:
    """Guidelines I.B.5."""
    found = codes(suggester, text)
    assert cause in found
    assert pain not in found


@pytest.mark.parametrize(
    ("text", "pain"),
    [
        ("Left ankle sprain with right knee pain.", "M25.561"),
        ("Left ankle sprain. Right ankle pain.", "M25.571"),
        ("Right knee pain and left wrist fracture.", "M25.561"),
        ("Right shoulder pain, possibly due to rotator cuff tear.", "M25.511"),
    ],
)
def test_a_pain_of_another_place_or_of_no_certain_cause_stays(
    suggester: Suggester, text: str, pain: str
) -> None:
    assert pain in codes(suggester, text)


def test_a_ligament_of_the_ankle_is_none_of_the_knee(suggester: Suggester) -> None:
    for text in (
        "Lateral ligament complex sprain of the left ankle.",
        "Lateral collateral ligament sprain of left ankle.",
    ):
        found = codes(suggester, text)
        assert found[0] == "S93.492A"
        assert not any(code.startswith("S83") for code in found)
    assert codes(suggester, "Lateral collateral ligament sprain of left knee.")[0] == "S83.422A"


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
    "text",
    [
        "Immunizations up to date.",
        "Infant, 38w2d at birth, in NICU for jaundice.",
        "Vaccine refused.",
    ],
)
def test_what_is_said_of_another_time_or_refused_is_none_of_today(
    suggester: Suggester, text: str
) -> None:
    assert not {"Z23", "Z3A.38"} & set(codes(suggester, text))


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
        ("Immunizations given today.", "Z23"),
        ("Flu shot given today.", "Z23"),
        ("G2P1 at 38w2d, routine prenatal visit.", "Z3A.38"),
        ("EGA 38 weeks, supervision of normal pregnancy.", "Z3A.38"),
        ("Sacral decubitus stage IV.", "L89.154"),
    ],
)
def test_what_coders_meet_every_day_is_found(
    suggester: Suggester, text: str, expected: str
) -> None:
    assert expected in codes(suggester, text)
