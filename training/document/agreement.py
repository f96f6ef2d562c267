"""Whether attention points where the coders did, beside the mentions of the same suggestions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from training.corpora import Document, SentenceEvidence
from training.evaluate import Prediction
from training.evaluate.evidence import Shown, figures, right_suggestions
from training.evaluate.judged import by_id
from training.evaluate.metrics import TOP
from training.evaluate.resampling import sample

FIGURES = (
    "evidence.first_sentence",
    "evidence.first_sentence_within_one",
    "evidence.first_sentence.chance_suggestion",
    "evidence.first_sentence.chance_sentence",
)


def beside(
    documents: Sequence[Document],
    ours: Sequence[Prediction],
    theirs: Sequence[Prediction],
    sentences: Mapping[str, SentenceEvidence],
    system: str = "ICD-10-CM",
) -> tuple[dict[str, float], dict[str, float], int]:
    """The figures of our and their snippets for the pairs of note and right code that both show
    among their first codes, and how many pairs have evidence to judge by."""
    lists = [
        right_suggestions(documents, by_id(documents, one), system, TOP) for one in (ours, theirs)
    ]
    both = [
        {s.code for s, _ in a.right if s.evidence} & {s.code for s, _ in b.right if s.evidence}
        for a, b in zip(*lists, strict=True)
    ]
    made = []
    for shown in lists:
        common = [
            Shown(one.all, tuple((s, gold) for s, gold in one.right if s.code in codes))
            for one, codes in zip(shown, both, strict=True)
        ]
        found, counts = figures(documents, common, sentences)
        values = sample(found, len(documents), resamples=0)
        made.append({name: float(values[name][0]) for name in FIGURES if name in values})
    return made[0], made[1], counts.get("evidence.codes_with_sentence", 0)
