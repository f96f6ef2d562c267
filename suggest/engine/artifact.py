"""A model folder: manifest.json (hashes, data, figures), trees.npz, labels.json. Never pickle."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from suggest.engine.candidates import FEATURES, Labels
from suggest.engine.forest import Forest
from suggest.engine.lexicon import Lexicon
from suggest.engine.lexicon.compiled import MINED, Entry
from suggest.errors import ModelError


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: trees, calibration (2, n: log-odds, probability), phrases and priors.

    `sha256` is the manifest's, which holds the hashes of the other files.
    """

    name: str
    sha256: str
    forest: Forest
    calibration: np.ndarray
    labels: Labels
    manifest: dict[str, Any]


def save(
    folder: Path,
    forest: Forest,
    calibration: np.ndarray,
    labels: Labels,
    class_names: list[str],
    facts: dict[str, Any],
) -> None:
    """Writes a model folder; phrases are written as words, so that ids may change."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {**forest.arrays(), "calibration": calibration}
    np.savez_compressed(folder / "trees.npz", **arrays)  # type: ignore[arg-type]
    phrases = [
        [[class_names[i] for i in phrase], {c: list(v) for c, v in sorted(codes.items())}]
        for phrase, codes in sorted(labels.phrases.items())
    ]
    learned = {"codes": dict(sorted(labels.codes.items())), "phrases": phrases}
    (folder / "labels.json").write_bytes(orjson.dumps(learned))
    files = {name: _sha256(folder / name) for name in ("trees.npz", "labels.json")}
    manifest = {"format": 1, "features": list(FEATURES), "files": files, **facts}
    option = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest, option=option))


def load(folder: Path, lexicon: Lexicon) -> Model:
    """Reads a model folder and adds its phrases to the lexicon.

    Raises ModelError when a file is missing, changed, or made for other features.
    """
    try:
        raw = (folder / "manifest.json").read_bytes()
        manifest = orjson.loads(raw)
        for name, digest in manifest["files"].items():
            if _sha256(folder / name) != digest:
                raise ModelError(f"{folder / name} does not match the manifest: restore the folder")
        if manifest["features"] != list(FEATURES):
            raise ModelError(f"{folder} was trained for other features: train it again")
        with np.load(folder / "trees.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        learned = orjson.loads((folder / "labels.json").read_bytes())
    except FileNotFoundError as error:
        raise ModelError(f"no model in {folder}: {Path(error.filename).name} is missing") from None
    except (KeyError, orjson.JSONDecodeError) as error:
        raise ModelError(f"{folder}: the manifest cannot be read ({error})") from None
    labels = Labels(codes=Counter(learned["codes"]))
    for words, codes in learned["phrases"]:
        classes = lexicon.ids(words, grow=True)
        assert classes is not None
        labels.phrases[classes] = {code: (a, n) for code, (a, n) in codes.items()}
        for code in codes:
            lexicon.add(classes, Entry(code, MINED, -1))
    digest = hashlib.sha256(raw).hexdigest()
    return Model(
        f"{folder.name}-{digest[:12]}",
        digest,
        Forest.from_arrays(manifest["features"], arrays),
        arrays["calibration"],
        labels,
        manifest,
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
