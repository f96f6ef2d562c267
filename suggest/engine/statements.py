"""Which words of a sentence belong together, and which to statements of their own.

A sentence says several things: what was and what is, what is denied and what is not, the items
of a list. A match of the lexicon's words must not take its words from two of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from suggest.engine.normal import NON
from suggest.engine.sides import SIDES
from suggest.text.tokens import Tokens

# A match does not reach over these: another statement begins there.
_BREAKS = frozenset(
    (*";.:|()[]?!", "no", "not", "denies", "denied", "without", "but", "negative", "endorses")
)
_AND = frozenset(("and", "&"))
_YEAR = re.compile(r"19[3-9]\d|20[0-4]\d")
_ENDS = frozenset(".;:") | _AND
_PLANNED = frozenset(("plan", "plans", "planned", "planning", "scheduled", "schedule", "for"))
_NOUNS = frozenset(("history", "hx"))
_HISTORY = _NOUNS | {"prior", "previous", "past", "remote"}
_WHOSE = frozenset(("family", "personal", "fam", "past", "medical", "surgical", "prior", "remote"))
_LEADS_ON = frozenset(("of", "with", "for", "significant", "notable", ":"))
_STATEMENTS = frozenset((",", "with", "who", "now", "presents", "presenting", "here", "admitted"))
_LIGHT = frozenset(("of", "a", "an", "the", "in", "for", "/", "o", "s", "p", "known", "his", "her"))
_WITHIN_A_HISTORY = 3  # words that a row lacks
# A row may say what is lacking: "no transportation", "no taking insulin", "cannot read".
_NO, _CANNOT = "no", "cannot"
_DENIALS = frozenset((_NO, _CANNOT))
_TROUBLES = frozenset(
    (
        *("issue", "issues", "problem", "problems", "concern", "concerns", "barrier", "barriers"),
        *("difficulty", "difficulties", "limitation", "limitations", "needs", "insecurity"),
    )
)
_FROM_A_DENIAL = 3  # how far the next word of the row may be, in words
_NUMBER = re.compile(r"\d(?!\d*(?:st|nd|rd|th)$)")


def denial(norm: str) -> str:
    """The word that a row has for a denial of a verb: "not", "doesn't" are "no"."""
    if norm == "can't":
        return _CANNOT
    return _NO if norm in ("not", "without") or norm.endswith("n't") else norm


def opposite_words(norms: Sequence[str]) -> frozenset[int]:
    """The words before which "non" stands apart: "toxic" in "non-toxic", which is no "toxic"."""
    return frozenset(
        index + 1
        for index, norm in enumerate(norms[:-1])
        if norm == NON and norms[index + 1][0].isalpha()
    )


def is_one_statement(chosen: Sequence[int], norms: Sequence[str]) -> bool:
    """Whether the words of a match, in order, say one thing together: close by, across no break,
    and what is denied or past among them is so of the others."""
    size = len(chosen)
    excess = chosen[-1] - chosen[0] + 1 - (2 * size + 2)
    # "Laceration of right hand and left forearm": the sides are no distance.
    if excess > 0 and excess > sum(n in SIDES for n in norms[chosen[0] : chosen[-1]]):
        return False
    # "Type 2 diabetes with stage 4 CKD" is not CKD 2: a number belongs to the word beside it.
    if chosen[-1] - chosen[0] > size and any(_NUMBER.match(norms[i]) for i in chosen):
        return False
    for i in range(chosen[0], chosen[-1]):
        # "BMI: 34.2" is one statement, and "E. coli" one name.
        if (
            (norms[i] in _BREAKS or (norms[i] == "o" and norms[i - 2 : i] == ["w", "/"]))
            and not (i in chosen and denial(norms[i]) in _DENIALS)
            and not (norms[i] in ":(" and norms[i + 1][0].isdigit())
            and not (norms[i] == "." and i and len(norms[i - 1]) == 1)
        ):
            return False
    return _denies_what_follows(chosen, norms) and _is_history_of_it(chosen, norms)


def is_of_two(
    tokens: tuple[int, ...], others: Collection[tuple[int, ...]], norms: list[str]
) -> bool:
    """Whether a match takes its words from two items or statements that `others`, the sentence's
    matches, name."""
    return _of_two_items(tokens, others, norms) or _of_two_statements(tokens, others, norms)


def is_denial_of_another(
    tokens: tuple[int, ...], cue: int, others: Iterable[tuple[int, ...]], note: Tokens
) -> bool:
    """Whether the denial that stands at a code point is of another match's name: "no" in "no
    transportation, food insecurity"."""
    norms = note.norm
    holding = [
        other
        for other in others
        if any(note.start[i] == cue and denial(norms[i]) in _DENIALS for i in other[:-1])
    ]
    return bool(holding) and "," in norms[max(holding)[-1] + 1 : tokens[0]]


