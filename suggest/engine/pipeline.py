"""From a note to ranked suggestions: the one object a program holds."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suggest import codesets
from suggest.codesets import CodeSet
from suggest.engine import artifact, lexicon
from suggest.engine.candidates import Candidate, CandidateFinder, clearest
from suggest.engine.features import Describer
from suggest.engine.matching import Mention
from suggest.engine.model import Encounter, Evidence, Reason, Suggestion
from suggest.engine.normal import read_rows
from suggest.engine.rules import Rules
from suggest.text import AnalysedNote, analyse

REASONS = 3
FLOOR = 0.01  # suggestions less likely are noise to a coder; see docs/experiments.md


class Suggester:
    """Holds the code set, the lexicon and the model; reads only, so threads may share it."""

    def __init__(self, codeset: CodeSet, model: artifact.Model, finder: CandidateFinder) -> None:
        self.codeset = codeset
        self.model_name = model.name
        self.model_sha256 = model.sha256
        self._model = model
        self._finder = finder
        self._describer = Describer(codeset, model.retriever)
        self._rules = Rules(codeset, finder.matcher.normaliser)
        self._wording = {row["feature"]: row for row in read_rows("data/reasons.tsv")}

    @property
    def model(self) -> artifact.Model:
        """What was learned, with its manifest and its card."""
        return self._model

    @classmethod
    def load(cls, path: str | Path | None = None) -> Suggester:
        """Loads a model folder; without a path the one that comes with the package.

        Raises ModelError when the folder is incomplete or its files were changed.
        """
        codeset = codesets.load("ICD-10-CM")
        words = lexicon.load(codeset)
        model = artifact.load(Path(path) if path else default_folder(), words.normaliser)
        finder = CandidateFinder(codeset, words, model.labels, model.retriever)
        return cls(codeset, model, finder)

    def suggest(
        self, text: str, encounter: Encounter | None = None, *, top: int | None = 25
    ) -> list[Suggestion]:
        """Ranked suggestions, best first, each with the snippets that support it.

        Raises InvalidText for a text that cannot be read and DateOutsideCodeSets for a date
        that no installed code set covers.
        """
        encounter = encounter or Encounter()
        day = self.codeset.on(encounter.date_of_service)
        note = analyse(text)
        valid = day.valid_billable
        reading = self._finder.read(note, encounter)
        found = self._finder.find(reading, encounter, valid)
        judged = self._rules.apply(reading, found, encounter, valid)
        candidates = [c for c in judged if c.for_]
        if not candidates:
            return []
        rows = self._describer.describe(reading, judged, encounter, self._model.labels)
        rows = rows[: len(candidates)]  # the denied ones stand last
        forest = self._model.forest
        leaves = forest.leaves(rows)
        raw = forest.log_odds(leaves)
        probability = np.interp(raw, *self._model.calibration)
        order = np.lexsort((np.array([c.code for c in candidates]), -raw))
        order = order[probability[order] >= FLOOR][:top]
        parts = forest.contributions(leaves[order])
        return [
            self._suggestion(note, candidates[i], float(probability[i]), rank, part, rows[i])
            for rank, (i, part) in enumerate(zip(order.tolist(), parts, strict=True), 1)
        ]

    def _suggestion(
        self,
        note: AnalysedNote,
        candidate: Candidate,
        probability: float,
        rank: int,
        parts: NDArray[np.float64],
        row: NDArray[np.float64],
    ) -> Suggestion:
        refined = candidate.refined
        return Suggestion(
            code=candidate.code,
            system=self.codeset.system,
            title=self.codeset.title(candidate.code),
            probability=round(probability, 4),
            rank=rank,
            evidence=_evidence(note, clearest(candidate)),
            against=_evidence(note, candidate.against),
            reasons=self._reasons(parts, row),
            unspecified_because=refined.unspecified_because if refined else None,
        )

    def _reasons(self, parts: NDArray[np.float64], row: NDArray[np.float64]) -> list[Reason]:
        """The strongest; a feature of the whole note, which has no words, is no reason."""
        reasons: list[Reason] = []
        for i in np.argsort(-np.abs(parts)).tolist():
            name, part = self._model.forest.features[i], float(parts[i])
            words = self._wording.get(name)
            if words is None:
                continue
            text = words["raises"] if part > 0 else words["lowers"]
            value = f"{float(row[i]):.2f}".rstrip("0").rstrip(".")
            reasons.append(Reason(name, text.replace("{}", value), round(part, 3)))
            if len(reasons) == REASONS:
                break
        return reasons


def default_folder() -> Path:
    """The model folder that comes with the package, or the clone's."""
    packaged = Path(str(resources.files("suggest"))) / "models" / "default"
    if packaged.is_dir():
        return packaged
    return Path(str(resources.files("suggest"))).parent / "models" / "default"


def evidence_of(mentions: Sequence[Mention]) -> list[Mention]:
    """Each place once: the longest of the mentions that cover it, in order of place."""
    chosen: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.gap, -len(m.span), m.span.start)):
        if not any(mention.span.overlaps(other.span) for other in chosen):
            chosen.append(mention)
    return sorted(chosen, key=lambda m: m.span.start)


def _evidence(note: AnalysedNote, mentions: Sequence[Mention]) -> list[Evidence]:
    return [
        Evidence(m.span.start, m.span.end, m.span.of(note.text), m.section, m.assertion.value)
        for m in evidence_of(mentions)
    ]
