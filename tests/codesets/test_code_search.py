"""Codes found by words, abbreviations, misspelt words and the beginnings of codes."""

from __future__ import annotations

import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.codesets import CodeSet


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("nstemi", "I21.4"),
        ("NSTEMI", "I21.4"),
        ("htn", "I10"),
        ("type 2 diabetes", "E11.9"),
        ("heart attack", "I21.9"),
        ("pneumonia", "J18.9"),
        ("obstructive sleep apnea", "G47.33"),
        ("apnea obstructive sleep", "G47.33"),
        ("migraine with aura", "G43.109"),
        ("gerd with esophagitis", "K21.00"),
        ("hx of breast cancer", "Z85.3"),
        ("poisoning by aspirin", "T39.011A"),
        ("fall from ladder", "W11.XXXA"),
        ("type 2 diabetes with ckd", "E11.22"),
    ],
)
def test_words_and_abbreviations_find_the_code_first(
    icd10cm: CodeSet, query: str, code: str
) -> None:
    assert icd10cm.search(query)[0].code == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("diabtes", "E11.9"),
        ("pnuemonia", "J18.9"),
        ("rhuematoid artritis", "M06.9"),
        ("acute apendicitis", "K35.80"),
        ("oedema", "R60.9"),
        ("anaemia", "D64.9"),
        ("hypothy", "E03.9"),
        ("kidney stones", "N20.0"),
    ],
)
def test_spelling_and_unfinished_words_are_forgiven(
    icd10cm: CodeSet, query: str, code: str
) -> None:
    assert code in [hit.code for hit in icd10cm.search(query)[:3]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("fracture left tibia", "S82.202A"),
        ("open fracture right femur", "S72.91XB"),
        ("sprained ankle right", "S93.401A"),
        ("lung cancer right upper lobe", "C34.11"),
        ("cellulitis left leg", "L03.116"),
        ("pressure ulcer sacrum stage 3", "L89.153"),
        ("asthma moderate persistent exacerbation", "J45.41"),
    ],
)
def test_side_stage_and_seventh_character_are_read_from_the_query(
    icd10cm: CodeSet, query: str, code: str
) -> None:
    assert icd10cm.search(query)[0].code == code


@pytest.mark.parametrize("query", ["S52.521", "s52521", " s52.521 "])
def test_the_beginning_of_a_code_lists_it_and_what_is_below(icd10cm: CodeSet, query: str) -> None:
    codes = [hit.code for hit in icd10cm.search(query)]
    assert codes == ["S52.521", *icd10cm.children("S52.521")]


def test_a_code_is_found_by_itself(icd10cm: CodeSet) -> None:
    assert [hit.code for hit in icd10cm.search("S52.521A")] == ["S52.521A"]
    assert icd10cm.search("qa0", limit=1)[0].code == "QA0"


def test_a_hit_says_which_phrase_was_found(icd10cm: CodeSet) -> None:
    hit = icd10cm.search("woolsorter disease")[0]
    assert (hit.code, hit.title) == ("A22.1", "Pulmonary anthrax")
    assert hit.matched == "Woolsorter's disease"


def test_an_ambiguous_abbreviation_gives_every_meaning(icd10cm: CodeSet) -> None:
    assert {"G35.D", "I34.2"} <= {hit.code for hit in icd10cm.search("ms", limit=3)}


@pytest.mark.parametrize("query", ["", " ", "qqqq zzzz", "the", "?!"])
def test_a_query_without_a_known_word_finds_nothing(icd10cm: CodeSet, query: str) -> None:
    assert icd10cm.search(query) == []


@given(query=st.text(max_size=60), limit=st.integers(0, 30))
def test_any_text_gives_known_codes_once_each_best_first(
    icd10cm: CodeSet, query: str, limit: int
) -> None:
    hits = icd10cm.search(query, limit)
    assert len(hits) <= limit
    assert len({hit.code for hit in hits}) == len(hits)
    assert all(hit.title == icd10cm[hit.code].title for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@given(data=st.data())
def test_a_billable_code_is_found_by_its_own_title(icd10cm: CodeSet, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from([c for c in icd10cm.billable if len(c) < 8]))
    title = icd10cm.title(code)
    if len(title) < 150:
        found = icd10cm.search(title, limit=25)
        assert title.lower() in [hit.title.lower() for hit in found]


def _abbreviations() -> list[dict[str, str]]:
    source = resources.files("suggest.codesets") / "data" / "abbreviations.tsv"
    with source.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_curated_code_is_billable_today_and_found(icd10cm: CodeSet) -> None:
    rows = _abbreviations()
    assert len(rows) >= 400
    for row in rows:
        assert row["source"], row
        if row["code"]:
            assert icd10cm[row["code"]].billable, row
    for row in rows[::7]:
        if row["code"]:
            assert row["code"] in {h.code for h in icd10cm.search(row["abbreviation"], 3)}, row


def test_no_curated_row_stands_twice() -> None:
    rows = [(row["abbreviation"], row["expansion"]) for row in _abbreviations()]
    assert len(rows) == len(set(rows))
