"""Letter n-grams learned to stand in for words: misspellings and unseen inflections.

Each n-gram's vector is learned so that the mean over a word's n-grams is the word's own vector
(Pinter et al. 2017, "Mimicking word embeddings"), for the words as they are and misspelt.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from suggest.engine.retrieval import grams

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(word: str, random: np.random.Generator) -> str:
    """The word with one letter swapped with the next, left out, doubled or replaced."""
    if len(word) < 5:
        return word
    at = int(random.integers(1, len(word) - 1))
    how = int(random.integers(4))
    if how == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if how == 1:
        return word[:at] + word[at + 1 :]
    if how == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _LETTERS[int(random.integers(26))] + word[at + 1 :]


def learn(
    words: Sequence[str],
    vectors: np.ndarray,
    *,
    buckets: int = 1 << 14,
    epochs: int = 12,
    seed: int = 7,
) -> np.ndarray:
    """(buckets, width) float32 vectors of n-grams."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    chosen = [i for i, w in enumerate(words) if len(w) >= 4 and w.isalpha()]
    target = torch.from_numpy(vectors)
    bag = nn.EmbeddingBag(buckets, vectors.shape[1], mode="mean", sparse=True)
    nn.init.zeros_(bag.weight)
    optimiser = torch.optim.SparseAdam(list(bag.parameters()), lr=0.05)
    size = 1024
    total = epochs * -(-len(chosen) // size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1.0 - step / (total + 1))
    for _ in range(epochs):
        random.shuffle(chosen)
        for start in range(0, len(chosen), size):
            part = chosen[start : start + size]
            spelt = [words[i] if random.random() < 0.4 else misspelt(words[i], random) for i in part]
            rows = [list(grams(word, buckets)) for word in spelt]
            offsets = torch.tensor(np.cumsum([0, *map(len, rows)])[:-1])
            made = bag(torch.tensor([g for row in rows for g in row]), offsets)
            loss = ((made - target[part]) ** 2).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return bag.weight.detach().numpy()
