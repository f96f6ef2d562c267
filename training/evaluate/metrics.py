"""All figures of one model on one corpus, and how two models compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.corpora import Document, SentenceEvidence
from training.evaluate import evidence, ranking
from training.evaluate.calibration import ReliabilityBin, calibration, reliability
from training.evaluate.errors import EvaluationError
from training.evaluate.evidence import SectionRow
from training.evaluate.judged import Floats, Ints, Judged, by_id, judge
from training.evaluate.levels import LEVELS
from training.evaluate.predictions import Prediction, TrainingCounts
from training.evaluate.resampling import (
    RESAMPLES,
    SEED,
    Estimate,
    Figure,
    interval,
    randomization_p,
    sample,
)

TOP = ranking.KS[-1]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures by name; docs/evaluation.md defines each name.

    `metrics["map"]` is a value, `metrics.figures["map"]` has its interval. `values` holds each
    figure's bootstrap samples, `by_document` the values of the documents, in the order of `ids`.
    """

    system: str
    ids: tuple[str, ...]
    counts: Mapping[str, int]
    figures: Mapping[str, Estimate]
    reliability: Sequence[ReliabilityBin] = ()
    sections: Sequence[SectionRow] = ()
    by_document: Mapping[str, Floats] = field(default_factory=dict, repr=False)
    values: Mapping[str, Floats] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> float:
        try:
            return self.figures[name].value
        except KeyError:
            raise EvaluationError(f"there is no figure {name!r}") from None

    def __contains__(self, name: object) -> bool:
        return name in self.figures

    def to_json(self) -> dict[str, Any]:
        """A value is null where it is undefined (no code of that kind in the corpus)."""
        return {
            "system": self.system,
            "counts": dict(self.counts),
            "figures": {
                name: {"value": _defined(e.value), "low": _defined(e.low), "high": _defined(e.high)}
                for name, e in self.figures.items()
            },
            "reliability": [
                {"probability": b.probability, "right": b.right, "suggestions": b.suggestions}
                for b in self.reliability
            ],
            "sections": [
                {"section": s.section, "suggestions": s.suggestions, "right": s.right}
                for s in self.sections
            ],
        }


@dataclass(frozen=True, slots=True)
class PairedTest:
    """How a figure of `b` differs from that of `a` on the same documents.

    `difference` is b - a with its paired bootstrap interval; `p` is two-sided.
    """

    figure: str
    a: float
    b: float
    difference: Estimate
    p: float
    method: str


