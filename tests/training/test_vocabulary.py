"""Which names of open vocabularies become terms of the lexicon."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from suggest import codesets
from suggest.engine.normal import read_rows
from training.vocabulary.select import COLUMNS, Selector, write
from training.vocabulary.sources import Concept, VocabularyError, read


@pytest.fixture(scope="module")
def selector() -> Selector:
    return Selector(codesets.load("ICD-10-CM"))


def test_a_new_name_gets_the_code_of_the_names_that_are_known(selector: Selector) -> None:
    concept = Concept("X:1", ("Appendicitis", "inflamed worm of the gut"), ())
    assert selector.code_of(concept) == "K37"
    assert [(r.term, r.code, r.source) for r in selector.rows([concept])] == [
        ("inflamed worm of the gut", "K37", "X:1")
    ]


def test_the_cross_reference_decides_where_no_name_is_known(selector: Selector) -> None:
    assert selector.code_of(Concept("X:2", ("qwertosis of zyx",), ("K35-K38", "K37"))) == "K37"


def test_one_known_synonym_alone_decides_nothing(selector: Selector) -> None:
    assert selector.code_of(Concept("X:3", ("qwert persistence", "appendicitis"), ())) is None


def test_a_contradicted_cross_reference_gives_no_code(selector: Selector) -> None:
    assert selector.code_of(Concept("X:4", ("qwert", "appendicitis"), ("J45.909",))) is None


def test_abbreviations_and_single_words_that_name_no_condition_are_left_out(
    selector: Selector,
) -> None:
    concept = Concept("X:5", ("Appendicitis", "APQ", "qwert", "qwertitis (disease)"), ("K37",))
    assert [r.term for r in selector.rows([concept])] == ["qwertitis"]


def test_a_name_of_three_codes_is_left_out(selector: Selector) -> None:
    name = "qwert zyx disorder"
    concepts = [
        Concept("X:6", ("Appendicitis", name), ()),
        Concept("X:7", ("Asthma", name), ("J45.909",)),
        Concept("X:8", ("Essential hypertension", name), ()),
    ]
    assert selector.rows(concepts) == []


def test_the_packaged_file_is_what_the_lexicon_reads(tmp_path: Path) -> None:
    rows = list(read_rows("terms/vocabularies.tsv"))
    assert tuple(rows[0]) == COLUMNS
    assert {row["source"].split(":")[0] for row in rows} == {"MONDO", "DOID", "EFO", "MESH"}
    write(tmp_path / "empty.tsv", [])
    assert (tmp_path / "empty.tsv").read_text() == "\t".join(COLUMNS) + "\n"


def test_concepts_are_read_with_names_and_codes(tmp_path: Path) -> None:
    one = {
        "id": "0001",
        "name": "asthma",
        "synonyms": ["wheezy chest"],
        "xrefs": [{"namespace": "ICD10CM", "id": "J45"}, {"namespace": "UMLS", "id": "C1"}],
    }
    (tmp_path / "mondo.json").write_text(json.dumps([one, {"id": "GO:1", "name": "process"}]))
    (tmp_path / "doid.json").write_text("[]")
    (tmp_path / "efo.json").write_text("[]")
    mesh = "D1\tAsthma\tBronchial Asthma|Asthmas\tC08.127\nD2\tAbattoirs\t\tJ01.576\n"
    (tmp_path / "mesh_id_label_mappings.tsv").write_text(mesh)
    assert list(read(tmp_path)) == [
        Concept("MONDO:0001", ("asthma", "wheezy chest"), ("J45",)),
        Concept("MESH:D1", ("Asthma", "Bronchial Asthma", "Asthmas"), ()),
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"mondo\.json"):
        list(read(tmp_path))
    made = subprocess.run(
        [sys.executable, "-m", "training.vocabulary", "--resources", tmp_path, "--out", "x.tsv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 2
    assert made.stderr.startswith("error: ")
    assert made.stderr.count("\n") == 1
