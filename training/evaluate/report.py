"""A report on one evaluation: JSON for programs, Markdown for people."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.evaluate.metrics import TOP, Metrics, PairedTest
from training.evaluate.ranking import BANDS, KS
from training.evaluate.resampling import Estimate

_PREFIXES = {"code": "", "category (3 characters)": "category.", "chapter": "chapter."}


@dataclass(frozen=True, slots=True)
class Report:
    """What was scored on what, and how it came out. `settings` is what repeats the run."""

    model: str
    corpus: str
    corpus_sha256: str
    command: str
    settings: Mapping[str, Any]
    metrics: Metrics
    compared: str | None = None
    compared_metrics: Metrics | None = None
    tests: Sequence[PairedTest] = ()
    warnings: Sequence[str] = ()

    def write(self, folder: Path, pictures: Sequence[str]) -> None:
        """Writes `metrics.json` and `report.md`."""
        content = json.dumps(self.to_json(), indent=1)
        (folder / "metrics.json").write_text(content + "\n", "utf-8")
        (folder / "report.md").write_text(self.to_markdown(pictures), "utf-8")

    def to_json(self) -> dict[str, Any]:
        """Everything but the pictures; undefined values are null."""
        return {
            "model": self.model,
            "corpus": {"file": self.corpus, "sha256": self.corpus_sha256},
            "command": self.command,
            "settings": dict(self.settings),
            "warnings": list(self.warnings),
            **self.metrics.to_json(),
            "compared": None
            if self.compared_metrics is None
            else {
                "model": self.compared,
                **self.compared_metrics.to_json(),
                "tests": [_undefined_to_null(asdict(test)) for test in self.tests],
            },
        }

    def to_markdown(self, pictures: Sequence[str] = ()) -> str:
        """The report; `pictures` are the names of files beside it."""
        counts = self.metrics.counts
        parts = [
            f"# Evaluation of {self.model}\n",
            f"```\n{self.command}\n```\n",
            *(f"**Warning: {warning}**\n" for warning in self.warnings),
            f"Corpus: {self.corpus} (SHA-256 {self.corpus_sha256[:16]}…), "
            f"{counts['documents']} documents, {counts['documents_with_codes']} of them with "
            f"{self.metrics.system} codes; {counts['gold_codes']} gold codes "
            f"({counts['distinct_gold_codes']} distinct), {counts['suggestions']} suggestions. "
            "In brackets: 95 % bootstrap interval over documents. "
            "docs/evaluation.md defines each figure.\n",
            self._ranking(),
            self._threshold(),
            self._bands(),
            self._calibration(),
            self._evidence(),
            self._sections(),
            self._comparison(),
            *(f"![{Path(name).stem}]({name})\n" for name in pictures),
        ]
        return "\n".join(part for part in parts if part)

    def _ranking(self) -> str:
        names = ["map", "r_precision", "candidate_recall"]
        for kind in ("precision", "recall", "micro_f1", "macro_f1"):
            names += [f"{kind}@{k}" for k in KS]
        return "## Ranking\n\n" + self._by_level(names)

    def _threshold(self) -> str:
        names = ["micro_f1", "macro_f1", "micro_precision", "micro_recall"]
        if names[0] not in self.metrics:
            return ""
        table = self._by_level([*names, "predicted_per_document"])
        return f"## At the threshold\n\nThreshold: {self.settings['threshold']}.\n\n{table}"

    def _by_level(self, names: Iterable[str]) -> str:
        rows = [
            [name, *(self._cell(prefix + name) for prefix in _PREFIXES.values())] for name in names
        ]
        return _table(["figure", *_PREFIXES], rows)

    def _bands(self) -> str:
        columns = ["map", f"recall@{TOP}", "candidate_recall"]
        if f"unseen.{columns[0]}" not in self.metrics:
            return ""
        rows = [
            [band, str(self.metrics.counts[f"{band}.gold_codes"])]
            + [self._cell(f"{band}.{name}") for name in columns]
            for band in BANDS
        ]
        head = ["training documents with the code", "gold codes", *columns]
        return "## By frequency in training\n\n" + _table(head, rows)

    def _calibration(self) -> str:
        rows = [
            [name, self._cell(f"{name}@{TOP}"), self._cell(name)]
            for name in ("ece", "ece_equal_width", "brier")
        ]
        return "## Calibration\n\n" + _table(["figure", f"first {TOP}", "whole list"], rows)

    def _evidence(self) -> str:
        names = [
            name
            for name in self.metrics.figures
            if name.startswith("evidence.") and ".chance" not in name
        ]
        if not names:
            return ""
        rows = [
            [name, *(self._cell(name + c) for c in ("", ".chance_suggestion", ".chance_sentence"))]
            for name in names
        ]
        counts = ", ".join(
            f"{value} {name.removeprefix('evidence.').replace('_', ' ')}"
            for name, value in self.metrics.counts.items()
            if name.startswith("evidence.")
        )
        head = ["figure", "value", "chance: another suggestion's", "chance: any sentence"]
        intro = f"Right suggestions among the first {TOP}: {counts}.\n\n"
        return "## Evidence\n\n" + intro + _table(head, rows)

    def _sections(self) -> str:
        if not self.metrics.sections:
            return ""
        rows = [
            [row.section or "(none)", str(row.suggestions), f"{row.right / row.suggestions:.3f}"]
            for row in self.metrics.sections
        ]
        head = ["section of the first evidence", f"suggestions (first {TOP})", "share right"]
        return "## By section\n\n" + _table(head, rows)

    def _comparison(self) -> str:
        if not self.tests:
            return ""
        rows = [
            [
                test.figure,
                _number(test.a),
                _number(test.b),
                _estimate(test.difference, signed=True),
                f"{test.p:.4f}",
                test.method,
            ]
            for test in self.tests
        ]
        head = ["figure", "compared", "model", "difference", "p", "test"]
        title = f"## Against {self.compared}\n\nModel minus compared, by document.\n\n"
        return title + _table(head, rows)

    def _cell(self, name: str) -> str:
        found = self.metrics.figures.get(name)
        return "" if found is None else _estimate(found)


def _estimate(estimate: Estimate, *, signed: bool = False) -> str:
    value = _number(estimate.value, signed=signed)
    if math.isnan(estimate.low):
        return value
    low, high = _number(estimate.low, signed=signed), _number(estimate.high, signed=signed)
    return f"{value} [{low}, {high}]"


def _number(value: float, *, signed: bool = False) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _undefined_to_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _undefined_to_null(one) for key, one in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
