"""Where predictions come from: a model folder, a file, or the baseline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from suggest.engine.model import Encounter, Suggestion
from suggest.text.span import Span
from training.corpora import Document
from training.evaluate.errors import EvaluationError
from training.evaluate.predictions import (
    PredictedCode,
    PredictedEvidence,
    Prediction,
    read_predictions,
)

BASELINE = "baseline"
FOLD = "{fold}"


class Engine(Protocol):
    """What is asked of a model: `suggest.Suggester`."""

    def suggest(
        self, text: str, encounter: Encounter | None = None, *, top: int | None = 25
    ) -> list[Suggestion]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """`baseline`, a JSON Lines file of predictions, or a model folder.

    A folder's name with `{fold}` in it stands for one model a fold of the split.
    """

    name: str

    @property
    def is_model(self) -> bool:
        return self.name != BASELINE and not Path(self.name).is_file()

    def predict(
        self,
        documents: Sequence[Document],
        encounter: Encounter,
        fold_of: Mapping[str, int] | None = None,
    ) -> list[Prediction]:
        """Suggestions for exactly these documents; a file may hold more of them.

        Raises EvaluationError where one model folder is to score several folds: it was trained
        on most of what it would be scored on.
        """
        if self.name == BASELINE:
            from suggest import codesets
            from training.evaluate.baseline import TitleBaseline

            return TitleBaseline(codesets.load("ICD-10-CM")).predict(documents)
        if not self.is_model:
            wanted = {d.id for d in documents}
            return [p for p in read_predictions(Path(self.name)) if p.id in wanted]
        folds = sorted({fold_of[d.id] for d in documents}) if fold_of else []
        if FOLD in self.name:
            if fold_of is None:
                raise EvaluationError(f"{self.name}: {FOLD} needs a split")
            return [
                prediction
                for fold in folds
                for prediction in predict(
                    _load(self.name.replace(FOLD, str(fold))),
                    [d for d in documents if fold_of[d.id] == fold],
                    encounter,
                )
            ]
        if len(folds) > 1:
            raise EvaluationError(
                f"{self.name}: one model cannot be cross-validated; choose one fold, or give "
                f"a folder for each fold with {FOLD} in its name"
            )
        return predict(_load(self.name), documents, encounter)

    def trained_on(self, corpus: Path) -> bool:
        """Whether the model folder's manifest names this very file as what it was trained on."""
        manifest = Path(self.name) / "manifest.json"
        if not self.is_model or FOLD in self.name or not manifest.is_file():
            return False
        content = json.loads(manifest.read_text("utf-8"))
        return isinstance(content, dict) and content.get("corpus_sha256") == sha256(corpus)


def predict(
    engine: Engine, documents: Sequence[Document], encounter: Encounter
) -> list[Prediction]:
    """Everything that the engine suggests for each document; `encounter` where it has none."""
    predictions = []
    for document in documents:
        found = engine.suggest(document.text, document.encounter or encounter, top=None)
        codes = tuple(
            PredictedCode(
                s.code,
                s.probability,
                tuple(PredictedEvidence(Span(e.start, e.end), e.section) for e in s.evidence),
                s.system,
            )
            for s in found
        )
        predictions.append(Prediction(document.id, codes))
    return predictions


def sha256(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _load(folder: str) -> Engine:
    if not Path(folder).is_dir():
        raise EvaluationError(f"{folder}: neither a model folder nor a file of predictions")
    from suggest import Suggester  # the figures need no engine

    return Suggester.load(folder)
