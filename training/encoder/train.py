"""Trains the mention encoder and writes it into a model folder.

    python -m training.encoder.train --out models/default

Reads the code set and the lexicon only, no notes. The same seed gives the same file on the same
machine. `--teacher` takes any Hugging Face encoder's folder; `--tune-steps` fine-tunes it first.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
import torch

from suggest import codesets
from suggest.engine.normal import Normaliser
from suggest.engine.retrieval import FILE, EncoderFile
from suggest.engine.retrieval.vectors import SIDES
from training.encoder import static, tune
from training.encoder.batches import Settings
from training.encoder.export import file_of
from training.encoder.teacher import Teacher
from training.encoder.terms import Term, collect


def vocabulary(terms: Sequence[Term], teacher: Teacher) -> list[str]:
    """The classes of the terms' words, then of the teacher's other whole words, each sorted."""
    normaliser = Normaliser()
    words = {w for t in terms for w in t.words}
    others = {c for w in teacher.words() if (c := normaliser(w)) and c not in SIDES} - words
    return sorted(words) + sorted(others)


def train(
    terms: Sequence[Term], teacher: Teacher, settings: Settings, tuning: tune.Tuning | None
) -> tuple[static.Learned, EncoderFile]:
    """The learned vectors and the engine's file of them."""
    if tuning is not None:
        tune.tune(teacher, terms, tuning)
    words = vocabulary(terms, teacher)
    learned = static.train(terms, words, teacher.encode(words), settings)
    return learned, file_of(learned, terms)


def build(
    folder: Path,
    settings: Settings,
    *,
    teacher: Path | None = None,
    tune_steps: int = 0,
    threads: int = 1,
) -> int:
    """Trains an encoder into a model folder; the number of terms it learned from."""
    torch.set_num_threads(threads)
    torch.manual_seed(settings.seed)
    terms = collect(codesets.load()).train
    tuning = tune.Tuning(steps=tune_steps, seed=settings.seed) if tune_steps else None
    _, file = train(terms, Teacher(teacher), settings, tuning)
    folder.mkdir(parents=True, exist_ok=True)
    file.write(folder / FILE)
    record(folder)
    return len(terms)


def record(folder: Path) -> None:
    """Puts the encoder's hash into the folder's manifest, if it has one."""
    manifest = folder / "manifest.json"
    if manifest.exists():
        facts = orjson.loads(manifest.read_bytes())
        facts["files"][FILE] = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
        option = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
        manifest.write_bytes(orjson.dumps(facts, option=option))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--tune-steps", type=int, default=0)
    parser.add_argument("--steps", type=int, default=Settings().steps)
    parser.add_argument("--seed", type=int, default=Settings().seed)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    started = time.monotonic()
    terms = build(
        given.out,
        Settings(steps=given.steps, seed=given.seed),
        teacher=given.teacher,
        tune_steps=given.tune_steps,
        threads=given.threads,
    )
    size = (given.out / FILE).stat().st_size / 1e6
    print(f"{terms} terms, {size:.1f} MB, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
