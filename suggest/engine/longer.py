"""Mentions inside longer ones that say more: "vomiting" in "projectile vomiting"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from suggest.engine.candidates import Candidate
from suggest.engine.lexicon.compiled import NEAR, VOCABULARY
from suggest.engine.matching import Mention

_LOOSE = 2  # words between those of a mention; looser ones do not say more than what is inside


@dataclass(slots=True)
class Named:
    """A mention of several words: the codes that it names."""

    tokens: frozenset[int]
    rarity: float
    codes: set[str] = field(default_factory=set)


class Longer:
    """The longer mentions of other codes that say more than those inside them.

    The lexicon's alone: what labelled notes teach is often the same with a word beside it.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._named: dict[int, dict[tuple[int, ...], Named]] = defaultdict(dict)
        self._over: dict[tuple[int, ...], list[Named]] = {}
        for c in candidates:
            if c.sibling is not None or c.kinds == {NEAR}:
                continue
            for m in c.for_ or c.against:
                if len(m.tokens) > 1 and m.gap <= _LOOSE and _names_outright(m):
                    known = self._named[m.sentence].setdefault(
                        m.tokens, Named(frozenset(m.tokens), m.idf)
                    )
                    known.codes.add(c.code)

    def over(self, mention: Mention) -> list[Named]:
        """Those that hold all of a mention's words and more."""
        longer = self._over.get(mention.tokens)
        if longer is None:
            own = frozenset(mention.tokens)
            named = self._named.get(mention.sentence, {}).values()
            longer = self._over[mention.tokens] = [one for one in named if own < one.tokens]
        return longer


def of_others(code: str, longer: list[Named]) -> list[Named]:
    """Those of the longer mentions that name another code."""
    return [one for one in longer if code not in one.codes]


def over_all(
    code: str, mentions: Sequence[Mention], over: Sequence[list[Named]]
) -> tuple[float, float]:
    """Whether every mention is inside one of another code of the same category ("vomiting" in
    "projectile vomiting"), and by how much rarer words; 0 where one stands on its own."""
    if not all(over):
        return 0.0, 0.0
    others = [of_others(code, longer) for longer in over]
    if not all(others):
        return 0.0, 0.0
    category = code[:3]
    same = all(any(k[:3] == category for one in named for k in one.codes) for named in others)
    rarer = min(
        max(one.rarity for one in named) - m.idf for named, m in zip(others, mentions, strict=True)
    )
    return float(same), rarer


def _names_outright(mention: Mention) -> bool:
    """Whether the lexicon has the mention's words as a name of a code."""
    return any(e.kind <= VOCABULARY for e in mention.entries)
