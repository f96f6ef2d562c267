"""The parts of a limb, for codes that name the whole limb alone: a hand is of the upper limb."""

from __future__ import annotations

import re

from suggest.engine.normal import Normaliser, read_rows

# Skin and the tissue below it, and their tumors: cellulitis of the left lower limb.
LIMBED = re.compile(r"C43|C44|C4A|D03|D04|D17|D22|D23|L02\.[^56]|L03\.1|R22")


class LimbReader:
    """Holds the parts of the limbs by word class."""

    def __init__(self, normaliser: Normaliser) -> None:
        self._limbs = {
            normaliser(row["word"]): frozenset(normaliser.classes(row["limb"]))
            for row in read_rows("data/limbs.tsv")
        }

    def words(self, classes: frozenset[str]) -> frozenset[str]:
        """The classes of the limbs whose parts stand among some word classes."""
        return frozenset().union(*(self._limbs[name] for name in classes & self._limbs.keys()))
