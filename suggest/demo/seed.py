"""Fills a fresh database with the demo, step by step as a feed, coders and auditors would."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from suggest.audit.checkpoint import SigningKey
from suggest.audit.log import AuditLog
from suggest.audit.verify import set_checkpoint
from suggest.auth.passwords import Passwords
from suggest.auth.principal import principal
from suggest.auth.settings import AuthSettings
from suggest.auth.users import DemoUser, Users, create_demo_users
from suggest.demo.records import (
    FACILITIES,
    DemoEncounter,
    FinalCode,
    demo_encounters,
    final_codes,
    story,
)
from suggest.engine.pipeline import Suggester
from suggest.review import (
    decisions,
    encounters,
    leases,
    queries,
    query_rules,
    sampling,
    second_review,
    sequencing,
    signing,
    suggestions,
)
from suggest.review.actor import EVERY_FACILITY, Actor, Work
from suggest.review.decisions import NewCode
from suggest.review.history import Effort
from suggest.review.spans import Selected
from suggest.review.view import EntryView, Workbench, workbench
from suggest.service import model_of, probable
from suggest.settings import LOWEST_PROBABILITY
from suggest.store.base import Database
from suggest.store.tables import Encounter

FEED = Actor("system", "system", EVERY_FACILITY)
BEGUN = 6  # decisions on an encounter that a coder has begun and left
LEAST_ACCEPTED = 0.4  # what a coder who begins accepts; the rest is rejected


class Seeding:
    """One filling of one database. The clock starts days ago and ends before `now`."""

    def __init__(
        self,
        database: Database,
        suggester: Suggester,
        settings: AuthSettings,
        key: SigningKey,
        now: datetime,
    ) -> None:
        self._database = database
        self._suggester = suggester
        self._settings = settings
        self._key = key
        self._now = now
        self._clock = now - timedelta(hours=30)
        self._audit = AuditLog(lambda: self._clock)
        self._dice = random.Random(7)
        self._people: dict[str, Actor] = {}
        self._ids: dict[str, str] = {}

    def run(self) -> list[DemoUser]:
        """Everything; the users with their passwords."""
        arrivals = demo_encounters(self._now.date())
        with self._work(FEED) as work:
            for facility_id, name in FACILITIES.items():
                encounters.add_facility(work, facility_id, name)
        users = self._users()
        for arrival in arrivals:
            self._receive(arrival)
        told = story()
        for correction in told["corrected"]:
            self._correct(correction)
        for key, codes in final_codes().items():
            coder = next(a.assignee for a in arrivals if a.key == key)
            self._code(key, self._people[coder], codes)
        for query in told["query"]:
            self._ask(query)
        for key in told["exported"]:
            self._change(signing.exported, key, FEED, "CSV", "0" * 64)
        self._second_review(told["sample"])
        for reopened in told["reopened"]:
            self._change(signing.reopen, reopened["encounter"], self._people[reopened["by"]],
                         reopened["reason"])  # fmt: skip
        self._clock = self._now
        for place, key in enumerate(told["begun"]):
            coder = next(a.assignee for a in arrivals if a.key == key)
            self._begin(key, self._people[coder], held=place == 0)
        with self._database.write() as session:
            set_checkpoint(session, self._key, self._clock)
        return users

    def _users(self) -> list[DemoUser]:
        with self._database.write() as session:
            made = create_demo_users(
                session, audit=self._audit, now=self._clock, settings=self._settings
            )
            users = Users(Passwords(self._settings), self._audit)
            for user in made:
                self._people[user.name] = principal(users.get(session, user.name)).actor
        return made

    def _receive(self, arrival: DemoEncounter) -> None:
        self._later(seconds=40)
        with self._work(FEED) as work:
            encounter_id = encounters.create(work, arrival.new)
            for note in arrival.notes:
                encounters.add_note(work, encounter_id, note)
        self._ids[arrival.key] = encounter_id
        self._suggest(arrival.key)
        if arrival.assignee:
            who = self._people[arrival.assignee].user_id
            self._change(encounters.assign, arrival.key, self._people["lead"], who)

    def _suggest(self, key: str) -> None:
        self._later(seconds=3)
        suggestions.make(
            self._database,
            FEED,
            self._audit,
            self._clock,
            self._ids[key],
            probable(self._suggester, LOWEST_PROBABILITY),
            model_of(self._suggester),
        )

    def _correct(self, told: dict[str, Any]) -> None:
        self._later(minutes=5)
        key = told["encounter"]
        note = self._see(key).notes[told["note"] - 1]
        corrected = note.text.replace(told["replace"], told["by"])
        with self._work(FEED) as work:
            encounters.correct_note(work, self._ids[key], note.id, corrected, told["reason"])
        self._suggest(key)

    def _code(self, key: str, coder: Actor, codes: Sequence[FinalCode]) -> None:
        """From opening to signing: what is in the list is accepted or added, the rest rejected."""
        self._open(key, coder)
        wanted = [code for code in codes if code.coded]
        suggested = {entry.code: entry for entry in self._see(key).entries}
        for code in wanted:
            entry = suggested.pop(code.code, None)
            if entry is not None:
                self._change(decisions.accept, key, coder, entry.id, effort=self._effort())
            else:
                new, quote = self._new(code.code), self._quoted(key, code.quote)
                self._change(decisions.add, key, coder, new, [quote], effort=self._effort())
        for entry in suggested.values():
            self._reject(key, coder, entry, wanted)
        entries = {entry.code: entry for entry in self._see(key).entries}
        self._change(sequencing.principal, key, coder, entries[wanted[0].code].id)
        for code in wanted:
            if code.poa is not None:
                self._change(sequencing.poa, key, coder, entries[code.code].id, code.poa)
        self._change(signing.sign, key, coder)

    def _reject(
        self, key: str, coder: Actor, entry: EntryView, wanted: Sequence[FinalCode]
    ) -> None:
        self._change(
            decisions.reject, key, coder, entry.id, _reason(entry, wanted), effort=self._effort()
        )

    def _begin(self, key: str, coder: Actor, *, held: bool) -> None:
        self._open(key, coder)
        for entry in self._see(key).entries[:BEGUN]:
            if (entry.probability or 0) >= LEAST_ACCEPTED and not entry.code.startswith("R"):
                self._change(decisions.accept, key, coder, entry.id, effort=self._effort())
            else:
                self._reject(key, coder, entry, ())
        if not held:
            with self._work(coder) as work:
                leases.release(work, self._ids[key])

    def _open(self, key: str, coder: Actor) -> None:
        self._later(minutes=2)
        with self._work(coder) as work:
            encounters.opened(work, self._ids[key])
            leases.acquire(work, self._ids[key])

    def _ask(self, told: dict[str, Any]) -> None:
        key, coder = told["encounter"], self._people[told["by"]]
        new = queries.NewQuery(
            template=told["template"],
            options=told["options"],
            indicators=[self._quoted(key, quote) for quote in told["indicators"]],
            values=told.get("values", {}),
        )
        query_id = self._change(queries.draft, key, coder, new).query_id
        names_in = query_rules.names_by(self._suggester.suggest, self._inputs(key).encounter)
        self._change(queries.send, key, coder, query_id, names_in)
        if "answer" in told:
            self._later(hours=1)
            self._change(queries.answer, key, coder, query_id, told["answer"], told["answered_by"])

    def _second_review(self, told: dict[str, Any]) -> None:
        """The auditor finishes some items of the sample and begins one more."""
        self._later(minutes=20)
        keys = {encounter_id: key for key, encounter_id in self._ids.items()}
        auditor, answers = self._people["auditor"], final_codes()
        definition = sampling.Definition(name=told["name"], size=told["size"])
        with self._work(self._people[told["by"]]) as work:
            sample_id = sampling.draw(work, definition, told["seed"])
        with self._database.read() as session:
            items = second_review.items(session, auditor, sample_id)
        for place, item in enumerate(items[: told["reviewed"] + 1]):
            final = {code.code: code for code in answers[keys[item.encounter_id]]}
            with self._database.read() as session:
                shown = second_review.item(session, auditor, item.id, self._clock)
            begun_only = place == told["reviewed"]
            for code in shown.codes[: 2 if begun_only else None]:
                self._later(seconds=self._dice.randint(8, 40))
                known = final.get(code.code)
                belongs = known is not None and known.second != "no"
                why = "not evaluated or treated" if known and not belongs else None
                with self._work(auditor) as work:
                    second_review.decide(work, item.id, code.id, belongs, why)
            if begun_only:
                return
            with self._work(auditor) as work:
                judged = {code.code for code in shown.codes}
                for missed in (c for c in final.values() if not c.coded and c.code not in judged):
                    new = self._new(missed.code)
                    second_review.add_missed(work, item.id, new, "documented, not coded")
                second_review.finish(work, item.id)

    def _change(self, step: Any, key: str, actor: Actor, *args: Any, **given: Any) -> Any:
        """One step on the newest version, in a transaction of its own, a while later."""
        self._later(seconds=self._dice.randint(2, 9))
        with self._work(actor) as work:
            version = work.session.get_one(Encounter, self._ids[key]).version
            return step(work, self._ids[key], *args, expected_version=version, **given)

    def _see(self, key: str) -> Workbench:
        with self._database.read() as session:
            return workbench(session, FEED, self._ids[key], self._clock)

    def _inputs(self, key: str) -> suggestions.Inputs:
        with self._database.read() as session:
            return suggestions.inputs(session, FEED, self._ids[key])

    def _quoted(self, key: str, quote: str) -> Selected:
        """Where the words stand first among the encounter's notes."""
        for note in self._see(key).notes:
            start = note.text.find(quote)
            if start >= 0:
                return Selected(note.version_id, start, start + len(quote))
        raise ValueError(f"{key}: no note says {quote!r}")

    def _effort(self) -> Effort:
        seen = self._dice.choice((1.0, 1.0, 1.0, 1.0, 0.5, 0.0))
        return Effort(int(self._dice.lognormvariate(8.9, 0.7)), seen)

    def _work(self, actor: Actor) -> Any:
        return _transaction(self._database, actor, self._audit, self._clock)

    def _later(self, **time: float) -> None:
        self._clock += timedelta(**time)

    def _new(self, code: str) -> NewCode:
        codeset = self._suggester.codeset
        return NewCode(codeset.system, code, codeset.title(code))


@contextmanager
def _transaction(
    database: Database, actor: Actor, audit: AuditLog, now: datetime
) -> Iterator[Work]:
    with database.write() as session:
        yield Work(session, actor, audit, now)


def _reason(entry: EntryView, wanted: Sequence[FinalCode]) -> str:
    """Why a coder would reject the suggestion, as far as the evidence tells."""
    said = {evidence.assertion for evidence in entry.evidence}
    if entry.against or "negated" in said:
        return "negated"
    if "family" in said:
        return "family"
    if said == {"historical"}:
        return "history_only"
    if any(code.code[:3] == entry.code[:3] for code in wanted):
        return "less_specific"
    if entry.code.startswith("R"):
        return "integral"
    return "not_treated" if (entry.probability or 0) >= LEAST_ACCEPTED else "not_documented"
