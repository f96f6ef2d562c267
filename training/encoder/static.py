"""Static word vectors trained as a mention encoder.

A phrase is the sum of its words' vectors; a word's vector is its weight times (a linear image of
the teacher's vector + a residual of its own), so that words no term holds keep the place the
teacher gives them. The loss is multi-positive InfoNCE over terms of one concept (SapBERT, Liu et
al. 2021; Khosla et al. 2020) with siblings in the batch as hard negatives, plus a softmax over
categories with one more choice, "names nothing", that random general words are taught.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from training.encoder.terms import CURATED, Term


@dataclass(frozen=True, slots=True)
class Settings:
    """Hyperparameters; `seed` fixes everything random."""

    width: int = 128
    steps: int = 1500
    categories: int = 96  # a batch: categories x concepts each x terms each
    concepts: int = 4
    phrases: int = 3
    nothing: int = 192  # phrases a batch that name nothing
    rate: float = 0.01
    temperature: float = 0.06
    drop: float = 0.15
    noise: float = 0.25
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Learned:
    """Word vectors (words, width) and category vectors (categories, width), float32."""

    words: list[str]
    vectors: np.ndarray
    categories: list[str]
    category_vectors: np.ndarray
    nothing: float


class StaticEncoder(nn.Module):
    """Sums of word vectors. Index 0 is padding."""

    teacher: Tensor

    def __init__(self, teacher: np.ndarray, weights: np.ndarray, categories: int, width: int) -> None:
        super().__init__()
        self.register_buffer("teacher", torch.from_numpy(teacher))
        centred = teacher[1:] - teacher[1:].mean(0)
        _, _, axes = np.linalg.svd(centred[:: max(1, len(centred) // 8000)], full_matrices=False)
        self.project = nn.Linear(teacher.shape[1], width, bias=True)
        with torch.no_grad():
            basis = torch.from_numpy(np.ascontiguousarray(axes[:width])) * 2.0
            self.project.weight.copy_(basis)
            self.project.bias.copy_(-basis @ torch.from_numpy(teacher[1:].mean(0)))
        self.own = nn.Embedding(len(teacher), width, sparse=True)
        nn.init.zeros_(self.own.weight)
        self.weight = nn.Embedding(len(teacher), 1, sparse=True)
        with torch.no_grad():
            self.weight.weight.copy_(torch.from_numpy(np.log(weights))[:, None])
        self.category = nn.Parameter(torch.randn(categories, width) * 0.1)
        self.nothing = nn.Parameter(torch.tensor(0.3))

    def words(self, ids: Tensor) -> Tensor:
        """(ids, width) vectors of words."""
        made = (self.project(self.teacher[ids]) + self.own(ids)) * self.weight(ids).exp()
        return made * (ids > 0).unsqueeze(-1)

    def forward(self, ids: Tensor) -> Tensor:
        """(phrases, words) ids -> (phrases, width), shorter than 1: little said, little length."""
        distinct, place = torch.unique(ids, return_inverse=True)
        return shrink(self.words(distinct)[place].sum(1))


def shrink(total: Tensor) -> Tensor:
    """The sum's direction, its length n taken to n / sqrt(1 + n^2)."""
    return total / torch.sqrt(1.0 + (total * total).sum(-1, keepdim=True))


class Batches:
    """Draws terms: categories by the root of their size, then concepts, then terms."""

    def __init__(
        self, terms: Sequence[Term], ids: dict[str, int], general: list[int], settings: Settings
    ) -> None:
        self._settings = settings
        self._random = np.random.default_rng(settings.seed)
        self.categories = sorted({t.code[:3] for t in terms})
        self._of: list[dict[str, list[tuple[list[int], float]]]] = [
            defaultdict(list) for _ in self.categories
        ]
        place = {c: i for i, c in enumerate(self.categories)}
        for term in terms:
            words = [ids[w] for w in term.words]
            weight = 3.0 if term.kind == CURATED else 1.0
            self._of[place[term.code[:3]]][term.code].append((words, weight))
        sizes = np.sqrt([sum(len(v) for v in c.values()) for c in self._of])
        self._probability = sizes / sizes.sum()
        self._general = np.array(general)
        self._modifiers = _modifiers(terms, ids)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """(phrase ids, concept numbers, category numbers, ids of phrases that name nothing)."""
        s = self._settings
        for _ in range(s.steps):
            rows: list[list[int]] = []
            concepts: list[int] = []
            categories: list[int] = []
            number = 0
            chosen = self._random.choice(
                len(self._of), s.categories, replace=False, p=self._probability
            )
            for category in chosen.tolist():
                codes = self._of[category]
                names = list(codes)
                pick = self._random.permutation(len(names))[: s.concepts]
                for index in pick.tolist():
                    known = codes[names[index]]
                    p = np.array([w for _, w in known])
                    take = self._random.choice(
                        len(known), min(s.phrases, max(2, len(known))), p=p / p.sum(),
                        replace=len(known) < s.phrases,
                    )
                    for term in take.tolist():
                        rows.append(self._altered(known[term][0]))
                        concepts.append(number)
                        categories.append(category)
                    number += 1
            yield (
                _padded(rows),
                torch.tensor(concepts),
                torch.tensor(categories),
                _padded([self._nothing() for _ in range(s.nothing)]),
            )

    def _altered(self, words: list[int]) -> list[int]:
        kept = words
        if len(words) > 2:
            kept = [w for w in words if self._random.random() >= self._settings.drop] or words
        if self._random.random() < self._settings.noise:
            kept = [*kept, int(self._random.choice(self._general))]
        return kept

    def _nothing(self) -> list[int]:
        count = int(self._random.integers(1, 5))
        pool = self._modifiers if self._random.random() < 0.3 else self._general
        return [int(w) for w in self._random.choice(pool, min(count, 2) if pool is self._modifiers else count)]


