"""The project's own labelled notes can be read, and their codes exist on their dates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suggest import codesets
from training.corpora import CorpusError
from training.corpora.documents import read_jsonl
from training.corpora.written_notes import FOLDER, read_written, write_jsonl

HELD_OUT = FOLDER.parent / "held_out_notes"


@pytest.mark.parametrize(("folder", "least"), [(FOLDER, 200), (HELD_OUT, 50)])
def test_every_code_is_billable_on_its_encounter_s_date(folder: Path, least: int) -> None:
    codeset = codesets.load()
    notes = read_written(folder)
    assert len(notes) >= least
    assert {n.encounter.type for n in notes} == {"outpatient", "emergency", "inpatient"}
    for note in notes:
        day = codeset.on(note.encounter.date_of_service)
        assert [c for c in note.codes if not day.is_valid(c)] == [], note.id
        assert len(set(note.codes)) == len(note.codes), note.id
        assert note.text


def test_no_held_out_note_is_trained_on() -> None:
    trained = {" ".join(note.text.split()) for note in read_written()}
    assert trained.isdisjoint(" ".join(note.text.split()) for note in read_written(HELD_OUT))


def test_notes_are_written_as_a_corpus_with_their_encounters(tmp_path: Path) -> None:
    notes = read_written(HELD_OUT)[:3]
    write_jsonl(notes, tmp_path / "notes.jsonl")
    documents = read_jsonl(tmp_path / "notes.jsonl")
    assert [d.id for d in documents] == [n.id for n in notes]
    assert [d.text for d in documents] == [n.text for n in notes]
    assert [tuple(d.gold("ICD-10-CM")) for d in documents] == [n.codes for n in notes]
    assert [d.encounter for d in documents] == [n.encounter for n in notes]


@pytest.mark.parametrize(
    ("encounter", "says"),
    [
        ("ward", "an object"),
        ({"type": "hotel"}, "type or sex"),
        ({"sex": "X"}, "type or sex"),
        ({"date": "2026-02-30"}, "date or age"),
        ({"age": "old"}, "date or age"),
    ],
)
def test_a_bad_encounter_is_named(tmp_path: Path, encounter: object, says: str) -> None:
    row = {"id": "n", "text": "x", "codes": [], "encounter": encounter}
    (tmp_path / "notes.jsonl").write_text(json.dumps(row))
    with pytest.raises(CorpusError, match=f"line 1.*{says}"):
        read_jsonl(tmp_path / "notes.jsonl")


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
