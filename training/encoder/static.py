"""Static word vectors trained as a mention encoder.

A phrase is the sum of its words' vectors. A word's vector is its weight times the sum of a linear
image of the teacher's vector (so that words no term holds keep the place the teacher gives them),
of its letter n-grams (so that inflections and misspellings stand together; fastText, Bojanowski
et al. 2017) and of a residual of its own. The loss is multi-positive InfoNCE over the terms of one
concept (SapBERT, Liu et al. 2021) with siblings in the batch as hard negatives, plus a softmax
over categories with one more choice, "names nothing", taught with words that name nothing alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from suggest.engine.retrieval.vectors import grams, shrink
from training.encoder.batches import Batches, Settings, Vocabulary
from training.encoder.terms import Term
from training.encoder.tune import contrastive

RARE = 1e-3
GENERAL = 0.3  # weight of a word that no term has, until taught


@dataclass(frozen=True, slots=True)
class Learned:
    """Vectors (rows, width) of words, n-grams and categories, float32.

    A word that is not in `words` is the mean of its n-grams.
    """

    words: list[str]
    vectors: np.ndarray
    grams: np.ndarray
    categories: list[str]
    category_vectors: np.ndarray
    nothing: float


class StaticEncoder(nn.Module):
    """Sums of word vectors. Id 0 is padding; ids from `known` on are spellings without a row."""

    teacher: Tensor
    pieces: Tensor

    def __init__(
        self,
        vocabulary: Vocabulary,
        teacher: np.ndarray,
        weights: np.ndarray,
        categories: int,
        settings: Settings,
    ) -> None:
        super().__init__()
        width = settings.width
        self.known = len(teacher) + 1
        mean = teacher.mean(0)
        _, axes = np.linalg.eigh((teacher - mean).T @ (teacher - mean))
        padded = np.concatenate([np.zeros((1, teacher.shape[1]), np.float32), teacher])
        self.register_buffer("teacher", torch.from_numpy(padded))
        self.register_buffer("pieces", _pieces(vocabulary.spellings, settings.buckets))
        self.project = nn.Linear(teacher.shape[1], width)
        with torch.no_grad():
            basis = torch.from_numpy(np.ascontiguousarray(axes.T[::-1][:width])) * 2.0
            self.project.weight.copy_(basis)
            self.project.bias.copy_(-basis @ torch.from_numpy(mean))
        self.own = nn.Embedding(self.known, width, sparse=True)
        nn.init.zeros_(self.own.weight)
        self.grams = nn.Embedding(settings.buckets + 1, width, sparse=True)
        nn.init.normal_(self.grams.weight, std=0.02)
        self.weight = nn.Embedding(self.known, 1, sparse=True)
        with torch.no_grad():
            self.weight.weight.copy_(torch.from_numpy(np.log(weights))[:, None])
        self.category = nn.Parameter(torch.randn(categories, width) * 0.1)
        self.nothing = nn.Parameter(torch.tensor(0.3))

    def words(self, ids: Tensor) -> Tensor:
        """(ids, width) vectors of words."""
        known = torch.where(ids < self.known, ids, 0)
        row = (self.project(self.teacher[known]) + self.own(known)) * (known > 0).unsqueeze(-1)
        pieces = self.pieces[ids]
        there = (pieces > 0).unsqueeze(-1)
        spelt = (self.grams(pieces) * there).sum(1) / there.sum(1).clamp(min=1)
        weight = torch.where((known > 0).unsqueeze(-1), self.weight(known).exp(), 1.0)
        return (row + spelt) * weight

    def forward(self, ids: Tensor) -> Tensor:
        """(phrases, words) ids -> (phrases, width), shorter than 1: little said, little length."""
        distinct, place = torch.unique(ids, return_inverse=True)
        total = self.words(distinct)[place].sum(1)
        return total / torch.sqrt(1.0 + (total * total).sum(-1, keepdim=True))


def _pieces(spellings: Sequence[str], buckets: int) -> Tensor:
    """(spellings, most) n-gram numbers from 1 on, 0 for none."""
    rows = [[g + 1 for g in grams(word, buckets)] if word else [] for word in spellings]
    made = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for i, row in enumerate(rows):
        made[i, : len(row)] = row
    return torch.from_numpy(made)


def train(
    terms: Sequence[Term], words: Sequence[str], teacher: np.ndarray, settings: Settings
) -> Learned:
    """Learns the vectors. `teacher` (words, any width) is the teacher's vector of each word."""
    torch.manual_seed(settings.seed)
    vocabulary = Vocabulary.of(words, terms, settings.seed)
    batches = Batches(terms, vocabulary, settings)
    model = StaticEncoder(
        vocabulary, teacher, _weights(words, terms), len(batches.categories), settings
    )
    dense = torch.optim.Adam(
        [*model.project.parameters(), model.category, model.nothing], lr=settings.rate / 4
    )
    sparse = torch.optim.SparseAdam(
        [model.own.weight, model.grams.weight, model.weight.weight], lr=settings.rate
    )
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, step / 50) * max(0.02, 1.0 - step / settings.steps)
        )
        for optimiser in (dense, sparse)
    ]
    running = 0.0
    for step, batch in enumerate(batches, 1):
        phrases = model(batch.phrases)
        nothing = model(batch.nothing)
        choices = torch.cat([phrases, nothing]) @ normalize(model.category, dim=1).T
        choices = torch.cat([choices, model.nothing.expand(len(choices), 1)], 1)
        none = torch.full((len(batch.nothing),), choices.shape[1] - 1)
        loss = contrastive(phrases, batch.concepts, settings.temperature, nothing) + cross_entropy(
            choices / settings.temperature, torch.cat([batch.categories, none])
        )
        dense.zero_grad()
        sparse.zero_grad()
        loss.backward()
        dense.step()
        sparse.step()
        for schedule in schedules:
            schedule.step()
        running += (float(loss.detach()) - running) / min(step, 50)
        if step % 100 == 0:
            floor = float(model.nothing.detach())
            print(f"step {step}: loss {running:.3f}, nothing at {floor:.2f}", flush=True)
    with torch.inference_mode():
        parts = torch.arange(1, model.known).split(4096)
        return Learned(
            list(words),
            torch.cat([model.words(part) for part in parts]).numpy(),
            model.grams.weight[1:].numpy(),
            batches.categories,
            normalize(model.category, dim=1).numpy(),
            float(model.nothing),
        )


def _weights(words: Sequence[str], terms: Sequence[Term]) -> np.ndarray:
    """Rare words say more (Arora et al. 2017); padding first."""
    frequency = Counter(w for t in terms for w in t.words)
    total = sum(frequency.values())
    made = [RARE / (RARE + frequency[w] / total) if w in frequency else GENERAL for w in words]
    return np.array([1.0, *made], dtype=np.float32)


def encode(learned: Learned, phrases: Sequence[Sequence[str]]) -> np.ndarray:
    """(phrases, width) vectors; words without a row are left out."""
    ids = {w: i for i, w in enumerate(learned.words)}
    made = np.zeros((len(phrases), learned.vectors.shape[1]), dtype=np.float32)
    for i, phrase in enumerate(phrases):
        made[i] = learned.vectors[[ids[w] for w in phrase if w in ids]].sum(0)
    return shrink(made)
