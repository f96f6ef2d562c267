"""From the code a mention names to the billable code its own sentence supports.

The way goes down the hierarchy: at each level the child whose own words (those its parent's
title does not have) stand in the mention's sentence is taken; where none does, the unspecified
child (Guidelines I.B.18) or the default one ("without complications", "initial encounter").
Laterality, acuity, type, stage and site are such words (Guidelines I.B.13, I.B.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from suggest.codesets import CodeSet
from suggest.engine.gestation import TRIMESTERS
from suggest.engine.levels import REGIONS, SPINAL
from suggest.engine.normal import Normaliser, read_rows
from suggest.engine.sevenths import OPEN, OPEN_WIDE, OPENED
from suggest.engine.sides import SIDES

NEUTRAL = re.compile(r"\b(?:unspecified|NOS)\b|not specified", re.IGNORECASE)
# "Not intractable, without status" is a default; "not intractable, with status" is not.
_DEFAULT = re.compile(r"\b(?:without|uncomplicated|not intractable)\b(?!.*\bwith\b)", re.IGNORECASE)
_OTHER = re.compile(r"^other\b|\bother specified\b|, other\b", re.IGNORECASE)
_WITHOUT = re.compile(r"\b(?:without|not) ([^,]+)", re.IGNORECASE)
_TRIMESTER = re.compile(r"\b(?:unspecified|first|second|third) trimester\b")
_USUAL = ("status unknown", "causing other injury")
LATERALITY = "laterality not documented"
# Where dominance is not documented (Guidelines I.C.6.a).
_PRESUMED = (frozenset({"right", "dominant"}), frozenset({"left", "nondominant"}))
STABLE = "stable"  # a retinal vein occlusion of which nothing more is said
NO = "no"  # before a word class that the text says to be lacking


@dataclass(frozen=True, slots=True)
class Refined:
    """A billable code, how many of its own words the text has, and what the text lacks."""

    code: str
    support: float
    unspecified_because: str | None


@dataclass(frozen=True, slots=True)
class _Child:
    """`words` are the child's own; `named` are those of its parent's that not all siblings have
    ("dislocation" below "subluxation and dislocation"); `usual` is what is not said to be worse:
    Concussion NOS (inclusion term at S06.0XA), a foreign body that stifles nobody; `lacks` is what
    a default is without;
    `accidental`: what has an unknown intent is taken for an accident (Guidelines I.C.20.h);
    `vague`: it says "unspecified" more often than a sibling: "right eye, unspecified eyelid"."""

    code: str
    words: frozenset[str]
    named: frozenset[str]
    neutral: bool
    default: bool
    other: bool
    lacks: frozenset[str]
    accidental: bool
    usual: bool
    vague: bool


_LAST = 8
_FULL = 8  # characters of a code with its dot and a 7th character


def _unspecified_first(child: _Child) -> int:
    """The order in which children stand in for a detail the text lacks (Guidelines I.B.18).

    A side is never taken for granted: "right eye, unspecified eyelid" is no unspecified eyelid.
    """
    if child.words & SIDES:
        return _LAST
    if child.usual or (child.neutral and not child.words):
        return 0
    if child.neutral and not child.other:
        return 1 if child.default else 2
    if child.default:
        return 3
    if child.neutral or child.accidental:
        return 4
    if child.code.endswith("9"):
        return 5
    if child.code.endswith("0") and not child.other:
        return 6
    return 7 if child.other and child.code.endswith("8") else _LAST


def _is_residual(code: str, title: str) -> bool:
    """Whether a code is for what its siblings are not: "for other reason" (Guidelines I.A.9.a)."""
    return code.endswith("8") and " other " in title


class Refiner:
    """Walks one code set. Answers are cached by code."""

    def __init__(self, codeset: CodeSet, normaliser: Normaliser) -> None:
        self._codeset = codeset
        self._normaliser = normaliser
        self._axes = [
            (re.compile(row["pattern"], re.IGNORECASE), row["message"])
            for row in read_rows("data/axes.tsv")
        ]
        self._meanings = lru_cache(maxsize=20_000)(
            lambda code: codeset.notes(code).seventh_characters
        )
        self._regions = frozenset(normaliser.classes(REGIONS))
        self._entry = lru_cache(maxsize=20_000)(codeset.__getitem__)
        self._children = lru_cache(maxsize=20_000)(self._children_of)
        self._neutral = lru_cache(maxsize=20_000)(
            lambda code: bool(NEUTRAL.search(codeset.title(code)))
        )
        self._sides = lru_cache(maxsize=20_000)(
            lambda code: SIDES.intersection(normaliser.classes(codeset.title(code)))
        )
        self._site = lru_cache(maxsize=20_000)(
            lambda code: frozenset(normaliser.classes(codeset.title(code))) - SIDES
        )
        self.lacks = lru_cache(maxsize=20_000)(self._lacks)

    def refine(
        self, code: str, words: frozenset[str], valid: frozenset[str], seventh: str = "A"
    ) -> Refined | None:
        """The billable code below (or beside, for another side) that the words support.

        `words` are `Wording.words` of the mention; `seventh` is the 7th character
        for injuries by the encounter: A initial, D subsequent, S sequela (Guidelines I.C.19.a).
        None when no valid code is below.
        """
        support = 0.0
        entry = self._entry(code)
        start = code
        if entry.billable and code not in valid and entry.parent in valid:
            # A code that was divided later: on this day its parent was the billable one.
            start = code = entry.parent
        sibling = self._other_side(code, words) or self._region(code, words)
        if sibling is not None:
            start, support = sibling, 1.0
        elif (
            entry.parent
            and len(code) == _FULL
            and words.intersection(self._meanings(code).values())
        ):
            start = entry.parent
        elif entry.billable or code in valid:
            code = self._by_trimester(code, words)
            return self._done(self._for_no_side(code, words), 0.0, valid)
        for _ in range(6):
            start = self._by_trimester(start, words)
            if start in valid:
                return self._done(self._for_no_side(start, words), support, valid)
            children = self._children(start)
            if not children:
                return None
            if self._is_extension(children):
                chosen = self._extension(children, seventh, words, valid)
                if chosen is None:
                    return None
                return self._done(chosen, support, valid)
            best, gained = self._choose(children, words)
            if best is None:
                return None
            start, support = best, support + gained
        return None

    def refine_sides(
        self, code: str, words: frozenset[str], valid: frozenset[str], seventh: str = "A"
    ) -> list[Refined]:
        """As refine; two codes for both sides where no bilateral code exists (I.B.13), and for a
        side that the text lacks where no code for an unspecified one exists."""
        one = self.refine(code, words, valid, seventh)
        unsided = one is None and not words & SIDES
        both_sides = one is not None and "bilateral" in words and self._names_no_side(one)
        if unsided or both_sides:
            rest = words - SIDES
            both = [self.refine(code, rest | {s}, valid, seventh) for s in ("right", "left")]
            sided = [r for r in both if r is not None and r.unspecified_because != LATERALITY]
            if len({r.code for r in sided}) == 2:
                lacks = LATERALITY if unsided else None
                return [
                    replace(r, unspecified_because=lacks or r.unspecified_because) for r in sided
                ]
        return [one] if one else []

    def _names_no_side(self, one: Refined) -> bool:
        lacks = one.unspecified_because
        return lacks == LATERALITY or (lacks is not None and not self._sides(one.code))

    def fits_sides(self, code: str, words: frozenset[str]) -> bool:
        """Whether a code is of the side that the words name, if it is of one; a code of
        unspecified side is of no side that they name."""
        named = words & SIDES
        own = self._sides(code)
        if not named:
            return not own
        return bool(own & named) if own else self.lacks(code) != LATERALITY

    def differs_in_side(self, one: str, other: str) -> bool:
        """Whether two codes name the same on different sides."""
        own, others = self._sides(one), self._sides(other)
        return bool(own and others) and own != others and self._site(one) == self._site(other)

    def is_of_another_side(self, code: str, words: frozenset[str]) -> bool:
        """Whether a code names one side and the words another."""
        own, named = self._sides(code), words & SIDES
        return bool(own and named) and own.isdisjoint(named) and "bilateral" not in named

    def _children_of(self, code: str) -> tuple[_Child, ...]:
        heading = self._codeset.title(code)
        parent = set(self._normaliser.classes(heading))
        # "Laceration without foreign body of finger": all its children say "without".
        inherited = bool(_DEFAULT.search(heading))
        titles = {child: self._codeset.title(child) for child in self._codeset.children(code)}
        classes = {
            child: frozenset(self._normaliser.classes(NEUTRAL.sub("", title)))
            for child, title in titles.items()
        }
        # Where children differ by side what right and left share is no detail: "upper limb".
        sided = [words for words in classes.values() if words & {"right", "left"}]
        common = frozenset.intersection(*sided) if len(sided) > 1 else frozenset()
        everywhere = frozenset.intersection(*classes.values()) if classes else frozenset()
        unsaid = {child: len(NEUTRAL.findall(title)) for child, title in titles.items()}
        least = min(unsaid.values(), default=0)
        return tuple(
            _Child(
                child,
                words - parent - common,
                words & parent - everywhere,
                bool(NEUTRAL.search(titles[child])),
                bool(_DEFAULT.search(titles[child])) and not inherited,
                bool(_OTHER.search(titles[child])) or _is_residual(child, titles[child]),
                self._without(titles[child]),
                "accidental (unintentional)" in titles[child],
                titles[child].endswith(_USUAL),
                unsaid[child] > least,
            )
            for child, words in classes.items()
        )

    def _without(self, title: str) -> frozenset[str]:
        """The classes of what a title says to be lacking, worded as `Wording.words` does."""
        lacking = " ".join(_WITHOUT.findall(title))
        return frozenset(f"{NO} {name}" for name in self._normaliser.classes(lacking))

    def _choose(
        self, children: tuple[_Child, ...], words: frozenset[str]
    ) -> tuple[str | None, float]:
        best: tuple[float, int, int, bool, bool, str] | None = None
        for child in children:
            if not child.words:
                continue
            hit = child.words & words
            value = len(hit) / len(child.words) if hit and not child.default else 0.0
            if child.default and child.lacks & words:
                hit, value = child.lacks & words, 1.0
            # All own words present, or at least half of them and a side among them.
            if value >= 0.99 or (value >= 0.5 and hit & SIDES):
                presumed = any(pair <= child.words for pair in _PRESUMED)
                named = len(child.named & words)
                key = (value, len(hit), named, presumed, child.vague, child.code)
                if best is None or key[:5] > best[:5]:
                    best = key
        if best is not None:
            return best[5], best[1]
        fallback = min(children, key=_unspecified_first)
        if _unspecified_first(fallback) < _LAST:
            return fallback.code, 0.0
        return (children[0].code, 0.0) if len(children) == 1 else (None, 0.0)

    def _other_side(self, code: str, words: frozenset[str]) -> str | None:
        """A sibling that names the side the text names, for a code of unspecified side. Above
        a 7th character it is a sibling of the code without it: S80.02 for S80.00XA."""
        if not words & SIDES or not self._neutral(code):
            return None
        for level, children in self._levels(code):
            if any(c.words & SIDES for c in children):
                this = next((c for c in children if c.code == level), None)
                own = this.words if this else frozenset()
                named = this.named if this else frozenset()
                if own & SIDES:
                    return None
                # What the code itself names the text need not name again.
                sided = [c for c in children if c.words & SIDES and own <= c.words <= words | own]
                best = max(sided, key=lambda c: len(c.named & named), default=None)
                return best.code if best else None
        return None

    def _levels(self, code: str) -> Iterator[tuple[str, tuple[_Child, ...]]]:
        """The code, its parent and the one above, each among its siblings."""
        for _ in range(3):
            parent = self._entry(code).parent
            if parent is None:
                return
            yield code, self._children(parent)
            code = parent

    def _region(self, code: str, words: frozenset[str]) -> str | None:
        """A sibling for the region of the spine the text names, for a code of no region."""
        if not SPINAL.match(code) or not self._neutral(code):
            return None
        parent = self._entry(code).parent
        if parent is None:
            return None
        named = [
            child
            for child in self._children(parent)
            if not child.neutral and child.words & self._regions and child.words <= words
        ]
        best = max(named, key=lambda child: (len(child.words), child.code), default=None)
        return best.code if best else None

    def _by_trimester(self, code: str, words: frozenset[str]) -> str:
        """The sibling of the trimester that the words name, for a code of one or of none."""
        title, parent = self._codeset.title(code), self._entry(code).parent
        named = [] if "trimester" not in title or parent is None else sorted(words & TRIMESTERS)
        if len(named) != 1 or parent is None:
            return code
        wanted = _TRIMESTER.sub(named[0], title)
        return next(
            (c.code for c in self._children(parent) if self._codeset.title(c.code) == wanted), code
        )

    def _is_extension(self, children: tuple[_Child, ...]) -> bool:
        return len(children[0].code) == _FULL and bool(self._meanings(children[0].code))

    def _extension(
        self,
        children: tuple[_Child, ...],
        seventh: str,
        words: frozenset[str],
        valid: frozenset[str],
    ) -> str | None:
        codes = {c.code[-1]: c.code for c in children if c.code in valid}
        meanings = self._meanings(children[0].code)
        for character, meaning in meanings.items():
            if meaning in words and character in codes:
                return codes[character]
        if "2" in codes and meanings.get("2") == STABLE:
            return codes["2"]  # no complication is taken for granted
        if OPEN in words and "B" in codes:
            for character in reversed(OPENED.get(seventh, "")[: 1 + (OPEN_WIDE in words)]):
                if character in codes:
                    return codes[character]
        for character in (seventh, "D" if seventh in "GKP" else "A", "A", "0", "9"):
            if character in codes:
                return codes[character]
        return next(iter(codes.values()), None)

    def _for_no_side(self, code: str, words: frozenset[str]) -> str:
        """For an unspecified side of a code that says "unilateral" the unspecified code beside
        it, where the text says nothing of that one's own: M17.9, not M17.10."""
        if words & SIDES or self.lacks(code) != LATERALITY:
            return code
        for level, children in self._levels(code):
            if any(
                c.code == level and "unilateral" in c.words and c.words.isdisjoint(words)
                for c in children
            ):
                return next((c.code for c in children if c.neutral and not c.words), code)
        return code

    def _done(self, code: str, support: float, valid: frozenset[str]) -> Refined | None:
        if code not in valid:
            return None
        return Refined(code, support, self.lacks(code))

    def _lacks(self, code: str) -> str | None:
        """What the documentation would have to say for a more specific code; None for nothing."""
        if not self._neutral(code):
            return None
        title = self._codeset.title(code)
        for pattern, message in self._axes:
            if pattern.search(title):
                return message
        parent = self._entry(code).parent
        if parent is not None:
            children = self._children(parent)
            if not any(c.words & SIDES for c in children if c.code == code) and any(
                c.words & SIDES for c in children
            ):
                return LATERALITY
        return "a more specific type or site is not documented"
