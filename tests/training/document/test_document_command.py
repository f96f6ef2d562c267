"""`python -m training.document`, as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training import splits
from training.document.__main__ import main
from training.evaluate import read_predictions

MODEL = Path(__file__).parents[3] / "models" / "default"
STORIES = {"J45.909": "Asthma, wheezing at night.", "M10.9": "Gout of the left toe."}


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    ids = [f"n{n}" for n in range(12)]
    rows = []
    for n, one in enumerate(ids):
        code = list(STORIES)[n % 2]
        rows.append(
            {"id": one, "text": f"Note {n}. {STORIES[code]} Seen on the ward.",
             "codes": [{"code": code, "system": "ICD-10-CM"}]}
        )  # fmt: skip
    (tmp_path / "notes.jsonl").write_text("\n".join(map(json.dumps, rows)))
    splits.write(tmp_path / "split.json", splits.deal("notes", ids, 3))
    return [
        "--corpus", str(tmp_path / "notes.jsonl"), "--split", str(tmp_path / "split.json"),
        "--out", str(tmp_path / "out"), "--least", "2", "--model", str(MODEL),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["tfidf", "words"])
def test_predictions_and_figures_are_written(
    kind: str, arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--kind", kind, "--epochs", "5"]) == 0
    predictions = read_predictions(tmp_path / "out" / "predictions.jsonl")
    assert len(predictions) == 12
    assert all(bool(s.evidence) == (kind == "words") for p in predictions for s in p.suggestions)
    figures = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert figures["codes_known"]["map"] == pytest.approx(1.0)
    assert "all_codes: map 1.000" in capsys.readouterr().out


def test_features_for_the_ranker_hold_the_projects_own_notes_too(
    arguments: list[str], tmp_path: Path
) -> None:
    assert main([*arguments, "--kind", "tfidf", "--features"]) == 0
    rows = [json.loads(x) for x in (tmp_path / "out" / "features.jsonl").read_text().splitlines()]
    assert {r["held_out"] for r in rows if r["id"] == "n3"} == {0, 1, 2}
    assert len({r["id"] for r in rows}) > 12
    assert set(rows[0]["log_odds"]) == set(STORIES)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--kind", "attention", "--encoder", "/nowhere"], "/nowhere: not a Hugging Face encoder"),
        (["--kind", "attention", "--device", "nowhere"], "the packaged encoder: cannot be loaded"),
        (["--kind", "words", "--model", "/nowhere"], "/nowhere"),
        (["--kind", "tfidf", "--least", "50"], "no code has 50 training notes"),
    ],
)
def test_input_that_cannot_be_used_is_one_line(
    wrong: list[str], said: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, *wrong]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_an_encoder_that_cannot_be_loaded_is_one_line(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert main([*arguments, "--kind", "attention", "--encoder", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert str(tmp_path) in error
    assert error.count("\n") == 1
