"""The 7th character says what the note says: stage, tophus, fetus, healing, opening, time."""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester

VISIT = Encounter(type="outpatient", date_of_service=date(2026, 3, 1))


def first(suggester: Suggester, text: str, prefix: str) -> str:
    """The first code that begins so."""
    found = suggester.suggest(f"ASSESSMENT: {text}", VISIT)
    return next(s.code for s in found if s.code.startswith(prefix))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mild primary open-angle glaucoma of the right eye.", "H40.1111"),
        ("Pigmentary glaucoma, right eye, early stage.", "H40.1311"),
        ("POAG OU, moderate stage.", "H40.1132"),
        ("Primary open-angle glaucoma, left eye, severe stage.", "H40.1123"),
        ("Advanced POAG of left eye.", "H40.1123"),
        ("Primary open-angle glaucoma both eyes, end-stage.", "H40.1133"),
        ("Chronic angle-closure glaucoma right eye, indeterminate stage.", "H40.2214"),
        ("Low-tension glaucoma, left eye.", "H40.1220"),
        ("Low-tension glaucoma, left eye, and severe hypertension.", "H40.1220"),
    ],
)
def test_the_stage_of_a_glaucoma(suggester: Suggester, text: str, code: str) -> None:
    assert first(suggester, text, code[:5]) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Chronic gout with tophi.", "M1A.9XX1"),
        ("Tophaceous gout of the left elbow.", "M1A.9XX1"),
        ("Chronic gout without tophi.", "M1A.9XX0"),
        ("Chronic gout.", "M1A.9XX0"),
    ],
)
def test_the_tophus_of_a_gout(suggester: Suggester, text: str, code: str) -> None:
    assert first(suggester, text, code[:5]) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GCS 7 on arrival.", "R40.2432"),
        ("GCS score 13-15, in the field.", "R40.2411"),
        ("GCS score 13-15 at hospital admission.", "R40.2413"),
        ("GCS score 13-15.", "R40.2410"),
        ("Obstructed labor due to breech presentation, fetus 1.", "O64.1XX1"),
        ("Decreased fetal movements, third trimester, twin B.", "O36.8132"),
        ("Maternal care for breech presentation.", "O32.1XX0"),
    ],
)
def test_the_time_of_a_coma_scale_and_the_fetus(suggester: Suggester, text: str, code: str) -> None:
    assert first(suggester, text, code[:5]) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Left clavicle fracture.", "S42.002A"),
        ("Left clavicle fracture, routine healing.", "S42.002D"),
        ("Left clavicle fracture, healing well.", "S42.002D"),
        ("Left clavicle fracture with delayed union.", "S42.002G"),
        ("Left clavicle fracture, non-union.", "S42.002K"),
        ("Malunion of a left clavicle fracture.", "S42.002P"),
        ("Left clavicle fracture, healing well without nonunion.", "S42.002D"),
        ("Open left clavicle fracture.", "S42.002B"),
        ("Left clavicle fracture treated with open reduction.", "S42.002A"),
        ("Open fracture of the shaft of the left tibia with nonunion.", "S82.202M"),
        ("Open fracture of the shaft of the left tibia, Gustilo type IIIA.", "S82.202C"),
    ],
)
def test_the_care_of_a_fracture(suggester: Suggester, text: str, code: str) -> None:
    assert first(suggester, text, code[:5]) == code


def test_each_fracture_has_its_own_care(suggester: Suggester) -> None:
    text = (
        "ASSESSMENT: Right clavicle fracture, healing well; nonunion of left tibia shaft fracture."
    )
    found = {s.code for s in suggester.suggest(text, VISIT, top=None)}
    assert {"S42.001D", "S82.202K"} <= found
    assert not {"S42.001K", "S82.202D"} & found


@pytest.mark.parametrize(
    "text",
    [
        "Primary open-angle glaucoma, moderate right, severe left.",
        "POAG OD moderate stage, OS severe stage.",
        "POAG, moderate stage right eye and severe stage left eye.",
        "POAG both eyes: moderate OD, severe OS.",
    ],
)
def test_each_eye_has_its_stage(suggester: Suggester, text: str) -> None:
    """Guidelines I.C.7.a.3."""
    found = [s.code for s in suggester.suggest(text, VISIT)]
    assert found[:2] == ["H40.1112", "H40.1123"]


def test_both_eyes_of_one_stage_are_one_code(suggester: Suggester) -> None:
    """Guidelines I.C.7.a.2."""
    found = [s.code for s in suggester.suggest("POAG, severe right, severe left.", VISIT)]
    assert found[0] == "H40.1133"
    assert not {"H40.1113", "H40.1123"} & set(found)


def test_each_knee_of_its_severity_is_one_code(suggester: Suggester) -> None:
    """Guidelines I.B.13."""
    text = "Osteoarthritis of both knees, severe right, mild left."
    assert suggester.suggest(text, VISIT)[0].code == "M17.0"
