"""Makes a model folder from nothing: the encoder, then the ranker, cross-validated first.

    python -m training.train --corpus CODIESP_TRAIN.jsonl --out models/default

An encoder that the folder already has is kept; without a folder none is used, and the figures are
those of the ranker without one. The same corpus and seeds give the same figures.

CodiEsp (CLEF eHealth 2020, CC BY 4.0) is on Zenodo. Folds are by document; what is learned from
labels (phrases, priors, trees, calibration) comes from the training folds alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
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
from suggest.engine.candidates import Candidate, CandidateFinder, clearest
from suggest.engine.features import FEATURES, Describer
from suggest.engine.forest import Forest
from suggest.engine.learned import Judged, Labels
from suggest.engine.model import Encounter
from suggest.engine.pipeline import FLOOR, evidence_of
from suggest.engine.retrieval import FILE, Retriever
from suggest.engine.rules import Rules
from suggest.text import analyse
from training import metrics, mine, splits
from training.corpora import codiesp
from training.corpora.written_notes import read_written
from training.encoder import train as encoders
from training.encoder.batches import Settings
from training.evaluate import PredictedCode, PredictedEvidence, Prediction, write_predictions

# The corpus was coded with the 2018 release; its case reports read as inpatient stays.
ENCOUNTER = Encounter(type="inpatient", date_of_service=date(2018, 1, 1))
SPLIT = Path(__file__).parent / "splits" / "codiesp-train-5fold.json"
PARTS = 8  # of the training notes: each is described by what the others teach
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 63,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "verbose": -1,
    "seed": 7,
    "deterministic": True,
    "num_threads": 1,
}
ROUNDS = 300


class Corpus:
    """The labelled documents and the project's own notes, read once."""

    def __init__(
        self, path: Path, codeset: CodeSet, encoder: Path | None = None, *, written: bool = True
    ) -> None:
        self.codeset = codeset
        documents = codiesp.read(path)
        own = read_written() if written else []
        self.ids = [d.id for d in documents]
        self.count = len(documents)
        self.gold = [sorted(set(d.document().gold("ICD-10-CM"))) for d in documents]
        self.gold += [sorted(set(n.codes)) for n in own]
        self.encounters = [ENCOUNTER] * self.count + [n.encounter for n in own]
        lexicon = lexicons.load(codeset)
        retriever = Retriever.load(encoder, lexicon.normaliser) if encoder else None
        self.finder = CandidateFinder(codeset, lexicon, Labels(), retriever)
        self.describer = Describer(codeset, retriever)
        self.rules = Rules(codeset, lexicon.normaliser)
        self.readings = [
            self.finder.read(analyse(d.text), encounter)
            for d, encounter in zip((*documents, *own), self.encounters, strict=True)
        ]
        self.lessons = mine.lessons(
            self.readings[: self.count],
            self.gold[: self.count],
            mine.carried_evidence(documents),
        )
        self.valid = [codeset.on(e.date_of_service).valid_billable for e in self.encounters]
        self.wanted = [
            set(g) | {c for one in g if (c := _completed(one)) in valid}
            for g, valid in zip(self.gold, self.valid, strict=True)
        ]

    def own_notes(self) -> range:
        """The indices of the project's own notes: they are fitted on, never scored."""
        return range(self.count, len(self.readings))

    def candidates(self, i: int, labels: Labels) -> list[Candidate]:
        """A document's candidates, those only denied last."""
        reading, encounter, valid = self.readings[i], self.encounters[i], self.valid[i]
        found = self.finder.find(reading, encounter, valid, labels)
        return self.rules.apply(reading, found, encounter, valid)

    def features(self, i: int, candidates: list[Candidate], labels: Labels) -> np.ndarray:
        """(candidates, features)."""
        return self.describer.describe(self.readings[i], candidates, self.encounters[i], labels)

    def judge(self, judged: Judged, i: int, candidates: list[Candidate]) -> None:
        """Counts which of a note's candidates are right."""
        judged.add((c.code for c in candidates if c.for_), self.wanted[i])


