"""ICD-10-CM as published: how many codes, their full titles, look-up."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.codesets import Code, CodeSet
from suggest.errors import UnknownCode

TITLES = {
    "A41.9": "Sepsis, unspecified organism",
    "B20": "Human immunodeficiency virus [HIV] disease",
    "C50.911": "Malignant neoplasm of unspecified site of right female breast",
    "D3A.00": "Benign carcinoid tumor of unspecified site",
    "D64.9": "Anemia, unspecified",
    "E08.3211": "Diabetes mellitus due to underlying condition with mild nonproliferative diabetic "
    "retinopathy with macular edema, right eye",
    "E11.22": "Type 2 diabetes mellitus with diabetic chronic kidney disease",
    "F32.A": "Depression, unspecified",
    "G47.33": "Obstructive sleep apnea (adult) (pediatric)",
    "H34.8112": "Central retinal vein occlusion, right eye, stable",
    "H40.1132": "Primary open-angle glaucoma, bilateral, moderate stage",
    "H66.90": "Otitis media, unspecified, unspecified ear",
    "I10": "Essential (primary) hypertension",
    "I21.4": "Non-ST elevation (NSTEMI) myocardial infarction",
    "I48.91": "Unspecified atrial fibrillation",
    "J44.1": "Chronic obstructive pulmonary disease with (acute) exacerbation",
    "K21.9": "Gastro-esophageal reflux disease without esophagitis",
    "K35.80": "Unspecified acute appendicitis",
    "L89.153": "Pressure ulcer of sacral region, stage 3",
    "M1A.0110": "Idiopathic chronic gout, right shoulder, without tophus (tophi)",
    "M54.50": "Low back pain, unspecified",
    "M80.051A": "Age-related osteoporosis with current pathological fracture, right femur, "
    "initial encounter for fracture",
    "N18.32": "Chronic kidney disease, stage 3b",
    "O36.0110": "Maternal care for anti-D [Rh] antibodies, first trimester, "
    "not applicable or unspecified",
    "O80": "Encounter for full-term uncomplicated delivery",
    "P07.30": "Preterm newborn, unspecified weeks of gestation",
    "Q21.0": "Ventricular septal defect",
    "R07.9": "Chest pain, unspecified",
    "R40.2411": "Glasgow coma scale score 13-15, in the field [EMT or ambulance]",
    "S06.0X0A": "Concussion without loss of consciousness, initial encounter",
    "S52.521A": "Torus fracture of lower end of right radius, "
    "initial encounter for closed fracture",
    "S72.001A": "Fracture of unspecified part of neck of right femur, "
    "initial encounter for closed fracture",
    "S82.202B": "Unspecified fracture of shaft of left tibia, "
    "initial encounter for open fracture type I or II",
    "T36.0X1A": "Poisoning by penicillins, accidental (unintentional), initial encounter",
    "T36.0X5D": "Adverse effect of penicillins, subsequent encounter",
    "U07.1": "COVID-19",
    "V43.52XA": "Car driver injured in collision with other type car in traffic accident, "
    "initial encounter",
    "W19.XXXA": "Unspecified fall, initial encounter",
    "X78.1XXS": "Intentional self-harm by knife, sequela",
    "Y92.230": "Patient room in hospital as the place of occurrence of the external cause",
    "Z68.41": "Body mass index [BMI] 40.0-44.9, adult",
    "Z79.4": "Long term (current) use of insulin",
}


def test_every_billable_code_exists_once(icd10cm: CodeSet) -> None:
    assert len(icd10cm.billable) == len(set(icd10cm.billable)) == 74_719


def test_headers_and_billable_codes_make_the_whole(icd10cm: CodeSet) -> None:
    kinds = Counter(icd10cm[code].billable for code in icd10cm.codes)
    assert kinds == {True: 74_719, False: 23_467}
    assert len(icd10cm) == len(set(icd10cm.codes)) == 74_719 + 23_467


def test_it_says_what_it_is(icd10cm: CodeSet) -> None:
    assert (icd10cm.system, icd10cm.release) == ("ICD-10-CM", "April 2026")


@pytest.mark.parametrize(("code", "title"), TITLES.items())
def test_titles_are_the_full_published_ones(icd10cm: CodeSet, code: str, title: str) -> None:
    assert icd10cm[code].title == title
    assert icd10cm[code].billable


def test_the_titles_checked_are_of_every_chapter(icd10cm: CodeSet) -> None:
    assert {icd10cm[code].chapter for code in TITLES} == set(icd10cm.chapters)


def test_no_title_is_empty_or_has_a_line_break(icd10cm: CodeSet) -> None:
    for code in icd10cm.codes:
        title = icd10cm.title(code)
        assert title == " ".join(title.split()) != ""


def test_a_code_knows_its_place(icd10cm: CodeSet) -> None:
    assert icd10cm["s52521a"] == Code(
        code="S52.521A",
        title=TITLES["S52.521A"],
        billable=True,
        chapter="19",
        block="S50-S59",
        parent="S52.521",
        index=icd10cm.codes.index("S52.521A"),
    )
    assert icd10cm["S52"].parent is None


def test_death_from_brain_injury_has_no_subsequent_encounter(icd10cm: CodeSet) -> None:
    assert "S06.1X7A" in icd10cm
    assert "S06.1X7D" not in icd10cm
    assert "S06.1X6D" in icd10cm


def test_a_code_without_its_seventh_character_is_a_header(icd10cm: CodeSet) -> None:
    assert not icd10cm["S52.521"].billable
    assert not icd10cm["W19"].billable
    assert "W19.A" not in icd10cm


@given(data=st.data())
def test_look_up_takes_any_case_with_or_without_dot(icd10cm: CodeSet, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(icd10cm.codes))
    written = data.draw(
        st.sampled_from([code, code.lower(), code.replace(".", ""), f" {code.lower()} "])
    )
    assert icd10cm[written].code == code
    assert written in icd10cm
    assert icd10cm.get(written) == icd10cm[code]


@given(text=st.text(max_size=9))
def test_look_up_of_anything_else_raises_unknown_code(icd10cm: CodeSet, text: str) -> None:
    if text in icd10cm:
        assert icd10cm[text].code in icd10cm.codes
        return
    assert icd10cm.get(text) is None
    with pytest.raises(UnknownCode):
        icd10cm[text]


def test_chapters_and_blocks_are_not_codes(icd10cm: CodeSet) -> None:
    assert "I20-I25" not in icd10cm
    assert icd10cm.get("9") is None
    with pytest.raises(UnknownCode, match="block"):
        icd10cm["I20-I25"]


def test_an_unknown_code_is_named(icd10cm: CodeSet) -> None:
    with pytest.raises(UnknownCode, match=r"Z99\.999.*April 2026"):
        icd10cm["Z99.999"]
