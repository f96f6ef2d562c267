"""Ranked suggestions of a model, as objects and as JSON Lines.

    {"id": "n1", "suggestions": [{"code": "I10", "probability": 0.8, "system": "ICD-10-CM",
                                  "evidence": [{"start": 3, "end": 15, "section": "history"}]}]}

`system` and `evidence` may be left out; a row of `suggest batch` can be read as it is. The order
of the list is the rank.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suggest.text.span import Span
from training.corpora import CorpusError, Document
from training.corpora.documents import rows, text_field
from training.evaluate.errors import EvaluationError


@dataclass(frozen=True, slots=True)
class PredictedEvidence:
    """A snippet that supports a code; the most important one comes first."""

    span: Span
    section: str | None = None


@dataclass(frozen=True, slots=True)
class PredictedCode:
    """A code with the probability that it is right, 0 to 1."""

    code: str
    probability: float
    evidence: tuple[PredictedEvidence, ...] = ()
    system: str = "ICD-10-CM"

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise EvaluationError(f"{self.code}: {self.probability} is not a probability")


@dataclass(frozen=True, slots=True)
class Prediction:
    """All suggestions for one document, best first."""

    id: str
    suggestions: tuple[PredictedCode, ...]

    def __post_init__(self) -> None:
        twice = [
            k for k, n in Counter((s.system, s.code) for s in self.suggestions).items() if n > 1
        ]
        if twice:
            raise EvaluationError(f"document {self.id}: {twice[0][1]} is suggested twice")

    @classmethod
    def of(cls, identifier: str, ranked: Iterable[tuple[str, float]]) -> Prediction:
        """From (code, probability) pairs of ICD-10-CM, best first."""
        return cls(identifier, tuple(PredictedCode(code, float(p)) for code, p in ranked))


@dataclass(frozen=True, slots=True)
class TrainingCounts:
    """How many training documents had a code: for each document, those of its own model.

    In cross-validation the documents of one fold share a model; `by_document` gives the group
    and `groups` its counts.
    """

    groups: tuple[Mapping[str, int], ...]
    by_document: Mapping[str, int] | None = None

    def of(self, identifier: str) -> Mapping[str, int]:
        """The counts of the model that saw this document as new."""
        if self.by_document is None:
            return self.groups[0]
        try:
            return self.groups[self.by_document[identifier]]
        except KeyError as error:
            raise EvaluationError(f"document {identifier} is in no fold") from error

    @classmethod
    def from_documents(cls, documents: Iterable[Document], system: str) -> TrainingCounts:
        """The counts of one training corpus."""
        return cls((count_codes(documents, system),))

    @classmethod
    def cross_validated(
        cls, documents: Sequence[Document], fold_of: Mapping[str, int], system: str
    ) -> TrainingCounts:
        """For each fold the counts of the other folds."""
        total = count_codes(documents, system)
        groups = []
        for fold in range(max(fold_of.values()) + 1):
            rest = total.copy()
            rest.subtract(count_codes((d for d in documents if fold_of[d.id] == fold), system))
            groups.append({code: n for code, n in rest.items() if n})
        return cls(tuple(groups), dict(fold_of))


def count_codes(documents: Iterable[Document], system: str) -> Counter[str]:
    """In how many of the documents each code stands."""
    return Counter(code for d in documents for code in d.gold(system))


def read_predictions(path: Path) -> list[Prediction]:
    """Raises EvaluationError, which names the line."""
    found: list[Prediction] = []
    seen: set[str] = set()
    try:
        for number, row in rows(path):
            where = f"{path.name}, line {number}"
            prediction = _prediction(row, where)
            if prediction.id in seen:
                raise EvaluationError(f"{where}: the document is predicted twice")
            seen.add(prediction.id)
            found.append(prediction)
    except CorpusError as error:
        raise EvaluationError(str(error)) from error
    return found


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> None:
    """Writes what `read_predictions` reads."""
    with path.open("w", encoding="utf-8") as file:
        for prediction in predictions:
            row = {"id": prediction.id, "suggestions": [_row(s) for s in prediction.suggestions]}
            file.write(json.dumps(row) + "\n")


def _row(suggestion: PredictedCode) -> dict[str, Any]:
    return {
        "code": suggestion.code,
        "system": suggestion.system,
        "probability": suggestion.probability,
        "evidence": [
            {"start": e.span.start, "end": e.span.end, "section": e.section}
            for e in suggestion.evidence
        ],
    }


def _prediction(row: dict[str, Any], where: str) -> Prediction:
    identifier = text_field(row, "id", where)
    given = row.get("suggestions")
    if not isinstance(given, list):
        raise EvaluationError(f'{where}: "suggestions" must be a list')
    suggestions = []
    for place, entry in enumerate(given, 1):
        here = f"{where}, suggestion {place}"
        if not isinstance(entry, dict):
            raise EvaluationError(f"{here}: must be an object")
        probability = entry.get("probability")
        if isinstance(probability, bool) or not isinstance(probability, int | float):
            raise EvaluationError(f'{here}: "probability" must be a number')
        evidence = entry.get("evidence", [])
        if not isinstance(evidence, list):
            raise EvaluationError(f'{here}: "evidence" must be a list')
        suggestions.append(
            PredictedCode(
                text_field(entry, "code", here),
                float(probability),
                tuple(_evidence(e, here) for e in evidence),
                text_field({"system": "ICD-10-CM", **entry}, "system", here),
            )
        )
    try:
        return Prediction(identifier, tuple(suggestions))
    except EvaluationError as error:
        raise EvaluationError(f"{where}: {error}") from error


def _evidence(entry: object, where: str) -> PredictedEvidence:
    try:
        if not isinstance(entry, dict):
            raise TypeError
        section = entry.get("section")
        span = Span(entry["start"], entry["end"])
        return PredictedEvidence(span, section if isinstance(section, str) else None)
    except (KeyError, TypeError, ValueError) as error:
        raise EvaluationError(f'{where}: evidence must be {{"start","end"}}') from error
