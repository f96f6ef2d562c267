"""From a note to suggestions, through the public interface."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest import Encounter, Suggester
from suggest.codesets import cache_folder
from suggest.engine import lexicon
from suggest.engine.forest import Forest
from suggest.engine.pipeline import default_folder
from suggest.errors import DateOutsideCodeSets, InvalidText, ModelError

DAY = date(2026, 3, 1)
OUTPATIENT = Encounter(type="outpatient", date_of_service=DAY)
INPATIENT = Encounter(type="inpatient", date_of_service=DAY)
LEXICON = Path(__file__).parents[2] / "suggest" / "engine" / "lexicon"


def codes(suggester: Suggester, text: str, encounter: Encounter = OUTPATIENT) -> set[str]:
    return {s.code for s in suggester.suggest(text, encounter, top=None)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Assessment: type 2 diabetes with stage 4 CKD.", {"E11.22", "N18.4"}),
        ("Displaced fracture of the shaft of the left tibia, seen in the ED.", {"S82.202A"}),
        ("Assessment: right knee pain.", {"M25.561"}),
        ("Assessment: pain in the left knee.", {"M25.562"}),
        ("Diagnosis: acute appendicitis.", {"K35.80"}),
        ("Assessment: NSTEMI.", {"I21.4"}),
        ("Assessment: West syndrome.", {"G40.822"}),
        ("Assessment: cluster headache.", {"G44.009"}),
    ],
)
def test_a_documented_condition_reaches_its_billable_code(
    suggester: Suggester, text: str, expected: set[str]
) -> None:
    assert expected <= codes(suggester, text)


@pytest.mark.parametrize(
    "text",
    [
        "She denies chest pain.",
        "No evidence of acute appendicitis.",
        "Family history: acute appendicitis in the father.",
        "Return if she develops acute appendicitis.",
    ],
)
def test_denied_family_and_conditional_mentions_are_not_suggested(
    suggester: Suggester, text: str
) -> None:
    assert not {"R07.9", "R07.89", "K35.80"} & codes(suggester, text)


def test_an_uncertain_diagnosis_counts_for_an_inpatient_only(suggester: Suggester) -> None:
    text = "Assessment: probable acute appendicitis."
    assert "K35.80" in codes(suggester, text, INPATIENT)
    assert "K35.80" not in codes(suggester, text, OUTPATIENT)


def test_what_the_text_lacks_is_named(suggester: Suggester) -> None:
    found = {s.code: s for s in suggester.suggest("Assessment: knee pain.", OUTPATIENT)}
    assert found["M25.569"].unspecified_because == "laterality not documented"


def test_only_codes_valid_on_the_day_are_suggested(suggester: Suggester) -> None:
    text = "Assessment: low back pain."
    old = Encounter(date_of_service=date(2018, 6, 1))
    assert "M54.5" in codes(suggester, text, old)
    assert "M54.5" not in codes(suggester, text)
    with pytest.raises(DateOutsideCodeSets):
        suggester.suggest(text, Encounter(date_of_service=date(2014, 1, 1)))


PIECES = st.sampled_from(
    [
        "type 2 diabetes", "right knee pain", "denies chest pain", "no fever", "\r\n", "\t", "\f",
        "\u00a0", "• ", "😀", "e\u0301", "PMH:", "ASSESSMENT\n", "acute appendicitis", ". ", ", ",
        "father had", "history of", "stage 4 CKD", "?", "fracture of the left tibia",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), min_size=1, max_size=25).map(" ".join))
def test_every_snippet_is_the_text_at_its_offsets(text: str) -> None:
    suggester = loaded()
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        with pytest.raises(InvalidText):
            suggester.suggest(text)
        return
    if not text.strip():
        with pytest.raises(InvalidText):
            suggester.suggest(text)
        return
    found = suggester.suggest(text, OUTPATIENT, top=None)
    assert [s.rank for s in found] == list(range(1, len(found) + 1))
    for suggestion in found:
        assert suggestion.evidence
        assert 0 < suggestion.probability < 1
        assert len(suggestion.reasons) == 3
        assert suggester.codeset[suggestion.code].title == suggestion.title
        for evidence in (*suggestion.evidence, *suggestion.against):
            assert text[evidence.start : evidence.end] == evidence.text != ""


_held: list[Suggester] = []


def loaded() -> Suggester:
    """Hypothesis takes no fixtures of function scope; the model is loaded once here."""
    if not _held:
        _held.append(Suggester.load())
    return _held[0]


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.json"):
        Suggester.load(tmp_path)


@pytest.mark.parametrize("name", ["trees.npz", "labels.json", "encoder.npz", "manifest.json"])
@pytest.mark.parametrize("hashed_again", [False, True])
def test_a_damaged_model_file_is_named(tmp_path: Path, name: str, hashed_again: bool) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder)
    raw = (folder / name).read_bytes()
    (folder / name).write_bytes(raw[: len(raw) // 2])
    if hashed_again and name != "manifest.json":
        manifest = json.loads((folder / "manifest.json").read_bytes())
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        Suggester.load(folder)


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.99])
def test_a_damaged_cache_is_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suggester: Suggester, kept: float
) -> None:
    name = f"lexicon-{lexicon.load(suggester.codeset).fingerprint}.npz"
    sound = cache_folder() / name
    raw = sound.read_bytes()
    monkeypatch.setenv("SUGGEST_CACHE_DIR", str(tmp_path))
    damaged = tmp_path / name
    damaged.write_bytes(raw[: int(kept * len(raw))])
    assert lexicon.load(suggester.codeset).by_key
    assert damaged.stat().st_size == len(raw)


def test_curated_terms_name_codes_that_exist(suggester: Suggester) -> None:
    files = sorted((LEXICON / "terms").glob("*.tsv"))
    assert files
    for file in files:
        with file.open(encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        for row in rows:
            assert row["code"] in suggester.codeset, f"{file.name}: {row['term']}"
            assert row["term"] == row["term"].strip(), file.name


def test_trees_and_their_contributions() -> None:
    leaf = {"leaf_value": 1.0}
    split = {
        "split_feature": 0, "threshold": 0.5, "internal_value": 0.2, "left_child": leaf,
        "right_child": {
            "split_feature": 1, "threshold": 2.0, "internal_value": -0.4,
            "left_child": {"leaf_value": -1.0}, "right_child": {"leaf_value": 0.4},
        },
    }  # fmt: skip
    forest = Forest.from_dump(
        {"feature_names": ["a", "b"], "tree_info": [{"tree_structure": split}]}
    )
    rows = np.array([[0.0, 9.0], [1.0, 1.0], [1.0, 3.0]])
    raw, parts = forest.predict(rows), forest.contributions(forest.leaves(rows))
    assert raw.tolist() == [1.0, -1.0, 0.4]
    assert np.allclose(parts, [[0.8, 0.0], [-0.6, -0.6], [-0.6, 0.8]])


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("PMH: congestive heart failure, kidney stones.", "N19", False),
        ("PMH: congestive heart failure, kidney stones.", "N20.0", True),
        ("PMH: Diabetes mellitus, type 2, with neuropathy.", "E11.40", True),
        ("IMPRESSION: Fracture, left clavicle.", "S42.002A", True),
    ],
)
def test_a_match_does_not_take_words_from_two_items(
    suggester: Suggester, text: str, code: str, named: bool
) -> None:
    assert (code in {s.code for s in suggester.suggest(text, top=None)}) is named


def test_weak_readings_make_no_combination(suggester: Suggester) -> None:
    # "Systolic ejection" is near heart failure for the encoder; it does not turn I10 into I11.0.
    text = "ASSESSMENT: Hypertension.\nEXAM: Systolic ejection murmur."
    found = codes(suggester, text)
    assert "I10" in found
    assert "I11.0" not in found


def test_placed_pain_is_no_unspecified_pain(suggester: Suggester) -> None:
    found = codes(suggester, "ASSESSMENT: Chronic back pain. Left knee pain.")
    assert "M25.562" in found
    assert "R52" not in found
    assert "R52" in codes(suggester, "ASSESSMENT: Pain all over.")


def test_evidence_is_what_names_the_condition(suggester: Suggester) -> None:
    text = "ASSESSMENT: Hypertension, blood pressure elevated. Systolic ejection murmur."
    (found,) = (s for s in suggester.suggest(text, OUTPATIENT) if s.code == "I10")
    assert "Hypertension" in [e.text for e in found.evidence]
    assert all("ejection" not in e.text for e in found.evidence)


@pytest.mark.parametrize("text", ["Pneumonia is suspected.", "PNA not suspected."])
def test_a_learned_phrase_does_not_swallow_its_cue(suggester: Suggester, text: str) -> None:
    found = codes(suggester, f"ASSESSMENT: {text}")
    assert not any(code.startswith("J18") for code in found)
