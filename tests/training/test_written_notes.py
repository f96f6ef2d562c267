"""The project's own labelled notes can be read, and their codes exist on their dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from suggest import codesets
from training.corpora import CorpusError
from training.corpora.written_notes import read_written


def test_every_code_is_billable_on_its_encounter_s_date() -> None:
    codeset = codesets.load()
    notes = read_written()
    assert len(notes) >= 50
    assert {n.encounter.type for n in notes} == {"outpatient", "emergency", "inpatient"}
    for note in notes:
        day = codeset.on(note.encounter.date_of_service)
        assert [c for c in note.codes if not day.is_valid(c)] == [], note.id
        assert len(set(note.codes)) == len(note.codes), note.id
        assert note.text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("no head", "first two lines"),
        ("codes: I10\nencounter: outpatient 2026-02-30 F 5\n\nx", "line 2"),
        ("codes: I10\nencounter: hotel 2026-02-03 F 5\n\nx", "line 2"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "bad.txt").write_text(content)
    with pytest.raises(CorpusError, match=says) as caught:
        read_written(tmp_path)
    assert "bad.txt" in str(caught.value)