def _modifiers(terms: Sequence[Term], ids: dict[str, int]) -> np.ndarray:
    """Words that many categories use and none as a term by itself: acute, type, lower."""
    spread: dict[str, set[str]] = defaultdict(set)
    alone: set[str] = set()
    for term in terms:
        if len(term.words) == 1:
            alone.add(term.words[0])
        for word in term.words:
            spread[word].add(term.code[:3])
    return np.array([ids[w] for w, c in sorted(spread.items()) if len(c) >= 25 and w not in alone])


def _padded(rows: list[list[int]]) -> Tensor:
    made = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    for i, row in enumerate(rows):
        made[i, : len(row)] = torch.tensor(row)
    return made


def train(
    terms: Sequence[Term], words: Sequence[str], teacher: np.ndarray, settings: Settings
) -> Learned:
    """Learns the vectors. `teacher` (words, any width) is the teacher's vector of each word."""
    torch.manual_seed(settings.seed)
    ids = {w: i + 1 for i, w in enumerate(words)}
    frequency = Counter(w for t in terms for w in t.words)
    total = sum(frequency.values())
    general = [ids[w] for w in words if w not in frequency]
    weights = np.array([1.0] + [1e-3 / (1e-3 + frequency[w] / total) for w in words], np.float32)
    batches = Batches(terms, ids, general, settings)
    padded = np.concatenate([np.zeros((1, teacher.shape[1]), np.float32), teacher])
    model = StaticEncoder(padded, weights, len(batches.categories), settings.width)
    dense = torch.optim.Adam(
        [model.project.weight, model.project.bias, model.category, model.nothing],
        lr=settings.rate / 4,
    )
    sparse = torch.optim.SparseAdam([model.own.weight, model.weight.weight], lr=settings.rate)
    schedules = [
        torch.optim.lr_scheduler.OneCycleLR(
            o, max_lr=[g["lr"] for g in o.param_groups], total_steps=settings.steps, pct_start=0.1
        )
        if o is dense
        else torch.optim.lr_scheduler.LambdaLR(o, lambda step: max(0.02, 1 - step / settings.steps))
        for o in (dense, sparse)
    ]
    running = 0.0
    for step, (rows, concepts, categories, nothing) in enumerate(batches, 1):
        loss = _loss(model, rows, concepts, categories, nothing, settings.temperature)
        dense.zero_grad()
        sparse.zero_grad()
        loss.backward()
        dense.step()
        sparse.step()
        for schedule in schedules:
            schedule.step()
        running += (float(loss.detach()) - running) / min(step, 50)
        if step % 250 == 0:
            print(f"step {step}: loss {running:.3f}, nothing {float(model.nothing.detach()):.3f}", flush=True)
    with torch.inference_mode():
        vectors = model.words(torch.arange(1, len(padded))).numpy()
        return Learned(
            list(words),
            vectors,
            batches.categories,
            normalize(model.category, dim=1).numpy(),
            float(model.nothing),
        )


def _loss(
    model: StaticEncoder,
    rows: Tensor,
    concepts: Tensor,
    categories: Tensor,
    nothing: Tensor,
    temperature: float,
) -> Tensor:
    phrases = model(rows)
    logits = phrases @ phrases.T / temperature
    own = torch.eye(len(rows), dtype=torch.bool)
    same = (concepts[:, None] == concepts[None, :]) & ~own
    log_p = logits.masked_fill(own, -1e9).log_softmax(1)
    contrastive = -(log_p * same).sum(1) / same.sum(1).clamp(min=1)
    choices = torch.cat([phrases, model(nothing)]) @ normalize(model.category, dim=1).T
    choices = torch.cat([choices, model.nothing.expand(len(choices), 1)], 1) / temperature
    none = torch.full((len(nothing),), choices.shape[1] - 1)
    by_category = nn.functional.cross_entropy(choices, torch.cat([categories, none]))
    return contrastive[same.any(1)].mean() + by_category
