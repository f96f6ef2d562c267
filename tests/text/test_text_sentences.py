"""Where a sentence of a note ends, and where it goes on."""

from __future__ import annotations

import pytest

from suggest.text import analyse


def sentences(text: str) -> list[str]:
    return [" ".join(s.span.of(text).split()) for s in analyse(text).sentences]


@pytest.mark.parametrize(
    "sentence",
    [
        "Seen by Dr. Smith for gout.",
        "Seen by Mr. John F. Kennedy for gout.",
        "Dr. A. Smith was here.",
        "Takes 5.2 mg of warfarin daily.",
        "Viral vs. bacterial pharyngitis.",
        "Lesion No. 3 was removed.",
        "Some drugs, e.g. metformin, were stopped.",
        "Take aspirin q.d. with food.",
        "Given 5 mg p.o. daily for pain.",
        "Temp. 98.6 at triage.",
        "The patient weighs approx. 80 kg.",
        "Admitted with ?pneumonia and fever.",
        "Dx ? pneumonia was made.",
        "Hemoglobin was 8.2, low.",
        "UTI due to E. coli was treated.",
    ],
)
def test_one_sentence(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No fever. No chills.", ["No fever.", "No chills."]),
        ("no fever. no chills.", ["no fever.", "no chills."]),
        ("He has pain.She denies it.", ["He has pain.", "She denies it."]),
        (
            "She has hepatitis C. Continue follow up.",
            ["She has hepatitis C.", "Continue follow up."],
        ),
        ("Takes vitamin D. She is well.", ["Takes vitamin D.", "She is well."]),
        ("Cancer stage 3. Stable.", ["Cancer stage 3.", "Stable."]),
        ("Fever: No. Chills: No.", ["Fever: No.", "Chills: No."]),
        ("Any pain? Yes. Any cough? No.", ["Any pain? Yes.", "Any cough? No."]),
        ("Is he well? He walks daily.", ["Is he well?", "He walks daily."]),
        ("He said (twice). She left.", ["He said (twice).", "She left."]),
        ("Fever\nCough\nRash", ["Fever", "Cough", "Rash"]),
        ("- Fever\n- Cough", ["- Fever", "- Cough"]),
        ("• Fever\n• Cough and\n  rash", ["• Fever", "• Cough and rash"]),
        ("1. Diabetes\n2. Gout", ["1. Diabetes", "2. Gout"]),
        ("1) Diabetes\n2) Gout", ["1) Diabetes", "2) Gout"]),
        ("1. Diabetes 2. Gout 3. CKD", ["1. Diabetes", "2. Gout", "3. CKD"]),
        ("Fever and\nchills", ["Fever and chills"]),
        ("Fever,\nchills", ["Fever, chills"]),
        ("Fever\n\nchills", ["Fever", "chills"]),
        ("Neck: Supple Lungs: Clear", ["Neck: Supple", "Lungs: Clear"]),
        ("Ears, Nose, Mouth and Throat: Red.", ["Ears, Nose, Mouth and Throat: Red."]),
        ("Wait... He left.", ["Wait...", "He left."]),
    ],
)
def test_boundaries(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_hard_wrapped_paragraph_is_joined() -> None:
    text = (
        "The patient is a pleasant woman of 61 years who comes to the clinic for a\n"
        "Medicare visit and says that her knees have been hurting for three months\n"
        "Tylenol has not helped. She denies fever, chills, weight loss, chest pain and\n"
        "shortness of breath."
    )
    assert len(sentences(text)) == 2


def test_heading_is_a_sentence_of_its_own() -> None:
    assert sentences("PLAN: Rest and ice.") == ["PLAN:", "Rest and ice."]


def test_sentence_of_blank_space_is_the_one_before() -> None:
    note = analyse("Fever.   Cough.")
    assert note.sentence_at(7) == note.sentences[0]
    assert note.sentence_at(9) == note.sentences[1]


def test_leading_space_belongs_to_the_first_sentence() -> None:
    note = analyse("\n\n  Fever.")
    assert note.sentence_at(0) == note.sentences[0]


def test_list_item_knows_the_sentence_that_introduces_it() -> None:
    note = analyse("Patient denies:\n- fever\n- cough\nRash present.")
    assert [s.lead for s in note.sentences] == [None, 0, 0, None]
