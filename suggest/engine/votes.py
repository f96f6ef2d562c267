"""What coders did with a candidate's words, as labelled notes tell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from suggest.codesets import at_or_above
from suggest.engine.candidates import Candidate
from suggest.engine.learned import Labels, Phrase
from suggest.engine.longer import Named, of_others

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Votes:
    """What coders did with a candidate's words, see `votes_for`."""

    precision: float = 0.0
    support: float = 0.0
    given: float = 0.0
    share: float = 0.0
    any: float = 0.0
    notes: float = 0.0
    coded: float = 0.0
    inside: float = 0.0


def votes_for(
    candidate: Candidate, phrases: Sequence[Phrase], over: Sequence[list[Named]], labels: Labels
) -> Votes:
    """Of a code that a chapter's rule made of another one the votes for that one, if they say
    more: notes are too few to teach each condition anew in every trimester."""
    own = _votes(candidate.code, phrases, over, labels)
    if not candidate.stands_for:
        return own
    other = _votes(candidate.stands_for, phrases, over, labels)
    return other if other.precision > own.precision else own


def _votes(
    code: str, phrases: Sequence[Phrase], over: Sequence[list[Named]], labels: Labels
) -> Votes:
    """What coders did with these words: precision and support of the best phrase, how often the
    code was given at all where it stood, its share of the codes given for it, the chance that any
    of the phrases is evidence; how often the best known phrase occurred and was coded at all.

    What they did with "weak" does not tell of "weak urinary stream": phrases that stand inside
    longer mentions alone have a number of their own.
    """
    free: dict[Phrase, bool] = {}
    for phrase, longer in zip(phrases, over, strict=True):
        free[phrase] = free.get(phrase, False) or not of_others(code, longer)
    precision = support = given = share = occurred_most = coded = inside = 0.0
    none = 1.0
    for phrase in sorted(free):
        occurred = labels.occurred.get(phrase, 0)
        if not occurred:
            continue
        votes = labels.votes.get(phrase, {})
        vote = of_code(votes, code)
        if not free[phrase]:
            inside = max(inside, vote.evidence / (occurred + 1.0) if vote else 0.0)
            continue
        total = sum(v.evidence for v in votes.values())
        if occurred > occurred_most:
            occurred_most, coded = occurred, total / (occurred + 1.0)
        if vote is None or not vote.evidence:
            continue
        p = vote.evidence / (occurred + 1.0)
        none *= 1.0 - p
        if p > precision:
            precision, support, share = p, vote.evidence, vote.evidence / total
        given = max(given, vote.given / (occurred + 1.0))
    notes = math.log1p(occurred_most)
    return Votes(precision, support, given, share, 1.0 - none, notes, coded, inside)


def of_code(counts: Mapping[str, T], code: str) -> T | None:
    """What is counted of a code, or of the code it was when the notes were coded: R05 was divided
    into R05.1 to R05.9, and injuries may have been given without their 7th character."""
    known = at_or_above(code, counts)
    return counts[known] if known else None