def evaluate(
    documents: Sequence[Document],
    predictions: Sequence[Prediction],
    *,
    system: str = "ICD-10-CM",
    trained_on: TrainingCounts | None = None,
    threshold: float | Mapping[str, float] | None = None,
    sentences: Mapping[str, SentenceEvidence] | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Metrics:
    """Scores ranked suggestions against gold codes of one code system.

    `trained_on` gives the frequency bands; `threshold` (one, or one a document) the F1 at a
    threshold: it must come from other documents, see `tune_threshold`. Evidence is scored by its
    offsets where the gold codes have them, by its sentence where `sentences` (by document id)
    gives that. Without them those figures are left out. Raises EvaluationError when predictions
    and documents do not fit.
    """
    found = by_id(documents, predictions)
    judged = {level: judge(documents, found, system, level) for level in LEVELS}
    code = judged["code"]
    if not len(code.gold_code):
        raise EvaluationError(f"no document has a code of {system}")
    limits = _thresholds(documents, threshold)
    figures: dict[str, Figure] = {}
    by_document: dict[str, Floats] = {}
    macro: dict[str, float] = {}
    for level, one in judged.items():
        prefix = "" if level == "code" else f"{level}."
        means = {prefix + k: v for k, v in ranking.document_means(one).items()}
        by_document |= means
        figures |= {name: ranking.mean(values) for name, values in means.items()}
        figures |= {prefix + k: v for k, v in ranking.pooled(one, limits).items()}
        macro |= {prefix + k: v for k, v in ranking.macro_f1(one, limits).items()}
    counts = {
        "documents": len(documents),
        "documents_with_codes": int((code.gold_count() > 0).sum()),
        "gold_codes": len(code.gold_code),
        "distinct_gold_codes": len(np.unique(code.gold_code)),
        "suggestions": len(code.code),
    }
    if trained_on is not None:
        by_band, sizes = ranking.bands(code, _trained(code, trained_on))
        figures |= by_band
        counts |= {f"{name}.gold_codes": size for name, size in sizes.items()}
    shown = evidence.right_suggestions(documents, found, system, TOP)
    by_evidence, judged_evidence = evidence.figures(documents, shown, sentences)
    figures |= by_evidence
    counts |= judged_evidence
    top = code.rank <= TOP
    figures |= calibration(code, np.ones_like(top))
    figures |= {f"{name}@{TOP}": f for name, f in calibration(code, top).items()}
    values = sample(figures, len(documents), resamples=resamples, seed=seed)
    values |= {name: np.array([value]) for name, value in macro.items()}
    return Metrics(
        system,
        code.ids,
        counts,
        {name: interval(v) for name, v in values.items()},
        reliability(code, top),
        evidence.by_section(documents, found, system, TOP),
        by_document,
        values,
    )


def tune_threshold(
    documents: Sequence[Document], predictions: Sequence[Prediction], *, system: str = "ICD-10-CM"
) -> float:
    """The probability threshold with the best micro F1 on these documents.

    Give it out-of-fold predictions of training documents, never the documents to be scored.
    """
    return ranking.best_threshold(judge(documents, by_id(documents, predictions), system))


def cross_fitted_thresholds(
    documents: Sequence[Document],
    predictions: Sequence[Prediction],
    fold_of: Mapping[str, int],
    *,
    system: str = "ICD-10-CM",
) -> dict[str, float]:
    """For each document the threshold tuned on the out-of-fold predictions of the other folds."""
    found = by_id(documents, predictions)
    by_fold: dict[int, float] = {}
    for fold in set(fold_of.values()):
        others = [d for d in documents if fold_of[d.id] != fold]
        if not others:
            raise EvaluationError("a threshold needs a second fold to be tuned on")
        by_fold[fold] = ranking.best_threshold(judge(others, found, system))
    return {d.id: by_fold[fold_of[d.id]] for d in documents}


def paired_test(a: Metrics, b: Metrics, figure: str = "map", *, seed: int = SEED) -> PairedTest:
    """Compares two models by document.

    The interval is a paired bootstrap. p comes from the randomization test (Smucker et al. 2007)
    for means over documents, from the bootstrap for the others. Raises EvaluationError unless
    both were scored on the same documents with the same resamples and seed.
    """
    if a.ids != b.ids or a.system != b.system:
        raise EvaluationError("the two models were not scored on the same documents")
    first, second = a[figure], b[figure]
    if len(a.values[figure]) != len(b.values[figure]) or len(a.values[figure]) < 2:
        raise EvaluationError(f"{figure} has no bootstrap samples to compare")
    difference = b.values[figure] - a.values[figure]
    if figure in a.by_document:
        values = b.by_document[figure] - a.by_document[figure]
        p = randomization_p(values[~np.isnan(values)], seed=seed)
        return PairedTest(figure, first, second, interval(difference), p, "randomization")
    drawn = difference[1:]
    tail = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (float(tail) + 1) / (len(drawn) + 1))
    return PairedTest(figure, first, second, interval(difference), p, "bootstrap")


def _thresholds(
    documents: Sequence[Document], threshold: float | Mapping[str, float] | None
) -> Floats | None:
    if threshold is None:
        return None
    if not isinstance(threshold, Mapping):
        return np.full(len(documents), float(threshold))
    missing = sum(d.id not in threshold for d in documents)
    if missing:
        raise EvaluationError(f"{missing} documents have no threshold")
    return np.array([threshold[d.id] for d in documents], dtype=float)


def _trained(code: Judged, trained_on: TrainingCounts) -> Ints:
    counts = [trained_on.of(identifier) for identifier in code.ids]
    pairs = zip(code.gold_document.tolist(), code.gold_code.tolist(), strict=True)
    return np.array([counts[d].get(code.codes[c], 0) for d, c in pairs], dtype=np.int64)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
