"""Measures the mention encoder: held-out synonyms, candidate recall, speed, size.

    python -m training.encoder.evaluate synonyms
    python -m training.encoder.evaluate candidates --model models/default --corpus train.jsonl
    python -m training.encoder.evaluate speed --model models/default --notes notes.jsonl

`synonyms` trains without a tenth of the curated terms (by the hash of their words; none has the
word set of another term) and asks for their codes. Neither the encoder nor its floors see a note.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from suggest import codesets
from suggest.engine import lexicon
from suggest.engine.events import EventReader
from suggest.engine.matching import Matcher
from suggest.engine.refine import Refiner
from suggest.engine.retrieval import FILE, Retriever
from suggest.text import AnalysedNote, analyse
from training.encoder.terms import Phrase, Term, Terms, collect

Encode = Callable[[Sequence[Phrase]], np.ndarray]
AT = (1, 10)
THRESHOLDS = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65)
INDEXED, ASKED = 15_000, 1_500  # terms that a full encoder is compared on
CODED_ON = date(2018, 1, 1)  # CodiEsp was coded with the 2018 release


def accuracy(encode: Encode, indexed: Sequence[Term], asked: Sequence[Term]) -> dict[str, float]:
    """Share of the asked phrases with a right code (category) among the k of the nearest terms."""
    gold: dict[Phrase, set[str]] = defaultdict(set)
    for term in asked:
        gold[tuple(sorted(set(term.words)))].add(term.code)
    index = encode([t.words for t in indexed])
    index /= np.maximum(np.linalg.norm(index, axis=1, keepdims=True), 1e-6)
    near = encode(list(gold)) @ index.T
    right: Counter[str] = Counter()
    for row, codes in zip(near, gold.values(), strict=True):
        order = np.argsort(-row, kind="stable")[:400]
        ranked = list(dict.fromkeys(indexed[i].code for i in order.tolist()))
        above = list(dict.fromkeys(code[:3] for code in ranked))
        for k in AT:
            right[f"code@{k}"] += bool(codes & set(ranked[:k]))
            right[f"category@{k}"] += bool({c[:3] for c in codes} & set(above[:k]))
    return {name: round(count / len(gold), 3) for name, count in sorted(right.items())}


def sampled(terms: Terms) -> tuple[list[Term], list[Term]]:
    """(indexed, asked): some held-out terms; all terms of their codes, then others."""
    random = np.random.default_rng(7)
    asked = [terms.held_out[i] for i in random.permutation(len(terms.held_out))[:ASKED].tolist()]
    wanted = {t.code for t in asked}
    order = random.permutation(len(terms.train)).tolist()
    first = [i for i in order if terms.train[i].code in wanted]
    rest = [i for i in order if terms.train[i].code not in wanted]
    return [terms.train[i] for i in (first + rest)[:INDEXED]], asked


def synonyms(arguments: argparse.Namespace) -> None:
    """Prints the accuracy of the teacher, untuned and tuned, and of the static vectors."""
    import torch

    from training.encoder import static, tune
    from training.encoder.batches import Settings
    from training.encoder.teacher import Teacher
    from training.encoder.train import vocabulary

    torch.set_num_threads(arguments.threads)
    terms = collect(codesets.load(), hold_out=0.1)
    sample, asked = sampled(terms)
    print(f"{len(terms.train)} terms to learn from, {len(terms.held_out)} held out", flush=True)
    teacher = Teacher(arguments.teacher)

    def by_teacher(phrases: Sequence[Phrase]) -> np.ndarray:
        return teacher.encode([" ".join(p) for p in phrases])

    if arguments.teachers:
        print("teacher as it is:", accuracy(by_teacher, sample, asked), flush=True)
    if arguments.tune_steps:
        tune.tune(teacher, terms.train, tune.Tuning(steps=arguments.tune_steps))
        print("teacher, tuned:", accuracy(by_teacher, sample, asked), flush=True)
    words = vocabulary(terms.train, teacher)
    started = time.process_time()
    settings = Settings(steps=arguments.steps, width=arguments.width)
    learned = static.train(terms.train, words, teacher.encode(words), settings)
    print(f"static vectors took {time.process_time() - started:.0f} s of CPU")

    def by_words(phrases: Sequence[Phrase]) -> np.ndarray:
        return static.encode(learned, phrases)

    print("static, same index:", accuracy(by_words, sample, asked))
    print("static, every term:", accuracy(by_words, terms.train, asked))


def candidates(arguments: argparse.Namespace) -> None:
    """Prints gold codes found and new candidates a note, by least similarity."""
    codeset = codesets.load()
    words = lexicon.load(codeset)
    matcher, events = Matcher(words), EventReader()
    retriever = Retriever.load(arguments.model, words.normaliser)
    refiner = Refiner(codeset, words.normaliser)
    valid = codeset.on(CODED_ON).valid_billable
    rows = [json.loads(row) for row in arguments.corpus.read_text("utf-8").splitlines()]
    gold = [{c["code"] for c in r["codes"] if c["system"] == "ICD-10-CM"} for r in rows]
    given = Counter(code for codes in gold for code in codes)
    total = sum(given.values())
    once = sum(count for count in given.values() if count == 1)
    lexical: list[set[str]] = []
    found: list[dict[str, float]] = []
    for row in rows:
        note = analyse(row["text"])
        classes = [
            frozenset(words.normaliser(note.tokens.norm[i]) for i in sentence.tokens)
            for sentence in note.sentences
        ]
        mentions = matcher.find(note, events.of(note))
        known = {
            refined.code
            for mention in mentions
            for entry in mention.entries
            if (refined := refiner.refine(entry.code, classes[mention.sentence], valid))
        }
        near: dict[str, float] = {}
        for hit in retriever.find(note, {m.tokens for m in mentions}):
            sentence = note.sentence_at(note.tokens.start[hit.tokens[0]])
            refined = refiner.refine(hit.code, classes[note.sentences.index(sentence)], valid)
            if refined is not None:
                near[refined.code] = max(near.get(refined.code, 0.0), hit.similarity)
        lexical.append(known)
        found.append(near)
    print("| similarity >= | recall | of codes given once | new candidates a note | right |")
    print("| --- | --- | --- | --- | --- |")
    for least in (2.0, *THRESHOLDS):
        new = [
            {c for c, value in near.items() if value >= least} - known
            for near, known in zip(found, lexical, strict=True)
        ]
        hit_codes = [g & (n | k) for g, n, k in zip(gold, new, lexical, strict=True)]
        recall = sum(map(len, hit_codes)) / total
        rare = sum(given[c] == 1 for codes in hit_codes for c in codes) / once
        added = sum(map(len, new))
        right = sum(len(g & n) for g, n in zip(gold, new, strict=True)) / max(1, added)
        name = "lexicon alone" if least > 1 else f"{least}"
        print(f"| {name} | {recall:.3f} | {rare:.3f} | {added / len(rows):.1f} | {right:.3f} |")


def speed(arguments: argparse.Namespace) -> None:
    """Prints milliseconds of CPU a note for retrieval alone, load time and size."""
    begun = time.process_time()
    retriever = Retriever.load(arguments.model)
    print(f"load: {time.process_time() - begun:.2f} s of CPU")
    print(f"size: {(arguments.model / FILE).stat().st_size / 1e6:.1f} MB")
    rows = arguments.notes.read_text("utf-8").splitlines()
    notes: list[AnalysedNote] = [analyse(json.loads(row)["text"]) for row in rows]
    for name in ("first", "second"):
        times = []
        for note in notes:
            begun = time.process_time()
            retriever.find(note, set())
            times.append((time.process_time() - begun) * 1000)
        print(f"{name} pass: median {np.median(times):.1f} ms, mean {np.mean(times):.1f} ms a note")
    print(f"{np.mean([len(n.text.split()) for n in notes]):.0f} words a note")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("synonyms")
    command.set_defaults(run=synonyms)
    command.add_argument("--teacher", type=Path)
    command.add_argument("--teachers", action="store_true", help="measure the teacher, too (slow)")
    command.add_argument("--tune-steps", type=int, default=0)
    command.add_argument("--steps", type=int, default=900)
    command.add_argument("--width", type=int, default=128)
    command.add_argument("--threads", type=int, default=1)
    command = commands.add_parser("candidates")
    command.set_defaults(run=candidates)
    command.add_argument("--model", type=Path, required=True)
    command.add_argument("--corpus", type=Path, required=True)
    command = commands.add_parser("speed")
    command.set_defaults(run=speed)
    command.add_argument("--model", type=Path, required=True)
    command.add_argument("--notes", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
