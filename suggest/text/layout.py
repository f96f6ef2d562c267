"""The lines of a note: where they begin, what marks open them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from suggest.text.tokens import Tokens

_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BULLETS = frozenset("•◦▪▫●○■□‣⁃∙·*-–—>→+~o")
_DECORATION = frozenset("#*_=[]<>|~-–—•◦▪▫●○■□‣⁃∙·→")


@dataclass(frozen=True, slots=True)
class Line:
    """One line with at least one token.

    `tokens` are all its tokens, `first` the index of the first one behind bullets, numbering and
    markdown; `bulleted` tells a list item from plain text, `level` counts markdown `#`s.
    `gap` is the number of empty lines in front, `width` the line's length in code points.
    """

    tokens: range
    first: int
    bulleted: bool
    level: int
    gap: int
    width: int


def lines_of(text: str, tokens: Tokens) -> list[Line]:
    """The text's lines that hold tokens, in order."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    lines: list[Line] = []
    total = len(tokens)
    index = 0
    previous = -1
    while index < total:
        number = bisect_right(starts, tokens.start[index]) - 1
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        begin = index
        while index < total and tokens.start[index] < end:
            index += 1
        first, bulleted, level = _lead(text, tokens, range(begin, index))
        width = tokens.end[index - 1] - starts[number]
        lines.append(
            Line(range(begin, index), first, bulleted, level, number - previous - 1, width)
        )
        previous = number
    return lines


def _lead(text: str, tokens: Tokens, line: range) -> tuple[int, bool, int]:
    """Index of the first token behind the line's marks, whether it is a list item, `#` level."""
    index = line.start
    bulleted = False
    level = 0
    while index < line.stop:
        norm = tokens.norm[index]
        start, end = tokens.start[index], tokens.end[index]
        spaced = end < len(text) and text[end].isspace()
        if norm == "#" and not level:
            level = end - start
        elif norm in _BULLETS and (norm != "o" or (spaced and index + 1 < line.stop)):
            # "-fever" is a mark of the fever, "- fever" a bullet; "**" is bold, "*" a bullet.
            if norm in "+-" and not spaced:
                break
            bulleted = bulleted or not (norm in "*-" and end - start > 1)
        elif norm in _DECORATION and end - start >= 1:
            pass
        elif _is_number(text, tokens, index, line):
            bulleted = True
            index += 1
        else:
            break
        index += 1
    return index, bulleted, level


def _is_number(text: str, tokens: Tokens, index: int, line: range) -> bool:
    """Whether "1." / "2)" / "a)" stands at the index."""
    norm = tokens.norm[index]
    if index + 1 >= line.stop or not ((len(norm) <= 2 and norm.isdigit()) or len(norm) == 1):
        return False
    follows = tokens.norm[index + 1]
    if tokens.start[index + 1] != tokens.end[index]:
        return False
    if follows == ")":
        return norm.isalnum()
    end = tokens.end[index + 1]
    return follows == "." and norm.isalnum() and (end >= len(text) or not text[end].isdigit())
