"""A model folder: manifest.json (hashes, data, figures), trees.npz, labels.json, encoder.npz.

A card in words (MODEL_CARD.md) may stand beside them. The encoder is optional; it is written by
`training.encoder`. Never pickle.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from suggest.engine.arrays import read_arrays
from suggest.engine.features import FEATURES
from suggest.engine.forest import Forest
from suggest.engine.learned import Labels, Vote
from suggest.engine.normal import Normaliser
from suggest.engine.retrieval import FILE, Retriever
from suggest.errors import ModelError

CARD = "MODEL_CARD.md"


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: trees, calibration (2, n: log-odds, probability), phrases and priors.

    `sha256` is the manifest's, which holds the hashes of the other files; `card` is the folder's
    card in words, empty without one.
    """

    name: str
    sha256: str
    forest: Forest
    calibration: np.ndarray
    labels: Labels
    retriever: Retriever | None
    manifest: dict[str, Any]
    card: str


def save(
    folder: Path,
    forest: Forest,
    calibration: np.ndarray,
    labels: Labels,
    facts: dict[str, Any],
) -> None:
    """Writes a model folder; an encoder that is in it stays and is named in the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {**forest.arrays(), "calibration": calibration}
    np.savez_compressed(folder / "trees.npz", **arrays)  # type: ignore[arg-type]
    phrases = [
        [
            phrase,
            count,
            {
                code: [vote.evidence, vote.given]
                for code, vote in sorted(labels.votes.get(phrase, {}).items())
            },
        ]
        for phrase, count in sorted(labels.occurred.items())
    ]
    learned = {
        "notes": labels.notes,
        "codes": dict(sorted(labels.codes.items())),
        "phrases": phrases,
        "judged": {
            code: [n, labels.judged.confirmed[code]]
            for code, n in sorted(labels.judged.proposed.items())
        },
    }
    (folder / "labels.json").write_bytes(orjson.dumps(learned))
    names = ["trees.npz", "labels.json", *([FILE] if (folder / FILE).is_file() else [])]
    files = {name: _sha256(folder / name) for name in names}
    manifest = {"format": 3, "features": list(FEATURES), "files": files, **facts}
    option = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest, option=option))


def load(folder: Path, normaliser: Normaliser) -> Model:
    """Reads a model folder.

    Raises ModelError, with the file's name, when one is missing, changed, damaged, or made for
    other features.
    """
    try:
        raw = (folder / "manifest.json").read_bytes()
        manifest = _json(folder / "manifest.json", raw)
        for name, digest in manifest["files"].items():
            if _sha256(folder / name) != digest:
                raise ModelError(f"{folder / name} does not match the manifest: restore the folder")
        if manifest["features"] != list(FEATURES):
            raise ModelError(f"{folder} was trained for other features: train it again")
        if manifest["format"] != 3:
            raise ModelError(f"{folder} has another format: train it again")
        arrays = read_arrays(folder / "trees.npz")
        learned = _json(folder / "labels.json", (folder / "labels.json").read_bytes())
        written = folder / CARD
        card = written.read_text("utf-8", errors="replace") if written.is_file() else ""
    except FileNotFoundError as error:
        raise ModelError(f"no model in {folder}: {Path(error.filename).name} is missing") from None
    except OSError as error:
        raise ModelError(f"{error.filename} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise ModelError(f"{folder / 'manifest.json'} does not name {error}") from None
    except ValueError as error:
        raise ModelError(
            f"{folder / 'trees.npz'} cannot be read ({error}): restore the folder"
        ) from None
    labels = Labels(learned["notes"], codes=Counter(learned["codes"]))
    for words, count, votes in learned["phrases"]:
        phrase = tuple(words)
        labels.occurred[phrase] = count
        if votes:
            labels.votes[phrase] = {c: Vote(*vote) for c, vote in votes.items()}
    labels.count_categories()
    for code, (proposed, confirmed) in learned["judged"].items():
        labels.judged.count(code, proposed, confirmed)
    retriever = Retriever.load(folder, normaliser) if FILE in manifest["files"] else None
    digest = hashlib.sha256(raw).hexdigest()
    return Model(
        f"{folder.name}-{digest[:12]}",
        digest,
        Forest.from_arrays(manifest["features"], arrays),
        arrays["calibration"],
        labels,
        retriever,
        manifest,
        card,
    )


def _json(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ModelError(f"{path} cannot be read ({error}): restore the folder") from None
    if not isinstance(found, dict):
        raise ModelError(f"{path} is not the file of a model: restore the folder")
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
