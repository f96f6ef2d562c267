"""Scores a model folder, a file of predictions or the baseline on a labelled corpus.

    python -m training.evaluate --model models/default --corpus notes.jsonl --out var/report
    python -m training.evaluate --predictions oof.jsonl --corpus codiesp/train.jsonl \
        --split training/splits/codiesp-train-5fold.json --compare baseline --out var/report

With a split the predictions are out of fold: frequency bands and thresholds then come from the
other folds. A model folder with {fold} in its name stands for one model a fold.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from suggest.engine.model import Encounter
from suggest.errors import SuggestError
from training import splits
from training.corpora import Document, SentenceEvidence, codiesp, read_jsonl
from training.evaluate.errors import EvaluationError
from training.evaluate.metrics import (
    TOP,
    Metrics,
    PairedTest,
    cross_fitted_thresholds,
    evaluate,
    paired_test,
    tune_threshold,
)
from training.evaluate.predictions import (
    Prediction,
    TrainingCounts,
    read_predictions,
    write_predictions,
)
from training.evaluate.report import Report
from training.evaluate.resampling import RESAMPLES, SEED
from training.evaluate.sources import BASELINE, Source, sha256

COMPARED = (
    "map",
    f"recall@{TOP}",
    "category.map",
    f"unseen.recall@{TOP}",
    "micro_f1",
    "ece",
    f"ece@{TOP}",
    "evidence.first_sentence_within_one",
    "evidence.token_f1",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """The documents to be scored and what is known about them."""

    documents: Sequence[Document]
    fold_of: Mapping[str, int] | None
    folds_scored: int
    trained_on: TrainingCounts | None
    sentences: Mapping[str, SentenceEvidence] | None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 2 for input that cannot be used."""
    given = _parser().parse_args(arguments)
    command = shlex.join(["python", "-m", "training.evaluate", *(arguments or sys.argv[1:])])
    try:
        report = run(given, command)
    except SuggestError as error:
        print(error, file=sys.stderr)
        return 2
    metrics = report.metrics
    shown = [f"{name} {metrics[name]:.3f}" for name in COMPARED if name in metrics]
    print(", ".join(shown))
    print(given.out / "report.md")
    return 0


