"""Many notes: a JSONL file in, a JSONL file out, in order, on every core.

A line of the result stands for one line of the input, so that a stopped run can go on: complete
lines are counted, a torn last one is cut off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from suggest.errors import InvalidText, SuggestError

CHUNK = 16
_worker: dict[str, Any] = {}


def run(source: Path, target: Path, *, workers: int | None = None, top: int = 25) -> int:
    """Codes every note; returns how many lines could not be coded."""
    try:
        with source.open("rb") as file:
            total = sum(1 for _ in file)
    except OSError as error:
        raise InvalidText(f"{source}: {error.strerror}") from None
    done = _resume(target)
    failed = 0
    workers = workers or os.cpu_count() or 1
    columns = ("coding", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        source.open("rb") as file,
        target.open("ab") as out,
        ProcessPoolExecutor(workers, initializer=_start, initargs=(top,)) as pool,
        Progress(*columns, console=Console(file=sys.stderr)) as progress,
    ):
        task = progress.add_task("coding", total=total, completed=done)
        lines = enumerate(islice(file, done, None), done + 1)
        chunks = iter(lambda: list(islice(lines, CHUNK)), [])
        for rows in _ahead(pool, chunks, workers * 4):
            for number, row, wrong in rows:
                out.write(row + b"\n")
                if wrong:
                    failed += 1
                    progress.console.print(f"line {number}: {wrong}", markup=False)
            out.flush()
            progress.advance(task, len(rows))
    return failed


def _ahead(
    pool: ProcessPoolExecutor, chunks: Iterator[list[tuple[int, bytes]]], most: int
) -> Iterator[list[tuple[int, bytes, str]]]:
    """Results in order, with at most `most` chunks under way: memory stays bounded."""
    waiting = [pool.submit(_chunk, c) for c in islice(chunks, most)]
    while waiting:
        yield waiting.pop(0).result()
        waiting.extend(pool.submit(_chunk, c) for c in islice(chunks, 1))


def _resume(target: Path) -> int:
    """The number of complete lines already written; what follows the last one is cut off."""
    if not target.exists():
        return 0
    done, size = 0, 0
    with target.open("rb+") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            done, size = done + 1, size + len(line)
        file.truncate(size)
    return done


def _start(top: int) -> None:
    from suggest.engine.pipeline import Suggester

    _worker["suggester"] = Suggester.load()
    _worker["top"] = top


def _chunk(lines: list[tuple[int, bytes]]) -> list[tuple[int, bytes, str]]:
    return [_line(number, line) for number, line in lines]


def _line(number: int, line: bytes) -> tuple[int, bytes, str]:
    from suggest.cli import encounter_of

    identifier: Any = None
    try:
        row = orjson.loads(line)
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise InvalidText('the line is no object with "id" and "text"')
        identifier = row.get("id")
        suggester = _worker["suggester"]
        found = suggester.suggest(
            row["text"], encounter_of(row.get("encounter") or {}), top=_worker["top"]
        )
    except orjson.JSONDecodeError as error:
        return number, _problem(number, None, "malformed-json", str(error)), "not JSON"
    except SuggestError as error:
        return number, _problem(number, identifier, error.slug, str(error)), str(error)
    answer = {
        "id": identifier,
        "suggestions": found,
        "model": suggester.model_name,
        "codeset": f"{suggester.codeset.system} {suggester.codeset.release}",
    }
    return number, orjson.dumps(answer), ""


def _problem(number: int, identifier: Any, slug: str, detail: str) -> bytes:
    error = {"type": f"/problems/{slug}", "detail": detail}
    return orjson.dumps({"id": identifier, "line": number, "error": error})
