"""What labelled notes teach about phrases."""

from __future__ import annotations

import pytest

from suggest import codesets
from suggest.engine import lexicon
from suggest.engine.candidates import CandidateFinder
from suggest.engine.learned import Labels, Vote
from suggest.engine.model import Encounter
from suggest.text import Span, analyse
from training.mine import Lesson, Marked, learn, lessons

INPATIENT = Encounter(type="inpatient")


@pytest.fixture(scope="module")
def finder() -> CandidateFinder:
    codeset = codesets.load()
    return CandidateFinder(codeset, lexicon.load(codeset), Labels())


def taught(finder: CandidateFinder, *notes: tuple[str, str, str]) -> list[Lesson]:
    """Lessons of (text, code, marked words)."""
    readings = [finder.read(analyse(text), INPATIENT) for text, _, _ in notes]
    marked = [
        [Marked(code, Span(at := text.index(words), at + len(words)))] if words else []
        for text, code, words in notes
    ]
    return lessons(readings, [[code] for _, code, _ in notes], marked)


def test_a_marked_phrase_votes_for_its_code_wherever_it_stands(finder: CandidateFinder) -> None:
    made = taught(
        finder,
        ("He had zorbic fever for a week.", "A68.9", "zorbic fever"),
        ("Zorbic fever was diagnosed.", "A68.9", "Zorbic fever"),
        ("There was zorbic fever once.", "R50.9", ""),
    )
    labels = learn(made)
    phrase = ("fever", "zorbic")
    assert labels.occurred[phrase] == 3
    assert labels.votes[phrase] == {"A68.9": Vote(evidence=2, given=2)}


def test_a_denied_phrase_did_not_occur(finder: CandidateFinder) -> None:
    labels = learn(
        taught(
            finder,
            ("He had zorbic fever.", "A68.9", "zorbic fever"),
            ("There was no zorbic fever.", "R05.9", ""),
        )
    )
    assert labels.occurred["fever", "zorbic"] == 1


def test_learned_words_make_a_candidate_with_the_words_as_evidence(finder: CandidateFinder) -> None:
    labels = learn(taught(finder, ("He had zorbic fever.", "A68.9", "zorbic fever")))
    reading = finder.read(analyse("Seen for zorbic fever."), INPATIENT)
    valid = codesets.load().on(None).valid_billable
    found = {c.code: c for c in finder.find(reading, INPATIENT, valid, labels)}
    texts = {m.span.of(reading.note.text) for m in found["A68.9"].for_}
    assert "zorbic fever" in texts
    assert "A68.9" not in {c.code for c in finder.find(reading, INPATIENT, valid, Labels())}


def test_counts_of_categories_follow_the_codes() -> None:
    labels = learn([Lesson(("E11.9", "I10")), Lesson(("E11.9", "E11.22"))])
    assert labels.notes == 2
    assert labels.categories == {"E11": 3, "I10": 1}
    assert labels.leaves["E11"] == ["E11.9", "E11.22"]
