"""Sections of a note by their headings; the rules are in `data/sections.tsv`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from suggest.text.layout import Line
from suggest.text.rules import Rules, heading_key
from suggest.text.span import Span
from suggest.text.tokens import Tokens, is_dash

_LONGEST = 12  # tokens of a heading, its colon left out
_DASHED = 4  # of one in front of a dash
_PLAN_LIKE = frozenset({"assessment", "plan", "assessment_and_plan", "hospital_course"})
_LISTING = _PLAN_LIKE | {"review_of_systems", "physical_exam"}
_PLAN_KINDS = _PLAN_LIKE | {"discharge_diagnoses", "admission_diagnoses", "problem_list"}
_SHORT = frozenset({"family_history", "allergies", "medications"})
_CLOSERS = frozenset("*_]=|#-:>")
_OPENERS = frozenset(".;,|)")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the note. `span` holds the heading too; `heading` is its words alone.

    `kind` is one of the kinds in `data/sections.tsv`; "preamble" before the first heading,
    "unknown" in a note without headings and under a heading of no kind.
    """

    kind: str
    heading: Span | None
    span: Span


@dataclass(frozen=True, slots=True)
class _Found:
    """A heading: its tokens, the token its section begins with, and its rank (see `_rank`)."""

    kind: str
    words: range
    opens: int
    rank: int


def find_sections(
    text: str, tokens: Tokens, lines: list[Line], rules: Rules
) -> tuple[list[Section], list[int]]:
    """The sections, which cover the text without gaps, and the token index each begins with."""
    found = list(_closed(list(_headings(text, tokens, lines, rules)), tokens, lines, rules))
    if not found:
        return [Section("unknown", None, Span(0, len(text)))], [0]
    sections: list[Section] = []
    opens: list[int] = []
    if found[0].opens > 0:
        sections.append(Section("preamble", None, Span(0, tokens.start[found[0].opens])))
        opens.append(0)
    for index, heading in enumerate(found):
        # Blank space in front of the first token belongs to the first section.
        start = tokens.start[heading.opens] if sections else 0
        last = index + 1 == len(found)
        end = len(text) if last else tokens.start[found[index + 1].opens]
        words = heading.words
        label = Span(tokens.start[words.start], tokens.end[words.stop - 1]) if words else None
        sections.append(Section(heading.kind, label, Span(start, end)))
        opens.append(heading.opens)
    return sections, opens


def _closed(
    found: list[_Found], tokens: Tokens, lines: list[Line], rules: Rules
) -> Iterator[_Found]:
    """The headings, and where what stands under some of them ends without another.

    "FH: father MI." is one line, and what follows is the patient's unless it names a relative;
    "Allergies: penicillin" is one, too, unless items follow. Under a line of their own both go
    on to the next empty line, as medications do that begin in the line of their heading.
    """
    for number, heading in enumerate(found):
        yield heading
        if heading.kind not in _SHORT:
            continue
        stop = found[number + 1].opens if number + 1 < len(found) else len(tokens)
        alone, first = True, None  # first: the empty lines between a heading and what follows it
        for line in lines:
            if line.tokens.stop <= heading.opens or line.tokens.start >= stop:
                continue
            if line.tokens.start <= heading.opens:
                rest = range(heading.words.stop, line.tokens.stop)
                alone = not any(tokens.norm[i][0].isalnum() for i in rest)
                continue
            if first is None:
                first = line.gap if alone else 0
            if not _goes_on(heading.kind, alone, line.gap <= first, tokens, line, rules):
                yield _Found("unknown", range(0), line.tokens.start, 0)
                break


def _goes_on(kind: str, alone: bool, near: bool, tokens: Tokens, line: Line, rules: Rules) -> bool:
    """Whether a line belongs to the section above it. `alone`: the heading has its own line;
    `near`: no empty line parts it from the one above."""
    if kind == "medications":
        return alone or near
    if alone and near:
        return True
    return line.bulleted if kind == "allergies" else _names_relative(tokens, line, rules)


def _names_relative(tokens: Tokens, line: Line, rules: Rules) -> bool:
    return any("<relative>" in rules.classes.get(tokens.norm[i], ()) for i in line.tokens)


def _headings(text: str, tokens: Tokens, lines: list[Line], rules: Rules) -> Iterator[_Found]:
    current: _Found | None = None
    for line in lines:
        for heading in _in_line(text, tokens, line, rules):
            if heading.kind == "~system":
                if current is None or not _opens_exam(heading, current, line):
                    continue
                heading = _Found("physical_exam", heading.words, heading.opens, 0)
            elif not _counts(heading, current, line, rules, tokens):
                continue
            current = heading
            yield heading


def _opens_exam(label: _Found, current: _Found, line: Line) -> bool:
    """Whether an organ system's label begins an exam that has no heading of its own: vital signs
    go on with it, a social history does not hold one."""
    return current.kind == "vitals" or (
        current.kind == "social_history" and label.words.start == line.first and not line.bulleted
    )


def _counts(
    heading: _Found, current: _Found | None, line: Line, rules: Rules, tokens: Tokens
) -> bool:
    """Whether the heading opens a section here, or is a label inside the current one.

    Inside a plan or assessment, "Medications:" or "Labs:" in a lesser style than the section's
    own heading is a label of a problem; so is a bulleted one inside an exam or a review.
    """
    key = heading_key(tokens.norm[heading.words.start : heading.words.stop])
    known = rules.headings.get(key)
    if known is not None and known.within:
        return current is not None and current.kind in known.within
    if current is None or current.kind not in _LISTING:
        return True
    if line.bulleted and heading.rank < current.rank:
        return False
    if current.kind in _PLAN_LIKE and heading.kind not in _PLAN_KINDS:
        return heading.rank >= current.rank
    return True


