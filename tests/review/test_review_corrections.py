"""What becomes of suggestions and decisions when a note is corrected or another model is used."""

from __future__ import annotations

import pytest
from review_clinic import CODER, MODEL, SYSTEM, Clinic, suggest

from suggest.errors import InvalidEncounter, InvalidText
from suggest.review import decisions, encounters, sequencing, signing, suggestions
from suggest.review.decisions import NewCode
from suggest.review.encounters import NewEncounter, NewNote
from suggest.review.errors import (
    AlreadyThere,
    CannotComplete,
    EncounterClosed,
    IllegalTransition,
    InvalidNote,
    NotesChanged,
    NotFound,
    NothingToUndo,
)
from suggest.review.spans import Selected
from suggest.review.suggestions import Model

NEWER = Model("tiny-2", "b" * 64, "ICD-10-CM 2026")
ASTHMA = NewCode("ICD-10-CM", "J45.909", "Unspecified asthma, uncomplicated")


def correct(clinic: Clinic, encounter_id: str, text: str) -> None:
    note = clinic.see(encounter_id).notes[0]
    with clinic.work(SYSTEM) as work:
        encounters.correct_note(work, encounter_id, note.id, text, "dictation error")


def decide(clinic: Clinic, encounter_id: str, **steps: str) -> None:
    for code, step in steps.items():
        entry = clinic.entry(encounter_id, code.replace("_", "."))
        if step == "accept":
            clinic.do(decisions.accept, encounter_id, entry)
        else:
            clinic.do(decisions.reject, encounter_id, entry, step)


