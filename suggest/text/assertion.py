"""What a note says of a mentioned condition: affirmed, negated, possible and so on.

ConText (Harkema, Dowling, Thornblade, Chapman, J Biomed Inform 2009;42:839-851), which extends
NegEx (Chapman et al. 2001). Cues, pseudo-cues and terminations are in `data/context.tsv`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from suggest.text.cues import YES, Match, find_cues
from suggest.text.rules import CueRule, Rules
from suggest.text.span import Span
from suggest.text.tokens import Tokens, is_dash, is_word

_EVERYWHERE = range(0, 1 << 60)
_OR = frozenset({"or", "vs", "versus", "nor"})
_LISTED = frozenset({"or", "nor", "and"})
_SEPARATORS = frozenset(".,;|)")
_ITEMS, _ITEM_WORDS = 3, 2  # of a bare list, and of each of its items


class Assertion(StrEnum):
    """What the note says of a mentioned condition."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"
    POSSIBLE = "possible"
    HISTORICAL = "historical"
    FAMILY = "family"
    HYPOTHETICAL = "hypothetical"


# The first one with a cue decides. A negation outweighs all: "denies family history of stroke".
# "Cannot be ruled out" is a cue of its own that hides the negation in it.
_PRECEDENCE = (
    Assertion.NEGATED,
    Assertion.FAMILY,
    Assertion.HYPOTHETICAL,
    Assertion.POSSIBLE,
    Assertion.HISTORICAL,
)
_DENIALS_AND_DOUBTS = (Assertion.NEGATED, Assertion.POSSIBLE)
_DOUBTED = frozenset(_PRECEDENCE) - {Assertion.HISTORICAL}
_SECTION_DEFAULT = {
    "family_history": Assertion.FAMILY,
    "instructions": Assertion.HYPOTHETICAL,
}


@dataclass(frozen=True, slots=True)
class AssertionResult:
    """The assertion, the words that decided it (None: none did) and the rule's name."""

    assertion: Assertion
    cue: Span | None
    rule: str


_NO_CUE = AssertionResult(Assertion.AFFIRMED, None, "no cue")


@dataclass(frozen=True, slots=True)
class Scope:
    """The tokens a cue speaks of. `open_end`: it reaches the end of its sentence."""

    assertion: Assertion
    reach: range
    cue: range
    forward: bool
    open_end: bool
    rule: str

    @property
    def introduces(self) -> bool:
        """Whether it may speak of a whole section, when it stands in the section's heading."""
        return self.assertion in (Assertion.POSSIBLE, Assertion.HYPOTHETICAL)

    def carried(self) -> Scope:
        """The same cue over the items of the list that its sentence introduces."""
        return replace(self, reach=_EVERYWHERE, rule=f"{self.rule} (list)")


def scopes_of(tokens: Tokens, sentence: range, rules: Rules) -> list[Scope]:
    """The scopes of all cues in one sentence."""
    matches = find_cues(tokens, sentence, rules)
    scopes: list[Scope] = []
    for position, match in enumerate(matches):
        for rule in match.rules:
            if rule.kind != "cue":
                continue
            answer = _is_answer(tokens, match, sentence)
            direction = rule.direction
            if direction == "either":
                direction = "forward" if _leads(tokens, match, sentence, rules) else "backward"
            if direction != "backward" and not answer:
                scopes += _forward(tokens, position, rule, matches, sentence)
            # "Stable, hypersplenism likely": a doubt is of its own item, a denial of the list.
            denial = answer and rule.categories == ("negated",)
            if direction != "forward" or denial:
                scopes += _backward(tokens, position, rule, matches, sentence, denial)
    return scopes


def decide(tokens: Tokens, mention: Span, scopes: list[Scope], section: str) -> AssertionResult:
    """The assertion of one mention by the scopes around it and its section's kind."""
    if not scopes and section not in _SECTION_DEFAULT:
        return _NO_CUE
    at = tokens.covering(mention)
    best: dict[Assertion, Scope] = {}
    for scope in scopes:
        if at.start <= scope.cue.start and scope.cue.stop <= at.stop:
            continue  # a cue inside the mention is part of its name
        # The mention's end that is nearer to the cue counts; the two may share a word ("no known"
        # and "known allergies").
        near = (
            max(at.start, scope.reach.start)
            if scope.forward
            else min(at.stop, scope.reach.stop) - 1
        )
        if near not in scope.reach or near not in at:
            continue
        known = best.get(scope.assertion)
        if known is None or _distance(scope, at) < _distance(known, at):
            best[scope.assertion] = scope
    for assertion in _PRECEDENCE:
        if assertion in best:
            scope = best[assertion]
            cue = Span(tokens.start[scope.cue.start], tokens.end[scope.cue.stop - 1])
            return AssertionResult(assertion, cue, scope.rule)
        if _SECTION_DEFAULT.get(section) is assertion:
            return AssertionResult(assertion, None, f"section {section}")
    return _NO_CUE


