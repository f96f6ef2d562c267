"""Chapters, blocks, categories and what stands below them; notes and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.codesets import CodeSet
from suggest.errors import UnknownCode


@given(data=st.data())
def test_a_code_is_a_child_of_its_parent(icd10cm: CodeSet, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(icd10cm.codes))
    parent = icd10cm.parent(code)
    assert parent is not None
    assert code in icd10cm.children(parent)
    assert sorted([code, *icd10cm.siblings(code)]) == sorted(icd10cm.children(parent))


@given(data=st.data())
def test_a_header_s_children_have_it_as_parent(icd10cm: CodeSet, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(icd10cm.codes))
    children = icd10cm.children(code)
    assert bool(children) != icd10cm[code].billable
    assert {icd10cm.parent(child) for child in children} <= {code}


@given(data=st.data())
def test_ancestors_go_by_category_and_block_to_the_chapter(
    icd10cm: CodeSet, data: st.DataObject
) -> None:
    entry = icd10cm[data.draw(st.sampled_from(icd10cm.codes))]
    line = [entry.code, *icd10cm.ancestors(entry.code)]
    category = icd10cm.category(entry.code)
    assert category == entry.code[:3]
    assert line.index(category) < line.index(entry.block) < line.index(entry.chapter)
    assert line[-1] == entry.chapter
    assert icd10cm.parent(entry.chapter) is None


@given(data=st.data())
def test_descendants_are_what_has_the_code_above_it(icd10cm: CodeSet, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(icd10cm.codes))
    everything = icd10cm.descendants(code, billable=False)
    assert all(code in icd10cm.ancestors(below) for below in everything)
    assert set(icd10cm.children(code)) <= set(everything)
    assert icd10cm.descendants(code) == [c for c in everything if icd10cm[c].billable]


def test_the_chapters_hold_every_billable_code(icd10cm: CodeSet) -> None:
    assert icd10cm.chapters == [str(number) for number in range(1, 23)]
    held = [code for chapter in icd10cm.chapters for code in icd10cm.descendants(chapter)]
    assert held == list(icd10cm.billable)


def test_blocks_lie_within_blocks(icd10cm: CodeSet) -> None:
    assert icd10cm.ancestors("V03.10XA") == [
        *("V03.10", "V03.1", "V03", "V00-V09", "V00-V99", "V00-X58", "20")
    ]
    assert icd10cm["V03.10XA"].block == "V00-V09"


def test_a_block_of_one_category_has_an_id_of_its_own(icd10cm: CodeSet) -> None:
    assert icd10cm["B99.9"].block == "B99-B99"
    assert icd10cm.parent("B99") == "B99-B99"
    assert icd10cm.children("B99-B99") == ["B99"]


def test_chapters_and_blocks_have_titles(icd10cm: CodeSet) -> None:
    assert icd10cm.chapter_title("9") == "Diseases of the circulatory system"
    assert icd10cm.block_title("I20-I25") == "Ischemic heart diseases"
    assert icd10cm.children("9")[0] == "I00-I02"
    assert "I21.4" in icd10cm.descendants("I20-I25")
    with pytest.raises(UnknownCode, match="not a chapter"):
        icd10cm.chapter_title("I20-I25")
    with pytest.raises(UnknownCode, match="not a block"):
        icd10cm.block_title("I21")


@pytest.mark.parametrize(
    ("title", "billable"),
    [
        ("E11", "E11.9"),
        ("J45", "J45.909"),
        ("N18", "N18.9"),
        ("K21.0", "K21.00"),
        ("S82.20", "S82.209A"),
        ("H40.113", "H40.1130"),
        ("M54.5", "M54.50"),
        ("I10", "I10"),
        ("Z79", None),
    ],
)
def test_the_usual_code_is_the_unspecified_one(
    icd10cm: CodeSet, title: str, billable: str | None
) -> None:
    assert icd10cm.usual(title) == billable


def test_notes_stand_where_the_tabular_list_has_them(icd10cm: CodeSet) -> None:
    assert icd10cm.notes("E11.22").use_additional == (
        "code to identify stage of chronic kidney disease (N18.1-N18.6)",
    )
    assert "high blood pressure" in icd10cm.notes("I10").includes
    assert icd10cm.notes("I10").excludes2 == (
        "essential (primary) hypertension involving vessels of brain (I60-I69)",
        "essential (primary) hypertension involving vessels of eye (H35.0-)",
    )
    assert icd10cm.notes("G30").use_additional
    assert icd10cm.notes("F02").code_first
    assert icd10cm.notes("I13").excludes1 == icd10cm.notes("J18.9").excludes1 == ()


def test_excludes_of_a_category_are_inherited_with_their_place(icd10cm: CodeSet) -> None:
    inherited = dict(icd10cm.inherited_notes("E11.22"))
    assert list(inherited) == ["E11.22", "E11.2", "E11", "E08-E13", "4"]
    assert any("gestational diabetes (O24.4-)" in n for n in inherited["E11"].excludes1)
    assert not icd10cm.notes("E11.22").excludes1


def test_notes_of_a_group_of_blocks_are_inherited(icd10cm: CodeSet) -> None:
    inherited = dict(icd10cm.inherited_notes("T23.201A"))
    assert any("sunburn" in note for note in inherited["T20-T32"].excludes2)


def test_seventh_characters_are_inherited(icd10cm: CodeSet) -> None:
    fracture = icd10cm.notes("S52.501").seventh_characters
    assert fracture["C"] == "initial encounter for open fracture type IIIA, IIIB, or IIIC"
    assert set(icd10cm.notes("S52.521").seventh_characters) == set("ADGKPS")
    assert icd10cm.notes("S52.521A").seventh_characters == (
        icd10cm.notes("S52.521").seventh_characters
    )
    assert icd10cm.notes("I10").seventh_characters == {}


def test_a_term_of_one_seventh_character_stands_at_its_codes(icd10cm: CodeSet) -> None:
    assert icd10cm.notes("H34.8112").inclusion_terms == ("Old central retinal vein occlusion",)
    assert icd10cm.notes("H34.8110").inclusion_terms == ()
    assert icd10cm.notes("W08").inclusion_terms == ("Fall from stool",)
    assert icd10cm.notes("W08.XXXS").inclusion_terms == ()
