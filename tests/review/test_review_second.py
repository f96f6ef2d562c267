from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_clinic import CODER, LEAD, OTHER, SYSTEM, Clinic
from sklearn.metrics import cohen_kappa_score

from suggest.review import (
    decisions,
    effort,
    encounters,
    sampling,
    second_review,
    sequencing,
    settings,
    signing,
)
from suggest.review.actor import Actor
from suggest.review.agreement import agreement, sample_size
from suggest.review.decisions import NewCode
from suggest.review.errors import Forbidden, InvalidDecision, InvalidSample, NotFound
from suggest.review.history import Effort
from suggest.review.sampling import Definition
from suggest.review.trail import trail

AUDITOR = Actor("aud", "auditor", frozenset({"north", "south"}))


# Worked by hand: n0 = 1.959964^2 * 0.25 / e^2, n = n0 / (1 + (n0 - 1) / N), rounded up.
@pytest.mark.parametrize(
    ("population", "margin", "confidence", "size"),
    [
        (1_000_000, 0.05, 0.95, 384),  # 384.146 / 1.000383 = 383.999
        (1000, 0.05, 0.95, 278),  # 384.146 / 1.383146 = 277.73
        (500, 0.05, 0.95, 218),  # 384.146 / 1.766292 = 217.49
        (100, 0.05, 0.95, 80),  # 384.146 / 4.831459 = 79.51
        (200, 0.10, 0.95, 66),  # 96.0365 / 1.475182 = 65.10
        (10_000, 0.03, 0.99, 1557),  # n0 = 1843.03; / 1.184203 = 1556.35
        (1, 0.05, 0.95, 1),
    ],
)
def test_sample_size_with_finite_population_correction(
    population: int, margin: float, confidence: float, size: int
) -> None:
    assert sample_size(population, margin, confidence) == size


@given(st.integers(1, 10**6), st.floats(0.01, 0.5))
def test_a_sample_never_exceeds_its_population(population: int, margin: float) -> None:
    assert 1 <= sample_size(population, margin) <= population


@pytest.mark.parametrize(("population", "margin"), [(0, 0.05), (10, 0.0), (10, 1.0)])
def test_impossible_samples_are_refused(population: int, margin: float) -> None:
    with pytest.raises(InvalidSample):
        sample_size(population, margin)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_kappa_is_sklearns(pairs: list[tuple[bool, bool]]) -> None:
    found = agreement(pairs)
    first, second = zip(*pairs, strict=True)
    if found.kappa is None:  # only where all stands in one cell, and sklearn divides by zero
        assert len(set(first) | set(second)) == 1
        return
    assert found.kappa.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    assert found.kappa.low <= found.kappa.value + 1e-12
    assert found.kappa.value <= found.kappa.high + 1e-12
    assert found.both + found.over + found.under + found.neither == len(pairs)


def test_kappas_interval_as_worked_by_hand() -> None:
    # 20 both, 5 over, 10 under, 15 neither: po 0.7, pe 0.5, kappa 0.4.
    # Diagonal: .4(1-1.1*.6)^2 + .3(1-.9*.6)^2 = .04624 + .06348 = .10972
    # Off it: .36(.1*(.6+.5)^2 + .2*(.4+.5)^2); with p_.1=.6, p_.2=.4, p1.=p2.=.5:
    # over p12=.1: (p_.1 + p2.)^2 = 1.21; under p21=.2: (p_.2 + p1.)^2 = .81 -> .36*.283 = .10188
    # (kappa - pe(1-kappa))^2 = (.4-.3)^2 = .01; variance (.10972+.10188-.01)/(50*.25) = .016128
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    kappa = agreement(pairs).kappa
    assert kappa is not None
    assert kappa.value == pytest.approx(0.4)
    half = 1.959964 * math.sqrt(0.016128)
    assert (kappa.low, kappa.high) == pytest.approx((0.4 - half, 0.4 + half), abs=1e-6)


