"""The encounter's whole life, played at random: whatever is done, the rules hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from review_clinic import CODER, LEAD, OTHER, SYSTEM, VOCABULARY, Clinic, suggest
from sqlalchemy import func, select

from suggest.engine import model as engine
from suggest.review import decisions, encounters, leases, queries, sequencing, signing
from suggest.review import settings as site_settings
from suggest.review.actor import Actor
from suggest.review.decisions import NewCode
from suggest.review.errors import (
    CannotComplete,
    EncounterClosed,
    IllegalTransition,
    InvalidDecision,
    LeaseHeld,
    NotFound,
    NothingToUndo,
    VersionConflict,
)
from suggest.review.query_rules import names_by
from suggest.review.spans import Selected
from suggest.store.base import Database
from suggest.store.tables import CodedEntry, Encounter, Evidence, Note, NoteVersion, PhysicianQuery
from suggest.store.tables.encounters import CLOSED_STATES

ACTORS = st.sampled_from([CODER, OTHER])
REFUSALS = (EncounterClosed, IllegalTransition, InvalidDecision, LeaseHeld, NotFound, NothingToUndo)
TEXTS = st.lists(st.sampled_from([*VOCABULARY, "well", "no asthma"]), min_size=1, max_size=4).map(
    lambda words: ". ".join(words).capitalize() + "."
)


class Life(RuleBasedStateMachine):
    """One encounter, two coders, a lead and a feed; every step may be refused, none may break.

    All lives are lived in one database: making a new one takes longer than a life.
    """

    db: Database

    def __init__(self) -> None:
        super().__init__()
        self.clinic = Clinic(self.db)
        self.highest = 0

    @initialize(
        text=TEXTS,
        kind=st.sampled_from(["inpatient", "outpatient"]),
        suggested=st.booleans(),
        blind=st.booleans(),
    )
    def receive(self, text: str, kind: str, suggested: bool, blind: bool) -> None:
        with self.clinic.work(LEAD) as work:
            site_settings.change(work, "blind_share", float(blind))
        self.id = self.clinic.receive(text, kind=kind, suggested=suggested)

    def attempt(self, step: Any, *args: Any, actor: Actor = CODER, **kw: Any) -> bool:
        """Whether the step was done, and recorded; a refusal changes nothing and says so."""
        before, told = self.shown(), len(self.clinic.audit.events)
        try:
            self.clinic.do(step, self.id, *args, actor=actor, **kw)
        except REFUSALS:
            assert self.shown() == before
            assert len(self.clinic.audit.events) == told
            return False
        assert self.clinic.audit.events[-1][2] == self.id
        return True

    def shown(self) -> Any:
        bench = self.clinic.see(self.id, LEAD)
        return bench.encounter, bench.entries, bench.notes

    def entries(self) -> Any:
        return self.clinic.see(self.id, LEAD).entries

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from([e.id for e in self.entries()] or [0]))

    @rule(data=st.data(), actor=ACTORS)
    def accept(self, data: st.DataObject, actor: Actor) -> None:
        self.attempt(decisions.accept, self.pick(data), actor=actor)

    @rule(
        data=st.data(),
        actor=ACTORS,
        reason=st.sampled_from(["negated", "family", "other", "whim"]),
        text=st.sampled_from([None, "seen elsewhere"]),
    )
    def reject(self, data: st.DataObject, actor: Actor, reason: str, text: str | None) -> None:
        self.attempt(decisions.reject, self.pick(data), reason, text, actor=actor)

    @rule(data=st.data(), actor=ACTORS, word=st.sampled_from(sorted(VOCABULARY)))
    def replace(self, data: st.DataObject, actor: Actor, word: str) -> None:
        code, title, _ = VOCABULARY[word]
        new = NewCode("ICD-10-CM", code, title)
        self.attempt(decisions.replace, self.pick(data), new, actor=actor)

    @rule(actor=ACTORS, word=st.sampled_from(sorted(VOCABULARY)), selected=st.booleans())
    def add(self, actor: Actor, word: str, selected: bool) -> None:
        code, title, _ = VOCABULARY[word]
        note = self.clinic.see(self.id, LEAD).notes[0]
        spans = [Selected(note.version_id, 0, len(note.text))] if selected else []
        self.attempt(decisions.add, NewCode("ICD-10-CM", code, title), spans, actor=actor)

    @rule(data=st.data())
    def mark_principal(self, data: st.DataObject) -> None:
        self.attempt(sequencing.principal, self.pick(data))

    @rule(data=st.data(), value=st.sampled_from(["Y", "N", "U", "W", "exempt", None]))
    def mark_poa(self, data: st.DataObject, value: str | None) -> None:
        self.attempt(sequencing.poa, self.pick(data), value)

    @rule(data=st.data(), place=st.integers(1, 4))
    def move(self, data: st.DataObject, place: int) -> None:
        self.attempt(sequencing.move, self.pick(data), place)

    @rule(data=st.data(), actor=ACTORS)
    def undo_restores_what_was(self, data: st.DataObject, actor: Actor) -> None:
        before = self.entries()
        done = self.attempt(decisions.accept, self.pick(data), actor=actor)
        if done:
            self.clinic.do(decisions.undo, self.id, actor=actor)
            assert self.entries() == before

    @rule(actor=ACTORS)
    def undo(self, actor: Actor) -> None:
        self.attempt(decisions.undo, actor=actor)

    @rule(text=TEXTS, again=st.booleans())
    def correct(self, text: str, again: bool) -> None:
        note = self.clinic.see(self.id, LEAD).notes[0]
        if text == note.text:
            return
        try:
            with self.clinic.work(SYSTEM) as work:
                encounters.correct_note(work, self.id, note.id, text, "corrected")
        except EncounterClosed:
            return
        if again:
            self.clinic.suggest(self.id)

    @rule()
    def suggest(self) -> None:
        try:
            self.clinic.suggest(self.id)
        except EncounterClosed:
            assert self.clinic.see(self.id, LEAD).encounter.state in CLOSED_STATES

    @rule(actor=ACTORS, minutes=st.integers(0, 20))
    def hold(self, actor: Actor, minutes: int) -> None:
        self.clinic.later(minutes=minutes)
        try:
            with self.clinic.work(actor) as work:
                leases.acquire(work, self.id)
        except (LeaseHeld, EncounterClosed):
            return
        assert self.clinic.see(self.id, LEAD).encounter.lease_holder == actor.user_id

    @rule()
    def reveal(self) -> None:
        self.attempt(encounters.reveal)

    def queries(self) -> list[queries.QueryView]:
        with self.clinic.db.read() as session:
            return queries.listed(session, CODER, self.id)

    @rule()
    def ask(self) -> None:
        note = self.clinic.see(self.id, LEAD).notes[0]
        new = queries.NewQuery("clarify_finding", ["One", "Two"], [Selected(note.version_id, 0, 2)])
        if self.attempt(queries.draft, new):
            query = self.queries()[-1]
            names_in = names_by(suggest, engine.Encounter())
            self.clinic.do(queries.send, self.id, query.id, names_in)
            with pytest.raises(CannotComplete):
                self.clinic.do(signing.sign, self.id)

    @rule(withdrawn=st.booleans())
    def close_queries(self, withdrawn: bool) -> None:
        for query in self.queries():
            if query.status == "sent" and withdrawn:
                self.attempt(queries.withdraw, query.id)
            elif query.status == "sent":
                self.attempt(queries.answer, query.id, "One", "Dr. Who")

    @rule(actor=ACTORS)
    def sign(self, actor: Actor) -> None:
        before = self.entries()
        try:
            done = self.attempt(signing.sign, actor=actor)
        except CannotComplete as error:
            refused = error.missing
        else:
            if done:
                assert all(e.state != "undecided" for e in before)
            return
        assert refused

    @rule()
    def finish_and_sign(self) -> None:
        """What a diligent coder does: without it, few random lives would end signed."""
        bench = self.clinic.see(self.id, LEAD)
        if bench.encounter.suggestions_stale or bench.encounter.state in CLOSED_STATES:
            return
        if bench.encounter.lease_holder not in (None, CODER.user_id):
            return
        if bench.encounter.suggestions_hidden:
            self.clinic.do(encounters.reveal, self.id)
            bench = self.clinic.see(self.id, LEAD)
        self.close_queries(withdrawn=False)
        for entry in bench.entries:
            if entry.state == "undecided":
                self.clinic.do(decisions.accept, self.id, entry.id)
        if not any(e.state == "accepted" for e in self.entries()):
            self.attempt(decisions.add, NewCode("ICD-10-CM", "Z00.00", "General examination"))
        accepted = [e for e in self.entries() if e.state == "accepted"]
        if not any(e.principal for e in accepted):
            self.clinic.do(sequencing.principal, self.id, accepted[0].id)
        if bench.encounter.type == "inpatient":
            for entry in accepted:
                self.clinic.do(sequencing.poa, self.id, entry.id, "Y")
        self.clinic.do(signing.sign, self.id)
        assert self.clinic.see(self.id, LEAD).encounter.state == "completed"

    @rule()
    def export(self) -> None:
        self.attempt(signing.exported, "FHIR", "e" * 64)

    @rule(reason=st.sampled_from(["payer asked", ""]))
    def reopen(self, reason: str) -> None:
        done = self.attempt(signing.reopen, reason, actor=LEAD)
        assert not (done and not reason)

    @rule(actor=ACTORS, back=st.integers(1, 3), data=st.data())
    def stale_page(self, actor: Actor, back: int, data: st.DataObject) -> None:
        version = self.clinic.version(self.id)
        with pytest.raises((VersionConflict, LeaseHeld)):
            self.clinic.do(
                decisions.accept,
                self.id,
                self.pick(data),
                actor=actor,
                expected_version=version - back,
            )

    @invariant()
    def rules_hold(self) -> None:
        if not hasattr(self, "id"):
            return
        with self.clinic.db.read() as session:
            row = session.get_one(Encounter, self.id)
            entries = session.scalars(
                select(CodedEntry).where(
                    CodedEntry.encounter_id == self.id, CodedEntry.state != "withdrawn"
                )
            ).all()
            wrong = session.scalar(
                select(func.count())
                .select_from(Evidence)
                .join(NoteVersion, NoteVersion.id == Evidence.note_version_id)
                .join(Note, Note.id == NoteVersion.note_id)
                .where(
                    Note.encounter_id == self.id,
                    func.substr(
                        NoteVersion.text,
                        Evidence.span_start + 1,
                        Evidence.span_end - Evidence.span_start,
                    )
                    != Evidence.text,
                )
            )
            open_queries = session.scalar(
                select(func.count()).where(
                    PhysicianQuery.encounter_id == self.id, PhysicianQuery.status == "sent"
                )
            )
        undecided = [e for e in entries if e.state == "undecided"]
        accepted = sorted(
            (e for e in entries if e.state == "accepted"), key=lambda e: e.sequence or 0
        )
        assert row.version >= self.highest
        self.highest = row.version
        assert row.undecided_count == len(undecided)
        assert wrong == 0
        assert sum(e.principal for e in entries) <= 1
        assert not any(e.principal for e in accepted[1:])
        assert len({e.code for e in entries}) == len(entries)
        assert len({e.sequence for e in accepted}) == len(accepted)
        assert (row.state == "query_open") == bool(open_queries)
        if row.state == "received":
            assert not entries
        if row.state in CLOSED_STATES:
            assert not undecided
            assert not row.suggestions_stale
            assert not row.suggestions_hidden
            assert any(e.principal for e in entries)
            assert row.type != "inpatient" or all(e.poa for e in accepted)


def test_the_life_of_an_encounter(clinic: Clinic) -> None:
    Life.db = clinic.db
    run_state_machine_as_test(Life, settings=settings(max_examples=25, stateful_step_count=25))
