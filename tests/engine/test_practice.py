"""What labelled practice notes teach of codes, and where a mention stands in a note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest import codesets
from suggest.engine import lexicon
from suggest.engine.candidates import CandidateFinder
from suggest.engine.learned import Judged, Labels
from suggest.engine.model import Encounter
from suggest.engine.standing import Standing
from suggest.text import analyse

CODES = st.sampled_from(["R52", "R53.1", "R53.83", "I10", "E11.9", "E11.22"])
NOTES = st.lists(st.tuples(st.sets(CODES), st.sets(CODES)), max_size=12)


def judged(notes: list[tuple[set[str], set[str]]]) -> Judged:
    made = Judged()
    for proposed, right in notes:
        made.add(sorted(proposed), right)
    return made


def test_a_code_that_was_often_wrong_has_a_small_share() -> None:
    made = judged([({"R52", "I10"}, {"I10"})] * 40)
    assert made.share("R52") < 0.1
    assert made.share("I10") > 0.9


def test_a_code_never_proposed_takes_its_categorys_share() -> None:
    made = judged([({"E11.9", "R52"}, {"E11.9"})] * 40)
    assert made.share("E11.65") > 0.8
    assert made.share("R52.1") < 0.2


@given(NOTES, NOTES)
def test_taking_notes_out_is_as_if_they_had_not_been_counted(
    kept: list[tuple[set[str], set[str]]], taken: list[tuple[set[str], set[str]]]
) -> None:
    rest, never = judged([*kept, *taken]).without(judged(taken)), judged(kept)
    for code in ("R52", "R53.1", "I10", "E11.22", "E11.65", "Z00.00"):
        assert rest.share(code) == pytest.approx(never.share(code))
        assert 0.0 < rest.share(code) < 1.0


@pytest.fixture(scope="module")
def finder() -> CandidateFinder:
    codeset = codesets.load()
    return CandidateFinder(codeset, lexicon.load(codeset), Labels())


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("ASSESSMENT:\n1. Uncontrolled {hypertension}, increase lisinopril.", True),
        ("ASSESSMENT:\n# {Hypertension} - stable", True),
        ("A/P: 1) cough 2) {hypertension}", True),
        ("{Hypertension} is well controlled.", True),
        ("ASSESSMENT:\n1. Chest pain in a patient with {hypertension}.", False),
        ("The patient has long had a diagnosis of {hypertension}.", False),
    ],
)
def test_a_mention_that_opens_an_item_is_told_from_one_inside_it(
    finder: CandidateFinder, text: str, leads: bool
) -> None:
    start = text.index("{")
    note = analyse(text.replace("{", "").replace("}", ""))
    (mention,) = (m for m in finder.read(note, Encounter()).mentions if m.span.start == start)
    assert Standing(note).leads(mention) is leads


@pytest.mark.parametrize(
    ("text", "attended"),
    [
        ("Hypertension, continue lisinopril.", True),
        ("PLAN:\nHypertension.\nIncrease lisinopril to 20 mg.", True),
        ("Hypertension runs its course.", False),
        ("PMH:\nHypertension\n\nPLAN:\nIncrease fluids.", False),
    ],
)
def test_what_is_done_about_a_condition_is_seen(
    finder: CandidateFinder, text: str, attended: bool
) -> None:
    note = analyse(text)
    mention = next(
        m for m in finder.read(note, Encounter()).mentions if "ypertension" in m.span.of(text)
    )
    assert Standing(note).attended(mention) is attended
