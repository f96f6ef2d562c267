from __future__ import annotations

import pytest
from review_clinic import CODER, LEAD, NOTE, OTHER, Clinic

from suggest.review import decisions, sequencing, signing
from suggest.review.decisions import NewCode
from suggest.review.errors import (
    CannotComplete,
    EncounterClosed,
    InvalidDecision,
    InvalidSpan,
    NotFound,
    NothingToUndo,
)
from suggest.review.history import Effort
from suggest.review.spans import Selected

ASTHMA = NewCode("ICD-10-CM", "J45.909", "Unspecified asthma, uncomplicated")
OBESITY = NewCode("ICD-10-CM", "E66.9", "Obesity, unspecified")


def note_version(clinic: Clinic, encounter_id: str) -> int:
    return clinic.see(encounter_id).notes[0].version_id


def test_suggestions_start_undecided_with_their_evidence(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia. No diabetes, later diabetes.")
    bench = clinic.see(encounter_id)
    assert bench.encounter.state == "suggested"
    assert [(e.code, e.state) for e in bench.entries] == [
        ("J18.9", "undecided"),
        ("E11.9", "undecided"),
    ]
    pneumonia, diabetes = bench.entries
    text = bench.notes[0].text
    assert [text[e.start : e.end] for e in pneumonia.evidence] == ["Pneumonia"]
    assert [(e.text, e.assertion) for e in diabetes.against] == [("diabetes", "negated")]
    assert pneumonia.probability == 0.9
    assert pneumonia.reasons[0].text == "the note says pneumonia"


def test_first_decision_takes_the_encounter_into_review(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    changed = clinic.do(decisions.accept, encounter_id, clinic.entry(encounter_id, "I10"))
    assert changed.state == "in_review"
    assert changed.undecided_count == 2
    assert [(e.code, e.state, e.decided_by) for e in changed.entries] == [
        ("I10", "accepted", "ann")
    ]
    assert changed.version == clinic.version(encounter_id)


def test_a_rejection_needs_a_reason_of_the_site(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    entry = clinic.entry(encounter_id, "I10")
    with pytest.raises(InvalidDecision, match="choose one of not_documented"):
        clinic.do(decisions.reject, encounter_id, entry, "did not like it")
    with pytest.raises(InvalidDecision, match="needs a text"):
        clinic.do(decisions.reject, encounter_id, entry, "other", "  ")
    clinic.do(decisions.reject, encounter_id, entry, "other", "billed elsewhere")
    assert clinic.states(encounter_id)["I10"] == "rejected"


def test_a_replacement_takes_place_principal_and_poa(clinic: Clinic) -> None:
    encounter_id = clinic.receive(kind="inpatient")
    first, second = (clinic.entry(encounter_id, c) for c in ("I10", "E11.9"))
    clinic.do(decisions.accept, encounter_id, first)
    clinic.do(decisions.accept, encounter_id, second)
    clinic.do(sequencing.principal, encounter_id, first)
    clinic.do(sequencing.poa, encounter_id, first, "Y")
    changed = clinic.do(decisions.replace, encounter_id, first, OBESITY)
    new = next(e for e in changed.entries if e.code == "E66.9")
    old = next(e for e in changed.entries if e.code == "I10")
    assert (new.state, new.origin, new.principal, new.poa, new.sequence) == (
        "accepted",
        "replacement",
        True,
        "Y",
        1,
    )
    assert (old.state, old.replaced_by, old.principal, old.poa) == ("replaced", new.id, False, None)


def test_rejecting_a_replacement_asks_for_the_replaced_code_again(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    clinic.do(decisions.replace, encounter_id, clinic.entry(encounter_id, "I10"), OBESITY)
    clinic.do(decisions.reject, encounter_id, clinic.entry(encounter_id, "E66.9"), "duplicate")
    assert clinic.states(encounter_id)["I10"] == "undecided"


def test_a_replacement_that_is_suggested_itself_is_accepted(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    new = NewCode("ICD-10-CM", "E11.9", "Type 2 diabetes mellitus without complications")
    clinic.do(decisions.replace, encounter_id, clinic.entry(encounter_id, "I10"), new)
    assert clinic.states(encounter_id) == {
        "I10": "replaced",
        "E11.9": "accepted",
        "J18.9": "undecided",
    }


def test_a_missed_code_is_added_with_the_selected_text(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    start = NOTE.index("controlled")
    selected = Selected(note_version(clinic, encounter_id), start, start + 10, "assessment")
    changed = clinic.do(decisions.add, encounter_id, ASTHMA, [selected])
    (entry,) = changed.entries
    assert (entry.origin, entry.state, entry.probability) == ("added", "accepted", None)
    assert [(e.text, e.by_human) for e in entry.evidence] == [("controlled", True)]


@pytest.mark.parametrize(("start", "end"), [(5, 5), (7, 3), (-1, 4), (0, len(NOTE) + 1)])
def test_evidence_outside_the_note_is_refused(clinic: Clinic, start: int, end: int) -> None:
    encounter_id = clinic.receive()
    selected = Selected(note_version(clinic, encounter_id), start, end)
    with pytest.raises(InvalidSpan):
        clinic.do(decisions.add, encounter_id, ASTHMA, [selected])
    assert "J45.909" not in clinic.states(encounter_id)


def test_evidence_of_another_encounter_is_refused(clinic: Clinic) -> None:
    encounter_id, other = clinic.receive(), clinic.receive()
    with pytest.raises(InvalidSpan):
        clinic.do(
            decisions.add, encounter_id, ASTHMA, [Selected(note_version(clinic, other), 0, 4)]
        )


def test_adding_a_rejected_code_accepts_it(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    clinic.do(decisions.reject, encounter_id, clinic.entry(encounter_id, "I10"), "negated")
    clinic.do(decisions.add, encounter_id, NewCode("ICD-10-CM", "I10", "Hypertension"))
    assert clinic.states(encounter_id)["I10"] == "accepted"


def test_undo_takes_back_step_by_step(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    entry = clinic.entry(encounter_id, "I10")
    seen = [clinic.see(encounter_id).entries]
    for step, *args in [
        (decisions.accept, entry),
        (sequencing.principal, entry),
        (decisions.reject, entry, "negated"),
        (decisions.replace, entry, OBESITY),
    ]:
        clinic.do(step, encounter_id, *args)
        seen.append(clinic.see(encounter_id).entries)
    for before in reversed(seen[:-1]):
        clinic.do(decisions.undo, encounter_id)
        assert clinic.see(encounter_id).entries == before
    with pytest.raises(NothingToUndo):
        clinic.do(decisions.undo, encounter_id)


def test_undo_takes_back_added_evidence(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    clinic.do(decisions.accept, encounter_id, clinic.entry(encounter_id, "I10"))
    before = clinic.see(encounter_id).entries
    code = NewCode("ICD-10-CM", "I10", "Hypertension")
    clinic.do(
        decisions.add, encounter_id, code, [Selected(note_version(clinic, encounter_id), 0, 9)]
    )
    assert clinic.see(encounter_id).entries != before
    clinic.do(decisions.undo, encounter_id)
    assert clinic.see(encounter_id).entries == before


def test_nobody_undoes_what_another_decided(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    clinic.do(decisions.accept, encounter_id, clinic.entry(encounter_id, "I10"))
    with pytest.raises(NothingToUndo, match="is ann's"):
        clinic.do(decisions.undo, encounter_id, actor=OTHER)


def test_order_principal_first(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    codes = ("J18.9", "I10", "E11.9")
    ids = {code: clinic.entry(encounter_id, code) for code in codes}
    for code in codes:
        clinic.do(decisions.accept, encounter_id, ids[code])

    def order() -> list[str]:
        entries = clinic.see(encounter_id).entries
        return [e.code for e in sorted(entries, key=lambda e: e.sequence or 99)]

    clinic.do(sequencing.principal, encounter_id, ids["E11.9"])
    assert order() == ["E11.9", "J18.9", "I10"]
    clinic.do(sequencing.move, encounter_id, ids["I10"], 2)
    assert order() == ["E11.9", "I10", "J18.9"]
    with pytest.raises(InvalidDecision, match="stands first"):
        clinic.do(sequencing.move, encounter_id, ids["I10"], 1)
    with pytest.raises(InvalidDecision, match="no place 4"):
        clinic.do(sequencing.move, encounter_id, ids["I10"], 4)


def test_poa_is_for_inpatients(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    entry = clinic.entry(encounter_id, "I10")
    clinic.do(decisions.accept, encounter_id, entry)
    with pytest.raises(InvalidDecision, match="inpatient"):
        clinic.do(sequencing.poa, encounter_id, entry, "Y")


def test_an_encounter_with_an_undecided_suggestion_cannot_be_signed(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    entry = clinic.entry(encounter_id, "I10")
    clinic.do(decisions.accept, encounter_id, entry)
    clinic.do(sequencing.principal, encounter_id, entry)
    with pytest.raises(CannotComplete) as caught:
        clinic.do(signing.sign, encounter_id)
    assert caught.value.missing == ("undecided: J18.9, E11.9: accept, reject or replace each",)


def test_inpatients_need_principal_and_poa_before_signing(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia.", kind="inpatient")
    entry = clinic.entry(encounter_id, "J18.9")
    clinic.do(decisions.accept, encounter_id, entry)
    with pytest.raises(CannotComplete) as caught:
        clinic.do(signing.sign, encounter_id)
    assert len(caught.value.missing) == 2
    clinic.do(sequencing.principal, encounter_id, entry)
    clinic.do(sequencing.poa, encounter_id, entry, "exempt")
    clinic.do(signing.sign, encounter_id)
    assert clinic.see(encounter_id).encounter.state == "completed"


def signed(clinic: Clinic) -> str:
    encounter_id = clinic.receive("Pneumonia.")
    entry = clinic.entry(encounter_id, "J18.9")
    clinic.do(decisions.accept, encounter_id, entry)
    clinic.do(sequencing.principal, encounter_id, entry)
    clinic.do(signing.sign, encounter_id)
    return encounter_id


def test_a_signed_encounter_changes_only_after_reopening_with_a_reason(clinic: Clinic) -> None:
    encounter_id = signed(clinic)
    entry = clinic.entry(encounter_id, "J18.9")
    with pytest.raises(EncounterClosed, match="reopen it"):
        clinic.do(decisions.reject, encounter_id, entry, "negated")
    with pytest.raises(InvalidDecision, match="reason"):
        clinic.do(signing.reopen, encounter_id, "  ", actor=LEAD)
    clinic.do(signing.reopen, encounter_id, "payer denied J18.9", actor=LEAD)
    assert clinic.see(encounter_id).encounter.state == "reopened"
    with pytest.raises(NothingToUndo):
        clinic.do(decisions.undo, encounter_id)
    clinic.do(decisions.reject, encounter_id, entry, "negated")
    assert clinic.see(encounter_id).encounter.state == "in_review"


def test_export_after_signing_only(clinic: Clinic) -> None:
    encounter_id = signed(clinic)
    version = clinic.do(signing.exported, encounter_id, "FHIR", "b" * 64)
    assert clinic.see(encounter_id).encounter.state == "exported"
    assert clinic.do(signing.exported, encounter_id, "CSV", "c" * 64) == version


def test_reopened_and_unchanged_can_be_signed_again(clinic: Clinic) -> None:
    encounter_id = signed(clinic)
    clinic.do(signing.reopen, encounter_id, "second look")
    clinic.do(signing.sign, encounter_id)
    assert clinic.see(encounter_id).encounter.state == "completed"


def test_effort_is_kept_with_the_decision(clinic: Clinic) -> None:
    from sqlalchemy import select

    from suggest.store.tables import Decision

    encounter_id = clinic.receive()
    entry = clinic.entry(encounter_id, "I10")
    clinic.do(decisions.accept, encounter_id, entry, effort=Effort(4200, 0.5))
    with clinic.db.read() as session:
        (row,) = session.scalars(select(Decision).where(Decision.kind == "accepted"))
    assert (row.ms_spent, row.evidence_seen, row.actor) == (4200, 0.5, "ann")


def test_the_audit_log_hears_every_step_and_no_note_text(clinic: Clinic) -> None:
    encounter_id = signed(clinic)
    assert clinic.audit.names() == [
        "encounter.received",
        "note.received",
        "suggestions.made",
        "decision.accepted",
        "decision.principal",
        "encounter.signed",
    ]
    assert all(e[2] == encounter_id for e in clinic.audit.events)
    assert "Pneumonia" not in repr(clinic.audit.events)


def test_other_facilities_do_not_exist(clinic: Clinic) -> None:
    encounter_id = clinic.receive(facility="south")
    with pytest.raises(NotFound):
        clinic.see(encounter_id, CODER)
    with pytest.raises(NotFound):
        clinic.do(decisions.accept, encounter_id, 1, expected_version=1)
