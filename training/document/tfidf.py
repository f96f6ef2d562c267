"""The floor for document models: TF-IDF with a logistic regression a code, or with neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from suggest.text.span import Span
from training.document.model import LEAST, Notes

# Of training notes with a code there are few: a weak penalty lets their own words count.
PENALTY = 100.0  # sklearn's C, the inverse strength
NEIGHBOURS = 20
DOUBT = 1.0  # a neighbour's whole similarity, given to the prior


def _vectorizer() -> TfidfVectorizer:
    return TfidfVectorizer(
        sublinear_tf=True, ngram_range=(1, 2), min_df=2, token_pattern=r"(?u)\b\w\w+\b"
    )


@dataclass(slots=True)
class _Terms:
    """What both kinds hold: the notes, the codes known, and the weights of terms."""

    notes: Notes
    codes: tuple[str, ...]
    prior: np.ndarray
    vectorizer: TfidfVectorizer

    def rows(self, which: Sequence[int]) -> csr_matrix:
        return self.vectorizer.transform([self.notes.texts[i] for i in which])

    def evidence(self, note: int, codes: Sequence[str]) -> dict[str, list[Span]]:  # noqa: ARG002
        """None: a weight of a term says nothing of a place in the note."""
        return {}


@dataclass(slots=True)
class OneVsRest(_Terms):
    """A logistic regression a code."""

    weights: np.ndarray
    bias: np.ndarray

    def probabilities(self, which: Sequence[int]) -> np.ndarray:
        """(notes, codes)."""
        return 1.0 / (1.0 + np.exp(-(self.rows(which) @ self.weights + self.bias)))


@dataclass(slots=True)
class Neighbours(_Terms):
    """The codes of the most similar training notes, each note's vote its cosine."""

    known: csr_matrix
    targets: np.ndarray
    count: int

    def probabilities(self, which: Sequence[int]) -> np.ndarray:
        """(notes, codes): the share of the votes, the prior counting as one more neighbour."""
        near = np.asarray((self.rows(which) @ self.known.T).todense())
        made = np.empty((len(which), len(self.codes)))
        for row, votes in enumerate(near):
            best = np.argsort(-votes, kind="stable")[: self.count]
            given = votes[best] @ self.targets[best] + DOUBT * self.prior
            made[row] = given / (votes[best].sum() + DOUBT)
        return made


@dataclass(frozen=True, slots=True)
class Tfidf:
    """The kind `tfidf`."""

    notes: Notes
    least: int = LEAST

    def fit(self, train: Sequence[int]) -> OneVsRest:
        """Learns from these notes alone, the weights of terms included."""
        codes = self.notes.frequent(train, self.least)
        y = self.notes.targets(train, codes)
        vectorizer = _vectorizer()
        x = vectorizer.fit_transform([self.notes.texts[i] for i in train])
        weights = np.zeros((x.shape[1], len(codes)))
        bias = np.full(len(codes), 20.0)  # a code that every training note has
        for column in range(len(codes)):
            if y[:, column].min() == 0:
                one = LogisticRegression(C=PENALTY, solver="liblinear", random_state=0)
                one.fit(x, y[:, column])
                weights[:, column], bias[column] = one.coef_[0], one.intercept_[0]
        return OneVsRest(self.notes, codes, y.mean(axis=0), vectorizer, weights, bias)


@dataclass(frozen=True, slots=True)
class NearestNotes:
    """The kind `neighbours`."""

    notes: Notes
    least: int = LEAST
    count: int = NEIGHBOURS

    def fit(self, train: Sequence[int]) -> Neighbours:
        """Learns from these notes alone, the weights of terms included."""
        codes = self.notes.frequent(train, self.least)
        y = self.notes.targets(train, codes)
        vectorizer = _vectorizer()
        x = vectorizer.fit_transform([self.notes.texts[i] for i in train])
        return Neighbours(self.notes, codes, y.mean(axis=0), vectorizer, x, y, self.count)
