"""ICD-10-CM: counts, titles, hierarchy, notes, validity, search, the cache file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest import codesets
from suggest.errors import DateOutsideCodeSets, UnknownCode, UnknownSystem

CS = codesets.load("ICD-10-CM")
CODES = st.sampled_from(CS.codes)


def test_every_billable_code_exists_once() -> None:
    assert len(CS.billable) == len(set(CS.billable)) == 74_719
    assert set(CS.billable) == CS.on(date(2026, 4, 15)).valid_billable


@pytest.mark.parametrize(
    ("code", "title"),
    [
        (
            "S52.521A",
            "Torus fracture of lower end of right radius, initial encounter for closed fracture",
        ),
        ("W19.XXXA", "Unspecified fall, initial encounter"),
        (
            "T36.0X1A",
            "Poisoning by penicillins, accidental (unintentional), initial encounter",
        ),
        (
            "M80.051A",
            "Age-related osteoporosis with current pathological fracture, right femur, "
            "initial encounter for fracture",
        ),
        (
            "O36.0110",
            "Maternal care for anti-D [Rh] antibodies, first trimester, "
            "not applicable or unspecified",
        ),
        ("I21.4", "Non-ST elevation (NSTEMI) myocardial infarction"),
        ("I10", "Essential (primary) hypertension"),
        ("E11.22", "Type 2 diabetes mellitus with diabetic chronic kidney disease"),
    ],
)
def test_titles_are_full(code: str, title: str) -> None:
    assert CS[code].title == title
    assert CS[code].billable


def test_death_codes_take_no_subsequent_encounter() -> None:
    assert "S06.1X7A" in CS
    assert "S06.1X7D" not in CS


@given(CODES)
def test_look_up_takes_any_case_with_or_without_dot(code: str) -> None:
    assert CS[code.lower()].code == CS[code.replace(".", "")].code == code


@given(CODES)
def test_a_code_is_a_child_of_its_parent(code: str) -> None:
    parent = CS.parent(code)
    assert parent is not None
    assert code in CS.children(parent)
    assert code not in CS.siblings(code)
    assert CS.ancestors(code)[-1] == CS[code].chapter
    assert CS.parent(CS[code].chapter) is None


@given(st.sampled_from(CS.billable))
def test_a_billable_code_has_nothing_below(code: str) -> None:
    assert CS.children(code) == []
    assert code in CS.descendants(CS.category(code)) or code == CS.category(code)


def test_notes_stand_where_the_tabular_list_has_them() -> None:
    assert any("N18.1-N18.6" in n for n in CS.notes("E11.22").use_additional)
    assert CS.notes("S52.521").seventh_characters["A"] == "initial encounter for closed fracture"
    places = [place for place, _ in CS.inherited_notes("E11.22")]
    assert places == ["E11.22", "E11.2", "E11", "E08-E13", "4"]


def test_validity_follows_the_date() -> None:
    assert CS.on(date(2018, 6, 1)).is_valid("M54.5")
    assert not CS.on(date(2026, 3, 1)).is_valid("M54.5")
    assert CS.on(date(2026, 3, 1)).is_valid("m5450")
    assert not CS.on(date(2018, 6, 1)).is_valid("M54.50")
    for day in (date(2015, 9, 30), date(2027, 4, 1)):
        with pytest.raises(DateOutsideCodeSets, match=day.isoformat()):
            CS.on(day)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("nstemi", "I21.4"),
        ("htn", "I10"),
        ("type 2 diabetes", "E11.9"),
        ("heart attack", "I21.9"),
        ("s52521", "S52.521"),
        ("acute apendicitis", "K35.80"),
        ("I21.4", "I21.4"),
    ],
)
def test_search_finds_first(query: str, code: str) -> None:
    assert CS.search(query)[0].code == code


def test_search_without_a_known_word_is_empty() -> None:
    assert CS.search("qqqq zzzz") == []


def test_unknown_names_are_named() -> None:
    with pytest.raises(UnknownCode, match=r"Z99\.999"):
        CS["Z99.999"]
    with pytest.raises(UnknownCode, match="block"):
        CS["I20-I25"]
    with pytest.raises(UnknownSystem, match="CPT"):
        codesets.load("CPT")


def test_a_damaged_cache_file_is_made_again(tmp_path: Path) -> None:
    codesets.load(cache=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    assert len(codesets.load(cache=tmp_path).billable) == 74_719
