"""Fits the ranker on a labelled corpus; cross-validates it first.

    python -m training.train --corpus ../shared/corpora/codiesp/train.jsonl --out models/default

CodiEsp (CLEF eHealth 2020, CC BY 4.0) is on Zenodo. Folds are by document; what is learned from
labels (phrases, priors, trees, calibration) comes from the training folds alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from sklearn.isotonic import IsotonicRegression

from suggest import codesets
from suggest.codesets import CodeSet
from suggest.engine import lexicon as lexicons
from suggest.engine.artifact import save
from suggest.engine.candidates import FEATURES, Candidate, CandidateFinder, Labels
from suggest.engine.forest import Forest
from suggest.engine.model import Encounter
from suggest.engine.rules import Rules
from suggest.text import AnalysedNote, analyse
from training import metrics, mine

# The corpus was coded with the 2018 release; its case reports read as inpatient stays.
ENCOUNTER = Encounter(type="inpatient", date_of_service=date(2018, 1, 1))
FOLDS = 5
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 24,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbose": -1,
    "seed": 7,
    "deterministic": True,
    "num_threads": 2,
}
ROUNDS = 220


def fold_of(identifier: str) -> int:
    """The document's fold, from its id alone."""
    return int(hashlib.sha256(identifier.encode()).hexdigest(), 16) % FOLDS


class Corpus:
    """The documents with their notes, gold codes and mined phrases."""

    def __init__(self, path: Path, codeset: CodeSet) -> None:
        self.rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        self.notes: list[AnalysedNote] = [analyse(r["text"]) for r in self.rows]
        self.gold = [
            sorted({c["code"] for c in r["codes"] if c["system"] == "ICD-10-CM"}) for r in self.rows
        ]
        matcher = CandidateFinder(codeset, lexicons.load(codeset), Labels()).matcher
        self.mined = [
            mine.mine_document(r, n, matcher) for r, n in zip(self.rows, self.notes, strict=True)
        ]
        self.fold = [fold_of(r["id"]) for r in self.rows]


class Fitted:
    """A finder with learned phrases, a forest and its calibration."""

    def __init__(self, corpus: Corpus, train: list[int], codeset: CodeSet) -> None:
        self.labels = mine.learn([(corpus.mined[i], corpus.gold[i]) for i in train], codeset)
        lexicon = lexicons.load(codeset)
        mine.extend(lexicon, self.labels)
        self.finder = CandidateFinder(codeset, lexicon, self.labels)
        self.rules = Rules(codeset)
        self.valid = codeset.on(ENCOUNTER.date_of_service).valid_billable
        made = [self._examples(corpus, i) for i in train]
        x = np.concatenate([rows for rows, _ in made])
        y = np.concatenate([labels for _, labels in made])
        group = np.concatenate([np.full(len(r), fold) for fold, (r, _) in enumerate(made)])
        self.booster = _boost(x, y)
        inner = np.empty(len(y))
        for part in range(4):
            held = group % 4 == part
            inner[held] = _boost(x[~held], y[~held]).predict(x[held], raw_score=True)
        isotonic = IsotonicRegression(y_min=0.001, y_max=0.99, out_of_bounds="clip").fit(inner, y)
        self.calibration = np.stack([isotonic.X_thresholds_, isotonic.y_thresholds_])
        self.forest = Forest.from_dump(self.booster.dump_model())

    def _examples(self, corpus: Corpus, i: int) -> tuple[np.ndarray, np.ndarray]:
        labels = mine.without(self.labels, corpus.mined[i], corpus.gold[i])
        candidates = self.finder.find(corpus.notes[i], ENCOUNTER, self.valid, labels)
        gold = set(corpus.gold[i])
        y = np.array([float(c.code in gold) for c in candidates])
        return self.finder.features(corpus.notes[i], candidates, labels), y

    def rank(self, note: AnalysedNote, *, policy: bool = True) -> list[tuple[str, float]]:
        """Codes with probabilities, best first. `policy`: the coding rules are applied, as they
        are when served: what is only denied is left out."""
        candidates: list[Candidate] = self.finder.find(note, ENCOUNTER, self.valid)
        if policy:
            candidates = self.rules.apply(note, candidates, ENCOUNTER, self.valid)
        if not candidates:
            return []
        raw, _ = self.forest.predict(self.finder.features(note, candidates))
        p = np.interp(raw, *self.calibration)
        order = np.argsort(-raw, kind="stable")
        return [(candidates[i].code, float(p[i])) for i in order]


def _boost(x: np.ndarray, y: np.ndarray) -> lightgbm.Booster:
    data = lightgbm.Dataset(x, y, feature_name=list(FEATURES))
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def cross_validate(corpus: Corpus, codeset: CodeSet) -> dict[str, dict[str, float]]:
    """The figures of 5-fold cross-validation, as served and with denied mentions ranked too."""
    served: list[metrics.Ranked] = [[] for _ in corpus.rows]
    everything: list[metrics.Ranked] = [[] for _ in corpus.rows]
    seen: list[set[str]] = [set() for _ in corpus.rows]
    for fold in range(FOLDS):
        train = [i for i, f in enumerate(corpus.fold) if f != fold]
        fitted = Fitted(corpus, train, codeset)
        known = {code for i in train for code in corpus.gold[i]}
        for i in (i for i, f in enumerate(corpus.fold) if f == fold):
            served[i] = fitted.rank(corpus.notes[i])
            everything[i] = fitted.rank(corpus.notes[i], policy=False)
            seen[i] = known
    gold = [set(g) for g in corpus.gold]
    return {
        "served": metrics.summary(served, gold, seen),
        "denied_ranked_too": metrics.summary(everything, gold, seen),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    started = time.monotonic()
    codeset = codesets.load()
    corpus = Corpus(arguments.corpus, codeset)
    figures = cross_validate(corpus, codeset)
    print(json.dumps(figures, indent=2))
    if arguments.out:
        fitted = Fitted(corpus, list(range(len(corpus.rows))), codeset)
        save(
            arguments.out,
            fitted.forest,
            fitted.calibration,
            fitted.labels,
            fitted.finder.matcher.names(),
            {
                "corpus_sha256": hashlib.sha256(arguments.corpus.read_bytes()).hexdigest(),
                "cross_validation": figures,
                "parameters": {**PARAMETERS, "rounds": ROUNDS},
                "codeset": codeset.fingerprint,
            },
        )
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
