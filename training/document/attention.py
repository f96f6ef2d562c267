"""Label attention over a note's tokens (CAML, Mullenbach et al. 2018; PLM-ICD, Huang et al. 2022).

Each code has a query, which weighs the tokens, and a row, which reads the weighted mean of their
states. Both start from the code's title as the encoder reads it, and what they learn beside it is
kept small: with few notes a code, the title is most of what is known. The encoder's states are
computed once and kept, unless it is tuned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, normalize
from torch.nn.utils.rnn import pad_sequence

from suggest.text.span import Span
from training.document import snippets
from training.document.model import LEAST, Notes
from training.document.states import Source, States

POOL = 8  # batches that are sorted by length together


@dataclass(frozen=True, slots=True)
class Settings:
    """Hyperparameters; `convolution` is the reach of a convolution over the states, 0 for none.

    `evidence`: `attention`, or `attingrad` (attention times the norm of input times gradient, Edin
    et al. 2024; the input is the token's state).
    """

    width: int = 128
    convolution: int = 0
    epochs: int = 20
    batch: int = 16
    rate: float = 3e-3
    encoder_rate: float = 2e-5
    decay: float = 1e-2
    sharpness: float = 8.0
    evidence: str = "attingrad"
    seed: int = 7


class Network(nn.Module):
    """One attention and one logit a code."""

    def __init__(
        self, titles: Tensor, prior: np.ndarray, sample: Tensor, settings: Settings
    ) -> None:
        """`titles` (codes, states' width); `sample` (tokens, width) shows how states lie."""
        super().__init__()
        mean = sample.mean(0)
        width = min(settings.width, sample.shape[1])
        _, axes = torch.linalg.eigh((sample - mean).T @ (sample - mean) / len(sample))
        basis = axes.T.flip(0)[:width]
        self.project = nn.Linear(sample.shape[1], width)
        with torch.no_grad():
            basis = basis / ((sample - mean) @ basis.T).norm(dim=1).mean()
            self.project.weight.copy_(basis)
            self.project.bias.copy_(-basis @ mean)
        self.convolution = None
        if settings.convolution:
            reach = settings.convolution
            self.convolution = nn.Conv1d(width, width, 2 * reach + 1, padding=reach)
            nn.init.zeros_(self.convolution.weight)
            nn.init.zeros_(self.convolution.bias)
        start = normalize(titles @ basis.T - basis @ mean, dim=1)
        start[titles.abs().sum(1) == 0] = 0.0
        self.register_buffer("title", start)
        self.query = nn.Parameter(torch.zeros_like(start))
        self.row = nn.Parameter(torch.zeros_like(start))
        self.sharpness = nn.Parameter(torch.tensor(settings.sharpness))
        self.gain = nn.Parameter(torch.tensor(settings.sharpness / 2))
        share = torch.from_numpy(np.clip(prior, 1e-4, 1 - 1e-4)).float()
        self.bias = nn.Parameter(torch.logit(share) - 2.0)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(notes, tokens, width) states and their mask -> (notes, codes) logits and
        (notes, codes, tokens) attention."""
        hidden = self.project(states)
        if self.convolution is not None:
            around = self.convolution((hidden * mask[:, :, None]).transpose(1, 2))
            hidden = hidden + torch.tanh(around.transpose(1, 2))
        scores = (self.title + self.query) @ hidden.transpose(1, 2) * self.sharpness
        attention = scores.masked_fill(~mask[:, None, :], -1e9).softmax(2)
        read = torch.einsum("ncd,cd->nc", attention @ hidden, self.title + self.row)
        return read * self.gain + self.bias, attention

    def groups(self, settings: Settings) -> list[dict[str, object]]:
        """What departs from the titles decays to them."""
        kept = {id(self.query), id(self.row)}
        return [
            {"params": [self.query, self.row], "weight_decay": settings.decay},
            {"params": [p for p in self.parameters() if id(p) not in kept], "weight_decay": 0.0},
        ]


@dataclass(slots=True)
class Fitted:
    """A fitted network with the source of its states."""

    notes: Notes
    codes: tuple[str, ...]
    prior: np.ndarray
    network: Network
    held: Held
    settings: Settings

    @torch.no_grad()
    def probabilities(self, which: Sequence[int]) -> np.ndarray:
        """(notes, codes)."""
        made = np.empty((len(which), len(self.codes)))
        for start in range(0, len(which), self.settings.batch):
            part = list(which[start : start + self.settings.batch])
            logits, _ = self.network(*_padded(self.held.of(part)))
            made[start : start + len(part)] = torch.sigmoid(logits).numpy()
        return made

    def evidence(self, note: int, codes: Sequence[str]) -> dict[str, list[Span]]:
        """Code -> the snippets that its score rests on, the best first."""
        (states,) = self.held.of([note])
        if not states.spans:
            return {}
        vectors = states.vectors.detach().clone().requires_grad_()
        logits, attention = self.network(vectors[None], torch.ones(1, len(vectors)).bool())
        text = self.notes.texts[note]
        number = {code: k for k, code in enumerate(self.codes)}
        found: dict[str, list[Span]] = {}
        for code in codes:
            k = number[code]
            weight = attention[0, k].detach()
            if self.settings.evidence == "attingrad":
                (gradient,) = torch.autograd.grad(logits[0, k], vectors, retain_graph=True)
                weight = weight * (vectors.detach() * gradient).norm(dim=1)
            found[code] = snippets.best(text, states.spans, weight.numpy())
        return found


class Held:
    """The states of notes; those of an encoder that is not tuned are computed once."""

    def __init__(self, notes: Notes, source: Source, kept: dict[int, States]) -> None:
        self.source, self._notes, self._kept = source, notes, kept

    def of(self, which: Sequence[int]) -> list[States]:
        """The states of these notes."""
        if self.source.parameters():
            return self.source.states([self._notes.texts[i] for i in which])
        for i in which:
            if i not in self._kept:
                (one,) = self.source.states([self._notes.texts[i]])
                self._kept[i] = States(one.vectors.half(), one.spans)
        return [States(self._kept[i].vectors.float(), self._kept[i].spans) for i in which]


class LabelAttention:
    """The kinds `attention` and `words`."""

    def __init__(
        self,
        notes: Notes,
        source: Source,
        titles: Mapping[str, str],
        settings: Settings | None = None,
        least: int = LEAST,
    ) -> None:
        """`titles`: what each code is called; a code without a title starts from nothing."""
        self._notes, self._source, self._titles = notes, source, titles
        self._settings, self._least = settings or Settings(), least
        self._kept: dict[int, States] = {}

    def fit(self, train: Sequence[int]) -> Fitted:
        """Learns from these notes alone. The same seed gives the same model on one machine."""
        settings = self._settings
        torch.manual_seed(settings.seed)
        codes = self._notes.frequent(train, self._least)
        y = self._notes.targets(train, codes)
        held = Held(self._notes, self._source.fresh(), self._kept)
        with torch.no_grad():
            called = held.source.states([self._titles.get(code, "") for code in codes])
            titles = torch.stack([_mean(s, held.source.width) for s in called])
            sample = torch.cat([s.vectors for s in held.of(train)]).float()
        network = Network(titles, y.mean(axis=0), sample, settings)
        groups = network.groups(settings)
        if learned := held.source.parameters():
            groups.append({"params": learned, "lr": settings.encoder_rate})
        optimiser = torch.optim.AdamW(groups, lr=settings.rate)
        batches = list(_batches([len(self._notes.texts[i]) for i in train], settings))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: max(0.02, 1.0 - step / max(len(batches), 1))
        )
        target = torch.from_numpy(y)
        for batch in batches:
            logits, _ = network(*_padded(held.of([train[i] for i in batch])))
            loss = binary_cross_entropy_with_logits(logits, target[batch], reduction="none")
            optimiser.zero_grad()
            loss.sum(1).mean().backward()
            optimiser.step()
            schedule.step()
        return Fitted(self._notes, codes, y.mean(axis=0), network, held, settings)


def _batches(lengths: Sequence[int], settings: Settings) -> Iterator[list[int]]:
    """Each epoch every note once; notes of a batch are about as long, to save padding."""
    random = np.random.default_rng(settings.seed)
    pool = settings.batch * POOL
    for _ in range(settings.epochs):
        order = random.permutation(len(lengths)).tolist()
        batches = []
        for start in range(0, len(order), pool):
            near = sorted(order[start : start + pool], key=lambda i: lengths[i])
            batches += [near[k : k + settings.batch] for k in range(0, len(near), settings.batch)]
        for k in random.permutation(len(batches)).tolist():
            yield batches[k]


def _padded(states: Sequence[States]) -> tuple[Tensor, Tensor]:
    """A note without a token gets one of zeros."""
    rows = [
        s.vectors if len(s.vectors) else s.vectors.new_zeros(1, s.vectors.shape[1]) for s in states
    ]
    lengths = torch.tensor([len(r) for r in rows])
    padded = pad_sequence(rows, batch_first=True)
    return padded, torch.arange(padded.shape[1])[None, :] < lengths[:, None]


def _mean(states: States, width: int) -> Tensor:
    return states.vectors.mean(0) if len(states.vectors) else torch.zeros(width)