def test_percent_agreement_has_wilsons_interval() -> None:
    # 9 of 10 at 95 %: Wilson gives 0.5958 to 0.9821 (Newcombe 1998, method 3).
    percent = agreement([(True, True)] * 9 + [(True, False)]).percent
    assert percent is not None
    assert (percent.low, percent.high) == pytest.approx((0.5958, 0.9821), abs=1e-4)


def sign(
    clinic: Clinic, *texts: str, reject: tuple[str, ...] = (), by: Actor = CODER, **kw: str
) -> str:
    encounter_id = clinic.receive(*texts, **kw)
    for entry in clinic.see(encounter_id, by).entries:
        if entry.code in reject:
            clinic.do(decisions.reject, encounter_id, entry.id, "not_treated", actor=by)
        else:
            clinic.do(decisions.accept, encounter_id, entry.id, actor=by)
            clinic.do(sequencing.principal, encounter_id, entry.id, actor=by)
    clinic.do(signing.sign, encounter_id, actor=by)
    return encounter_id


def draw(clinic: Clinic, seed: int = 7, **definition: object) -> int:
    with clinic.work(LEAD) as work:
        return sampling.draw(work, Definition(name="march", **definition), seed)  # type: ignore[arg-type]


def drawn(clinic: Clinic, sample_id: int, actor: Actor = AUDITOR) -> list[second_review.ItemView]:
    with clinic.db.read() as session:
        return second_review.items(session, actor, sample_id)


def test_only_signed_encounters_are_drawn_and_the_seed_draws_them_again(clinic: Clinic) -> None:
    signed = {sign(clinic, "Pneumonia.") for _ in range(6)}
    clinic.receive("Pneumonia.")
    first, again, other = draw(clinic, 7, size=3), draw(clinic, 7, size=3), draw(clinic, 8, size=3)
    ids = [[i.encounter_id for i in drawn(clinic, s)] for s in (first, again, other)]
    assert set(ids[0]) <= signed
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({}, {"a", "b", "c"}),
        ({"coder": "bob"}, {"b"}),
        ({"payer": "Acme"}, {"c"}),
        ({"system": "ICD-10-CM", "code": "I10"}, {"a", "c"}),
        ({"probability_from": 0.3, "probability_to": 0.5}, {"b"}),
        ({"facility_id": "south"}, set()),
    ],
)
def test_samples_by_coder_code_probability_and_payer(
    clinic: Clinic, definition: dict[str, object], expected: set[str]
) -> None:
    ids = {
        sign(clinic, "Pneumonia. Hypertension.", reject=("I10",)): "a",
        sign(clinic, "Pneumonia. Asthma.", by=OTHER): "b",
        sign(clinic, "Hypertension.", payer="Acme"): "c",
    }
    if not expected:
        with pytest.raises(InvalidSample, match="nothing matches"):
            draw(clinic, **definition)
        return
    assert {ids[i.encounter_id] for i in drawn(clinic, draw(clinic, **definition))} == expected


def test_second_review_is_blind_and_counts_over_and_undercoding(clinic: Clinic) -> None:
    sign(clinic, "Pneumonia. Hypertension. Diabetes.", reject=("I10",))
    sample_id = draw(clinic)
    (item,) = drawn(clinic, sample_id)
    with clinic.db.read() as session:
        blind = second_review.item(session, AUDITOR, item.id, clinic.now)
    assert {c.code: c.coded for c in blind.codes} == {"J18.9": None, "I10": None, "E11.9": None}
    assert not {"first_coded", "probability", "origin", "decided_by"} & set(
        type(blind.codes[0]).__slots__
    )
    ids = {c.code: c.id for c in blind.codes}
    with clinic.work(AUDITOR) as work:
        second_review.decide(work, item.id, ids["J18.9"], True)
        second_review.decide(work, item.id, ids["E11.9"], False, "not treated")
        with pytest.raises(InvalidDecision, match="I10"):
            second_review.finish(work, item.id)
        second_review.decide(work, item.id, ids["I10"], True)
        second_review.add_missed(
            work, item.id, NewCode("ICD-10-CM", "Z87.891", "History of nicotine")
        )
        second_review.finish(work, item.id)
    with pytest.raises(InvalidDecision, match="finished"), clinic.work(AUDITOR) as work:
        second_review.decide(work, item.id, ids["J18.9"], False)
    with clinic.db.read() as session:
        result = second_review.result(session, LEAD, sample_id, lambda _, code: code[0])
    # J18.9 both, E11.9 over, I10 and Z87.891 under
    assert (result.overall.n, result.overall.both) == (4, 1)
    assert (result.overall.over, result.overall.under, result.overall.neither) == (1, 2, 0)
    assert set(result.by_coder) == {"ann"}
    assert result.by_code["E11.9"].over == 1
    assert result.by_chapter["I"].under == 1


