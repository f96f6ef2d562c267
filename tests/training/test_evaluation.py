"""The figures of an evaluation, computed by hand beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suggest.text import Span
from training.corpora import Document, GoldCode, SentenceEvidence
from training.evaluate import (
    EvaluationError,
    PredictedCode,
    PredictedEvidence,
    Prediction,
    TrainingCounts,
    cross_fitted_thresholds,
    evaluate,
    paired_test,
    tune_threshold,
)
from training.evaluate.__main__ import main

TEXT = "Pneumonia.\nHypertension.\nNo fever."
CODE = "ICD-10-CM"


def document(identifier: str, *codes: str, evidence: tuple[Span, ...] | None = None) -> Document:
    return Document(identifier, TEXT, tuple(GoldCode(c, CODE, evidence) for c in codes))


def prediction(identifier: str, *ranked: tuple[str, float]) -> Prediction:
    return Prediction.of(identifier, ranked)


DOCUMENTS = [document("a", "J18.9", "I10"), document("b", "E11.9")]
PREDICTIONS = [
    prediction("a", ("J18.9", 0.9), ("R50.9", 0.6), ("I10", 0.3)),
    prediction("b", ("E11.22", 0.8), ("E11.9", 0.5)),
]


def test_ranking_figures_are_means_over_documents() -> None:
    m = evaluate(DOCUMENTS, PREDICTIONS, resamples=20)
    assert m["map"] == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)
    assert m["precision@1"] == pytest.approx(0.5)
    assert m["recall@5"] == pytest.approx(1.0)
    assert m["r_precision"] == pytest.approx((1 / 2 + 0) / 2)
    assert m["candidate_recall"] == pytest.approx(1.0)
    assert m["micro_f1@5"] == pytest.approx(2 * 3 / (5 + 3))


def test_a_wrong_leaf_of_the_right_category_counts_at_category_and_chapter_level() -> None:
    m = evaluate(DOCUMENTS, PREDICTIONS, resamples=20)
    assert m["category.precision@1"] == pytest.approx(1.0)
    assert m["chapter.recall@5"] == pytest.approx(1.0)
    assert m["category.map"] > m["map"]


def test_the_threshold_with_the_best_f1_comes_from_other_documents() -> None:
    assert tune_threshold(DOCUMENTS, PREDICTIONS) == pytest.approx(0.3)
    limits = cross_fitted_thresholds(DOCUMENTS, PREDICTIONS, {"a": 0, "b": 1})
    assert limits == {"a": pytest.approx(0.5), "b": pytest.approx(0.3)}
    m = evaluate(DOCUMENTS, PREDICTIONS, threshold=0.55, resamples=20)
    assert m["micro_precision"] == pytest.approx(1 / 3)
    assert m["micro_recall"] == pytest.approx(1 / 3)
    assert m["macro_f1"] == pytest.approx(1 / 3)


def test_bands_follow_how_often_a_code_stood_in_training() -> None:
    trained = TrainingCounts(({"J18.9": 30, "I10": 3},))
    m = evaluate(DOCUMENTS, PREDICTIONS, trained_on=trained, resamples=20)
    assert m.counts["unseen.gold_codes"] == 1
    assert m["unseen.recall@25"] == 1.0
    assert m["20+.map"] == 1.0
    assert m["1-4.map"] == pytest.approx(1 / 2)  # R50.9 stands before it, J18.9 takes no place


def test_calibration_error_is_the_gap_of_confidence_and_truth() -> None:
    sure = [prediction("a", ("J18.9", 1.0), ("R50.9", 0.0)), prediction("b", ("E11.9", 1.0))]
    assert evaluate(DOCUMENTS, sure, resamples=20)["ece"] == pytest.approx(0.0)
    wrong = [prediction("a", ("R50.9", 1.0)), prediction("b", ("I10", 1.0))]
    m = evaluate(DOCUMENTS, wrong, resamples=20)
    assert m["ece"] == pytest.approx(1.0)
    assert m["brier"] == pytest.approx(1.0)


def test_evidence_is_scored_by_offsets_where_the_corpus_has_them() -> None:
    gold = [document("a", "J18.9", evidence=(Span(0, 9),))]
    right = Prediction("a", (PredictedCode("J18.9", 0.9, (PredictedEvidence(Span(0, 9)),)),))
    m = evaluate(gold, [right], resamples=20)
    assert m["evidence.exact_f1"] == m["evidence.token_f1"] == 1.0


def test_evidence_in_the_right_sentence_is_set_against_chance() -> None:
    lines = (Span(0, 10), Span(11, 24), Span(25, 34))
    sentences = {"a": SentenceEvidence(lines, {"J18.9": frozenset({0}), "I10": frozenset({1})})}
    found = Prediction(
        "a",
        (
            PredictedCode("J18.9", 0.9, (PredictedEvidence(Span(0, 9)),)),
            PredictedCode("I10", 0.8, (PredictedEvidence(Span(28, 33)),)),
        ),
    )
    m = evaluate([document("a", "J18.9", "I10")], [found], sentences=sentences, resamples=20)
    assert m["evidence.first_sentence"] == pytest.approx(0.5)
    assert m["evidence.first_sentence_within_one"] == pytest.approx(1.0)
    assert m["evidence.first_sentence.chance_sentence"] == pytest.approx(1 / 3)


def test_intervals_hold_the_value_and_equal_models_do_not_differ() -> None:
    m = evaluate(DOCUMENTS, PREDICTIONS, resamples=200)
    estimate = m.figures["map"]
    assert estimate.low <= estimate.value <= estimate.high
    test = paired_test(m, evaluate(DOCUMENTS, PREDICTIONS, resamples=200))
    assert test.difference.value == 0
    assert test.p == pytest.approx(1.0)


def test_predictions_must_fit_the_documents() -> None:
    with pytest.raises(EvaluationError, match="1 documents have no prediction"):
        evaluate(DOCUMENTS, PREDICTIONS[:1])


def test_the_command_writes_report_figures_and_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, predictions = tmp_path / "notes.jsonl", tmp_path / "oof.jsonl"
    corpus.write_text(
        "\n".join(
            json.dumps({"id": d.id, "text": d.text, "codes": [
                {"code": g.code, "system": g.system} for g in d.codes
            ]})
            for d in DOCUMENTS
        )
    )  # fmt: skip
    predictions.write_text(
        "\n".join(
            json.dumps({"id": p.id, "suggestions": [
                {"code": s.code, "probability": s.probability} for s in p.suggestions
            ]})
            for p in PREDICTIONS
        )
    )  # fmt: skip
    out = tmp_path / "report"
    given = ["--predictions", str(predictions), "--corpus", str(corpus), "--out", str(out)]
    assert main([*given, "--resamples", "20", "--threshold", "0.4"]) == 0
    assert "map 0.667" in capsys.readouterr().out
    assert {"report.md", "predictions.jsonl"} <= {p.name for p in out.iterdir()}
    assert any(p.suffix == ".json" for p in out.iterdir())
    assert any(p.suffix == ".png" for p in out.iterdir())
    assert "map" in (out / "report.md").read_text().lower()


def test_a_missing_corpus_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none.jsonl")
    assert main(["--baseline", "--corpus", missing, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
