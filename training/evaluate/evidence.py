"""Whether the snippets beside a right suggestion are those that the coders marked.

Only right suggestions among the first k of a document are judged: what a coder sees and accepts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from suggest.text.span import Span
from training.corpora import Document, GoldCode, SentenceEvidence
from training.evaluate.errors import EvaluationError
from training.evaluate.predictions import PredictedCode, Prediction
from training.evaluate.resampling import Figure, ratio

_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Shown:
    """The first suggestions of one document, and the right ones among them with their gold."""

    all: tuple[PredictedCode, ...]
    right: tuple[tuple[PredictedCode, GoldCode], ...]


@dataclass(frozen=True, slots=True)
class SectionRow:
    """How many of the suggestions whose first evidence is in a section are right."""

    section: str
    suggestions: int
    right: int


def right_suggestions(
    documents: Sequence[Document], predictions: Mapping[str, Prediction], system: str, top: int
) -> list[Shown]:
    """What is shown of each document. Raises EvaluationError for evidence outside of the text."""
    shown = []
    for document in documents:
        gold = {g.code: g for g in document.codes if g.system == system}
        first = [s for s in predictions[document.id].suggestions if s.system == system][:top]
        for suggestion in first:
            if any(e.span.end > len(document.text) for e in suggestion.evidence):
                raise EvaluationError(
                    f"document {document.id}, {suggestion.code}: evidence is outside of the text"
                )
        right = tuple((s, gold[s.code]) for s in first if s.code in gold)
        shown.append(Shown(tuple(first), right))
    return shown


def figures(
    documents: Sequence[Document],
    shown: Sequence[Shown],
    sentences: Mapping[str, SentenceEvidence] | None,
) -> tuple[dict[str, Figure], dict[str, int]]:
    """The figures that the gold evidence allows, and how many suggestions each is computed from."""
    found, counts = _offsets(documents, shown)
    if sentences is not None:
        missing = sum(d.id not in sentences for d in documents)
        if missing:
            raise EvaluationError(f"{missing} documents have no sentences")
        more, judged = _positions([sentences[d.id] for d in documents], shown)
        found |= more
        counts |= judged
    return found, counts


def by_section(
    documents: Sequence[Document], predictions: Mapping[str, Prediction], system: str, top: int
) -> list[SectionRow]:
    """The first suggestions by the section of their first evidence, the most frequent first."""
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for one, shown in zip(
        documents, right_suggestions(documents, predictions, system, top), strict=True
    ):
        gold = set(one.gold(system))
        for suggestion in shown.all:
            if suggestion.evidence and suggestion.evidence[0].section is not None:
                total[suggestion.evidence[0].section] += 1
                right[suggestion.evidence[0].section] += suggestion.code in gold
    return [SectionRow(name, count, right[name]) for name, count in total.most_common()]


def _offsets(
    documents: Sequence[Document], shown: Sequence[Shown]
) -> tuple[dict[str, Figure], dict[str, int]]:
    """Micro F1 of exact spans and of word tokens (as in MDACE, Cheng et al. 2023)."""
    # Columns: shared, predicted and gold, of spans and then of tokens.
    sums = np.zeros((len(documents), 6))
    judged = 0
    for row, (document, one) in enumerate(zip(documents, shown, strict=True)):
        words = [Span(m.start(), m.end()) for m in _TOKEN.finditer(document.text)]
        for suggestion, gold in one.right:
            if not gold.evidence:
                continue
            judged += 1
            theirs, ours = set(gold.evidence), {e.span for e in suggestion.evidence}
            gold_words, our_words = _words(words, theirs), _words(words, ours)
            sums[row] += [
                len(theirs & ours), len(ours), len(theirs),
                len(gold_words & our_words), len(our_words), len(gold_words),
            ]  # fmt: skip
    if not judged:
        return {}, {}
    found: dict[str, Figure] = {}
    for name, (both, ours_, theirs_) in (("exact", sums.T[:3]), ("token", sums.T[3:])):
        found[f"evidence.{name}_precision"] = ratio(both, ours_)
        found[f"evidence.{name}_recall"] = ratio(both, theirs_)
        found[f"evidence.{name}_f1"] = ratio(2 * both, ours_ + theirs_)
    return found, {"evidence.codes_with_offsets": judged}


def _words(words: Sequence[Span], spans: set[Span]) -> set[int]:
    return {n for n, word in enumerate(words) if any(word.overlaps(s) for s in spans)}


def _positions(
    sentences: Sequence[SentenceEvidence], shown: Sequence[Shown]
) -> tuple[dict[str, Figure], dict[str, int]]:
    """Share of right suggestions whose evidence is in, or next to, a gold sentence.

    Two chance levels, each the exact expectation: the evidence is that of another suggestion of
    the document, or a sentence of the document, every one as likely as any other.
    """
    names = [
        f"evidence.{which}_sentence{near}{chance}"
        for near in ("", "_within_one")
        for which, chances in (
            ("first", ("", ".chance_suggestion", ".chance_sentence")),
            ("any", ("", ".chance_suggestion")),
        )
        for chance in chances
    ]
    sums = np.zeros((len(shown), len(names)))
    judged = np.zeros(len(shown))
    without = 0
    for row, (known, one) in enumerate(zip(sentences, shown, strict=True)):
        starts = [s.start for s in known.sentences]
        places = {
            s.code: [max(0, bisect_right(starts, e.span.start) - 1) for e in s.evidence]
            for s in one.all
        }
        for suggestion, gold in one.right:
            marked = known.codes.get(gold.code)
            if not marked:
                continue
            judged[row] += 1
            mine = places[suggestion.code]
            without += not mine
            others = [p for code, p in places.items() if code != suggestion.code and p] or [mine]
            values: list[float] = []
            for distance in (0, 1):
                good = {m + step for m in marked for step in range(-distance, distance + 1)}
                values += [
                    _first_in(mine, good),
                    float(np.mean([_first_in(p, good) for p in others])),
                    len(good & set(range(len(starts)))) / len(starts),
                    _any_in(mine, good),
                    float(np.mean([_any_in(p, good) for p in others])),
                ]
            sums[row] += values
    counts = {
        "evidence.codes_with_sentence": int(judged.sum()),
        "evidence.codes_without_evidence": without,
    }
    return {name: ratio(sums[:, n], judged) for n, name in enumerate(names)}, counts


def _first_in(places: Sequence[int], good: set[int]) -> float:
    return float(bool(places) and places[0] in good)


def _any_in(places: Sequence[int], good: set[int]) -> float:
    return float(any(p in good for p in places))