def decide_phrase(
    tokens: Tokens, words: Sequence[int], scopes: list[Scope], section: str
) -> AssertionResult:
    """The assertion of a phrase, as token indices in order, that may hold its own cue.

    A phrase that labelled notes taught ("pneumonia suspected", "without fever") is said as its
    other words are; `decide` takes a cue inside a mention for a part of the mention's name.
    """
    whole = decide(tokens, Span(tokens.start[words[0]], tokens.end[words[-1]]), scopes, section)
    own = {
        index
        for scope in scopes
        if scope.assertion in _DENIALS_AND_DOUBTS
        and words[0] <= scope.cue.start
        and scope.cue.stop - 1 <= words[-1]
        for index in scope.cue
    }
    if not own:
        return whole
    of_words = (decide(tokens, tokens.span(i), scopes, section) for i in words if i not in own)
    return next((result for result in of_words if result.assertion in _DOUBTED), whole)


def _distance(scope: Scope, at: range) -> int:
    return at.start - scope.cue.stop if scope.cue.stop <= at.start else scope.cue.start - at.stop


def _is_answer(tokens: Tokens, match: Match, sentence: range) -> bool:
    """Whether the cue answers what stands before it: "Fever: no", "Cough - denies, ..."."""
    first, stop = match.tokens.start, match.tokens.stop
    if first == sentence.start:
        return False
    ends = stop >= sentence.stop or tokens.norm[stop] in _SEPARATORS
    return ends and tokens.norm[first - 1] not in _SEPARATORS


def _leads(tokens: Tokens, match: Match, sentence: range, rules: Rules) -> bool:
    """Whether something follows the cue that it could speak of."""
    stop = match.tokens.stop
    if stop >= sentence.stop or not is_word(tokens.norm[stop]):
        return False
    return "<after>" not in rules.classes.get(tokens.norm[stop], ())


def _forward(
    tokens: Tokens, position: int, rule: CueRule, matches: list[Match], sentence: range
) -> list[Scope]:
    match = matches[position]
    start = match.tokens.stop
    scopes = []
    for category in rule.categories:
        limit = min(sentence.stop, start + rule.scope)
        for other in islice(matches, position + 1, None):
            if other.tokens.start >= limit:
                break
            # "No fracture, possible effusion": a doubt behind a comma opens a new statement.
            doubt = category == "negated" and tokens.norm[other.tokens.start - 1] in ",;"
            if other.ends(category, rule, forward=True) or (doubt and other.opens("possible")):
                limit = other.tokens.start
                break
            # Of "worsening cough" the word says nothing: a list may deny it.
            if other.affirms(category) and is_word(tokens.norm[other.tokens.start - 1]):
                item = range(start, other.tokens.start)
                if category == "historical":
                    limit = _last_joint(tokens, item)
                else:
                    limit = _item_before(tokens, item, limit)
        stop = _at_comma(tokens, range(start, limit), rule, sentence)
        scopes.append(
            Scope(
                Assertion(category),
                range(start, stop),
                match.tokens,
                forward=True,
                open_end=stop >= sentence.stop,
                rule=rule.name,
            )
        )
    return scopes


def _at_comma(tokens: Tokens, reach: range, rule: CueRule, sentence: range) -> int:
    """Where a forward scope ends when commas, semicolons and brackets are looked at."""
    depth = 0
    either = False
    for index in reach:
        norm = tokens.norm[index]
        either |= norm in _OR
        if rule.categories != ("family",) and index > reach.start and is_dash(tokens, index):
            return index  # "no evidence of disease activity - continue ocrelizumab"
        if norm == "," and either and rule.name == "without":
            return index  # "without dyskinesia or fluctuations, hypertension"
        if norm in "()":
            depth += 1 if norm == "(" else -1
            if depth < 0:
                return index  # the cue stands inside the brackets
        if norm == ";" and not (rule.comma == "carry" and _is_item(tokens, index, sentence)):
            return index
        if norm != "," or rule.comma == "carry":
            if norm == "," and _closes_a_list(tokens, index, reach, sentence):
                return index
            continue
        rest = range(index + 1, min(index + 8, sentence.stop))
        if rule.comma == "stop" or not (
            any(tokens.norm[later] in _OR for later in rest)
            or _is_bare_list(tokens, range(reach.start, sentence.stop))
        ):
            return index
    return reach.stop


