"""Pictures of a report: reliability, precision and recall by k, recall by frequency band."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.evaluate.judged import Floats, Ints
from training.evaluate.metrics import TOP, Metrics
from training.evaluate.ranking import BANDS, KS

_BLUE, _GREY, _ORANGE = "#1f5fa8", "#8a8f98", "#d9822b"


def draw(metrics: Metrics, folder: Path, other: Metrics | None = None) -> list[str]:
    """Writes the pictures as PNG; returns their names. `other` is drawn in grey behind."""
    names = ["reliability.png", "by_k.png"]
    figure, axes = _canvas()
    _reliability(axes, metrics, other)
    _save(figure, folder / names[0])
    figure, axes = _canvas()
    _by_k(axes, metrics, other)
    _save(figure, folder / names[1])
    if f"unseen.recall@{TOP}" in metrics:
        figure, axes = _canvas()
        _bands(axes, metrics, other)
        names.append("bands.png")
        _save(figure, folder / names[2])
    return names


def _canvas() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.2, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e6e8eb", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _save(figure: Figure, path: Path) -> None:
    # Without the date and version in it the same figures give the same bytes.
    figure.savefig(path, dpi=120, metadata={"Software": None})


def _reliability(axes: Axes, metrics: Metrics, other: Metrics | None) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--")
    if other is not None:
        _curve(axes, other, _GREY, "compared")
    _curve(axes, metrics, _BLUE, "model")
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel=f"mean probability (first {TOP} suggestions, bins of equal mass)",
        ylabel="share that is right",
    )
    axes.legend(frameon=False)


def _curve(axes: Axes, metrics: Metrics, color: str, label: str) -> None:
    p = np.array([b.probability for b in metrics.reliability])
    y = np.array([b.right for b in metrics.reliability])
    n = np.array([b.suggestions for b in metrics.reliability])
    low, high = wilson(y, n)
    error = [np.maximum(y - low, 0), np.maximum(high - y, 0)]
    axes.errorbar(
        p, y, error, color=color, marker="o", markersize=4, linewidth=1, capsize=2, label=label
    )


def wilson(share: Floats, count: Ints) -> tuple[Floats, Floats]:
    """Low and high end of the 95 % interval of each share (Wilson 1927)."""
    z = 1.959964
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return middle - half, middle + half


def _by_k(axes: Axes, metrics: Metrics, other: Metrics | None) -> None:
    for one, style in ((metrics, "-"), (other, ":")):
        if one is None:
            continue
        suffix = "" if one is metrics else ", compared"
        for kind, color in (("precision", _ORANGE), ("recall", _BLUE)):
            values = [one.figures[f"{kind}@{k}"] for k in KS]
            axes.plot(
                KS, [v.value for v in values], style, color=color, marker="o", markersize=4,
                label=kind + suffix,
            )  # fmt: skip
            if one is metrics:
                low, high = [v.low for v in values], [v.high for v in values]
                axes.fill_between(KS, low, high, color=color, alpha=0.15, linewidth=0)
    axes.set(xticks=KS, ylim=(0, 1), xlabel="k", ylabel="mean over documents")
    axes.legend(frameon=False)


def _bands(axes: Axes, metrics: Metrics, other: Metrics | None) -> None:
    place = np.arange(len(BANDS))
    for one, shift, color in ((metrics, -0.2, _BLUE), (other, 0.2, _GREY)):
        if one is None:
            continue
        values = [one.figures[f"{band}.recall@{TOP}"] for band in BANDS]
        height = np.array([v.value for v in values])
        ends = np.array([[v.low, v.high] for v in values]).T
        error = np.abs(ends - height)
        at = place if other is None else place + shift
        label = "model" if one is metrics else "compared"
        axes.bar(at, np.nan_to_num(height), 0.4, color=color, label=label)
        axes.errorbar(at, height, error, fmt="none", color="#333", linewidth=1, capsize=3)
    names = [f"{b}\n({metrics.counts[f'{b}.gold_codes']})" for b in BANDS]
    axes.set_xticks(place, names)
    axes.set(ylim=(0, 1), xlabel="training documents with the code (gold codes)")
    axes.set_ylabel(f"recall@{TOP}")
    axes.legend(frameon=False)
