"""Which of two candidates for the same words stands: the one that says more of them.

Sources: ICD-10-CM Guidelines I.A.9 and I.B.2 (level of detail), I.A.12.a (Excludes1), I.A.17 (code
first, use additional), I.B.18 (unspecified codes).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from suggest.codesets import CodeSet
from suggest.codesets.model import undotted
from suggest.codesets.references import ReferringNote, referring_notes
from suggest.engine.candidates import Candidate, clearest, names
from suggest.engine.lexicon.compiled import MINED, NEAR, OTHER, PART
from suggest.engine.matching import Mention
from suggest.engine.normal import Normaliser
from suggest.engine.refine import NEUTRAL
from suggest.engine.sides import JOINTS, SIDES
from suggest.text import AnalysedNote

# What a title says of what is lacking: "without complications", "unspecified site".
_LACKING = re.compile(
    r",?\s*\bwithout [^,]+|\buncomplicated\b|\bnot intractable\b|,?\s*\bof unspecified [^,]+|"
    r",?\s*\bunspecified (?:site|stage|type|part)\b|,?\s*\b(?:unspecified|NOS)\b|\bof other site\b|"
    r"site not specified|not specified as [^,]+",
    re.IGNORECASE,
)
_OTHER = re.compile(r"^other\b|\bother (?:specified|site|form)|, other\b", re.IGNORECASE)
_LOOSE = 2  # words between those of a mention that is still one statement
_OF_A_SIDE = SIDES | {"sided", "side"}
_FAR = 6
_PAINS = ("M25.5", "M79.6", "R52")
_CAUSES = ("S", "M", "G5")
# Other pains, which say no more.
_NO_CAUSES = ("M25", "M79", "M54.2", "M54.5", "M54.6", "M54.8", "M54.9")
_DUE = frozenset(("due", "from", "secondary", "caused"))
_LINKS = _DUE | {"with"}
_JOINS = frozenset(("and", "or", "&", "/"))
# Beside these another code says what the injury, complication, pregnancy or status is.
_COMPANIONS = ("T", "O", "P", "Z", "V", "W", "X", "Y", "B95", "B96", "B97", "R65")


class Precedence:
    """Reads one code set; answers about its titles and notes are cached by code."""

    def __init__(self, codeset: CodeSet, normaliser: Normaliser) -> None:
        self._codeset = codeset
        self._normaliser = normaliser
        # What may not stand with a code (I.A.12.a); what a note asks for with it (I.A.17).
        self._excluded = lru_cache(maxsize=20_000)(
            lambda code: referring_notes(codeset, code, "excludes1")
        )
        self._beside = lru_cache(maxsize=20_000)(
            lambda code: referring_notes(codeset, code, "code_first", "use_additional", "code_also")
        )
        self._title = lru_cache(maxsize=20_000)(
            lambda code: frozenset(normaliser.classes(codeset.title(code)))
        )
        self._general = lru_cache(maxsize=20_000)(self._general_of)

    def drop_general(self, note: AnalysedNote, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates without those whose words a more specific one reads, too."""
        norms = note.tokens.norm
        saying: list[tuple[Candidate, list[Mention]]] = []
        holding: dict[int, list[tuple[Candidate, frozenset[int]]]] = defaultdict(list)
        for candidate in candidates:
            if candidate.sibling is not None:
                continue
            named = [m for m in candidate.for_ if names(m, candidate.code)]
            if named:
                saying.append((candidate, named))
            for mention in named:
                if _is_one_statement(mention, norms):
                    holding[mention.sentence].append((candidate, frozenset(mention.tokens)))
        by_category: dict[str, list[tuple[Candidate, list[Mention]]]] = defaultdict(list)
        for candidate, named in saying:
            by_category[candidate.code[:3]].append((candidate, named))
        return [
            c
            for c in candidates
            if not self._is_inside(c, holding, norms)
            and not self._is_general(c, by_category[c.code[:3]])
            and not self._is_of_a_cause(c, saying, norms)
        ]

    def _is_inside(
        self,
        candidate: Candidate,
        holding: dict[int, list[tuple[Candidate, frozenset[int]]]],
        norms: Sequence[str],
    ) -> bool:
        """Whether every mention is a part of a longer one of a code that replaces this one:
        "COPD" in "COPD exacerbation", "hematuria" in "acute cystitis with hematuria". A side is
        no part of it: "right hemiplegia" is in "hemiplegia following cerebral infarction".

        Of symptoms that coders of labelled notes give for the words the ranker decides.
        """
        mined = MINED in candidate.kinds
        if candidate.sibling is not None or (mined and candidate.code.startswith("R")):
            return False
        # "Lateral ligament sprain" of the ankle is none of the knee.
        half_read = candidate.code.startswith("S") and candidate.kinds <= {PART, OTHER, MINED, NEAR}
        return all(
            any(
                self._replaces(longer.code, candidate.code, mined)
                or (half_read and longer.code[0] == "S" and longer.code[:3] != candidate.code[:3])
                for longer, tokens in holding[m.sentence]
                if tokens > _without_sides(m, norms)
                or (
                    # Labelled notes alone read the very words so.
                    tokens == frozenset(m.tokens)
                    and not names(m, candidate.code)
                    and (
                        longer.code[:3] == candidate.code[:3]
                        or self._exclude(longer.code, candidate.code)
                    )
                )
            )
            for m in candidate.for_
        )

    def _is_of_a_cause(
        self,
        candidate: Candidate,
        others: Iterable[tuple[Candidate, list[Mention]]],
        norms: Sequence[str],
    ) -> bool:
        """Whether a pain of a limb is said to be that of a condition beside it (I.B.5): "knee pain
        due to osteoarthritis of the knee", "ankle sprain with pain in the ankle"."""
        if not candidate.code.startswith(_PAINS):
            return False
        own = self._title(candidate.code) & SIDES
        for other, named in others:
            sides = self._title(other.code) & SIDES
            if not other.code.startswith(_CAUSES) or other.code.startswith(_NO_CAUSES):
                continue
            if own and sides and own.isdisjoint(sides):
                continue
            if any(
                m.sentence == n.sentence and self._is_linked(m, n, other.code[0] == "S", norms)
                for m in clearest(candidate)
                for n in named
            ):
                return True
        return False

    def _is_linked(self, pain: Mention, cause: Mention, injury: bool, norms: Sequence[str]) -> bool:
        """Whether a sentence joins a pain to its cause; an injury with a pain of its place too."""
        if pain.tokens[-1] < cause.tokens[0]:
            between = norms[pain.tokens[-1] + 1 : cause.tokens[0]]
            return not _DUE.isdisjoint(between) and _is_near(between)
        within = norms[cause.tokens[0] : cause.tokens[-1]]
        if not _is_one_statement(cause, norms) or not _LINKS.isdisjoint(within):
            return False
        places = {self._normaliser(norms[t]) for t in pain.tokens if norms[t] not in _OF_A_SIDE}
        if not injury or places.isdisjoint(self._normaliser(norms[t]) for t in cause.tokens):
            return False
        between = norms[cause.tokens[-1] + 1 : pain.tokens[0]]
        return _share(pain, cause) or ("with" in between and _is_near(between))

    def _replaces(self, specific: str, code: str, mined: bool) -> bool:
        if specific == code or (specific[0] == "R" and code[0] != "R"):
            return False
        title = self._codeset.title(code)
        if not (_LACKING.search(title) or _OTHER.search(title)):
            return False
        if specific[:3] == code[:3]:
            other = self._codeset.title(specific)
            if NEUTRAL.search(other):
                return self._says_more(specific, code)
            return not _OTHER.search(other)
        if self._exclude(specific, code):
            return True
        return (
            not mined
            and bool(NEUTRAL.search(title))
            and not specific.startswith(_COMPANIONS)
            and not _among(code, self._beside(specific))
        )

    def _exclude(self, one: str, other: str) -> bool:
        """Whether two codes may not stand together (I.A.12.a)."""
        return _among(other, self._excluded(one)) or _among(one, self._excluded(other))

    def _is_general(
        self, candidate: Candidate, others: Iterable[tuple[Candidate, list[Mention]]]
    ) -> bool:
        """Whether another code of the category says of the same words all that this one does and
        more: "pressure ulcer of unspecified site, stage 2" beside that of the sacrum."""
        mined = MINED in candidate.kinds and candidate.sibling is None
        if mined or self._general(candidate.code) is None:
            return False
        for other, named in others:
            title = self._codeset.title(other.code)
            if other is candidate or _OTHER.search(title) or NEUTRAL.search(title):
                continue
            if not self._says_more(other.code, candidate.code):
                continue
            if candidate.sibling is not None:
                return True
            reads = other.refined is not None and other.refined.support
            if reads and all(any(_share(m, n) for n in named) for m in candidate.for_):
                return True
        return False

    def _says_more(self, specific: str, code: str) -> bool:
        """Whether a title says all that another one says, but for what that one lacks, and more."""
        general = self._general(code)
        return general is not None and general < (self._general(specific) or self._title(specific))

    def _general_of(self, code: str) -> frozenset[str] | None:
        """The words of an unspecified code's title; None for a specific one."""
        title = self._codeset.title(code)
        bare = _LACKING.sub("", title)
        if bare == title:
            return None
        return frozenset(self._normaliser.classes(bare))


def _is_near(between: Sequence[str]) -> bool:
    """Whether few words stand between two statements and none that begins another."""
    return len(between) <= _FAR and JOINTS.isdisjoint(between)


def _among(code: str, notes: tuple[ReferringNote, ...]) -> bool:
    plain = undotted(code)
    return any(note.names(plain) for note in notes)


def _without_sides(mention: Mention, norms: Sequence[str]) -> frozenset[int]:
    """A mention's tokens but for its side words."""
    tokens = frozenset(t for t in mention.tokens if norms[t] not in _OF_A_SIDE)
    return tokens or frozenset(mention.tokens)


def _is_one_statement(mention: Mention, norms: Sequence[str]) -> bool:
    tokens = mention.tokens
    sides = sum(n in _OF_A_SIDE for n in norms[tokens[0] : tokens[-1]])
    return (
        len(tokens) > 1
        and mention.gap <= _LOOSE + sides
        and not _JOINS.intersection(norms[tokens[0] : tokens[-1]])
    )


def _share(one: Mention, other: Mention) -> bool:
    return one.sentence == other.sentence and not set(one.tokens).isdisjoint(other.tokens)