def sign_with_added(clinic: Clinic, *added: str) -> str:
    """A signed encounter on which the coder added codes that the model did not suggest."""
    encounter_id = clinic.receive("Pneumonia.")
    (entry,) = clinic.see(encounter_id).entries
    clinic.do(decisions.accept, encounter_id, entry.id)
    clinic.do(sequencing.principal, encounter_id, entry.id)
    for code in added:
        clinic.do(decisions.add, encounter_id, NewCode("ICD-10-CM", code, f"Title of {code}"))
    clinic.do(signing.sign, encounter_id)
    return encounter_id


def test_what_the_first_coder_added_is_not_shown(clinic: Clinic) -> None:
    sign_with_added(clinic, "Z87.891", "E66.9")
    sample_id = draw(clinic)
    (item,) = drawn(clinic, sample_id)
    with clinic.db.read() as session:
        blind = second_review.item(session, AUDITOR, item.id, clinic.now)
    assert [c.code for c in blind.codes] == ["J18.9"]
    assert item.codes == 1
    with clinic.work(AUDITOR) as work:
        second_review.decide(work, item.id, blind.codes[0].id, True)
        # One that the first coder has too and one that nobody has look the same.
        for code in ("E66.9", "I10"):
            second_review.add_missed(work, item.id, NewCode("ICD-10-CM", code, f"Title of {code}"))
        again = second_review.item(work.session, AUDITOR, item.id, clinic.now)
        second_review.finish(work, item.id)
    named = {c.code: (c.evidence, c.added_by_reviewer, c.coded) for c in again.codes}
    assert named["E66.9"] == named["I10"] == ((), True, True)
    with clinic.db.read() as session:
        result = second_review.result(session, LEAD, sample_id, lambda _, code: code[0])
    assert (result.by_code["E66.9"].both, result.by_code["I10"].under) == (1, 1)
    assert result.by_code["Z87.891"].over == 1


def test_the_first_decisions_are_closed_to_a_reviewer_until_the_review_is_finished(
    clinic: Clinic,
) -> None:
    encounter_id = sign(clinic, "Pneumonia.")
    clinic.see(encounter_id, AUDITOR)
    (item,) = drawn(clinic, draw(clinic))
    with pytest.raises(Forbidden, match="under blind second review"):
        clinic.see(encounter_id, AUDITOR)
    with clinic.db.read() as session, pytest.raises(Forbidden):
        trail(session, AUDITOR, encounter_id)
    clinic.see(encounter_id, LEAD)
    clinic.see(encounter_id)
    with clinic.db.read() as session:
        (code,) = second_review.item(session, LEAD, item.id, clinic.now).codes
    with clinic.work(LEAD) as work:
        second_review.decide(work, item.id, code.id, True)
    with pytest.raises(Forbidden, match="finished"):
        clinic.see(encounter_id, LEAD)
    with clinic.work(LEAD) as work:
        second_review.finish(work, item.id)
    for actor in (LEAD, AUDITOR):
        clinic.see(encounter_id, actor)


