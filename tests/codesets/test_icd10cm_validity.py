"""Which codes may stand on a claim of a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.codesets import CodeSet
from suggest.errors import DateOutsideCodeSets, UnknownCode

FIRST, LAST = date(2015, 10, 1), date(2027, 3, 31)
DAYS = st.dates(FIRST, LAST)


def test_the_release_is_what_is_valid_while_it_is_in_force(icd10cm: CodeSet) -> None:
    for day in (date(2026, 4, 1), date(2026, 9, 30), icd10cm.newest_day):
        assert icd10cm.on(day).valid_billable == set(icd10cm.billable)
    assert icd10cm.on(None).day == icd10cm.newest_day == date(2026, 9, 30)


def test_a_code_of_october_2025_is_not_valid_the_day_before(icd10cm: CodeSet) -> None:
    before, after = icd10cm.on(date(2025, 9, 30)), icd10cm.on(date(2025, 10, 1))
    assert after.is_valid("E11.A")
    assert not before.is_valid("e11a")
    assert "E11.A" not in before
    with pytest.raises(UnknownCode, match="2025-09-30"):
        before["E11.A"]
    assert len(after.valid_billable - before.valid_billable) == 487


def test_a_header_of_today_was_billable_before_it_was_divided(icd10cm: CodeSet) -> None:
    view = icd10cm.on(date(2018, 6, 1))
    assert view.is_valid("M54.5")
    assert view["M54.5"].billable
    assert view.children("M54.5") == []
    assert not icd10cm["M54.5"].billable
    assert not icd10cm.on(date(2021, 10, 1)).is_valid("M54.5")
    assert icd10cm.validity("M54.5") == [(FIRST, date(2021, 9, 30))]


def test_codes_of_other_releases_keep_their_validity(icd10cm: CodeSet) -> None:
    coming = icd10cm.on(date(2026, 10, 1))
    assert len(coming.valid_billable) == 74_689
    assert coming.is_valid("C78.31")
    assert "C78.31" not in coming.valid_billable
    assert not icd10cm.on(date(2026, 9, 30)).is_valid("C7831")
    assert icd10cm.validity("c78.31") == [(date(2026, 10, 1), LAST)]
    with pytest.raises(UnknownCode):
        icd10cm.validity("Z99.999")


@given(day=DAYS, data=st.data())
def test_a_view_offers_what_is_valid_that_day_and_the_headers_above_it(
    icd10cm: CodeSet, day: date, data: st.DataObject
) -> None:
    view = icd10cm.on(day)
    code = data.draw(st.sampled_from(icd10cm.codes))
    in_force = any(first <= day <= last for first, last in icd10cm.validity(code))
    assert view.is_valid(code) == in_force == (code in view.valid_billable)
    assert (code in view) == (
        in_force or bool(view.valid_billable & set(icd10cm.descendants(code, billable=False)))
    )
    if code in view:
        assert view[code].billable == in_force
        assert view[code].index == icd10cm[code].index
        assert set(view.descendants(code)) == view.valid_billable & set(
            icd10cm.descendants(code, billable=False)
        )
        assert set(view.siblings(code)) == {c for c in icd10cm.siblings(code) if c in view}
    else:
        assert view.get(code) is None


def test_a_view_s_search_finds_what_is_valid_that_day(icd10cm: CodeSet) -> None:
    assert icd10cm.search("low back pain")[0].code == "M54.50"
    assert icd10cm.on(date(2018, 6, 1)).search("low back pain")[0].code == "M54.5"
    assert {hit.code for hit in icd10cm.on(date(2018, 6, 1)).search("M54.5")} == {"M54.5"}


@given(days=st.integers(1, 4000))
def test_days_that_no_table_covers_are_refused(icd10cm: CodeSet, days: int) -> None:
    for day in (FIRST - timedelta(days), LAST + timedelta(days)):
        with pytest.raises(DateOutsideCodeSets, match=day.isoformat()):
            icd10cm.on(day)
