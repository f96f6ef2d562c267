"""Ranking and calibration figures of one set of ranked lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Ranked = Sequence[tuple[str, float]]


def average_precision(ranked: Sequence[str], gold: set[str]) -> float:
    """Average precision over the whole list, divided by the number of gold codes (CodiEsp)."""
    hits, total = 0, 0.0
    for place, code in enumerate(ranked, 1):
        if code in gold:
            hits += 1
            total += hits / place
    return total / len(gold)


def expected_calibration_error(p: np.ndarray, y: np.ndarray, bins: int = 15) -> float:
    """Mean gap of confidence and accuracy over equal-mass bins (Naeini et al. 2015)."""
    order = np.argsort(p, kind="stable")
    parts = [b for b in np.array_split(order, bins) if len(b)]
    return float(sum(len(b) * abs(p[b].mean() - y[b].mean()) for b in parts) / len(p))


def complete(ranked: Ranked, gold: set[str], billable: frozenset[str]) -> Ranked:
    """A list in which the first code that completes a label that is not billable stands for it.

    What a coder makes of T14.90 is T14.90XA: a label without its last characters is no code of a
    claim, and is never suggested.
    """
    headers = gold - billable
    completed: list[tuple[str, float]] = []
    for code, p in ranked:
        completes = [] if code in gold else [h for h in headers if code.startswith(h)]
        if completes:
            code = max(completes, key=len)
            headers = headers - {code}
        completed.append((code, p))
    return completed


def summary(lists: list[Ranked], gold: list[set[str]], train: list[set[str]]) -> dict[str, float]:
    """MAP, recall@k, the same by category, recall@25 of codes unseen in training, ECE.

    `train[i]` holds the codes of the training folds for document i. Documents without a gold
    code are left out.
    """
    use = [i for i, g in enumerate(gold) if g]
    codes = [[c for c, _ in lists[i]] for i in use]
    figures: dict[str, float] = {
        "map": float(
            np.mean([average_precision(c, gold[i]) for c, i in zip(codes, use, strict=True)])
        )
    }
    for k in (5, 10, 15, 25):
        found = [len(set(c[:k]) & gold[i]) / len(gold[i]) for c, i in zip(codes, use, strict=True)]
        figures[f"recall@{k}"] = float(np.mean(found))
    by_category = [list(dict.fromkeys(c[:3] for c in one)) for one in codes]
    gold_category = [{c[:3] for c in gold[i]} for i in use]
    figures["category_map"] = float(
        np.mean([average_precision(c, g) for c, g in zip(by_category, gold_category, strict=True)])
    )
    unseen = [(set(c[:25]), gold[i] - train[i]) for c, i in zip(codes, use, strict=True)]
    total = sum(len(g) for _, g in unseen)
    figures["unseen_recall@25"] = sum(len(c & g) for c, g in unseen) / total if total else 0.0
    figures["candidate_recall"] = sum(
        len(set(c) & gold[i]) for c, i in zip(codes, use, strict=True)
    ) / sum(len(gold[i]) for i in use)
    p = np.array([q for i in use for _, q in lists[i]])
    y = np.array([c in gold[i] for i in use for c, _ in lists[i]], dtype=float)
    figures["ece"] = expected_calibration_error(p, y)
    return figures