def test_one_code_over_several_notes_with_all_its_evidence(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia.", "Persistent pneumonia. Hypertension.")
    bench = clinic.see(encounter_id)
    pneumonia = next(e for e in bench.entries if e.code == "J18.9")
    assert len(bench.entries) == 2
    assert {e.note_id for e in pneumonia.evidence} == {n.id for n in bench.notes}
    texts = {n.version_id: n.text for n in bench.notes}
    assert all(texts[e.note_version_id][e.start : e.end] == e.text for e in pneumonia.evidence)


def test_the_same_run_is_stored_once(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    version = clinic.version(encounter_id)
    assert clinic.suggest(encounter_id) == version
    assert clinic.audit.names().count("suggestions.made") == 1


def test_a_corrected_note_is_a_new_version_and_makes_suggestions_stale(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia.")
    decide(clinic, encounter_id, J18_9="accept")
    clinic.do(sequencing.principal, encounter_id, clinic.entry(encounter_id, "J18.9"))
    before = clinic.see(encounter_id).notes[0]
    correct(clinic, encounter_id, "Pneumonia, resolved.")
    after = clinic.see(encounter_id).notes[0]
    assert (after.id, after.number, after.correction) == (before.id, 2, "dictation error")
    assert after.sha256 != before.sha256
    with pytest.raises(CannotComplete, match="older than its notes"):
        clinic.do(signing.sign, encounter_id)
    clinic.suggest(encounter_id)
    clinic.do(signing.sign, encounter_id)


def test_decisions_stay_with_their_codes(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    decide(clinic, encounter_id, J18_9="accept", I10="history_only")
    clinic.do(sequencing.principal, encounter_id, clinic.entry(encounter_id, "J18.9"))
    correct(clinic, encounter_id, "Pneumonia. Hypertension, controlled. Asthma.")
    clinic.suggest(encounter_id)
    assert clinic.states(encounter_id) == {
        "J18.9": "accepted",
        "I10": "rejected",
        "J45.909": "undecided",
    }
    pneumonia = next(e for e in clinic.see(encounter_id).entries if e.code == "J18.9")
    assert pneumonia.principal
    assert all(e.current for e in pneumonia.evidence)


def test_an_accepted_code_whose_text_is_gone_is_asked_again(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    decide(clinic, encounter_id, J18_9="accept", I10="accept", E11_9="accept")
    clinic.do(sequencing.principal, encounter_id, clinic.entry(encounter_id, "J18.9"))
    correct(clinic, encounter_id, "Hypertension, controlled. Diabetes.")
    clinic.suggest(encounter_id)
    entry = next(e for e in clinic.see(encounter_id).entries if e.code == "J18.9")
    assert (entry.state, entry.stale, entry.principal) == ("undecided", True, False)
    assert not any(e.current for e in entry.evidence)
    with pytest.raises(NothingToUndo):
        clinic.do(decisions.undo, encounter_id)


def test_a_rejected_code_that_new_text_supports_is_asked_again(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia. Asthma.")
    decide(clinic, encounter_id, J45_909="history_only", J18_9="not_documented")
    correct(clinic, encounter_id, "Pneumonia. Asthma. ASTHMA exacerbation treated.")
    clinic.suggest(encounter_id)
    # the same words again are no news; the engine would have to quote others
    assert clinic.states(encounter_id)["J45.909"] == "rejected"

    def wider(text: str, encounter: object) -> list[object]:
        found = suggest(text, encounter)  # type: ignore[arg-type]
        for suggestion in found:
            for i, e in enumerate(suggestion.evidence):
                end = min(len(text), e.end + 13)
                suggestion.evidence[i] = type(e)(
                    e.start, end, text[e.start : end], e.section, e.assertion
                )
        return found  # type: ignore[return-value]

    suggestions.make(
        clinic.db,
        SYSTEM,
        clinic.audit,
        clinic.now,
        encounter_id,
        wider,
        NEWER,  # type: ignore[arg-type]
    )
    assert clinic.states(encounter_id)["J45.909"] == "undecided"


def test_a_humans_evidence_moves_with_its_words(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia. Wheezing heard.")
    version = clinic.see(encounter_id).notes[0].version_id
    clinic.do(decisions.add, encounter_id, ASTHMA, [Selected(version, 11, 19)])
    correct(clinic, encounter_id, "Severe pneumonia. Wheezing heard on both sides.")
    clinic.suggest(encounter_id)
    entry = next(e for e in clinic.see(encounter_id).entries if e.code == "J45.909")
    assert entry.state == "accepted"
    assert [(e.text, e.start) for e in entry.evidence if e.current] == [("Wheezing", 18)]
    correct(clinic, encounter_id, "Severe pneumonia. Clear on both sides.")
    clinic.suggest(encounter_id)
    entry = next(e for e in clinic.see(encounter_id).entries if e.code == "J45.909")
    assert (entry.state, entry.stale) == ("undecided", True)


def test_another_model_keeps_what_was_accepted_and_going_back_is_no_new_run(
    clinic: Clinic,
) -> None:
    encounter_id = clinic.receive()
    decide(clinic, encounter_id, J18_9="accept")

    def silent(_text: str, _encounter: object) -> list[object]:
        return []

    suggestions.make(
        clinic.db,
        SYSTEM,
        clinic.audit,
        clinic.now,
        encounter_id,
        silent,
        NEWER,  # type: ignore[arg-type]
    )
    assert clinic.states(encounter_id) == {"J18.9": "accepted"}
    clinic.suggest(encounter_id)
    bench = clinic.see(encounter_id)
    assert bench.run is not None
    assert bench.run.model_id == MODEL.id
    assert clinic.states(encounter_id) == {
        "J18.9": "accepted",
        "I10": "undecided",
        "E11.9": "undecided",
    }


def test_suggestions_from_outdated_text_are_refused(clinic: Clinic) -> None:
    encounter_id = clinic.receive(suggested=False)
    with clinic.db.read() as session:
        given = suggestions.inputs(session, CODER, encounter_id)
    correct(clinic, encounter_id, "Asthma.")
    with pytest.raises(NotesChanged), clinic.work(SYSTEM) as work:
        suggestions.store(work, given, suggestions.merged(suggest, given), MODEL)
    assert clinic.see(encounter_id).entries == ()


def test_nothing_is_coded_before_suggestions_are_made(clinic: Clinic) -> None:
    encounter_id = clinic.receive(suggested=False)
    with pytest.raises(IllegalTransition):
        clinic.do(decisions.add, encounter_id, ASTHMA)
    with clinic.work(SYSTEM) as work:
        empty = encounters.create(
            work,
            NewEncounter("north", "p-2", "outpatient", clinic.now.date()),
        )
    with pytest.raises(IllegalTransition, match="has no note"):
        clinic.suggest(empty)


def test_a_late_note_needs_a_reopened_encounter(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia.")
    decide(clinic, encounter_id, J18_9="accept")
    clinic.do(sequencing.principal, encounter_id, clinic.entry(encounter_id, "J18.9"))
    clinic.do(signing.sign, encounter_id)
    late = NewNote("addendum", "physician", clinic.now, "Asthma.")
    with pytest.raises(EncounterClosed), clinic.work(SYSTEM) as work:
        encounters.add_note(work, encounter_id, late)
    clinic.do(signing.reopen, encounter_id, "late addendum")
    with clinic.work(SYSTEM) as work:
        encounters.add_note(work, encounter_id, late)
    clinic.suggest(encounter_id)
    assert clinic.states(encounter_id) == {"J18.9": "accepted", "J45.909": "undecided"}


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "lone \ud800 surrogate"])
def test_unusable_notes_are_refused(clinic: Clinic, text: str) -> None:
    encounter_id = clinic.receive(suggested=False)
    with pytest.raises(InvalidText):
        correct(clinic, encounter_id, text)


def test_a_correction_corrects_something_for_a_reason(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Asthma.")
    note = clinic.see(encounter_id).notes[0]
    with pytest.raises(InvalidNote, match="nothing was corrected"):
        correct(clinic, encounter_id, "Asthma.")
    with pytest.raises(InvalidNote, match="reason"), clinic.work(SYSTEM) as work:
        encounters.correct_note(work, encounter_id, note.id, "No asthma.", " ")
    with pytest.raises(NotFound), clinic.work(SYSTEM) as work:
        encounters.correct_note(work, encounter_id, note.id + 99, "No asthma.", "typo")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"type": "hotel"}, "type is one of"),
        ({"sex": "X"}, "sex is"),
        ({"patient": " "}, "pseudonym"),
        ({"admission_date": "later"}, "admission"),
        ({"birth_date": "later"}, "birth date"),
        ({"date_of_service": "later"}, "future"),
    ],
)
def test_impossible_encounters_are_refused(
    clinic: Clinic, fields: dict[str, str], fault: str
) -> None:
    today = clinic.now.date()
    later = today.replace(month=today.month + 1)
    given = {
        "facility_id": "north",
        "patient": "p",
        "type": "inpatient",
        "date_of_service": today,
    } | {k: later if v == "later" else v for k, v in fields.items()}
    with pytest.raises(InvalidEncounter, match=fault), clinic.work(SYSTEM) as work:
        encounters.create(work, NewEncounter(**given))  # type: ignore[arg-type]


def test_a_source_id_is_stored_once_a_facility(clinic: Clinic) -> None:
    clinic.receive(source_id="V-1")
    clinic.receive(source_id="V-1", facility="south")
    with pytest.raises(AlreadyThere):
        clinic.receive(source_id="V-1")
