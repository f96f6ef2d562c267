"""Notes written for this project, with their codes: the layouts and shorthand of US records.

Case reports, the public corpora with codes, have neither headings nor problem lists. These notes
have, so that the ranker can learn what a heading means. They describe nobody. A file each:

    codes: E11.22 N18.32
    encounter: outpatient 2026-02-03 F 64

    CC: ...

`python -m training.corpora.written_notes FOLDER OUT.jsonl` writes a folder of them as a corpus.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from suggest.engine.model import Encounter, EncounterType, Sex
from training.corpora.errors import CorpusError

FOLDER = Path(__file__).parents[1] / "notes"


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A note, its encounter and its ICD-10-CM codes, the principal or first-listed one first."""

    id: str
    text: str
    encounter: Encounter
    codes: tuple[str, ...]


def read_written(folder: Path = FOLDER) -> list[WrittenNote]:
    """The notes of a folder in order of name. Raises CorpusError, which names the file."""
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise CorpusError(f"{folder}: no notes (*.txt) in the folder")
    return [_read(path) for path in paths]


def _read(path: Path) -> WrittenNote:
    first, second, text = [*path.read_text("utf-8").split("\n", 2), "", ""][:3]
    if not first.startswith("codes: ") or not second.startswith("encounter: "):
        raise CorpusError(f"{path.name}: the first two lines must be 'codes: ' and 'encounter: '")
    try:
        kind, day, sex, age = second.removeprefix("encounter: ").split()
        if kind not in get_args(EncounterType) or sex not in get_args(Sex):
            raise ValueError("type or sex is not one of the possible values")
        encounter = Encounter(kind, date.fromisoformat(day), sex, int(age))  # type: ignore[arg-type]
    except ValueError as error:
        raise CorpusError(f"{path.name}, line 2: type date sex age ({error})") from None
    return WrittenNote(path.stem, text.strip("\n"), encounter, tuple(first.split()[1:]))


def write_jsonl(notes: Iterable[WrittenNote], path: Path) -> None:
    """Writes them in the form that `training.corpora.documents` reads."""
    lines = [
        {
            "id": note.id,
            "text": note.text,
            "codes": [{"code": code, "system": "ICD-10-CM"} for code in note.codes],
            "encounter": {
                "type": note.encounter.type,
                "date": str(note.encounter.date_of_service),
                "sex": note.encounter.sex,
                "age": note.encounter.age,
            },
        }
        for note in notes
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def main() -> int:
    """The command line; 2 for a folder that cannot be read."""
    if len(sys.argv) != 3:
        print("usage: python -m training.corpora.written_notes FOLDER OUT.jsonl", file=sys.stderr)
        return 2
    try:
        write_jsonl(read_written(Path(sys.argv[1])), Path(sys.argv[2]))
    except (CorpusError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