def test_reopening_does_not_change_the_frozen_first_decision(clinic: Clinic) -> None:
    encounter_id = sign(clinic, "Pneumonia. Hypertension.")
    sample_id = draw(clinic)
    clinic.do(signing.reopen, encounter_id, "second thought")
    clinic.do(decisions.reject, encounter_id, clinic.entry(encounter_id, "I10"), "negated")
    (item,) = drawn(clinic, sample_id)
    with clinic.work(AUDITOR) as work:
        for code in second_review.item(work.session, AUDITOR, item.id, clinic.now).codes:
            second_review.decide(work, item.id, code.id, True)
        second_review.finish(work, item.id)
        result = second_review.result(work.session, LEAD, sample_id, lambda *_: "")
    assert result.overall.both == 2


def test_nobody_reviews_their_own_signature(clinic: Clinic) -> None:
    sign(clinic, "Pneumonia.")
    (item,) = drawn(clinic, draw(clinic))
    with pytest.raises(Forbidden), clinic.db.read() as session:
        second_review.item(session, CODER, item.id, clinic.now)


def test_a_sample_of_another_facility_does_not_exist(clinic: Clinic) -> None:
    sign(clinic, "Pneumonia.", facility="south", by=SYSTEM)
    sample_id = draw(clinic)
    with pytest.raises(NotFound):
        drawn(clinic, sample_id, OTHER)


def test_effort_is_numbers_by_coder(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    for code, ms, seen in (("J18.9", 1000, 1.0), ("I10", 3000, 0.5), ("E11.9", 2000, None)):
        clinic.do(
            decisions.accept,
            encounter_id,
            clinic.entry(encounter_id, code),
            effort=Effort(ms, seen),
        )
    clinic.do(decisions.undo, encounter_id)
    end = clinic.now.replace(hour=23)
    with clinic.db.read() as session:
        (ann,) = effort.by_coder(session, LEAD, clinic.now, end)
        assert (
            effort.by_coder(session, Actor("x", "lead", frozenset({"south"})), clinic.now, end)
            == []
        )
    assert (ann.coder, ann.decisions, ann.undone) == ("ann", 3, 1)
    assert ann.median_ms == 2000
    assert (ann.read_known, ann.unread_share) == (2, 0.5)


def test_a_blind_encounter_is_coded_first_and_compared_then(clinic: Clinic) -> None:
    with clinic.work(SYSTEM) as work:
        settings.change(work, "blind_share", 1.0)
    encounter_id = clinic.receive()
    hidden = clinic.see(encounter_id)
    assert hidden.encounter.suggestions_hidden
    assert hidden.entries == ()
    with pytest.raises(NotFound):
        clinic.do(decisions.accept, encounter_id, 1)
    clinic.do(decisions.add, encounter_id, NewCode("ICD-10-CM", "I10", "Hypertension"))
    clinic.do(decisions.add, encounter_id, NewCode("ICD-10-CM", "E66.9", "Obesity"))
    (i10, _) = clinic.see(encounter_id).entries
    assert (i10.code, i10.probability, i10.evidence) == ("I10", None, ())
    clinic.do(encounters.reveal, encounter_id)
    assert clinic.states(encounter_id) == {
        "J18.9": "undecided",
        "I10": "accepted",
        "E11.9": "undecided",
        "E66.9": "accepted",
    }
    with clinic.db.read() as session:
        compared = effort.blind_comparison(session, LEAD, encounter_id)
    assert compared == effort.BlindComparison(("I10",), ("E66.9",), ("E11.9", "J18.9"))


def test_probabilities_can_be_hidden_by_the_site(clinic: Clinic) -> None:
    encounter_id = clinic.receive()
    with clinic.work(SYSTEM) as work:
        settings.change(work, "hide_probabilities", True)
    assert {e.probability for e in clinic.see(encounter_id).entries} == {None}
    changed = clinic.do(decisions.accept, encounter_id, clinic.entry(encounter_id, "I10"))
    assert changed.entries[0].probability is None
