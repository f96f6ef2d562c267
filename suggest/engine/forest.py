"""Gradient-boosted trees read from a LightGBM model, with what each feature contributed.

Serving needs no LightGBM. The contribution of a feature is the change of the trees' expected
value at the splits on it, along the way of the row (Saabas 2014, "Interpreting random forests").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEPS = 5  # splits after which rows that have come to a leaf are left out


@dataclass(frozen=True, slots=True)
class Forest:
    """All trees' nodes in shared arrays; leaves point to themselves.

    `children` are the left and the right one of each node in turn; `paths` what each feature
    added on the way to a node, shape (nodes, features).
    """

    features: tuple[str, ...]
    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    children: Ints = field(init=False)
    paths: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "children", np.stack([self.left, self.right], axis=1).ravel())
        object.__setattr__(self, "paths", self._paths())

    def _paths(self) -> Floats:
        paths = np.zeros((len(self.value), len(self.features)))
        nodes = self.roots
        while len(nodes := nodes[self.left[nodes] != nodes]):
            for below in (self.left[nodes], self.right[nodes]):
                paths[below] = paths[nodes]
                paths[below, self.feature[nodes]] += self.value[below] - self.value[nodes]
            nodes = np.concatenate([self.left[nodes], self.right[nodes]])
        return paths

    @classmethod
    def from_dump(cls, dump: dict[str, Any]) -> Forest:
        """From LightGBM's `Booster.dump_model()`."""
        rows: list[tuple[int, float, int, int, float]] = []
        roots: list[int] = []

        def add(node: dict[str, Any]) -> int:
            index = len(rows)
            if "leaf_value" in node and "split_feature" not in node:
                rows.append((0, 0.0, index, index, float(node["leaf_value"])))
                return index
            rows.append((0, 0.0, 0, 0, 0.0))
            left = add(node["left_child"])
            right = add(node["right_child"])
            rows[index] = (
                int(node["split_feature"]),
                float(node["threshold"]),
                left,
                right,
                float(node["internal_value"]),
            )
            return index

        for tree in dump["tree_info"]:
            roots.append(add(tree["tree_structure"]))
        columns = list(zip(*rows, strict=True))
        return cls(
            tuple(dump["feature_names"]),
            np.array(roots, dtype=np.int64),
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=np.float64),
            np.array(columns[2], dtype=np.int64),
            np.array(columns[3], dtype=np.int64),
            np.array(columns[4], dtype=np.float64),
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
        )

    def leaves(self, rows: Floats) -> Ints:
        """The leaf that each row comes to in each tree, shape (n, trees)."""
        count, trees = len(rows), len(self.roots)
        flat = np.ascontiguousarray(rows).ravel()
        line = np.repeat(np.arange(count) * len(self.features), trees)
        found = np.tile(self.roots, count)
        on_the_way = np.arange(count * trees)
        while len(on_the_way):
            node, of = found.take(on_the_way), line.take(on_the_way)
            for _ in range(_STEPS):
                right = flat.take(of + self.feature.take(node)) > self.threshold.take(node)
                node = self.children.take(2 * node + right)
            found[on_the_way] = node
            on_the_way = on_the_way[self.left.take(node) != node]
        return found.reshape(count, trees)

    def log_odds(self, leaves: Ints) -> Floats:
        """Log-odds of each row of `leaves`, shape (n,)."""
        total: Floats = self.value.take(leaves).sum(axis=1)
        return total

    def predict(self, rows: Floats) -> Floats:
        """Log-odds of each row, shape (n,)."""
        return self.log_odds(self.leaves(rows))

    def contributions(self, leaves: Ints) -> Floats:
        """What each feature adds to the log-odds of each row of `leaves`, shape (n, features)."""
        total: Floats = self.paths.take(leaves, axis=0).sum(axis=1)
        return total
