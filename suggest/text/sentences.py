"""Sentences of a note: list items and wrapped paragraphs are told apart, abbreviations survive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from suggest.text.layout import Line
from suggest.text.rules import Rules, heading_key
from suggest.text.sections import Section
from suggest.text.span import Span
from suggest.text.tokens import Tokens

_UNWRAPPED = 130  # a note with a longer line than this is not wrapped by hand
_WRAPPED_FROM = 50  # a shorter line was not broken because it was full
_LONGEST = 512  # tokens; keeps the work on a note linear in its length
_CLOSING = frozenset(")]\"'”’*")
_ANSWERS = frozenset({"no", "yes", "denies", "denied", "none", "negative", "positive"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item, heading or label with its value.

    `section` indexes the note's sections, `tokens` the note's tokens. `lead` is the index of
    the sentence that introduces this one: the line above its list ("Patient denies:"), or else
    its section's heading; None without either.
    """

    span: Span
    section: int
    tokens: range
    lead: int | None


def find_sentences(
    text: str,
    tokens: Tokens,
    lines: list[Line],
    sections: list[Section],
    opens: list[int],
    rules: Rules,
) -> list[Sentence]:
    """The note's sentences in order; together they hold every token."""
    breaks = _cut(sorted(_breaks(text, tokens, lines, sections, opens, rules)), len(tokens))
    bulleted = {line.tokens.start for line in lines if line.bulleted}
    line_starts = {line.tokens.start for line in lines}
    headed = {at for part, at in zip(sections, opens, strict=True) if part.heading is not None}
    sentences: list[Sentence] = []
    section = 0
    title: int | None = None
    lead: int | None = None
    for number, start in enumerate(breaks):
        stop = breaks[number + 1] if number + 1 < len(breaks) else len(tokens)
        while section + 1 < len(opens) and opens[section + 1] <= start:
            section += 1
            title = lead = None
        if start in line_starts and start not in bulleted:
            lead = title
        span = Span(tokens.start[start], tokens.end[stop - 1])
        sentences.append(Sentence(span, section, range(start, stop), lead))
        if start in headed:
            title = lead = number
        elif tokens.norm[stop - 1] == ":":
            lead = number
    return sentences


def _cut(breaks: list[int], total: int) -> list[int]:
    """The breaks, with more of them where text without any would go on for ever."""
    cut: list[int] = []
    for start, stop in zip(breaks, [*breaks[1:], total], strict=True):
        cut.extend(range(start, stop, _LONGEST))
    return cut


def _breaks(
    text: str,
    tokens: Tokens,
    lines: list[Line],
    sections: list[Section],
    opens: list[int],
    rules: Rules,
) -> set[int]:
    """The token indices at which sentences begin."""
    breaks = {0, *opens}
    for section, open_at in zip(sections, opens, strict=True):
        if section.heading is not None:
            after = tokens.covering(section.heading).stop
            while after < len(tokens) and tokens.norm[after] in ":*_]=":
                after += 1
            if after < len(tokens) and after > open_at:
                breaks.add(after)
    widest = max((line.width for line in lines), default=0)
    for number, line in enumerate(lines):
        if number and not _continues(text, tokens, lines[number - 1], line, widest, rules):
            breaks.add(line.tokens.start)
    breaks.update(_stops(text, tokens, lines, rules))
    return breaks


def _continues(
    text: str, tokens: Tokens, before: Line, line: Line, widest: int, rules: Rules
) -> bool:
    """Whether the line goes on with the sentence of the line before it."""
    if line.gap or line.bulleted or line.level:
        return False
    last = tokens.norm[before.tokens.stop - 1]
    if last in ".?!:;" and len(last) == 1:
        # An abbreviation at the end of a full line is left to the rule for full stops.
        return last == "." and before.width >= _WRAPPED_FROM and widest <= _UNWRAPPED
    initial = text[tokens.start[line.tokens.start]]
    if initial in "+-([":
        return False
    if initial.islower() or last in rules.open_words or last == ",":
        return True
    if widest > _UNWRAPPED or before.width < _WRAPPED_FROM:
        return False
    word = tokens.end[line.tokens.start] - tokens.start[line.tokens.start]
    return before.width + 1 + word > widest - 2


