"""Scores ranked suggestions against gold codes; docs/evaluation.md defines the figures."""

from training.evaluate.errors import EvaluationError
from training.evaluate.metrics import (
    Metrics,
    PairedTest,
    cross_fitted_thresholds,
    evaluate,
    paired_test,
    tune_threshold,
)
from training.evaluate.predictions import (
    PredictedCode,
    PredictedEvidence,
    Prediction,
    TrainingCounts,
    read_predictions,
    write_predictions,
)
from training.evaluate.resampling import Estimate, bootstrap

__all__ = [
    "Estimate",
    "EvaluationError",
    "Metrics",
    "PairedTest",
    "PredictedCode",
    "PredictedEvidence",
    "Prediction",
    "TrainingCounts",
    "bootstrap",
    "cross_fitted_thresholds",
    "evaluate",
    "paired_test",
    "read_predictions",
    "tune_threshold",
    "write_predictions",
]
