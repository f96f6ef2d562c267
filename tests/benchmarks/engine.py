"""Prints start-up time, time a note and memory, on one core.

python tests/benchmarks/engine.py NOTES.jsonl     # {"id","text"} a line
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path


def main() -> None:
    """The figures, a line each."""
    os.sched_setaffinity(0, {0})
    notes = [json.loads(row)["text"] for row in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    started = time.perf_counter()
    from suggest import Suggester

    suggester = Suggester.load()
    suggester.suggest(notes[0])
    print(f"import, load and first suggestion: {time.perf_counter() - started:.2f} s")
    times, words, wrong, total = [], 0, 0, 0
    for note in notes:
        begun = time.perf_counter()
        found = suggester.suggest(note, top=None)
        times.append((time.perf_counter() - begun) * 1000)
        words += len(note.split())
        evidence = [e for s in found for e in (*s.evidence, *s.against)]
        wrong += sum(note[e.start : e.end] != e.text for e in evidence)
        total += len(evidence)
    print(f"{len(notes)} notes of {words / len(notes):.0f} words on average")
    print(f"a note: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms")
    print(f"snippets that are not the text at their offsets: {wrong} of {total}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB")


if __name__ == "__main__":
    main()
