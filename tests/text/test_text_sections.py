"""Sections of a note by the headings that US notes have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.text import AnalysedNote, analyse, load_rules

BODY = "\nSome text of the section.\n"


def kinds(text: str) -> list[str]:
    return [section.kind for section in analyse(text).sections]


def kind_of(note: AnalysedNote, words: str) -> str:
    return note.section_at(note.text.index(words)).kind


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("CHIEF COMPLAINT", "chief_complaint"),
        ("CC:", "chief_complaint"),
        ("Reason for Visit:", "chief_complaint"),
        ("HISTORY OF PRESENT ILLNESS", "history_of_present_illness"),
        ("HPI:", "history_of_present_illness"),
        ("Subjective:", "history_of_present_illness"),
        ("Subj:", "history_of_present_illness"),
        ("IMP:", "assessment"),
        ("Final Dx:", "assessment"),
        ("Recs:", "plan"),
        ("PAST MEDICAL HISTORY", "past_medical_history"),
        ("PMHx:", "past_medical_history"),
        ("Past Medical Hx", "past_medical_history"),
        ("Medical History:", "past_medical_history"),
        ("Pertinent Past Medical History:", "past_medical_history"),
        ("PAST MEDICAL HISTORY (per chart):", "past_medical_history"),
        ("Past Surgical History:", "past_surgical_history"),
        ("PSH", "past_surgical_history"),
        ("FAMILY HISTORY", "family_history"),
        ("FHx:", "family_history"),
        ("Social Hx:", "social_history"),
        ("MEDICATIONS", "medications"),
        ("Current Outpatient Medications:", "medications"),
        ("Home Meds:", "medications"),
        ("Discharge Medications", "medications"),
        ("ALLERGIES:", "allergies"),
        ("REVIEW OF SYSTEMS", "review_of_systems"),
        ("ROS:", "review_of_systems"),
        ("PHYSICAL EXAMINATION", "physical_exam"),
        ("Physical Exam:", "physical_exam"),
        ("Objective:", "physical_exam"),
        ("EXAM ON ADMISSION:", "physical_exam"),
        ("VITALS REVIEWED", "vitals"),
        ("Vital Signs:", "vitals"),
        ("RESULTS", "results"),
        ("Labs:", "results"),
        ("Laboratory Data:", "results"),
        ("IMAGING:", "imaging"),
        ("Radiology Results", "imaging"),
        ("PROCEDURES PERFORMED", "procedures"),
        ("HOSPITAL COURSE:", "hospital_course"),
        ("Brief Hospital Course", "hospital_course"),
        ("ASSESSMENT", "assessment"),
        ("Impression:", "assessment"),
        ("PLAN", "plan"),
        ("Recommendations:", "plan"),
        ("ASSESSMENT AND PLAN", "assessment_and_plan"),
        ("Assessment & Plan:", "assessment_and_plan"),
        ("Assessment/Plan", "assessment_and_plan"),
        ("A/P:", "assessment_and_plan"),
        ("A&P", "assessment_and_plan"),
        ("DISCHARGE DIAGNOSES:", "discharge_diagnoses"),
        ("Principal Discharge Diagnosis:", "discharge_diagnoses"),
        ("Admitting Diagnosis:", "admission_diagnoses"),
        ("INSTRUCTIONS", "instructions"),
        ("Follow-up:", "instructions"),
        ("Immunizations:", "immunizations"),
        ("OB/GYN History:", "obstetric_history"),
        ("PROBLEM LIST", "problem_list"),
        ("Active Problems:", "problem_list"),
        ("CODE STATUS:", "unknown"),
        ("## Assessment", "assessment"),
        ("**Plan:**", "plan"),
        ("**Plan**", "plan"),
        ("[ALLERGIES]", "allergies"),
        ("=== RESULTS ===", "results"),
        ("1. CHIEF COMPLAINT:", "chief_complaint"),
        ("  Family History:", "family_history"),
        ("\tMEDICATIONS\t", "medications"),
    ],
)
def test_heading(heading: str, kind: str) -> None:
    text = f"Seen today by the clinic.\n{heading}{BODY}"
    note = analyse(text)
    assert [section.kind for section in note.sections] == ["preamble", kind]
    assert kind_of(note, "Some text") == kind


@pytest.mark.parametrize(
    "text",
    [
        "Plan to see him again in a week.",
        "Past medical history is significant for gout.",
        "She has a family history of gout.",
        "Results were discussed with the patient.",
        "Allergies to pollen were noted.",
        "The exam showed a rash.",
        "Diabetes.",
        "Hypertension:",
        "Time 10:30",
    ],
)
def test_prose_is_no_heading(text: str) -> None:
    assert kinds(f"First line.\n{text}\nLast line.") == ["unknown"]


def test_heading_with_its_content_in_the_same_line() -> None:
    note = analyse("PMH: HTN, DM\nPSH: appendectomy\nFH: noncontributory")
    assert [s.kind for s in note.sections] == [
        "past_medical_history",
        "past_surgical_history",
        "family_history",
    ]
    assert kind_of(note, "HTN") == "past_medical_history"
    assert kind_of(note, "appendectomy") == "past_surgical_history"


def test_several_headings_in_one_line() -> None:
    note = analyse("CC: cough. HPI: three days of cough. PMH: asthma. Allergies: none.")
    assert [s.kind for s in note.sections] == [
        "chief_complaint",
        "history_of_present_illness",
        "past_medical_history",
        "allergies",
    ]
    assert kind_of(note, "asthma") == "past_medical_history"


def test_headings_joined_by_commas_as_in_transcriptions() -> None:
    text = "SUBJECTIVE:, Cough for a week.,PAST MEDICAL HISTORY:, Asthma.,PLAN:, Albuterol."
    assert kinds(text) == ["history_of_present_illness", "past_medical_history", "plan"]


def test_organ_systems_stay_in_their_section() -> None:
    note = analyse(
        "REVIEW OF SYSTEMS\n• Cardiovascular: Denies chest pain.\n• Respiratory: Cough.\n"
        "Skin: Rash.\nPHYSICAL EXAM\nNeck: Supple.\nLungs: Clear."
    )
    assert [s.kind for s in note.sections] == ["review_of_systems", "physical_exam"]


def test_vital_signs_inside_an_exam_end_at_the_next_organ_system() -> None:
    note = analyse("PHYSICAL EXAM:\nVitals: BP 120/80, HR 70\nGeneral: Well.\nHEENT: Normal.")
    assert kind_of(note, "BP 120") == "vitals"
    assert kind_of(note, "Well.") == "physical_exam"
    assert kind_of(note, "Normal.") == "physical_exam"


def test_labels_of_a_problem_stay_in_the_plan() -> None:
    note = analyse(
        "ASSESSMENT AND PLAN\n1. Diabetes.\n- Labs: A1c in three months.\n"
        "- Medications: continue metformin.\n2. Gout.\n\nFOLLOW-UP\nIn a month."
    )
    assert [s.kind for s in note.sections] == ["assessment_and_plan", "instructions"]


def test_title_case_headings_of_equal_rank_follow_each_other() -> None:
    assert kinds("Assessment:\nGout.\nPlan:\nRest.\nFollow-up:\nOne week.") == [
        "assessment",
        "plan",
        "instructions",
    ]


def test_parts_of_a_past_history_that_one_word_names() -> None:
    note = analyse("PAST HISTORY\n\nMedical\nGout.\n\nSurgical\nHernia repair.\n\nPLAN\nRest.")
    assert kind_of(note, "Gout") == "past_medical_history"
    assert kind_of(note, "Hernia") == "past_surgical_history"


def test_one_word_part_counts_only_in_a_history() -> None:
    assert kinds("PLAN\nMedical\nRest.") == ["plan"]


def test_note_without_headings_is_one_unknown_section() -> None:
    assert kinds("Patient seen and examined. Doing well.") == ["unknown"]


def test_heading_span_holds_the_words_alone() -> None:
    text = "\n\n## **Family History:**\nGout."
    section = analyse(text).sections[0]
    assert section.heading is not None
    assert section.heading.of(text) == "Family History"


def test_windows_line_ends_and_form_feeds() -> None:
    note = analyse("HPI:\r\nCough.\r\n\x0cPLAN:\r\nRest.\r\n")
    assert [s.kind for s in note.sections] == ["history_of_present_illness", "plan"]


def test_every_kind_is_a_plain_name_and_there_are_hundreds_of_variants() -> None:
    rules = load_rules()
    assert len(rules.headings) > 500
    assert all(h.kind.replace("_", "").isalpha() for h in rules.headings.values())


headings = st.sampled_from(["HPI:", "PLAN", "Labs: ok", "## Results", "A/P", "- Meds:", "FH: dad"])
note_text = st.lists(
    st.one_of(headings, st.text(st.characters(exclude_categories=["Cs"]), max_size=40)),
    min_size=1,
    max_size=12,
).map("\n".join)


@given(note_text.filter(lambda text: bool(text) and not text.isspace()))
def test_sections_cover_the_text_without_gaps(text: str) -> None:
    note = analyse(text)
    at = 0
    for section in note.sections:
        assert section.span.start == at
        assert len(section.span) > 0
        if section.heading is not None:
            assert section.span.contains(section.heading)
        at = section.span.end
    assert at == len(text)
    for offset in range(len(text)):
        span = note.section_at(offset).span
        assert span.start <= offset < span.end


@given(note_text.filter(lambda text: bool(text) and not text.isspace()))
def test_sentences_hold_every_token_and_stay_in_their_section(text: str) -> None:
    note = analyse(text)
    index = 0
    for sentence in note.sentences:
        assert sentence.tokens.start == index
        assert len(sentence.tokens) > 0
        index = sentence.tokens.stop
        assert note.sections[sentence.section].span.contains(sentence.span)
        assert sentence.span.start == note.tokens.start[sentence.tokens[0]]
        assert sentence.span.end == note.tokens.end[sentence.tokens[-1]]
        assert note.sentence_at(sentence.span.start) == sentence
    assert index == len(note.tokens)


@pytest.mark.parametrize(
    "exam",
    [
        "PHYSICAL EXAM:\nGeneral: no distress\nEdema: none\nExtremities: no edema",
        "Physical Examination\nHEENT: normal\nEdema:\ntrace bilateral\nPulses: 2+",
        "OBJECTIVE:\nPain: 3/10\nGait: steady\nExt: no edema",
        "VITALS: BP 120/80\nHeart: regular\nEdema: 1+\nExtremities: no edema",
        "SOCIAL HISTORY: lives alone\nGeneral: no distress\nEdema: none\nExtremities: no edema",
    ],
)
def test_a_finding_s_label_stays_in_the_exam(exam: str) -> None:
    text = f"{exam}\nAssessment: gout."
    note = analyse(text)
    last = text.index("\n", text.lower().index("edema") + 1) - 1
    assert note.section_at(last).kind == "physical_exam"
    assert note.section_at(text.index("\nAssessment") - 1).kind == "physical_exam"


def test_a_social_history_keeps_its_own_lines() -> None:
    text = "SOCIAL HISTORY\nTobacco: none\nOccupation: nurse\nLives alone."
    assert analyse(text).section_at(len(text) - 1).kind == "social_history"


def test_what_follows_the_line_of_the_allergies_is_none_of_them() -> None:
    text = "Allergies: codeine, PCN\nToday we discussed her migraines.\nDx: migraine"
    assert kinds(text) == ["allergies", "unknown", "assessment"]
    assert kinds("ALLERGIES\nPenicillin\nSulfa\n\nSeen for gout.") == ["allergies", "unknown"]
    assert kinds("ALLERGIES\n\nPenicillin.\nSulfa.\n\nVITALS\n\nBP 120/80") == [
        "allergies",
        "vitals",
    ]
    assert kinds("Allergies: see below\n- penicillin\n- sulfa") == ["allergies"]


def test_medications_in_the_line_of_their_heading_end_with_the_paragraph() -> None:
    assert kinds("Meds: lisinopril,\nmetformin\n\n1. HTN - stable") == ["medications", "unknown"]
    assert kinds("Medications:\n- lisinopril\n\n- metformin") == ["medications"]


def test_a_heading_in_front_of_a_dash() -> None:
    text = "Problem List\n1) CHF\nVitals - BP 120/70\nDiagnosis - CHF - stable\nPlan - continue"
    assert kinds(text) == ["problem_list", "vitals", "assessment", "plan"]
    assert kinds("Assessment\nDiabetes - plan - continue\nHeart - failing") == ["assessment"]
