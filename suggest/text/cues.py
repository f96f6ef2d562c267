"""Finds the cues of `data/context.tsv` in a sentence: longest match first, left to right."""

from __future__ import annotations

from dataclasses import dataclass

from suggest.text.rules import CueNode, CueRule, Rules
from suggest.text.tokens import Tokens, is_word

_AFFIRMS = CueRule(
    "mark: positive",
    "termination",
    ("negated", "possible", "historical", "family", "hypothetical"),
    "bidirectional",
    0,
    "carry",
)
_DENIES_AFTER = CueRule("mark: negative", "cue", ("negated",), "forward", 12, "carry")
_DENIES_BEFORE = CueRule("mark: negative", "cue", ("negated",), "backward", 12, "stop")
_MARKED = CueRule("mark: negative item", "cue", ("negated",), "forward", 6, "stop")
YES = frozenset({"yes", "positive", "present", "+"})


@dataclass(frozen=True, slots=True)
class Match:
    """A cue, pseudo-cue or termination at these tokens."""

    tokens: range
    rules: tuple[CueRule, ...]

    def ends(self, category: str, rule: CueRule, *, forward: bool) -> bool:
        """Whether the match ends the scope of a cue of the category."""
        way = "forward" if forward else "backward"
        return any(
            (
                r.kind in ("termination", "shield")
                and category in r.categories
                and r.direction in (way, "bidirectional")
            )
            or (category == "negated" and r.is_mark and rule.is_mark)
            for r in self.rules
        )

    def shields(self, category: str) -> bool:
        """Whether a cue of the category from behind says nothing of what this match names."""
        return any(r.kind == "shield" and category in r.categories for r in self.rules)

    def opens(self, category: str) -> bool:
        """Whether the match is a cue of the category."""
        return any(r.kind == "cue" and category in r.categories for r in self.rules)

    def answers(self) -> bool:
        """Whether the match is itself a cue or an answer, before which another item stands."""
        return any(r.kind not in ("pseudo", "present") for r in self.rules)

    def affirms(self, category: str) -> bool:
        """Whether the match says that its item is there, whatever a cue before its comma says."""
        return any(r.kind == "present" and category in r.categories for r in self.rules)


def find_cues(tokens: Tokens, sentence: range, rules: Rules) -> list[Match]:
    """All matches in a sentence, in order and without overlap."""
    matches: list[Match] = []
    norm = tokens.norm
    root = rules.cues.next
    index = sentence.start
    while index < sentence.stop:
        word = norm[index]
        found: tuple[int, CueNode] | None = None
        if word == "?" and not _doubts(tokens, index):
            index += 1
            continue
        if word in root or word in rules.classes or word[0].isdigit():
            found = _longest(tokens, rules.cues, index, sentence.stop, rules, 0)
        if found is not None:
            matches.append(Match(range(index, found[0]), tuple(found[1].rules)))
            index = found[0]
            continue
        if word in "+-([":
            mark = _mark(tokens, index, sentence)
            if mark is not None:
                matches.append(mark)
                index = mark.tokens.stop
                continue
        index += 1
    return matches


def _doubts(tokens: Tokens, index: int) -> bool:
    """Whether the question mark stands in front of what is in doubt, and does not ask."""
    if index == 0 or tokens.start[index] > tokens.end[index - 1]:
        return True
    return not is_word(tokens.norm[index - 1])


def _longest(
    tokens: Tokens, node: CueNode, index: int, stop: int, rules: Rules, depth: int
) -> tuple[int, CueNode] | None:
    """The end of the longest cue that goes on from the node, and the cue's node."""
    best = (index, node) if node.rules else None
    if index >= stop:
        return best
    word = tokens.norm[index]
    keys = [word, *rules.classes.get(word, ())]
    if word[0].isdigit():
        keys.append("<num>")
        if len(word) == 4 and word.isdigit() and word[:2] in ("19", "20"):
            keys.append("<year>")
    for key in keys:
        child = node.next.get(key)
        if child is not None:
            found = _longest(tokens, child, index + 1, stop, rules, depth + 1)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
    # "does not currently have", "no significant history of": a filler may stand inside a cue.
    if depth and node.next and word in rules.fillers and (best is None or best[0] == index):
        found = _longest(tokens, node, index + 1, stop, rules, depth + 1)
        if found is not None and found[1] is not node and (best is None or found[0] > best[0]):
            best = found
    return best


def _mark(tokens: Tokens, index: int, sentence: range) -> Match | None:
    """A sign of a checklist: "(-) fever", "[x] cough", "+cough -fever", "+ cough, - fever"."""
    norm, start, end = tokens.norm, tokens.start, tokens.end
    if norm[index] in "([":
        close = ")" if norm[index] == "(" else "]"
        inner = norm[index + 1] if index + 1 < sentence.stop else ""
        if inner == close and close == "]":
            return Match(range(index, index + 2), (_DENIES_AFTER,))
        if index + 2 < sentence.stop and norm[index + 2] == close:
            where = range(index, index + 3)
            if (inner == "-" and close == ")") or (inner in ("-", "_") and close == "]"):
                return Match(where, (_side(tokens, where, sentence),))
            if inner == "+" or (inner in ("x", "✓", "✔", "☑") and close == "]"):
                return Match(where, (_AFFIRMS,))
        return None
    if index + 1 >= sentence.stop or end[index] - start[index] > 1:
        return None
    listed = index > sentence.start and norm[index - 1] in ",;:"
    if start[index + 1] > end[index] and not (listed and _has_plus(tokens, sentence)):
        return None  # a bullet, a dash
    opens = index == sentence.start or start[index] > end[index - 1] or norm[index - 1] in "(,;"
    if not opens or not norm[index + 1][0].isalpha():
        return None
    where = range(index, index + 1)
    if norm[index] == "+":
        return Match(where, (_AFFIRMS,))
    if index == sentence.start and not _has_plus(tokens, sentence):
        return None  # "-HTN": a bullet
    return Match(where, (_MARKED,))


def _side(tokens: Tokens, where: range, sentence: range) -> CueRule:
    """A sign stands before its item or behind it, the same all through a line."""
    before = any(norm[0].isalpha() for norm in tokens.norm[sentence.start : where.start])
    after = where.stop < sentence.stop and tokens.norm[where.stop][0].isalpha()
    first_sign = next(
        (
            i
            for i in sentence
            if tokens.norm[i] in "([" and i + 1 < sentence.stop and tokens.norm[i + 1] in "+-"
        ),
        where.start,
    )
    leads = not any(norm[0].isalpha() for norm in tokens.norm[sentence.start : first_sign])
    return _DENIES_AFTER if (leads or not before) and after else _DENIES_BEFORE


def _has_plus(tokens: Tokens, sentence: range) -> bool:
    return any(
        tokens.norm[i] == "+"
        and (
            tokens.start[i + 1] == tokens.end[i]
            or i == sentence.start
            or tokens.norm[i - 1] in ",;:"
        )
        for i in range(sentence.start, sentence.stop - 1)
    )