def _item_before(tokens: Tokens, reach: range, limit: int) -> int:
    """Where a scope ends before the item that the reach ends in; `limit` if there is none."""
    for index in reversed(reach):
        norm = tokens.norm[index]
        if norm in _LISTED:
            return limit  # "no nausea, vomiting or pain worse than usual"
        if norm in ",;":
            return min(limit, index)
    return limit


def _last_joint(tokens: Tokens, reach: range) -> int:
    """The last comma or "and" of a reach, its start if there is none: "history of stroke and
    diabetes since childhood"."""
    joints = (i for i in reversed(reach) if tokens.norm[i] in _LISTED or tokens.norm[i] in ",;")
    return next(joints, reach.start)


def _closes_a_list(tokens: Tokens, comma: int, reach: range, sentence: range) -> bool:
    """Whether a list of three ends here whose second item the cue denies: "he has a cough, no
    fever, and a sore throat"."""
    cue = reach.start - 1
    return (
        comma + 1 < sentence.stop
        and tokens.norm[comma + 1] == "and"
        and "," not in tokens.norm[reach.start : comma]
        and cue > sentence.start
        and tokens.norm[cue] in ("no", "not", "without")
        and tokens.norm[cue - 1] == ","
    )


def _is_bare_list(tokens: Tokens, rest: range) -> bool:
    """Whether three or more items of one or two words follow alone: "doubt PE, PNA, CHF"."""
    sizes = [0]
    for index in rest:
        norm = tokens.norm[index]
        if norm == ",":
            sizes.append(0)
        elif norm != "." or index < rest.stop - 1:
            sizes[-1] += 1
    return len(sizes) >= _ITEMS and all(1 <= size <= _ITEM_WORDS for size in sizes)


def _is_item(tokens: Tokens, semicolon: int, sentence: range) -> bool:
    """Whether one or two words stand behind the semicolon, none of which says that it is there:
    "no fever; chills; cough"."""
    for index in range(semicolon + 1, min(semicolon + 4, sentence.stop)):
        if not is_word(tokens.norm[index]):
            return True
        if tokens.norm[index] in YES:
            return False
    return semicolon + 3 >= sentence.stop


def _backward(
    tokens: Tokens,
    position: int,
    rule: CueRule,
    matches: list[Match],
    sentence: range,
    answer: bool,
) -> list[Scope]:
    match = matches[position]
    stop = match.tokens.start
    scopes = []
    for category in rule.categories:
        limit = max(sentence.start, stop - rule.scope)
        for index in range(position - 1, -1, -1):
            other = matches[index]
            if other.tokens.stop <= limit:
                break
            if other.answers() if answer else other.ends(category, rule, forward=False):
                limit = stop if other.shields(category) else other.tokens.stop
                break
        halts: Callable[[str], bool] = _answer_halts if answer else _sentence_halts(rule)
        start = stop
        if start > limit and tokens.norm[start - 1] in (":" if answer else ",-"):
            start -= 1  # "pneumonia, resolved", "fever: no", "pneumonia - likely"
        doubted = category == "possible"
        while start > limit and not halts(tokens.norm[start - 1]):
            if doubted and is_dash(tokens, start - 1):
                break  # "chronic cough - rule out asthma vs reflux"
            start -= 1
        while start > sentence.start and start < stop and "/" in tokens.norm[start - 1 : start + 1]:
            start -= 1  # "HIV/RPR/HBsAg neg" is one item
        scopes.append(
            Scope(
                Assertion(category),
                range(start, stop),
                match.tokens,
                forward=False,
                open_end=False,
                rule=rule.name,
            )
        )
    return scopes


def _answer_halts(norm: str) -> bool:
    return norm in ".;|:"


def _sentence_halts(rule: CueRule) -> Callable[[str], bool]:
    if rule.comma == "carry":
        return lambda norm: norm == ";"
    return lambda norm: norm in (",", ";", "and")
