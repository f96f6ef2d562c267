"""Fine-tunes the teacher on the code set's terms (SapBERT, Liu et al. 2021)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.encoder.teacher import Teacher
from training.encoder.terms import Term


@dataclass(frozen=True, slots=True)
class Tuning:
    """Hyperparameters; a batch has `concepts` neighbouring concepts of each of `categories`."""

    steps: int = 300
    categories: int = 16
    concepts: int = 4
    phrases: int = 2
    rate: float = 4e-5
    temperature: float = 0.05
    seed: int = 7


def tune(teacher: Teacher, terms: Sequence[Term], settings: Tuning) -> None:
    """Trains the teacher in place; the word-piece vectors stay as they are."""
    torch.manual_seed(settings.seed)
    teacher.model.train()
    for name, parameter in teacher.model.named_parameters():
        parameter.requires_grad_(not name.startswith("embeddings."))
    trained = [p for p in teacher.model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=settings.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.rate, total_steps=settings.steps, pct_start=0.1
    )
    running = 0.0
    for step, (phrases, concepts) in enumerate(_batches(terms, settings), 1):
        loss = contrastive(teacher.forward(phrases), concepts, settings.temperature)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        schedule.step()
        running += (float(loss.detach()) - running) / min(step, 30)
        if step % 50 == 0:
            print(f"teacher step {step}: loss {running:.3f}", flush=True)
    teacher.model.eval()


def contrastive(
    vectors: Tensor, groups: Tensor, temperature: float, others: Tensor | None = None
) -> Tensor:
    """Multi-positive InfoNCE (Khosla et al. 2020): rows of one group are each other's positives.

    `others` are vectors that are nobody's positive.
    """
    own = torch.eye(len(vectors), dtype=torch.bool)
    same = (groups[:, None] == groups[None, :]) & ~own
    logits = (vectors @ vectors.T / temperature).masked_fill(own, -1e9)
    if others is not None:
        logits = torch.cat([logits, vectors @ others.T / temperature], 1)
    log_p = logits.log_softmax(1)[:, : len(vectors)]
    each = -(log_p * same).sum(1) / same.sum(1).clamp(min=1)
    return each[same.any(1)].mean()


def _batches(terms: Sequence[Term], settings: Tuning) -> Iterator[tuple[list[str], Tensor]]:
    random = np.random.default_rng(settings.seed)
    several: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for term in terms:
        several[term.code[:3]][term.code].append(" ".join(term.words))
    usable = {
        category: {code: phrases for code, phrases in codes.items() if len(phrases) > 1}
        for category, codes in several.items()
    }
    names = sorted(category for category, codes in usable.items() if codes)
    sizes = np.sqrt([sum(map(len, usable[c].values())) for c in names])
    for _ in range(settings.steps):
        phrases: list[str] = []
        groups: list[int] = []
        for at in random.choice(
            len(names), settings.categories, replace=False, p=sizes / sizes.sum()
        ):
            codes = usable[names[at]]
            keys = list(codes)
            for key in random.permutation(len(keys))[: settings.concepts].tolist():
                known = codes[keys[key]]
                group = len(groups)
                for i in random.permutation(len(known))[: settings.phrases].tolist():
                    phrases.append(known[i])
                    groups.append(group)
        yield phrases, torch.tensor(groups)
