"""Figures of ranked lists: average precision, precision and recall at k, F1, frequency bands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from training.evaluate.judged import Bools, Floats, Ints, Judged
from training.evaluate.resampling import Figure, divide, ratio

KS = (1, 5, 10, 15, 25)
BANDS: Mapping[str, tuple[int, float]] = {
    "unseen": (0, 0),
    "1-4": (1, 4),
    "5-19": (5, 19),
    "20+": (20, float("inf")),
}
"""Name -> least and most training documents with the code."""


def document_means(judged: Judged) -> dict[str, Floats]:
    """Values by document, shape (n,), of the figures that are means over documents.

    They are NaN for a document without a gold code: it takes no part in the mean.
    """
    gold = judged.gold_count()
    gold[gold == 0] = np.nan
    means = {"map": average_precision(judged)}
    for k in KS:
        hits = _count(judged, judged.hit & (judged.rank <= k))
        means[f"precision@{k}"] = np.where(np.isnan(gold), np.nan, hits / k)
        means[f"recall@{k}"] = hits / gold
    within = judged.rank <= np.nan_to_num(gold)[judged.document]
    means["r_precision"] = _count(judged, judged.hit & within) / gold
    return means


def average_precision(judged: Judged) -> Floats:
    """Of each document, over its whole list, divided by its gold codes; NaN without any."""
    return _average_precision(judged, np.ones(len(judged.gold_rank), dtype=bool))


def mean(values: Floats) -> Figure:
    """The mean over the documents where the value is defined."""
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0), defined)


def pooled(judged: Judged, threshold: Floats | None) -> dict[str, Figure]:
    """Micro figures at each k, at the threshold, and over the whole list.

    `threshold` has one value a document: a code is predicted if its probability is at least that.
    """
    gold = judged.gold_count()
    figures: dict[str, Figure] = {
        "candidate_recall": ratio(_count(judged, judged.hit), gold),
    }
    for k in KS:
        chosen = judged.rank <= k
        figures[f"micro_f1@{k}"] = _micro_f1(judged, chosen)
    if threshold is not None:
        chosen = judged.probability >= threshold[judged.document]
        right, all_ = _count(judged, chosen & judged.hit), _count(judged, chosen)
        figures["micro_f1"] = _micro_f1(judged, chosen)
        figures["micro_precision"] = ratio(right, all_)
        figures["micro_recall"] = ratio(right, gold)
        figures["predicted_per_document"] = ratio(all_)
    return figures


def macro_f1(judged: Judged, threshold: Floats | None) -> dict[str, float]:
    """Mean F1 of the codes that are gold somewhere, at each k and at the threshold.

    Edin et al. 2023. It has no bootstrap interval: a resample loses a third of the
    codes that stand in one document, so its mean is over other, more frequent codes.
    """
    found = {f"macro_f1@{k}": _macro_f1(judged, judged.rank <= k) for k in KS}
    if threshold is not None:
        chosen = judged.probability >= threshold[judged.document]
        found["macro_f1"] = _macro_f1(judged, chosen)
    return found


def bands(judged: Judged, trained: Ints) -> tuple[dict[str, Figure], dict[str, int]]:
    """Figures by how often a gold code stood in training, and each band's gold codes.

    `trained` has the shape of `gold_code`. Recall is pooled over the band's gold codes. For MAP a
    right code of another band takes no place in the list, so it neither helps nor harms.
    """
    figures: dict[str, Figure] = {}
    sizes: dict[str, int] = {}
    for name, (least, most) in BANDS.items():
        inside = (least <= trained) & (trained <= most)
        sizes[name] = int(inside.sum())
        total = judged.per_document(judged.gold_document[inside])
        listed = inside & (judged.gold_rank > 0)
        top = listed & (judged.gold_rank <= KS[-1])
        figures[f"{name}.map"] = mean(_average_precision(judged, inside))
        figures[f"{name}.recall@{KS[-1]}"] = ratio(
            judged.per_document(judged.gold_document[top]), total
        )
        figures[f"{name}.candidate_recall"] = ratio(
            judged.per_document(judged.gold_document[listed]), total
        )
    return figures, sizes


def best_threshold(judged: Judged) -> float:
    """The probability from which on predicting maximises micro F1 on these suggestions.

    Of several equally good ones the highest. 1.0 where nothing is right.
    """
    if not judged.hit.any():
        return 1.0
    order = np.argsort(-judged.probability, kind="stable")
    p, hits = judged.probability[order], np.cumsum(judged.hit[order])
    last = np.append(p[1:] != p[:-1], True)  # codes of one probability are chosen together
    chosen = np.flatnonzero(last)
    f1 = 2 * hits[chosen] / (chosen + 1 + len(judged.gold_code))
    return float(p[chosen[np.argmax(f1)]])


def _count(judged: Judged, chosen: Bools) -> Floats:
    return judged.per_document(judged.document[chosen])


def _average_precision(judged: Judged, counted: Bools) -> Floats:
    """Average precision of the counted gold codes; the other gold codes take no place."""
    listed = np.flatnonzero(judged.gold_rank > 0)
    document, rank = judged.gold_document[listed], judged.gold_rank[listed]
    order = np.lexsort((rank, document))
    document, rank, mine = document[order], rank[order], counted[listed][order]
    first = np.searchsorted(document, document)  # where the document's rows begin
    passed = np.concatenate(([0], np.cumsum(mine)))
    found = passed[1:] - passed[first]
    others = np.arange(1, len(document) + 1) - first - found
    precision = np.where(mine, found / (rank - others).clip(1), 0.0)
    total = judged.per_document(judged.gold_document[counted])
    return divide(judged.per_document(document, precision), total)


def _micro_f1(judged: Judged, chosen: Bools) -> Figure:
    right = _count(judged, chosen & judged.hit)
    return ratio(2 * right, _count(judged, chosen) + judged.gold_count())


def _macro_f1(judged: Judged, chosen: Bools) -> float:
    size = len(judged.codes)
    right = np.bincount(judged.code[chosen & judged.hit], minlength=size)
    predicted = np.bincount(judged.code[chosen], minlength=size)
    gold = np.bincount(judged.gold_code, minlength=size)
    there = gold > 0
    return float((2 * right[there] / (predicted + gold)[there]).mean())
