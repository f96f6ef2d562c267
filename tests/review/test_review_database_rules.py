"""The rules hold in the database: raw SQL breaks none of them."""

from __future__ import annotations

from typing import Any

import pytest
from review_clinic import Clinic, suggest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from suggest.engine import model as engine
from suggest.review import decisions, queries, rules, sampling, second_review, sequencing, signing
from suggest.review.actor import Actor
from suggest.review.decisions import NewCode
from suggest.review.query_rules import names_by
from suggest.review.spans import Selected


def run(clinic: Clinic, sql: str, **values: Any) -> int:
    with clinic.db.write() as session:
        return int(session.execute(text(sql), values).rowcount)  # type: ignore[attr-defined]


def refused(clinic: Clinic, match: str, sql: str, **values: Any) -> None:
    with pytest.raises(IntegrityError, match=match):
        run(clinic, sql, **values)


@pytest.fixture
def ready(clinic: Clinic) -> str:
    """An inpatient encounter on which all is decided."""
    encounter_id = clinic.receive(kind="inpatient")
    for entry in clinic.see(encounter_id).entries:
        clinic.do(decisions.accept, encounter_id, entry.id)
        clinic.do(sequencing.poa, encounter_id, entry.id, "Y")
    clinic.do(sequencing.principal, encounter_id, clinic.entry(encounter_id, "J18.9"))
    return encounter_id


@pytest.fixture
def signed(clinic: Clinic, ready: str) -> str:
    clinic.do(signing.sign, ready)
    return ready


COMPLETE = "UPDATE encounter SET state = 'completed', version = version + 1 WHERE id = :id"
SIGN = (
    "INSERT INTO signature (encounter_id, encounter_version, codes_sha256, actor, at) "
    "SELECT id, version, 'x', 'mallory', '2026-03-02' FROM encounter WHERE id = :id"
)


def test_completing_needs_a_signature(clinic: Clinic, ready: str) -> None:
    refused(clinic, "completed by a signature", COMPLETE, id=ready)
    run(clinic, SIGN, id=ready)
    assert run(clinic, COMPLETE, id=ready) == 1


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            "UPDATE coded_entry SET state = 'undecided', sequence = NULL "
            "WHERE encounter_id = :id AND code = 'I10'",
            "undecided suggestion cannot be completed",
        ),
        ("UPDATE coded_entry SET principal = false WHERE encounter_id = :id", "principal"),
        ("UPDATE coded_entry SET poa = NULL WHERE encounter_id = :id AND code = 'I10'", "POA"),
        ("UPDATE encounter SET suggestions_stale = true WHERE id = :id", "older than its notes"),
        ("UPDATE encounter SET suggestions_hidden = true WHERE id = :id", "hidden"),
        (
            "INSERT INTO physician_query (encounter_id, template, title, question, options, status,"
            " created_by, created_at) VALUES (:id, 't', 't', 'q', '[]', 'sent', 'x', '2026-03-02')",
            "open physician query",
        ),
    ],
)
def test_an_unfinished_encounter_cannot_be_completed(
    clinic: Clinic, ready: str, change: str, match: str
) -> None:
    run(clinic, SIGN, id=ready)
    assert run(clinic, change, id=ready) >= 1
    refused(clinic, match, COMPLETE, id=ready)


