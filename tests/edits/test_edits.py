"""Edits: what speaks against a set of codes, and why."""

from __future__ import annotations

import csv
from datetime import date
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest import codesets
from suggest.codesets.model import undotted
from suggest.codesets.references import references
from suggest.edits import CodedLine, Edit, Edits, Patient

DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def edits() -> Edits:
    return Edits.load(codesets.load())


def fired(edits: Edits, codes: str, **patient: object) -> list[Edit]:
    lines = [CodedLine(c, n == 0, n + 1) for n, c in enumerate(codes.split())]
    return edits.check(lines, Patient(**{"date": DAY, **patient}))  # type: ignore[arg-type]


def rules(edits: Edits, codes: str, **patient: object) -> set[tuple[str, tuple[str, ...]]]:
    return {(e.rule, e.codes) for e in fired(edits, codes, **patient)}


def test_type_1_and_type_2_diabetes_exclude_each_other(edits: Edits) -> None:
    assert ("excludes1", ("E10.9", "E11.9")) in rules(edits, "E10.9 E11.9")


def test_a_pair_is_told_once(edits: Edits) -> None:
    told = [e for e in fired(edits, "E10.9 E11.9") if e.rule == "excludes1"]
    assert len(told) == 1
    assert "Excludes1 at E10" in told[0].text


def test_unrelated_codes_fire_no_warning(edits: Edits) -> None:
    found = fired(edits, "J18.9 H61.21")
    assert [e for e in found if e.severity != "info"] == []


def test_the_cause_goes_before_its_manifestation(edits: Edits) -> None:
    assert ("code-first", ("F02.80", "G30.9")) in rules(edits, "F02.80 G30.9")
    assert ("code-first", ("F02.80", "G30.9")) not in rules(edits, "G30.9 F02.80")


def test_a_manifestation_without_its_cause_wants_one(edits: Edits) -> None:
    found = [e for e in fired(edits, "I10 G13.2") if e.rule == "code-first"]
    assert [(e.severity, e.codes) for e in found] == [("warning", ("G13.2",))]


def test_the_stage_goes_with_diabetic_kidney_disease(edits: Edits) -> None:
    assert any(rule == "use-additional" for rule, _ in rules(edits, "E11.22"))
    with_stage = [e for e in fired(edits, "E11.22 N18.4") if "N18.1-N18.6" in e.text]
    assert with_stage == []


def test_a_range_of_categories_is_a_companion(edits: Edits) -> None:
    assert not [e for e in fired(edits, "N39.0 B96.20") if "B95-B97" in e.text]
    assert [e for e in fired(edits, "N39.0") if "B95-B97" in e.text]


def test_without_complications_beside_a_complication(edits: Edits) -> None:
    assert ("without-and-with", ("E11.9", "E11.22")) in rules(edits, "E11.9 E11.22")


def test_right_and_left_have_a_bilateral_code(edits: Edits) -> None:
    # Primary osteoarthritis of the knees: M17.0 is the bilateral one.
    assert not [e for e in fired(edits, "M17.0") if e.rule == "bilateral"]
    assert ("bilateral", ("H25.11", "H25.12")) in rules(edits, "H25.11 H25.12")


def test_a_sign_that_belongs_to_the_condition(edits: Edits) -> None:
    assert ("integral-sign", ("R05.9", "J18.9")) in rules(edits, "J18.9 R05.9")


def test_an_external_cause_is_no_principal_diagnosis(edits: Edits) -> None:
    assert any(r == "external-cause-as-principal" for r, _ in rules(edits, "W19.XXXA S52.521A"))
    assert not any(r == "external-cause-as-principal" for r, _ in rules(edits, "S52.521A W19.XXXA"))


def test_unacceptable_principal_is_for_inpatients(edits: Edits) -> None:
    assert any(r == "unacceptable-principal" for r, _ in rules(edits, "B95.0", inpatient=True))
    assert not any(r == "unacceptable-principal" for r, _ in rules(edits, "B95.0"))


@pytest.mark.parametrize(
    ("code", "age", "conflict"),
    [("E84.11", 0, False), ("E84.11", 40, True), ("O80", 30, False), ("O80", 70, True)],
)
def test_age_conflicts(edits: Edits, code: str, age: int, conflict: bool) -> None:
    assert any(r == "age-conflict" for r, _ in rules(edits, code, age=age)) is conflict


def test_sex_conflicts_end_with_the_editor_s_own_date(edits: Edits) -> None:
    before = date(2024, 9, 30)
    assert ("sex-conflict", ("N40.0",)) in rules(edits, "N40.0", sex="F", date=before)
    assert ("sex-conflict", ("N40.0",)) not in rules(edits, "N40.0", sex="F")


def test_a_code_of_another_year_is_an_error(edits: Edits) -> None:
    assert ("not-valid", ("M54.5",)) in rules(edits, "M54.5")
    assert ("not-valid", ("M54.5",)) not in rules(edits, "M54.5", date=date(2020, 1, 1))


def test_an_unknown_code_and_a_repeated_one(edits: Edits) -> None:
    found = rules(edits, "I10 I10 X99.99ZZ")
    assert ("unknown-code", ("X99.99ZZ",)) in found
    assert ("repeated", ("I10",)) in found


def test_errors_come_first(edits: Edits) -> None:
    order = [e.severity for e in fired(edits, "F02.80 G30.9 E11.9 E10.9 E11.22")]
    assert order == sorted(order, key=["error", "warning", "info"].index)
    assert "error" in order


@given(st.lists(st.sampled_from(codesets.load().billable), max_size=12, unique=True))
def test_any_codes_can_be_checked(edits: Edits, codes: list[str]) -> None:
    for edit in fired(edits, " ".join(codes), inpatient=True, age=50, sex="F"):
        assert edit.text
        assert set(edit.codes) <= set(codes)


@pytest.mark.parametrize(
    ("note", "inside", "outside"),
    [
        ("type 1 diabetes mellitus (E10.-)", "E10.9 E10", "E11.9"),
        ("organism (B95-B97)", "B95 B96.20 B97.89", "B98"),
        ("abortion (O00-O07, O08.7)", "O03.9 O08.7", "O08.8 O09"),
        ("adverse effect (T36-T50 with fifth or sixth character 5)", "T38.0X5A", "T38.0X1A"),
        ("poisoning (T43.1X with sixth character 1-4)", "T43.1X1A T43.1X4A", "T43.1X5A"),
        ("postprocedural infection (T81.4-)", "T81.40XA T81.49XA", "T81.30XA"),
    ],
)
def test_codes_named_in_a_note(note: str, inside: str, outside: str) -> None:
    found = references(note)
    for code in inside.split():
        assert any(undotted(code) in reference for reference in found), code
    for code in outside.split():
        assert not any(undotted(code) in reference for reference in found), code


def test_signs_and_conditions_exist() -> None:
    codeset = codesets.load()
    with (resources.files("suggest.edits") / "data" / "integral.tsv").open() as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for code in (row["symptom"], *row["conditions"].split("|")):
                assert code in codeset, code
            assert row["source"]