def _in_line(text: str, tokens: Tokens, line: Line, rules: Rules) -> Iterator[_Found]:
    """The headings of one line, organ-system labels among them, left to right."""
    whole = _bare(text, tokens, line, rules)
    if whole is not None:
        yield whole
        return
    for index in range(line.first + 1, line.tokens.stop):
        if tokens.norm[index] == ":":
            heading = _before_colon(text, tokens, line, index, rules)
            if heading is not None:
                yield heading
        elif index - line.first <= _DASHED and is_dash(tokens, index):
            # "Diagnosis - CHF": in front of the line's first dash, and in whole words alone.
            heading = _before_colon(text, tokens, line, index, rules)
            if heading and heading.words.start == line.first and heading.kind != "~system":
                yield heading


def _bare(text: str, tokens: Tokens, line: Line, rules: Rules) -> _Found | None:
    """A heading that is its whole line, with or without closing marks."""
    stop = line.tokens.stop
    while stop > line.first and tokens.norm[stop - 1] in _CLOSERS:
        stop -= 1
    sentence = stop > line.first and tokens.norm[stop - 1] == "."
    stop -= sentence
    if not 0 < stop - line.first <= _LONGEST:
        return None
    words = range(line.first, stop)
    if sentence and not _upper(text, tokens, words):
        return None
    kind = _kind(tokens, words, rules)
    if kind is None:
        return None
    coloned = stop < line.tokens.stop
    marked = line.first > line.tokens.start and not line.bulleted
    capital = text[tokens.start[line.first]].isupper()
    if kind == "~system":
        return _Found(kind, words, line.tokens.start, 0) if coloned else None
    if not (coloned or marked or capital):
        return None
    if line.bulleted and not coloned and not _upper(text, tokens, words):
        return None
    return _Found(kind, words, line.tokens.start, _rank(text, tokens, words, line))


def _before_colon(text: str, tokens: Tokens, line: Line, colon: int, rules: Rules) -> _Found | None:
    """The longest known heading that ends at the colon and begins where a heading may."""
    lowest = max(line.first, colon - _LONGEST)
    stops = ".;|:"
    if lowest > line.first:
        stops += ","  # "Ears, nose and throat:" may begin a line, but not stand inside one
    begin = colon
    while begin > lowest and tokens.norm[begin - 1] not in stops:
        begin -= 1
    for first in range(begin, colon):
        words = range(first, colon)
        if first > line.first and not _may_begin(text, tokens, words):
            continue
        kind = _kind(tokens, words, rules)
        if kind is None:
            continue
        opens = line.tokens.start if first == line.first else first
        rank = 0 if kind == "~system" else _rank(text, tokens, words, line)
        return _Found(kind, words, opens, rank)
    return None


def _may_begin(text: str, tokens: Tokens, words: range) -> bool:
    """Whether a heading may begin inside a line: after a stop or wide space, or in capitals."""
    start = tokens.start[words.start]
    if not text[start].isupper():
        return False
    before = words.start - 1
    space = text[tokens.end[before] : start]
    wide = len(space) > 1 or "\t" in space
    if _upper(text, tokens, words):
        letter = text[tokens.start[before]]
        return wide or not letter.isupper()
    return (tokens.norm[before] in _OPENERS and bool(space)) or wide


def _kind(tokens: Tokens, words: range, rules: Rules) -> str | None:
    """What the words name: a section kind, `~system`, or nothing known."""
    norms = tokens.norm[words.start : words.stop]
    if "(" in norms:
        norms = _without_brackets(norms)
    key = heading_key(norms)
    for candidate in _variants(key, rules):
        heading = rules.headings.get(candidate)
        if heading is not None:
            return heading.kind
        if candidate in rules.systems:
            return "~system"
    return None


def _variants(key: str, rules: Rules) -> Iterator[str]:
    """The heading as written, then without the words that may stand around it."""
    if not key:
        return
    yield key
    parts = key.split(" ")
    while len(parts) > 1 and parts[0] in rules.prefixes:
        parts = parts[1:]
        yield " ".join(parts)
    for length in (1, 2, 3):
        if len(parts) > length and " ".join(parts[-length:]) in rules.suffixes:
            yield " ".join(parts[:-length])


def _without_brackets(norms: list[str]) -> list[str]:
    kept: list[str] = []
    depth = 0
    for norm in norms:
        if norm == "(":
            depth += 1
        elif norm == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(norm)
    return kept


def _upper(text: str, tokens: Tokens, words: range) -> bool:
    """Whether the heading is in capitals and more than a single letter."""
    letters = text[tokens.start[words.start] : tokens.end[words.stop - 1]]
    return len(letters) > 1 and letters.isupper()


def _rank(text: str, tokens: Tokens, words: range, line: Line) -> int:
    """How strong the heading's style is: markdown or capitals over title case over lower case."""
    if line.level or _upper(text, tokens, words):
        rank = 6 - min(line.level, 4) if line.level else 5
    elif line.tokens.start < line.first == words.start and not line.bulleted:
        rank = 4
    elif text[tokens.start[words.start]].isupper():
        rank = 3
    else:
        rank = 2
    return rank - 2 if line.bulleted or words.start > line.first else rank