class Fitted:
    """Labels, a forest and its calibration, learned from some documents.

    The project's own notes among them teach the trees and the calibration what a heading means,
    and which codes practice reports; phrases and priors come from the corpus alone.
    """

    def __init__(self, corpus: Corpus, train: Sequence[int]) -> None:
        self.describe(corpus, train)
        self.fit()

    def describe(self, corpus: Corpus, train: Sequence[int]) -> None:
        """Counts the labels; describes each training document by what the others teach."""
        coded = [i for i in train if i < corpus.count]
        own = [i for i in train if i >= corpus.count]
        self.labels = mine.learn(corpus.lessons[i] for i in coded)
        parts = []
        for number in range(PARTS):
            held = set(coded[number::PARTS])
            others = mine.learn(corpus.lessons[i] for i in coded if i not in held)
            found = {i: corpus.candidates(i, others) for i in own[number::PARTS]}
            judged = Judged()
            for i, candidates in found.items():
                corpus.judge(judged, i, candidates)
                corpus.judge(self.labels.judged, i, candidates)
            parts.append((others, found, judged))
        rows, y, part = [], [], []
        for number, (labels, found, judged) in enumerate(parts):
            practice = self.labels.judged.without(judged)
            for i in (*coded[number::PARTS], *own[number::PARTS]):
                labels.judged = practice if i in found else self.labels.judged
                candidates = found[i] if i in found else corpus.candidates(i, labels)
                rows.append(corpus.features(i, candidates, labels))
                y.append(np.array([float(c.code in corpus.wanted[i]) for c in candidates]))
                part.append(np.full(len(candidates), number))
        self.x, self.y, self.part = (np.concatenate(found) for found in (rows, y, part))

    def fit(self) -> None:
        """Fits the trees, and their calibration on trees that did not see the document."""
        booster = _boost(self.x, self.y)
        inner = np.empty(len(self.y))
        for half in range(4):
            held_out = self.part % 4 == half
            kept = ~held_out
            fitted = _boost(self.x[kept], self.y[kept])
            inner[held_out] = fitted.predict(self.x[held_out], raw_score=True)
        isotonic = IsotonicRegression(y_min=0.001, y_max=0.99, out_of_bounds="clip")
        served = self.x[:, FEATURES.index("denied")] == 0
        isotonic.fit(inner[served], self.y[served])
        self.calibration = np.stack([isotonic.X_thresholds_, isotonic.y_thresholds_])
        self.forest = Forest.from_dump(booster.dump_model())

    def rank(self, corpus: Corpus, i: int) -> list[tuple[Candidate, float]]:
        """Candidates with probabilities, best first; those only denied are among them."""
        candidates = corpus.candidates(i, self.labels)
        if not candidates:
            return []
        raw = self.forest.predict(corpus.features(i, candidates, self.labels))
        p = np.interp(raw, *self.calibration)
        order = np.lexsort((np.array([c.code for c in candidates]), -raw))
        return [(candidates[k], float(p[k])) for k in order.tolist()]


def _completed(code: str) -> str:
    """The code with the 7th character of an initial encounter, which the corpus leaves out."""
    return f"{code:X<7}A" if len(code) > 3 else f"{code}.XXXA"


def _boost(x: np.ndarray, y: np.ndarray) -> lightgbm.Booster:
    data = lightgbm.Dataset(x, y, feature_name=list(FEATURES))
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def cross_validate(
    corpus: Corpus,
) -> tuple[dict[str, dict[str, float]], list[Prediction]]:
    """The figures of cross-validation, and the corpus's out-of-fold predictions as served.

    `served` applies the coding rules and the floor, `denied_ranked_too` ranks also what the
    text denies. `completed` and `completed_denied_too` are the same two where a label of the
    corpus that is no billable code (5 % of them) stands for the first code that completes it.
    `own_notes` are the project's own notes, as served.
    """
    fold_of = splits.read(SPLIT).fold_of()
    folds = [fold_of[one] for one in corpus.ids]
    folds += [n % (max(folds) + 1) for n, _ in enumerate(corpus.own_notes())]
    served: list[metrics.Ranked] = [[] for _ in folds]
    everything: list[metrics.Ranked] = [[] for _ in folds]
    seen: list[set[str]] = [set() for _ in folds]
    predictions: dict[str, Prediction] = {}
    for fold in sorted(set(folds)):
        train = [i for i, f in enumerate(folds) if f != fold]
        fitted = Fitted(corpus, train)
        known = {code for i in train if i < corpus.count for code in corpus.gold[i]}
        for i in (i for i, f in enumerate(folds) if f == fold):
            ranked = fitted.rank(corpus, i)
            shown = [(c, p) for c, p in ranked if c.for_ and p >= FLOOR]
            served[i] = [(c.code, p) for c, p in shown]
            everything[i] = [(c.code, p) for c, p in ranked]
            seen[i] = known
            if i < corpus.count:
                predictions[corpus.ids[i]] = _prediction(corpus.ids[i], shown)
    gold = [set(g) for g in corpus.gold]
    some, own = slice(corpus.count), slice(corpus.count, None)
    figures = {
        "served": metrics.summary(served[some], gold[some], seen[some]),
        "denied_ranked_too": metrics.summary(everything[some], gold[some], seen[some]),
    }
    for name, lists in (("completed", served), ("completed_denied_too", everything)):
        full = [metrics.complete(lists[i], gold[i], corpus.valid[i]) for i in range(corpus.count)]
        figures[name] = metrics.summary(full, gold[some], seen[some])
    if len(gold) > corpus.count:
        figures["own_notes"] = metrics.summary(served[own], gold[own], seen[own])
    return figures, [predictions[one] for one in corpus.ids]


def _prediction(identifier: str, ranked: Sequence[tuple[Candidate, float]]) -> Prediction:
    return Prediction(
        identifier,
        tuple(
            PredictedCode(
                c.code,
                p,
                tuple(PredictedEvidence(m.span, m.section) for m in evidence_of(clearest(c))),
            )
            for c, p in ranked
        ),
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--corpus", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the model folder")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="out of fold, as served")
    parser.add_argument("--no-cross-validation", action="store_true")
    arguments = parser.parse_args()
    started = time.monotonic()
    codeset = codesets.load()
    if arguments.out and not (arguments.out / FILE).is_file():
        encoders.build(arguments.out, Settings())
    corpus = Corpus(arguments.corpus, codeset, arguments.out)
    figures: dict[str, dict[str, float]] = {}
    if not arguments.no_cross_validation:
        figures, predictions = cross_validate(corpus)
        print(json.dumps(figures, indent=2))
        if arguments.predictions:
            write_predictions(arguments.predictions, predictions)
    if arguments.out:
        fitted = Fitted(corpus, range(len(corpus.readings)))
        save(
            arguments.out,
            fitted.forest,
            fitted.calibration,
            fitted.labels,
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
