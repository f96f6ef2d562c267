"""Gradient-boosted trees read from a LightGBM model, with what each feature contributed.

Serving needs no LightGBM. The contribution of a feature is the change of the trees' expected
value at the splits on it, along the way of the row (Saabas 2014, "Interpreting random forests").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Forest:
    """All trees' nodes in shared arrays; leaves point to themselves."""

    features: tuple[str, ...]
    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    depth: int

    @classmethod
    def from_dump(cls, dump: dict[str, Any]) -> Forest:
        """From LightGBM's `Booster.dump_model()`."""
        rows: list[tuple[int, float, int, int, float]] = []
        roots: list[int] = []
        deepest = 0

        def add(node: dict[str, Any], depth: int) -> int:
            nonlocal deepest
            deepest = max(deepest, depth)
            index = len(rows)
            if "leaf_value" in node and "split_feature" not in node:
                rows.append((0, 0.0, index, index, float(node["leaf_value"])))
                return index
            rows.append((0, 0.0, 0, 0, 0.0))
            left = add(node["left_child"], depth + 1)
            right = add(node["right_child"], depth + 1)
            rows[index] = (
                int(node["split_feature"]),
                float(node["threshold"]),
                left,
                right,
                float(node["internal_value"]),
            )
            return index

        for tree in dump["tree_info"]:
            roots.append(add(tree["tree_structure"], 0))
        columns = list(zip(*rows, strict=True))
        return cls(
            tuple(dump["feature_names"]),
            np.array(roots, dtype=np.int64),
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=np.float64),
            np.array(columns[2], dtype=np.int64),
            np.array(columns[3], dtype=np.int64),
            np.array(columns[4], dtype=np.float64),
            deepest,
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` takes back."""
        return {
            "roots": self.roots,
            "feature": self.feature,
            "threshold": self.threshold,
            "left": self.left,
            "right": self.right,
            "value": self.value,
            "depth": np.array([self.depth]),
        }

    @classmethod
    def from_arrays(cls, features: list[str], arrays: dict[str, NDArray[Any]]) -> Forest:
        return cls(
            tuple(features),
            arrays["roots"],
            arrays["feature"],
            arrays["threshold"],
            arrays["left"],
            arrays["right"],
            arrays["value"],
            int(arrays["depth"][0]),
        )

    def predict(self, rows: Floats) -> Floats:
        """Log-odds of each row, shape (n,)."""
        flat = np.ascontiguousarray(rows).ravel()
        node = np.broadcast_to(self.roots, (len(rows), len(self.roots))).copy()
        line = (np.arange(len(rows)) * len(self.features))[:, None]
        for _ in range(self.depth):
            below = flat.take(line + self.feature.take(node)) <= self.threshold.take(node)
            node = np.where(below, self.left.take(node), self.right.take(node))
        total: Floats = self.value.take(node).sum(axis=1)
        return total

    def contributions(self, rows: Floats) -> Floats:
        """What each feature adds to the log-odds of each row, shape (n, features)."""
        count, wide = len(rows), len(self.features)
        node = np.broadcast_to(self.roots, (count, len(self.roots))).copy()
        line = np.broadcast_to(np.arange(count)[:, None], node.shape)
        total: Floats = np.zeros(count * wide)
        for _ in range(self.depth):
            split = self.feature[node]
            below = rows[line, split] <= self.threshold[node]
            child = np.where(below, self.left[node], self.right[node])
            change = self.value[child] - self.value[node]
            place = (line * wide + split).ravel()
            total += np.bincount(place, change.ravel(), minlength=count * wide)
            node = child
        return total.reshape(count, wide)
