"""Cross-validates a document model on a labelled corpus.

    python -m training.document --corpus CODIESP_TRAIN.jsonl \\
        --split training/splits/codiesp-train-5fold.json --kind words --out var/words

writes `predictions.jsonl` (out of fold, read by training.evaluate) and `metrics.json`. Kinds:
`tfidf` (a logistic regression a code), `neighbours` (votes of similar notes), `words` (label
attention over the packaged static word vectors), `attention` (over a Hugging Face encoder).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from suggest import codesets
from suggest.codesets import at_or_above
from suggest.errors import SuggestError
from training import splits
from training.corpora import Document, codiesp, read_jsonl
from training.corpora.written_notes import read_written
from training.document import agreement, crossval
from training.document.model import LEAST, Kind, Notes
from training.evaluate import (
    Prediction,
    TrainingCounts,
    evaluate,
    read_predictions,
    write_predictions,
)

SYSTEM = "ICD-10-CM"
PRINTED = (
    "map", "recall@25", "category.map", "unseen.recall@25",
    "1-4.map", "1-4.recall@25", "5-19.map", "5-19.recall@25", "20+.map", "20+.recall@25", "ece",
    "evidence.first_sentence", "evidence.first_sentence_within_one",
    "evidence.first_sentence.chance_suggestion", "evidence.first_sentence.chance_sentence",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 2 for input that cannot be used."""
    given = _parser().parse_args(arguments)
    try:
        run(given)
    except SuggestError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def run(given: argparse.Namespace) -> None:
    """Predicts every fold from the others, scores, and writes into the output folder."""
    started = time.monotonic()
    originals = codiesp.read(given.corpus) if codiesp.is_codiesp(given.corpus) else []
    documents = [o.document() for o in originals] or read_jsonl(given.corpus)
    split = splits.read(given.split)
    split.check(d.id for d in documents)
    theirs = read_predictions(given.beside) if given.beside else []
    ids, fold_of = [d.id for d in documents], split.fold_of()
    own = read_written() if given.features else []
    notes = Notes(
        [d.text for d in documents] + [n.text for n in own],
        [frozenset(d.gold(SYSTEM)) for d in documents] + [frozenset(n.codes) for n in own],
    )
    kind = _kind(given, notes)
    given.out.mkdir(parents=True, exist_ok=True)
    if given.features:
        every = [*ids, *(n.id for n in own)]
        rows = crossval.features(kind, every, fold_of, range(len(ids), len(every)))
        crossval.write_features(given.out / "features.jsonl", every, rows)
        print(given.out / "features.jsonl")
        return
    predictions, known = crossval.out_of_fold(kind, ids, fold_of)
    write_predictions(given.out / "predictions.jsonl", predictions)
    counts = TrainingCounts.cross_validated(documents, fold_of, SYSTEM)
    sentences = {o.id: codiesp.sentence_evidence(o) for o in originals} or None
    figures: dict[str, dict[str, float]] = {}

    def score(name: str, gold: Sequence[Document], found: Sequence[Prediction]) -> None:
        pointed = any(s.evidence for p in found for s in p.suggestions)
        made = evaluate(
            gold, found, trained_on=counts, sentences=sentences if pointed else None, resamples=0
        )
        figures[name] = {
            one: made[one] for one in PRINTED if one in made and not math.isnan(made[one])
        }

    restricted = [_only(d, codes) for d, codes in zip(documents, known, strict=True)]
    score("all_codes", documents, predictions)
    score("codes_known", restricted, predictions)
    if theirs:
        ranked = {p.id: p for p in theirs}
        only = [
            Prediction(i, tuple(s for s in ranked[i].suggestions if s.code in codes))
            for i, codes in zip(ids, known, strict=True)
            if i in ranked
        ]
        score("codes_known_beside", restricted, only)
        if sentences and any(s.evidence for p in predictions for s in p.suggestions):
            ours, other, pairs = agreement.beside(documents, predictions, theirs, sentences)
            figures["evidence_same_pairs"] = {**ours, "pairs": pairs}
            figures["evidence_same_pairs_beside"] = {**other, "pairs": pairs}
    (given.out / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    for name, values in figures.items():
        print(name + ": " + ", ".join(f"{one} {value:.3f}" for one, value in values.items()))
    print(
        f"{sum(map(len, known)) / len(known):.0f} codes known, {time.monotonic() - started:.0f} s"
    )


def _kind(given: argparse.Namespace, notes: Notes) -> Kind:
    if given.kind in ("tfidf", "neighbours"):
        from training.document.tfidf import NearestNotes, Tfidf

        return (Tfidf if given.kind == "tfidf" else NearestNotes)(notes, given.least)
    import torch  # slow to import, and the others do without
    import transformers

    from training.document.attention import LabelAttention, Settings
    from training.document.states import Encoder, Words

    torch.set_num_threads(given.threads)
    transformers.utils.logging.disable_progress_bar()
    source = (
        Words(given.model)
        if given.kind == "words"
        else Encoder(given.encoder, tune=given.tune, device=given.device)
    )
    settings = Settings(
        convolution=given.convolution,
        epochs=given.epochs,
        evidence=given.evidence,
        seed=given.seed,
    )
    return LabelAttention(notes, source, _titles(notes), settings, given.least)


def _titles(notes: Notes) -> dict[str, str]:
    """What each code is called; one that is not in the code set, as the header above it."""
    codeset = codesets.load(SYSTEM)
    found = {}
    for code in sorted({c for one in notes.codes for c in one}):
        above = at_or_above(code, codeset)
        if above:
            found[code] = codeset.title(above)
    return found


def _only(document: Document, codes: frozenset[str]) -> Document:
    kept = tuple(g for g in document.codes if g.system != SYSTEM or g.code in codes)
    return replace(document, codes=kept)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.document",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--corpus", type=Path, required=True, metavar="FILE")
    parser.add_argument("--split", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--kind", choices=("tfidf", "neighbours", "words", "attention"), required=True
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--least", type=int, default=LEAST, help="training notes of a code")
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="default: packaged MiniLM")
    parser.add_argument("--tune", action="store_true", help="the encoder too; wants a GPU")
    parser.add_argument("--device", default="cpu", help="the encoder's: cpu, cuda")
    parser.add_argument(
        "--model", type=Path, default=Path("models/default"), help="holds the word vectors"
    )
    parser.add_argument("--convolution", type=int, default=0, metavar="WORDS", help="its reach")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--evidence", choices=("attingrad", "attention"), default="attingrad")
    parser.add_argument(
        "--beside", type=Path, metavar="FILE", help="predictions to hold this model's against"
    )
    parser.add_argument(
        "--features", action="store_true", help="write features for the ranker instead"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