def is_past(tokens: Sequence[int], norms: Sequence[str]) -> bool:
    """Whether a year or "ago" stands beside a match, as in a list of past operations:
    "splenectomy 1995", "hysterectomy (in 2005)", "appendectomy 20 years ago"."""
    after = norms[tokens[-1] + 1 : tokens[-1] + 5]
    for index, norm in enumerate(after):
        if norm == "ago" or (index < 3 and _YEAR.fullmatch(norm)):
            return _PLANNED.isdisjoint(norms[max(0, tokens[0] - 6) : tokens[0]])
        if norm in _ENDS:
            return False
    return tokens[0] > 0 and bool(_YEAR.fullmatch(norms[tokens[0] - 1]))


def _is_history_of_it(chosen: Sequence[int], norms: Sequence[str]) -> bool:
    """Whether a match that holds "history" or "prior" is one statement: "history of recurrent
    pneumonia", "kidney stone history", but neither "history of asthma, now pneumonia" nor
    "pneumonia, history of asthma"."""
    at = next((i for i in chosen if norms[i] in _HISTORY), None)
    if at is None or len(chosen) == 1:
        return True
    before = [i for i in chosen if i < at]
    if before and not (before[-1] == at - 1 and norms[at - 1] in _WHOSE):
        following = norms[at + 1] if at + 1 < len(norms) else "."
        return norms[at] in _NOUNS and before[-1] == at - 1 and following not in _LEADS_ON
    rest = [i for i in chosen if i > at]
    between = [norms[i] for i in range(at + 1, chosen[-1]) if i not in chosen]
    return (
        bool(rest)
        and norms[at + 1] != "to"
        and _STATEMENTS.isdisjoint(between)
        and sum(n not in _LIGHT for n in between) <= _WITHIN_A_HISTORY
    )


def _denies_what_follows(chosen: Sequence[int], norms: Sequence[str]) -> bool:
    """Whether a match that holds a denial denies its own next words: "no reliable transportation"
    and "vaccines are not up to date", but neither "has transportation, no pain" nor "no
    transportation or housing issues"."""
    denials = [i for i in chosen if denial(norms[i]) in _DENIALS]
    if not denials:
        return True
    rest = chosen[chosen.index(denials[0]) + 1 :]
    after = norms[chosen[-1] + 1 : chosen[-1] + 5]
    end = next((i for i, norm in enumerate(after) if not norm[0].isalnum()), len(after))
    return (
        len(denials) == 1
        and _TROUBLES.isdisjoint(after[:end])
        and bool(rest)
        and rest[0] - denials[0] <= _FROM_A_DENIAL
        and "," not in norms[chosen[0] : chosen[-1]]
    )


def _of_two_items(
    tokens: tuple[int, ...], others: Collection[tuple[int, ...]], norms: list[str]
) -> bool:
    """Whether a match takes words from two items of a list: "heart failure, kidney stones" names
    no failure of the kidney. "Diabetes, type 2" is one item: neither half belongs elsewhere."""
    if len(tokens) == 1 or "," not in norms[tokens[0] : tokens[-1]]:
        return False
    own = set(tokens)
    for other in others:
        taken = own.intersection(other)
        if taken and len(taken) < len(other) and "," not in norms[other[0] : other[-1]]:
            return not own <= set(other)
    return False


def _of_two_statements(
    tokens: tuple[int, ...], others: Collection[tuple[int, ...]], norms: list[str]
) -> bool:
    """Whether a match takes words from two statements that "and" joins: "contusion of the knee
    and abrasion of the elbow" names no abrasion of the knee, while "pain in the shoulder and
    knee" names a pain of both: its second half alone is no condition."""
    for joint in range(tokens[0] + 1, tokens[-1]):
        if norms[joint] not in _AND:
            continue
        before = {t for t in tokens if t < joint}
        after = {t for t in tokens if t > joint}
        if any(before < set(o) and o[-1] < joint for o in others) and any(
            after < set(o) and o[0] > joint for o in others
        ):
            return True
    return False