def run(given: argparse.Namespace, command: str) -> Report:
    """Predicts, scores, and writes the report into the output folder."""
    from training.evaluate import pictures  # matplotlib is slow to import

    setting = _setting(given)
    encounter = Encounter(given.encounter_type, given.date)
    source = Source(given.source)
    given.out.mkdir(parents=True, exist_ok=True)
    predictions = source.predict(setting.documents, encounter, setting.fold_of)
    threshold = _threshold(given, setting, predictions)
    metrics = _score(given, setting, predictions, threshold)
    write_predictions(given.out / "predictions.jsonl", predictions)
    other = None
    if given.compare:
        theirs = Source(given.compare).predict(setting.documents, encounter, setting.fold_of)
        limit = given.threshold
        if limit is None and setting.folds_scored > 1:
            limit = _threshold(given, setting, theirs)
        other = _score(given, setting, theirs, limit)
    warnings = [
        f"{name} was trained on this very corpus: these figures do not measure its accuracy"
        for name in (given.source, given.compare)
        if name and Source(name).trained_on(given.corpus)
    ]
    report = Report(
        given.source,
        given.corpus.name,
        sha256(given.corpus),
        command,
        {
            "system": given.system,
            "split": given.split.name if given.split else None,
            "fold": given.fold,
            "threshold": _described(threshold),
            "encounter_type": given.encounter_type,
            "date_of_service": given.date.isoformat() if given.date else None,
            "resamples": given.resamples,
            "seed": given.seed,
        },
        metrics,
        given.compare,
        other,
        _tests(other, metrics, given.seed) if other else (),
        warnings,
    )
    report.write(given.out, pictures.draw(metrics, given.out, other))
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", dest="source", metavar="FOLDER")
    source.add_argument("--predictions", dest="source", metavar="FILE")
    source.add_argument("--baseline", dest="source", action="store_const", const=BASELINE)
    parser.add_argument("--corpus", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--compare", metavar="FOLDER|FILE|baseline")
    parser.add_argument("--split", type=Path, metavar="FILE")
    parser.add_argument("--fold", type=int, help="score this fold of the split alone, from 0")
    parser.add_argument("--system", default="ICD-10-CM")
    parser.add_argument("--trained-on", type=Path, metavar="FILE", help="the training corpus")
    parser.add_argument("--threshold", type=float, help="a probability, chosen elsewhere")
    parser.add_argument(
        "--tune-on",
        type=Path,
        metavar="FILE",
        help="out-of-fold predictions of the training corpus (--trained-on)",
    )
    parser.add_argument(
        "--encounter-type", choices=("outpatient", "emergency", "inpatient"), default="outpatient"
    )
    parser.add_argument("--date", type=date.fromisoformat, help="date of service, YYYY-MM-DD")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--seed", type=int, default=SEED)
    return parser


def _setting(given: argparse.Namespace) -> Setting:
    if given.fold is not None and given.split is None:
        raise EvaluationError("--fold needs --split")
    if given.tune_on is not None and given.trained_on is None:
        raise EvaluationError("--tune-on needs --trained-on, the corpus of its documents")
    sentences = None
    if codiesp.is_codiesp(given.corpus):
        originals = codiesp.read(given.corpus)
        every = [one.document() for one in originals]
    else:
        originals = []
        every = read_jsonl(given.corpus)
    documents, fold_of, folds, counts = every, None, 1, None
    if given.split is not None:
        split = splits.read(given.split)
        split.check(d.id for d in every)
        fold_of = split.fold_of()
        folds = len(split.folds)
        counts = TrainingCounts.cross_validated(every, fold_of, given.system)
        if given.fold is not None:
            documents = [d for d in every if fold_of[d.id] == given.fold]
            folds = 1
            if not documents:
                raise EvaluationError(f"the split has no fold {given.fold}")
    if given.trained_on is not None:
        counts = TrainingCounts.from_documents(read_jsonl(given.trained_on), given.system)
    if originals:
        chosen = {d.id for d in documents}
        sentences = {o.id: codiesp.sentence_evidence(o) for o in originals if o.id in chosen}
    return Setting(documents, fold_of, folds, counts, sentences)


def _threshold(
    given: argparse.Namespace, setting: Setting, predictions: Sequence[Prediction]
) -> float | dict[str, float] | None:
    """What was given, else tuned on other documents; None where there are none."""
    if given.threshold is not None:
        return float(given.threshold)
    if given.tune_on is not None:
        tuning = read_jsonl(given.trained_on)
        return tune_threshold(tuning, read_predictions(given.tune_on), system=given.system)
    if setting.folds_scored > 1 and setting.fold_of is not None:
        return cross_fitted_thresholds(
            setting.documents, predictions, setting.fold_of, system=given.system
        )
    return None


def _score(
    given: argparse.Namespace,
    setting: Setting,
    predictions: Sequence[Prediction],
    threshold: float | dict[str, float] | None,
) -> Metrics:
    return evaluate(
        setting.documents,
        predictions,
        system=given.system,
        trained_on=setting.trained_on,
        threshold=threshold,
        sentences=setting.sentences,
        resamples=given.resamples,
        seed=given.seed,
    )


def _described(threshold: float | dict[str, float] | None) -> str | None:
    if isinstance(threshold, dict):
        values = ", ".join(f"{v:.4f}" for v in sorted(set(threshold.values())))
        return f"{values} (for each fold tuned on the other folds' out-of-fold predictions)"
    return None if threshold is None else f"{threshold:.4f}"


def _tests(compared: Metrics, metrics: Metrics, seed: int) -> list[PairedTest]:
    return [
        paired_test(compared, metrics, name, seed=seed)
        for name in COMPARED
        if name in compared and name in metrics
    ]


if __name__ == "__main__":
    sys.exit(main())
