"""Prints what the code-set library costs: python tests/benchmarks/codesets.py

Compiling and loading are measured in fresh processes; memory is the process's resident set.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

LOAD = """
import resource, time
from pathlib import Path
started = time.perf_counter()
from suggest import codesets
imported = time.perf_counter()
codeset = codesets.load("ICD-10-CM")
loaded = time.perf_counter()
codeset["S52.521A"], codeset.notes("E11.22"), codeset.on(None).is_valid("I10")
first = time.perf_counter()
codeset.search("nstemi")
found = time.perf_counter()
now = int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) // 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"import {imported - started:.3f} s, load {loaded - imported:.3f} s, "
      f"first look-ups {first - loaded:.3f} s, first search {found - first:.3f} s, "
      f"{now} MB (peak {peak} MB)")
"""
QUERIES = """
nstemi
htn
type 2 diabetes
diabtes
fracture left tibia
heart attack
s52521
pnuemonia
rhuematoid artritis
open fracture right femur
hx of breast cancer
ckd stage 4
asthma moderate persistent exacerbation
glaucoma left eye severe
hypothy
low back pain
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "SUGGEST_CACHE_DIR": cache}
        for label in ("compiled", "cached", "cached"):
            run = subprocess.run(
                [sys.executable, "-c", LOAD],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            print(f"{label}: {run.stdout.strip()}")
        size = sum(entry.stat().st_size for entry in os.scandir(cache))
        print(f"cache file: {size / 1e6:.1f} MB")

    from suggest import codesets

    codeset = codesets.load("ICD-10-CM")
    codes = codeset.billable
    started = time.perf_counter()
    for code in codes:
        codeset[code]
    print(f"look-up: {(time.perf_counter() - started) / len(codes) * 1e6:.1f} us a code")
    codeset.search("warm")
    times = []  # of this process on the processor: other programs' load does not count
    for query in QUERIES.split("\n")[1:-1] * 5:
        started = time.process_time()
        codeset.search(query)
        times.append((time.process_time() - started) * 1000)
    print(
        f"search (processor time): median {statistics.median(times):.1f} ms, "
        f"95 % {sorted(times)[len(times) * 95 // 100]:.1f} ms, worst {max(times):.1f} ms"
    )


if __name__ == "__main__":
    main()