def test_an_outpatient_needs_no_poa_but_a_first_listed_diagnosis(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia.")
    entry = clinic.entry(encounter_id, "J18.9")
    clinic.do(decisions.accept, encounter_id, entry)
    run(clinic, SIGN, id=encounter_id)
    refused(clinic, "first-listed", COMPLETE, id=encounter_id)
    run(clinic, "UPDATE coded_entry SET principal = true WHERE id = :e", e=entry)
    assert run(clinic, COMPLETE, id=encounter_id) == 1


LEGAL_WHILE_OPEN = [
    "UPDATE coded_entry SET poa = 'N' WHERE encounter_id = :id",
    "UPDATE coded_entry SET state = 'withdrawn' WHERE encounter_id = :id AND code = 'I10'",
    "INSERT INTO coded_entry (encounter_id, origin, system, code, title, kind, state, sequence)"
    " VALUES (:id, 'added', 'ICD-10-CM', 'E66.9', 'Obesity', 'diagnosis', 'accepted', 9)",
    "INSERT INTO note (encounter_id, type, author_role, written_at)"
    " VALUES (:id, 'addendum', 'physician', '2026-03-02')",
    "INSERT INTO note_version (note_id, number, text, length, sha256, reason, received_at,"
    " received_by) SELECT id, 2, 'x', 1, hex(zeroblob(32)), 'r', '2026-03-02', 'x' FROM note",
    'INSERT INTO decision (encounter_id, entry_id, action, kind, "before", "after", actor,'
    " at) SELECT :id, min(id), 'a', 'accepted', '{}', '{}', 'x', '2026-03-02' FROM coded_entry",
    "INSERT INTO suggestion_run (encounter_id, model_id, model_sha256, codeset, note_versions,"
    " made_at, superseded_at) VALUES (:id, 'm', 'x', 'c', '1', '2026-03-02', '2026-03-02')",
    "INSERT INTO suggestion (run_id, system, code, title, probability, rank, reasons)"
    " SELECT id, 'ICD-10-CM', 'X', 'X', 0.5, 9, '[]' FROM suggestion_run",
    "INSERT INTO evidence (suggestion_id, note_version_id, span_start, span_end, text, section,"
    " assertion) SELECT 1, id, 0, 1, substr(text, 1, 1), '', 'affirmed' FROM note_version",
    "INSERT INTO physician_query (encounter_id, template, title, question, options, status,"
    " created_by, created_at) VALUES (:id, 't', 't', 'q', '[]', 'draft', 'x', '2026-03-02')",
    "UPDATE encounter SET sex = 'F' WHERE id = :id",
    "UPDATE encounter SET payer = 'Acme' WHERE id = :id",
]
NEVER_LEGAL_WHEN_SIGNED = [
    "UPDATE encounter SET state = 'in_review', version = version + 1 WHERE id = :id",
    "UPDATE encounter SET state = 'reopened', version = version + 1 WHERE id = :id",
    "UPDATE encounter SET state = 'exported', version = version + 1 WHERE id = :id",
    "DELETE FROM encounter WHERE id = :id",
    "DELETE FROM coded_entry WHERE encounter_id = :id",
]


@pytest.mark.parametrize("sql", [*LEGAL_WHILE_OPEN, *NEVER_LEGAL_WHEN_SIGNED])
def test_a_completed_encounter_cannot_change(clinic: Clinic, signed: str, sql: str) -> None:
    refused(
        clinic,
        "cannot change|cannot be deleted|never deleted|only superseded|no such step"
        "|reopened with a reason|record of the export",
        sql,
        id=signed,
    )


@pytest.mark.parametrize("sql", LEGAL_WHILE_OPEN)
def test_the_same_changes_are_legal_while_it_is_open(clinic: Clinic, ready: str, sql: str) -> None:
    assert run(clinic, sql, id=ready) >= 1


def test_reopening_needs_a_reason_in_the_database_too(clinic: Clinic, signed: str) -> None:
    record = (
        "INSERT INTO reopen_record (encounter_id, encounter_version, from_state, reason, actor, at)"
        " SELECT id, version + :later, state, :reason, 'x', '2026-03-02' FROM encounter"
        " WHERE id = :id"
    )
    reopen = "UPDATE encounter SET state = 'reopened', version = version + 1 WHERE id = :id"
    refused(clinic, "reopened with a reason", reopen, id=signed)
    refused(clinic, "reason", record, id=signed, later=0, reason="  ")
    refused(clinic, "current version", record, id=signed, later=1, reason="later")
    run(clinic, record, id=signed, later=0, reason="payer asked")
    assert run(clinic, reopen, id=signed) == 1


@pytest.mark.parametrize(
    ("sql", "match"),
    [
        ("UPDATE coded_entry SET state = 'rejected', sequence = NULL", "reject_has_reason"),
        (
            "UPDATE coded_entry SET state = 'rejected', principal = false, reject_reason = 'whim'",
            "FOREIGN KEY",
        ),
        (
            "UPDATE coded_entry SET state = 'rejected', reject_reason = 'other', principal = false",
            "needs a text",
        ),
        ("UPDATE coded_entry SET state = 'replaced', principal = false", "replaced_by"),
        ("UPDATE coded_entry SET reject_reason = 'negated'", "reject_has_reason"),
        ("UPDATE coded_entry SET principal = true", "UNIQUE"),
        ("UPDATE coded_entry SET poa = 'yes'", "poa"),
        ("UPDATE coded_entry SET kind = 'procedure' WHERE code = 'I10'", "keeps its code"),
        ("UPDATE coded_entry SET suggestion_id = 1 WHERE code = 'I10'", "one code"),
        ("UPDATE coded_entry SET state = 'maybe'", "state"),
        (
            "INSERT INTO coded_entry (encounter_id, origin, system, code, title, kind, state)"
            " SELECT encounter_id, 'added', system, code, title, kind, 'undecided' FROM coded_entry"
            " WHERE code = 'I10'",
            "UNIQUE",
        ),
        ("UPDATE encounter SET version = version - 1", "only grows"),
        ("UPDATE encounter SET state = 'received'", "no such step"),
        ("UPDATE encounter SET facility_id = 'south'", "keeps its id, its facility"),
        ("UPDATE encounter SET lease_holder = 'x'", "lease"),
        ("UPDATE note_version SET text = 'Asthma.'", "never changed"),
        ("DELETE FROM note_version", "never changed"),
        ("UPDATE note SET type = 'letter'", "never changed"),
        ("UPDATE suggestion SET probability = 1", "never changed"),
        ("UPDATE evidence SET span_end = span_end + 1", "never changed"),
        ("DELETE FROM evidence", "never changed"),
        ("UPDATE decision SET actor = 'bob'", "never changed"),
        ("DELETE FROM decision", "never changed"),
        ("UPDATE suggestion_run SET model_id = 'better'", "never changed"),
        ("DELETE FROM suggestion_run", "never deleted"),
        ("DELETE FROM coded_entry", "never deleted"),
        (
            "INSERT INTO evidence (suggestion_id, note_version_id, span_start, span_end, text,"
            " section, assertion) SELECT 1, id, 0, length + 1, text || 'x', '', 'affirmed'"
            " FROM note_version",
            "text at its span",
        ),
        (
            "INSERT INTO evidence (suggestion_id, note_version_id, span_start, span_end, text,"
            " section, assertion) VALUES (1, 99, 0, 3, 'abc', '', 'affirmed')",
            "text at its span",
        ),
        (
            "INSERT INTO evidence (suggestion_id, note_version_id, span_start, span_end, text,"
            " section, assertion) SELECT 1, id, 0, 3, 'abc', '', 'affirmed' FROM note_version",
            "text at its span",
        ),
        (
            "INSERT INTO note_version (note_id, number, text, length, sha256, reason, received_at,"
            " received_by) SELECT id, 3, 'x', 1, hex(zeroblob(32)), 'r', '2026-03-02', 'x'"
            " FROM note",
            "numbered",
        ),
        (
            "INSERT INTO note_version (note_id, number, text, length, sha256, reason, received_at,"
            " received_by) SELECT id, 2, 'xyz', 2, hex(zeroblob(32)), 'r', '2026-03-02', 'x'"
            " FROM note",
            "length",
        ),
    ],
)
def test_an_open_encounter_keeps_its_rules(
    clinic: Clinic, ready: str, sql: str, match: str
) -> None:
    refused(clinic, match, sql, id=ready)


def test_evidence_of_another_encounters_note_is_refused(clinic: Clinic, ready: str) -> None:
    version = clinic.see(clinic.receive("Asthma.")).notes[0].version_id
    suggestion = clinic.see(ready).entries[0].suggestion_id
    refused(
        clinic,
        "its own encounter",
        "INSERT INTO evidence (suggestion_id, note_version_id, span_start, span_end, text, section,"
        " assertion) VALUES (:s, :v, 0, 6, 'Asthma', '', 'affirmed')",
        s=suggestion,
        v=version,
    )


def test_spans_count_code_points_not_bytes(clinic: Clinic) -> None:
    encounter_id = clinic.receive("🫁 Ünstable asthma.")
    note = clinic.see(encounter_id).notes[0]
    obesity = NewCode("ICD-10-CM", "E66.9", "Obesity")
    changed = clinic.do(decisions.add, encounter_id, obesity, [Selected(note.version_id, 0, 10)])
    assert changed.entries[0].evidence[0].text == "🫁 Ünstable"


def test_an_encounter_starts_received(clinic: Clinic) -> None:
    refused(
        clinic,
        "starts in state received",
        "INSERT INTO encounter (id, facility_id, patient, type, date_of_service, state, version,"
        " suggestions_stale, suggestion_count, undecided_count, undo_floor, received_at,"
        " updated_at)"
        " VALUES ('e', 'north', 'p', 'outpatient', '2026-03-01', 'completed', 1, false, 0, 0, 0,"
        " '2026-03-02', '2026-03-02')",
    )


def test_the_words_of_a_sent_query_are_fixed(clinic: Clinic, ready: str) -> None:
    version = clinic.see(ready).notes[0].version_id
    new = queries.NewQuery("clarify_finding", ["One", "Two"], [Selected(version, 0, 9)])
    query_id = clinic.do(queries.draft, ready, new).query_id
    names_in = names_by(suggest, engine.Encounter())
    refused(
        clinic,
        "text at its span",
        "INSERT INTO query_indicator (query_id, note_version_id, span_start, span_end, text)"
        " VALUES (:q, :v, 0, 9, 'Neumonia!')",
        q=query_id,
        v=version,
    )
    clinic.do(queries.send, ready, query_id, names_in)
    for sql, match in [
        ("UPDATE physician_query SET question = 'Is it pneumonia?'", "fixed once it is sent"),
        ("UPDATE physician_query SET options = '[]'", "fixed once it is sent"),
        ("UPDATE physician_query SET status = 'draft'", "drafted, sent"),
        ("UPDATE physician_query SET status = 'answered'", "answer"),
        ("DELETE FROM query_indicator", "fixed once it is sent"),
        ("UPDATE query_indicator SET text = 'x'", "not changed"),
        ("DELETE FROM physician_query", "never deleted"),
    ]:
        refused(clinic, match, sql)


def test_a_finished_second_review_is_fixed(clinic: Clinic, signed: str) -> None:
    auditor = Actor("aud", "auditor", frozenset({"north"}))
    with clinic.work(auditor) as work:
        sample_id = sampling.draw(work, sampling.Definition("all"), 1)
        (item,) = second_review.items(work.session, auditor, sample_id)
        for code in second_review.item(work.session, auditor, item.id, clinic.now).codes:
            second_review.decide(work, item.id, code.id, True)
    refused(clinic, "first decision", "UPDATE second_decision SET first_coded = NOT first_coded")
    refused(clinic, "never changed", "UPDATE sample SET seed = 2")
    with clinic.work(auditor) as work:
        second_review.finish(work, item.id)
    refused(clinic, "does not change", "UPDATE second_decision SET second_coded = false")
    refused(clinic, "does not change", "UPDATE sample_item SET finished_at = NULL")
    assert signed


def test_the_database_holds_the_steps_that_the_code_knows(clinic: Clinic) -> None:
    with clinic.db.read() as session:
        rows = session.execute(text("SELECT from_state, to_state FROM state_transition")).all()
    assert {(f, t) for f, t in rows} == rules.transitions()


def test_the_reject_reasons_of_a_new_site(clinic: Clinic) -> None:
    with clinic.db.read() as session:
        reasons = decisions.reject_reasons(session)
    assert [r.id for r in reasons] == [
        "not_documented",
        "negated",
        "history_only",
        "family",
        "ruled_out",
        "not_treated",
        "duplicate",
        "less_specific",
        "integral",
        "wrong_code_set",
        "other",
    ]
    assert [r.id for r in reasons if r.needs_text] == ["other"]
