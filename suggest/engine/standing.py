"""Where in the note a mention stands, and whether the note says what is done about it.

A condition is reported when it is monitored, evaluated, assessed or treated at the encounter
(ICD-10-CM Guidelines III and IV.J; "MEAT"). The words for it are in `lexicon/data/attended.tsv`.
"""

from __future__ import annotations

import re
from functools import cache

from suggest.engine.matching import Mention
from suggest.engine.normal import read_rows
from suggest.text import AnalysedNote

_BEFORE = 48  # code points looked at in front of a mention
_WORDS = 2  # that may stand between an item's mark and its mention: "1. uncontrolled diabetes"
_MARK = re.compile(r"(?:^|\s)(?:\d{1,2}[.)]|#\d*|[-*•;])\s*(?=\S|$)")


@cache
def _attending() -> frozenset[str]:
    return frozenset(row["word"] for row in read_rows("data/attended.tsv"))


class Standing:
    """Reads one note; each place and each sentence once."""

    def __init__(self, note: AnalysedNote) -> None:
        self._note = note
        self._attended: dict[int, bool] = {}
        self._leads: dict[int, bool] = {}

    def leads(self, mention: Mention) -> bool:
        """Whether it opens an item of a list or a line."""
        start = mention.span.start
        known = self._leads.get(start)
        if known is None:
            known = self._leads[start] = self._opens_item(start)
        return known

    def _opens_item(self, start: int) -> bool:
        before = self._note.text[max(0, start - _BEFORE) : start]
        line = before.rpartition("\n")[2]
        marks = list(_MARK.finditer(line))
        opens = len(line) < len(before) or start == len(before) or bool(marks)
        tail = line[marks[-1].end() :] if marks else line
        return opens and len(re.findall(r"\w+", tail)) <= _WORDS

    def attended(self, mention: Mention) -> bool:
        """Whether its sentence, or the next of the section, says what is done about it."""
        number = mention.sentence
        sentences = self._note.sentences
        if self._says(number):
            return True
        after = number + 1
        return (
            after < len(sentences)
            and sentences[after].section == sentences[number].section
            and self._says(after)
        )

    def _says(self, number: int) -> bool:
        known = self._attended.get(number)
        if known is None:
            norm = self._note.tokens.norm
            known = any(norm[i] in _attending() for i in self._note.sentences[number].tokens)
            self._attended[number] = known
        return known
