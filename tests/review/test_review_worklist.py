from __future__ import annotations

from datetime import date, timedelta

import pytest
from review_clinic import CODER, LEAD, OTHER, SYSTEM, Clinic

from suggest.review import (
    decisions,
    encounters,
    leases,
    sequencing,
    settings,
    signing,
    worklist,
)
from suggest.review.actor import Actor
from suggest.review.errors import (
    EncounterClosed,
    Forbidden,
    InvalidFilter,
    InvalidSetting,
    LeaseHeld,
    NotFound,
    VersionConflict,
)
from suggest.review.worklist import UNASSIGNED, Filter

DAY = date(2026, 3, 10)


def listed(
    clinic: Clinic,
    where: Filter = Filter(),
    sort: worklist.Sort = "deadline",
    actor: Actor = CODER,
    size: int = 50,
) -> list[str]:
    """All pages, one after the other."""
    ids: list[str] = []
    after = None
    with clinic.db.read() as session:
        while True:
            page = worklist.page(session, actor, clinic.now, where, sort, after, size)
            ids += [row.encounter.id for row in page.rows]
            after = page.next_after
            if after is None:
                return ids


def test_most_urgent_first_and_those_without_a_deadline_last(clinic: Clinic) -> None:
    late = clinic.receive(claim_deadline=DAY + timedelta(days=5))
    never = clinic.receive()
    soon = clinic.receive(claim_deadline=DAY)
    assert listed(clinic) == [soon, late, never]


def test_least_confident_first(clinic: Clinic) -> None:
    sure = clinic.receive("Pneumonia.")
    unsure = clinic.receive("Pneumonia. Asthma.")
    nothing = clinic.receive("Well.")
    assert listed(clinic, sort="lowest_confidence") == [unsure, sure, nothing]
    clinic.do(decisions.accept, unsure, clinic.entry(unsure, "J45.909"))
    assert listed(clinic, Filter(confidence_below=0.5), "lowest_confidence") == []


