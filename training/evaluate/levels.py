"""Code, category and chapter: the three levels of the hierarchy a suggestion is judged at."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Callable
from importlib import resources

from training.evaluate.errors import EvaluationError

LEVELS = ("code", "category", "chapter")
Coarsen = Callable[[str], str]


def coarsening(level: str, system: str) -> Coarsen:
    """Maps a code to its group at the level.

    A category is the first three characters. A chapter is ICD-10-CM's own; in any other system
    (ICD-10-PCS: the section) it is the first character.
    """
    if level == "code":
        return str
    if level == "category":
        return _category
    if level != "chapter":
        raise EvaluationError(f"no level {level!r}; there are {', '.join(LEVELS)}")
    if system != "ICD-10-CM":
        return _first_character
    content = resources.files("training.evaluate").joinpath("chapters.tsv").read_text("utf-8")
    table = sorted(
        (r["first"], r["chapter"]) for r in csv.DictReader(content.splitlines(), delimiter="\t")
    )
    firsts = [first for first, _ in table]

    def chapter(code: str) -> str:
        place = bisect_right(firsts, _category(code).upper()) - 1
        return table[place][1] if place >= 0 else ""

    return chapter


def _category(code: str) -> str:
    return code.replace(".", "")[:3]


def _first_character(code: str) -> str:
    return code[:1]
