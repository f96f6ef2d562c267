"""Which code a vocabulary's concept names, and which of its names are news to the lexicon.

A concept names a code when the lexicon reads its names so, or its cross-reference says so and the
lexicon does not say otherwise. One name that the lexicon happens to know is not enough: it must be
the preferred one, or a second name or the cross-reference must agree.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from suggest.codesets import CodeSet
from suggest.engine import lexicon
from suggest.engine.lexicon.compiled import CURATED, SHORT, Lexicon
from suggest.engine.normal import Normaliser, read_rows
from training.vocabulary.sources import Concept

COLUMNS = ("term", "code", "requires", "excludes", "sections", "case", "source")
MOST_WORDS = 7
MOST_READINGS = 3  # a name with more is too vague to tell what a concept is
MOST_CODES = 2  # of one term
MIN_SHARE = 0.5  # of the names' votes, for a code
MIN_CATEGORY_SHARE = 0.6
# Family and personal history, susceptibility, devices: said of a condition, not its name.
_STATUS = re.compile(r"Z(?:15|8[0-7]|9[15-7])")
_LABEL = re.compile(r"[A-Z0-9-]{1,6}s?|[A-Z0-9-]+")  # an abbreviation or a registry's key
# What a vocabulary adds to tell its terms apart: "measles (disease)".
_TAIL = re.compile(
    r"\s*(?:\((?:disease|disorder|subtype|&[^)]*)\)|disease or disorder)$", re.IGNORECASE
)
# One word alone is a name only if it is built as names of conditions are.
_CONDITION = re.compile(
    r"(?:itis|itides|osis|oses|oma|omata|emia|uria|pathy|algia|odynia|plegia|paresis|rrhea|rrhagia|"
    r"iasis|ism|trophy|penia|megaly|cele|ectasia|ectasis|phobia|stenosis|malacia|plasia|sclerosis|"
    r"rexia|phagia|phasia|praxia|gnosia|lexia|opia|opsia|esthesia|kinesia|tonia|taxia|ptosis|"
    r"ptysis|thorax|lith|edema|derma|dactyly|cephaly|cephalus)$"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A new term of the lexicon."""

    term: str
    code: str
    source: str


class Selector:
    """Holds the lexicon as it is without any vocabulary."""

    def __init__(self, codeset: CodeSet) -> None:
        self._codeset = codeset
        words = lexicon.load(codeset)
        self._normaliser = words.normaliser
        self._known = _readings(words)
        self._generic = {self._normaliser(r["word"]) for r in read_rows("data/generic.tsv")}

    def rows(self, concepts: Iterable[Concept]) -> list[Row]:
        """New terms, in order of code and term."""
        found: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
        for concept in concepts:
            code = self.code_of(concept)
            if code is None or _STATUS.match(code):
                continue
            for name in (_TAIL.sub("", name) for name in concept.names):
                words = _words(self._normaliser, name)
                if words not in self._known and self._is_name(name, words):
                    found[words].setdefault(code, Row(name, code, concept.id))
        return sorted(
            (row for codes in found.values() if _apart(codes) for row in codes.values()),
            key=lambda row: (row.code, row.term, row.source),
        )

    def code_of(self, concept: Concept) -> str | None:
        """The one code that a concept's names and cross-references agree on."""
        votes: dict[str, float] = defaultdict(float)
        voters: Counter[str] = Counter()
        preferred: set[str] = set()
        for number, name in enumerate(concept.names):
            words = _words(self._normaliser, _TAIL.sub("", name))
            read = self._known.get(words, frozenset())
            codes = {code for code in read if not _STATUS.match(code)}
            if not 0 < len(codes) <= MOST_READINGS:
                continue
            if number == 0:
                preferred = codes
            for code in sorted(codes):
                votes[code] += (2.0 if number == 0 else 1.0) / len(codes)
                voters[code] += 1
        given = [self._codeset[code].code for code in concept.codes if code in self._codeset]
        if not votes:
            return max(given, key=lambda code: (len(code), code), default=None)
        best = _most(votes)
        if given:
            agreed = {c: n for c, n in votes.items() if any(c[:3] == g[:3] for g in given)}
            if agreed:
                return best if best in agreed else _most(agreed)
            return best if preferred == {best} else None
        if best not in preferred and voters[best] < 2:
            return None
        total = sum(votes.values())
        if votes[best] >= MIN_SHARE * total:
            return best
        same = sum(n for c, n in votes.items() if c[:3] == best[:3])
        return best if same >= MIN_CATEGORY_SHARE * total else None

    def _is_name(self, name: str, words: tuple[str, ...]) -> bool:
        if not 0 < len(words) <= MOST_WORDS or "\t" in name:
            return False
        if _LABEL.fullmatch(name) or name.endswith(" caused"):
            return False
        if self._generic.issuperset(words):
            return False
        return len(words) > 1 or bool(_CONDITION.search(words[0]))


def _apart(codes: Iterable[str]) -> bool:
    """Whether the codes of one term are few, and conditions of different categories."""
    known = list(codes)
    return len(known) <= MOST_CODES and len({code[:3] for code in known}) == len(known)


def write(path: Path, rows: Iterable[Row]) -> None:
    """Writes the lexicon's term file (UTF-8, tabs)."""
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join((r.term, r.code, "", "", "", "", r.source)) for r in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _words(normaliser: Normaliser, name: str) -> tuple[str, ...]:
    return tuple(sorted(set(normaliser.classes(name))))


def _most(votes: dict[str, float]) -> str:
    return max(sorted(votes), key=lambda code: votes[code])


def _readings(words: Lexicon) -> dict[tuple[str, ...], frozenset[str]]:
    """The codes that each term names outright, curated readings alone where it has them."""
    names = list(words.class_ids)
    read: dict[tuple[str, ...], frozenset[str]] = {}
    for classes, entries in zip(words.term_classes, words.entries, strict=True):
        most = CURATED if any(e.kind == CURATED for e in entries) else SHORT
        codes = frozenset(e.code for e in entries if e.kind <= most)
        if codes:
            read[tuple(sorted(names[c] for c in classes))] = codes
    return read
