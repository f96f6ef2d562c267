"""`python -m training.splits`: writes a corpus's split file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from suggest.errors import SuggestError
from training import splits
from training.corpora import read_jsonl


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="training.splits", description=splits.__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="JSON Lines of documents")
    parser.add_argument("--name", help="the corpus's name in the file (else the file's name)")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    try:
        ids = [document.id for document in read_jsonl(given.corpus)]
        splits.write(given.out, splits.deal(given.name or given.corpus.name, ids, given.folds))
    except SuggestError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