def _stops(text: str, tokens: Tokens, lines: list[Line], rules: Rules) -> Iterator[int]:
    """Token indices behind full stops, question marks and exclamation marks."""
    norm = tokens.norm
    for line in lines:
        expected = 1
        index = line.tokens.start
        if line.bulleted and line.first > index and norm[line.first - 1] in ".)":
            number = norm[line.first - 2]
            expected = int(number) + 1 if number.isdecimal() else 1
        index = line.first
        while index < line.tokens.stop:
            mark = norm[index]
            if mark.isdecimal() and index > line.first and _numbered(text, tokens, index, expected):
                # "1. HTN 2. DM": the next item of a list written in one line.
                yield index
                expected += 1
                index += 2
                continue
            after = index + 1
            if mark in ".?!" or (
                tokens.end[index] - tokens.start[index] > 2 and (text[tokens.end[index] - 1] == ".")
            ):
                while (
                    after < len(tokens)
                    and norm[after] in _CLOSING
                    and (tokens.start[after] == tokens.end[after - 1])
                ):
                    after += 1
                if after < len(tokens) and _ends(text, tokens, index, after, rules):
                    yield after
            elif mark == ":" and index > line.first:
                label = _label(text, tokens, index, line, rules)
                if label is not None:
                    yield label
            index += 1


def _numbered(text: str, tokens: Tokens, index: int, expected: int) -> bool:
    """Whether an inline list item with the expected number begins at the index."""
    if tokens.norm[index] != str(expected) or index + 2 >= len(tokens):
        return False
    mark, follows = index + 1, index + 2
    return (
        tokens.norm[mark] in ".)"
        and tokens.start[mark] == tokens.end[index]
        and tokens.norm[index - 1] not in ("no", "stage", "type", "grade", "class")
        and tokens.start[follows] > tokens.end[mark]
        and text[tokens.start[follows]].isupper()
        and (expected > 1 or tokens.norm[index - 1] in ".:;")
    )


def _label(text: str, tokens: Tokens, colon: int, line: Line, rules: Rules) -> int | None:
    """The start of an organ-system label ("Lungs:") that ends at the colon inside a line."""
    if colon - line.first <= 8 and _system(tokens, range(line.first, colon), rules):
        return None  # the line's own label: "Ears, nose and throat:"
    for first in range(max(line.first + 1, colon - 6), colon):
        opens = text[tokens.start[first]].isupper() and tokens.norm[first - 1] not in "/&"
        if opens and _system(tokens, range(first, colon), rules):
            return first
    return None


def _system(tokens: Tokens, words: range, rules: Rules) -> bool:
    """Whether the words name an organ system."""
    return heading_key(tokens.norm[words.start : words.stop]) in rules.systems


def _ends(text: str, tokens: Tokens, index: int, after: int, rules: Rules) -> bool:
    """Whether the mark at `index` ends a sentence that the token at `after` follows."""
    norm = tokens.norm
    mark = norm[index]
    follows = text[tokens.start[after]]
    spaced = tokens.start[after] > tokens.end[after - 1]
    word = norm[index - 1] if index else ""
    if mark == "?":
        apart = index == 0 or tokens.start[index] > tokens.end[index - 1]
        if apart or not spaced or norm[index - 1] in "#-•(:":
            return False  # "?pneumonia", "dx ? pneumonia": a mark of doubt
        return norm[after] not in _ANSWERS
    if mark == "!":
        return spaced
    if not spaced:
        # "pain.The": a space was forgotten
        joined = after == index + 1 and mark == "."
        return (
            joined
            and word.isalpha()
            and len(word) > 2
            and follows.isupper()
            and (text[tokens.start[after] : tokens.end[after]][1:].islower())
        )
    if mark != ".":  # a dotted abbreviation: p.o.
        shout = text[tokens.start[after] : tokens.end[after]].isupper()
        return follows.isupper() and not shout and mark not in rules.abbreviations
    if tokens.end[index] - tokens.start[index] > 1:  # an ellipsis
        return follows.isupper()
    if word == "no":
        return not follows.isdigit()
    if word in rules.abbreviations:
        return False
    if len(word) == 1 and norm[after] in rules.epithets:
        return False
    if len(word) == 1 and word.isalpha() and index >= 2:
        return not _initial(text, tokens, index - 1, follows, rules)
    return True


def _initial(text: str, tokens: Tokens, index: int, follows: str, rules: Rules) -> bool:
    """Whether the single letter is a person's initial: "John F. Kennedy", "Dr. A. Smith"."""
    if not follows.isupper() or not text[tokens.start[index]].isupper():
        return False
    before = tokens.norm[index - 1]
    if before in rules.lettered:
        return False
    return before == "." or text[tokens.start[index - 1]].isupper()
