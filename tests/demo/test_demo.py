"""The demo's files and the database that they fill."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from demo_site import Demo

from suggest import Suggester
from suggest.audit.verify import verify
from suggest.demo.records import FACILITIES, demo_encounters, final_codes, story
from suggest.demo.start import prepare
from suggest.review import queries, sampling, second_review, worklist
from suggest.review.actor import EVERY_FACILITY, Actor
from suggest.review.view import workbench
from suggest.review.worklist import Filter
from suggest.store.tables.encounters import OPEN_STATES, STATES

TODAY = date(2026, 3, 2)
LEAD = Actor("lead", "lead", EVERY_FACILITY)


def test_encounters_are_many_and_varied() -> None:
    arrivals = demo_encounters(TODAY)
    assert len(arrivals) >= 28
    assert len({a.new.patient for a in arrivals}) == len(arrivals)
    types = Counter(a.new.type for a in arrivals)
    assert set(types) == {"inpatient", "outpatient", "emergency"}
    assert min(types.values()) >= 8
    assert {a.new.facility_id for a in arrivals} == set(FACILITIES)
    assert len({a.new.payer for a in arrivals}) >= 5
    deadlines = [a.new.claim_deadline for a in arrivals]
    assert sum(d is not None and d < TODAY for d in deadlines) >= 3
    for arrival in arrivals:
        words = sum(len(note.text.split()) for note in arrival.notes)
        assert 150 <= words <= 1500, arrival.key
        if arrival.new.type == "inpatient":
            assert len(arrival.notes) >= 2
            assert arrival.notes[-1].type == "Discharge summary"


def test_the_signed_codes_are_valid_and_quoted(suggester: Suggester) -> None:
    arrivals = {a.key: a for a in demo_encounters(TODAY)}
    for key, codes in final_codes().items():
        notes = "\n".join(note.text for note in arrivals[key].notes)
        for code in codes:
            assert suggester.codeset[code.code].billable, code.code
            assert suggester.codeset.on(TODAY).is_valid(code.code), code.code
            assert code.quote in notes, (key, code.quote)
            assert (code.poa is not None) == (arrivals[key].new.type == "inpatient")
    told = story()
    named = {*told["exported"], *told["begun"], *(r["encounter"] for r in told["reopened"])}
    assert named <= set(arrivals)


def test_the_worklist_has_something_in_every_state_a_coder_sees(demo: Demo) -> None:
    with demo.database.read() as session:
        counts = worklist.counts(session, LEAD)
        overdue = worklist.page(session, LEAD, demo.now, Filter(due_by=demo.now.date()))
    assert sum(counts[state] for state in OPEN_STATES) >= 20
    assert all(counts[state] for state in STATES if state != "received")
    assert any(r.encounter.claim_deadline < demo.now.date() for r in overdue.rows)


def test_leads_and_auditors_find_work(demo: Demo) -> None:
    with demo.database.read() as session:
        (sample,) = sampling.samples(session, LEAD)
        found = second_review.result(session, LEAD, sample.id, lambda _, code: code[0])
    assert 0 < sample.finished < sample.size
    assert found.overall.over
    assert found.overall.under
    assert found.overall.kappa is not None
    assert len(found.by_coder) == 2


def test_a_query_is_open_and_one_is_answered(demo: Demo) -> None:
    with demo.database.read() as session:
        every = worklist.page(session, LEAD, demo.now, Filter(), size=200).rows
        found = [
            (q.status, q.title)
            for row in every
            for q in queries.listed(session, LEAD, row.encounter.id)
        ]
    assert sorted(status for status, _ in found) == ["answered", "sent"]


def test_a_corrected_note_has_kept_its_first_version(demo: Demo) -> None:
    with demo.database.read() as session:
        every = worklist.page(session, LEAD, demo.now, Filter(), size=200).rows
        notes = [
            note
            for row in every
            for note in workbench(session, LEAD, row.encounter.id, demo.now).notes
        ]
    (corrected,) = [note for note in notes if note.number > 1]
    assert corrected.correction
    assert "R forehead" in corrected.text


def test_the_audit_log_of_the_demo_holds(demo: Demo) -> None:
    with demo.database.read() as session:
        report = verify(session, keys=[demo.key.verify_key])
    assert report.ok
    assert report.events > 300


def test_a_second_start_keeps_the_data_and_gives_new_passwords(
    demo: Demo, suggester: Suggester
) -> None:
    with demo.database.read() as session:
        before = worklist.counts(session, LEAD)
    again = prepare(demo.settings, suggester, lambda: demo.now)
    assert [user.name for user in again] == [user.name for user in demo.users]
    assert {u.password for u in again}.isdisjoint(u.password for u in demo.users)
    with demo.database.read() as session:
        assert worklist.counts(session, LEAD) == before


def test_a_start_that_was_broken_off_leaves_no_half_demo(
    suggester: Suggester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suggest.demo import seed, start

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(seed.Seeding, "_receive", stop)
    settings = start.demo_settings(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        prepare(settings, suggester, lambda: datetime(2026, 3, 2, tzinfo=UTC))
    assert not (tmp_path / "suggest.db").exists()
