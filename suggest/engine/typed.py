"""Codes of one type of a disease where the note names another: type 1 and type 2 diabetes.

The patterns are in `lexicon/types.tsv`. Diabetes whose type is not documented is type 2
(ICD-10-CM Guidelines I.C.4.a.2): a complication named without a type is of the type that the note
names elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from suggest.codesets import CodeSet
from suggest.engine.candidates import Candidate
from suggest.engine.normal import read_rows
from suggest.text import AnalysedNote

_DEFAULT = "E11"


class Types:
    """Holds the patterns."""

    def __init__(self, codeset: CodeSet) -> None:
        self._codeset = codeset
        self._patterns = [(r["prefix"], re.compile(r["pattern"])) for r in read_rows("types.tsv")]
        self._typed = frozenset((*(prefix for prefix, _ in self._patterns), "E13"))

    def agree(
        self, note: AnalysedNote, candidates: Sequence[Candidate], valid: frozenset[str]
    ) -> list[Candidate]:
        """The candidates, those of a type that their sentences do not name without the mentions
        there; of the type named instead where they are of the default one."""
        typed = [c for c in candidates if c.code[:3] in self._typed and c.for_]
        named = {
            number: self._named(note, number)
            for number in sorted({m.sentence for c in typed for m in c.for_})
        }
        in_note = frozenset().union(*named.values())
        if not in_note:
            return list(candidates)
        agreed: list[Candidate] = []
        for candidate in candidates:
            own = candidate.code[:3]
            if own not in self._typed or not candidate.for_:
                agreed.append(candidate)
                continue
            here = frozenset().union(*(named[m.sentence] for m in candidate.for_))
            left = [m for m in candidate.for_ if not named[m.sentence] or own in named[m.sentence]]
            if own == _DEFAULT and own not in here and own not in in_note and len(in_note) == 1:
                code = next(iter(in_note)) + candidate.code[3:]
                if code in valid and candidate.sibling is None:
                    agreed.append(replace(candidate, code=code))
            elif left or candidate.against:
                agreed.append(replace(candidate, for_=left))
        return agreed

    def _named(self, note: AnalysedNote, sentence: int) -> frozenset[str]:
        """The types that a sentence names."""
        norms = note.tokens.norm
        text = " ".join(norms[i] for i in note.sentences[sentence].tokens)
        return frozenset(prefix for prefix, pattern in self._patterns if pattern.search(text))
