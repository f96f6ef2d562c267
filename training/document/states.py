"""The tokens of a note as vectors, with their places in the text: what attention looks at."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from suggest.engine.normal import Normaliser
from suggest.engine.retrieval import FILE, EncoderFile
from suggest.engine.retrieval.vectors import WordVectors, shrink
from suggest.errors import ModelError
from suggest.text.span import Span
from suggest.text.tokens import tokenise
from training.document.model import DocumentModelError
from training.encoder.teacher import Teacher

WINDOW = 128  # tokens read together (PLM-ICD, Huang et al. 2022)
OVERLAP = 32  # of two windows that follow each other


class Window(NamedTuple):
    """Tokens `start` to `end` are read together, those from `first` to `last` kept."""

    start: int
    end: int
    first: int
    last: int


def windows(tokens: int, size: int, overlap: int) -> Iterator[Window]:
    """Overlapping windows over a note; each token is kept from one, where it has most around it.

    The last window is as long as the others if the note is: it begins earlier.
    """
    if not 0 <= overlap < size:
        raise DocumentModelError(f"windows of {size} tokens cannot overlap by {overlap}")
    starts = list(range(0, max(tokens - overlap, 1), size - overlap)) if tokens else []
    if len(starts) > 1:
        starts[-1] = tokens - size
    first = 0
    for number, start in enumerate(starts):
        end = min(start + size, tokens)
        last = (starts[number + 1] + end) // 2 if number + 1 < len(starts) else tokens
        yield Window(start, end, first, last)
        first = last


@dataclass(frozen=True, slots=True)
class States:
    """A note's tokens: (tokens, width) vectors and each one's place."""

    vectors: Tensor
    spans: Sequence[Span]


class Source(Protocol):
    """Where the tokens' vectors come from."""

    width: int

    def states(self, texts: Sequence[str]) -> list[States]:
        """The tokens of each text; one without a token gives no rows."""

    def fresh(self) -> Source:
        """A copy for one fitting; the same object where nothing of it is learned."""

    def parameters(self) -> list[torch.nn.Parameter]:
        """What is learned of it."""


class Words:
    """The static vectors of the packaged encoder, one a word that carries meaning."""

    def __init__(self, folder: Path) -> None:
        try:
            file = EncoderFile.read(folder / FILE)
        except ModelError as error:
            raise DocumentModelError(str(error)) from error
        self._vectors = WordVectors(file, Normaliser())
        self.width = self._vectors.width

    def states(self, texts: Sequence[str]) -> list[States]:
        """The words of each text."""
        return [self._states(text) for text in texts]

    def _states(self, text: str) -> States:
        found = [
            (number, Span(start, end))
            for start, end, norm in tokenise(text)
            if norm[0].isalnum() and (number := self._vectors.id_of(norm))
        ]
        rows = self._vectors.rows(np.array([number for number, _ in found], dtype=np.int64))
        return States(torch.from_numpy(shrink(rows)), [span for _, span in found])

    def fresh(self) -> Words:
        return self

    def parameters(self) -> list[torch.nn.Parameter]:
        return []


class Encoder:
    """The token states of a Hugging Face encoder, read in overlapping windows."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        size: int = WINDOW,
        overlap: int = OVERLAP,
        tune: bool = False,
        device: str = "cpu",
    ) -> None:
        name = path or "the packaged encoder"
        if path is not None and not (path / "config.json").is_file():
            raise DocumentModelError(f"{path}: not a Hugging Face encoder (no config.json)")
        try:
            teacher = Teacher(path)
            self._model, self._tokenizer = teacher.model.to(device), teacher.tokenizer
        except (OSError, ValueError, KeyError, RuntimeError, AssertionError) as error:
            reason = str(error).strip().splitlines()[0]
            raise DocumentModelError(f"{name}: cannot be loaded: {reason}") from error
        if not self._tokenizer.is_fast:
            raise DocumentModelError(f"{name}: its tokenizer gives no offsets (no tokenizer.json)")
        self._size, self._overlap, self._tune = size, overlap, tune
        self.width = int(self._model.config.hidden_size)
        self._model.eval()

    def states(self, texts: Sequence[str]) -> list[States]:
        """The word pieces of each text."""
        with torch.set_grad_enabled(self._tune and torch.is_grad_enabled()):
            return [self._states(text) for text in texts]

    def _states(self, text: str) -> States:
        given = self._tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        ids = given["input_ids"]
        spans = [Span(start, end) for start, end in given["offset_mapping"]]
        parts = list(windows(len(ids), self._size, self._overlap))
        if not parts:
            return States(torch.zeros(0, self.width), [])
        opening, closing = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        before, after = [t for t in (opening,) if t is not None], [t for t in (closing,) if t]
        longest = max(w.end - w.start for w in parts)
        rows = torch.zeros(len(parts), longest + len(before) + len(after), dtype=torch.long)
        mask = torch.zeros_like(rows)
        for row, part in enumerate(parts):
            one = torch.tensor([*before, *ids[part.start : part.end], *after])
            rows[row, : len(one)], mask[row, : len(one)] = one, 1
        device = self._model.device
        hidden = self._model(
            input_ids=rows.to(device), attention_mask=mask.to(device)
        ).last_hidden_state
        kept = [
            hidden[
                row, len(before) + part.first - part.start : len(before) + part.last - part.start
            ]
            for row, part in enumerate(parts)
        ]
        return States(torch.cat(kept).cpu(), spans)

    def fresh(self) -> Encoder:
        if not self._tune:
            return self
        one = copy.copy(self)
        one._model = copy.deepcopy(self._model)
        return one

    def parameters(self) -> list[torch.nn.Parameter]:
        return list(self._model.parameters()) if self._tune else []