def test_the_counters_follow_the_decisions(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia. Asthma.")

    def row() -> tuple[int, float | None]:
        with clinic.db.read() as session:
            (line,) = worklist.page(session, CODER, clinic.now).rows
        return line.encounter.undecided_count, line.lowest_probability

    assert row() == (2, 0.4)
    clinic.do(decisions.accept, encounter_id, clinic.entry(encounter_id, "J45.909"))
    assert row() == (1, 0.9)
    clinic.do(decisions.undo, encounter_id)
    assert row() == (2, 0.4)


@pytest.mark.parametrize("sort", ["deadline", "lowest_confidence", "received"])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_pages_join_without_gap_or_repeat(clinic: Clinic, sort: worklist.Sort, size: int) -> None:
    for i in range(7):
        clinic.later(minutes=i % 2)
        clinic.receive("Asthma." if i % 3 else "Well.", claim_deadline=DAY if i % 2 else None)
    assert listed(clinic, sort=sort, size=size) == listed(clinic, sort=sort, size=200)
    assert len(set(listed(clinic, sort=sort, size=size))) == 7


def test_filters(clinic: Clinic) -> None:
    a = clinic.receive(kind="inpatient", claim_deadline=DAY)
    b = clinic.receive(kind="emergency", patient="p-2")
    c = clinic.receive(facility="south")
    d = clinic.receive(suggested=False)
    clinic.do(encounters.assign, b, "ann", actor=LEAD)
    for where, expected in [
        (Filter(type="inpatient"), {a}),
        (Filter(patient="p-2"), {b}),
        (Filter(facility_id="south"), {c}),
        (Filter(states=frozenset({"received"})), {d}),
        (Filter(states=frozenset({"received", "completed"})), {d}),
        (Filter(assignee="ann"), {b}),
        (Filter(assignee=UNASSIGNED), {a, c, d}),
        (Filter(due_by=DAY), {a}),
        (Filter(due_by=DAY - timedelta(days=1)), set()),
    ]:
        assert set(listed(clinic, where, actor=LEAD)) == expected
    assert set(listed(clinic)) == {a, b, d}
    with clinic.db.read() as session:
        counts = worklist.counts(session, CODER)
    assert (counts["received"], counts["suggested"], counts["completed"]) == (1, 2, 0)


@pytest.mark.parametrize("after", ["", "x~y", "2026-03-10", "~", "nan~x~"])
def test_a_place_that_is_none_is_refused(clinic: Clinic, after: str) -> None:
    with clinic.db.read() as session, pytest.raises(InvalidFilter):
        worklist.page(session, CODER, clinic.now, after=after)


def test_unknown_filters_are_refused(clinic: Clinic) -> None:
    with clinic.db.read() as session:
        with pytest.raises(InvalidFilter, match="no state"):
            worklist.page(session, CODER, clinic.now, Filter(states=frozenset({"done"})))
        with pytest.raises(InvalidFilter, match="no sort"):
            worklist.page(session, CODER, clinic.now, sort="mood")  # type: ignore[arg-type]
        with pytest.raises(InvalidFilter, match="1 to 200"):
            worklist.page(session, CODER, clinic.now, size=0)


def take(clinic: Clinic, actor: Actor = CODER) -> str | None:
    with clinic.work(actor) as work:
        return worklist.next_for(work)


def test_next_gives_the_most_urgent_unassigned_once(clinic: Clinic) -> None:
    second = clinic.receive(claim_deadline=DAY + timedelta(days=1))
    first = clinic.receive(claim_deadline=DAY)
    clinic.receive(facility="south", claim_deadline=DAY)
    clinic.receive(suggested=False)
    assert take(clinic) == first
    assert take(clinic, OTHER) == second
    assert take(clinic) is None
    bench = clinic.see(first)
    assert (bench.encounter.assignee, bench.encounter.lease_holder) == ("ann", "ann")


def test_next_passes_over_what_another_holds(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    with clinic.work(OTHER) as work:
        leases.acquire(work, encounter_id)
    assert take(clinic) is None
    assert take(clinic, OTHER) == encounter_id


def acquire(clinic: Clinic, encounter_id: str, actor: Actor = CODER) -> leases.Lease:
    with clinic.work(actor) as work:
        return leases.acquire(work, encounter_id)


def test_the_second_coder_sees_who_holds_the_encounter(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    lease = acquire(clinic, encounter_id)
    with pytest.raises(LeaseHeld) as caught:
        acquire(clinic, encounter_id, OTHER)
    assert (caught.value.holder, caught.value.until) == ("ann", lease.until)
    assert clinic.see(encounter_id, OTHER).encounter.lease_holder == "ann"
    with pytest.raises(LeaseHeld):
        clinic.do(decisions.accept, encounter_id, 1, actor=OTHER)


def test_a_lease_runs_out_and_each_step_renews_it(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    acquire(clinic, encounter_id)
    clinic.later(minutes=14)
    clinic.do(decisions.accept, encounter_id, clinic.entry(encounter_id, "I10"))
    clinic.later(minutes=14)
    with pytest.raises(LeaseHeld):
        acquire(clinic, encounter_id, OTHER)
    clinic.later(minutes=2)
    assert clinic.see(encounter_id).encounter.lease_holder is None
    assert acquire(clinic, encounter_id, OTHER).holder == "bob"
    with pytest.raises(LeaseHeld):
        clinic.do(decisions.undo, encounter_id)


def test_the_holder_signs_and_the_lease_ends_with_the_work(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia.")
    entry = clinic.entry(encounter_id, "J18.9")
    acquire(clinic, encounter_id)
    clinic.do(decisions.accept, encounter_id, entry)
    clinic.do(sequencing.principal, encounter_id, entry)
    clinic.do(signing.sign, encounter_id)
    signed = clinic.see(encounter_id).encounter
    assert (signed.state, signed.lease_holder) == ("completed", None)


def test_a_lease_is_released_by_its_holder_alone(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    acquire(clinic, encounter_id)
    for actor, holder in ((OTHER, "ann"), (CODER, None)):
        with clinic.work(actor) as work:
            leases.release(work, encounter_id)
        assert clinic.see(encounter_id).encounter.lease_holder == holder


def test_only_a_lead_takes_over(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    acquire(clinic, encounter_id)
    with pytest.raises(Forbidden), clinic.work(OTHER) as work:
        leases.take_over(work, encounter_id)
    with clinic.work(LEAD) as work:
        assert leases.take_over(work, encounter_id).holder == "lea"
    with pytest.raises(LeaseHeld, match="held by lea"):
        clinic.do(decisions.accept, encounter_id, clinic.entry(encounter_id, "I10"))
    assert clinic.audit.events[-1][3]["from"] == "ann"


def test_nobody_overwrites_silently(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    seen = clinic.version(encounter_id)
    i10, e119 = (clinic.entry(encounter_id, code) for code in ("I10", "E11.9"))
    clinic.do(decisions.accept, encounter_id, i10, expected_version=seen)
    with pytest.raises(VersionConflict) as caught:
        clinic.do(
            decisions.reject, encounter_id, i10, "negated", expected_version=seen, actor=OTHER
        )
    assert (caught.value.expected, caught.value.found) == (seen, seen + 1)
    with pytest.raises(VersionConflict):
        clinic.do(decisions.accept, encounter_id, e119, expected_version=seen + 2)
    assert clinic.states(encounter_id)["I10"] == "accepted"


def test_leases_do_not_change_the_version(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    before = clinic.version(encounter_id)
    acquire(clinic, encounter_id)
    assert clinic.version(encounter_id) == before


def test_unknown_encounters_and_closed_ones_are_not_held(clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        acquire(clinic, "nowhere")
    encounter_id = clinic.receive("Pneumonia.")
    entry = clinic.entry(encounter_id, "J18.9")
    clinic.do(decisions.accept, encounter_id, entry)
    clinic.do(sequencing.principal, encounter_id, entry)
    clinic.do(signing.sign, encounter_id)
    with pytest.raises(EncounterClosed):
        acquire(clinic, encounter_id)


def test_lease_time_is_the_sites(clinic: Clinic) -> None:
    with clinic.work(SYSTEM) as work:
        settings.change(work, "lease_minutes", 1)
    assert acquire(clinic, clinic.receive()).until == clinic.now + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hide_probabilities", 1),
        ("blind_share", 1.5),
        ("blind_share", True),
        ("lease_minutes", 0),
        ("lease_minutes", 2.5),
        ("colour", 1),
    ],
)
def test_settings_out_of_range_are_refused(clinic: Clinic, key: str, value: float) -> None:
    with pytest.raises(InvalidSetting), clinic.work(SYSTEM) as work:
        settings.change(work, key, value)


def test_settings_are_listed_with_their_values(clinic: Clinic) -> None:
    with clinic.work(SYSTEM) as work:
        settings.change(work, "blind_share", 0.25)
        found = {s.key: s.value for s in settings.every(work.session)}
    assert found == {"hide_probabilities": False, "blind_share": 0.25, "lease_minutes": 15}
    assert clinic.audit.events[-1][3] == {"key": "blind_share", "from": 0.0, "to": 0.25}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_blind_share_is_drawn_by_the_encounters_id(clinic: Clinic, share: float) -> None:
    with clinic.work(SYSTEM) as work:
        settings.change(work, "blind_share", share)
    drawn = {clinic.see(clinic.receive()).encounter.blind for _ in range(5)}
    assert drawn == {share == 1.0}
