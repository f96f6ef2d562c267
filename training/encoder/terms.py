"""The phrases that name codes: titles, inclusion terms, their variants, curated terms.

Phrases are tuples of word classes (`suggest.engine.normal`), the form the engine matches on. A
concept is a code without what the engine adds from the sentence: no 7th character, no side.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from suggest.codesets import CodeSet
from suggest.engine.lexicon.variants import phrase_rules, variants
from suggest.engine.normal import Normaliser, read_rows
from suggest.engine.retrieval.vectors import SIDES

MAX_WORDS = 12
KINDS = ("title", "inclusion", "curated")
TITLE, INCLUSION, CURATED = range(3)

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase, the concept it names, and where it comes from (an index of KINDS)."""

    words: Phrase
    code: str
    kind: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms to learn from and the curated ones held out, none of whose word sets is known."""

    train: list[Term]
    held_out: list[Term]


def collect(codeset: CodeSet, *, hold_out: float = 0.0) -> Terms:
    """Every term of the code set and the lexicon; `hold_out` is a share of the curated ones.

    A curated term is held out by the hash of its word set, and only if no title, inclusion term
    or variant has that set, so that it is not known from elsewhere.
    """
    normaliser = Normaliser()
    concepts = Concepts(codeset, normaliser)
    known = _code_set_terms(codeset, normaliser, concepts)
    curated = _curated_terms(codeset, normaliser, concepts)
    given = {frozenset(t.words) for t in known}
    held: list[Term] = []
    kept: list[Term] = []
    for term in curated:
        words = frozenset(term.words)
        held_out = words not in given and _share(words) < hold_out
        (held if held_out else kept).append(term)
    return Terms(_distinct([*known, *kept]), _distinct(held))


class Concepts:
    """Maps a code to the concept it is trained as."""

    def __init__(self, codeset: CodeSet, normaliser: Normaliser) -> None:
        self._codeset = codeset
        self._normaliser = normaliser
        self._of: dict[str, str] = {}

    def of(self, code: str) -> str:
        """The nearest code at or above that differs from its parent by more than a side."""
        found = self._of.get(code)
        if found is None:
            found = code
            parent = self._codeset[code].parent
            if parent is not None and (self._extended(code) or self._sided(code, parent)):
                found = self.of(parent)
            self._of[code] = found
        return found

    def _extended(self, code: str) -> bool:
        return len(code) == 8 and bool(self._codeset.notes(code).seventh_characters)

    def _sided(self, code: str, parent: str) -> bool:
        own = set(self._normaliser.classes(self._codeset.title(code)))
        above = set(self._normaliser.classes(self._codeset.title(parent)))
        return own - SIDES == above - SIDES


def _code_set_terms(codeset: CodeSet, normaliser: Normaliser, concepts: Concepts) -> list[Term]:
    rules = phrase_rules()
    made: list[Term] = []
    for code in codeset.codes:
        concept = concepts.of(code)
        if len(code) == 8 and concept != code:
            continue
        notes = codeset.notes(code)
        sources = [(codeset.title(code), TITLE)]
        sources += [(text, INCLUSION) for text in (*notes.inclusion_terms, *notes.includes)]
        for text, kind in sources:
            for variant, how in variants(text, rules):
                if how == "part":
                    continue
                made.extend(_term(normaliser.classes(variant), concept, kind))
    return made


def _curated_terms(codeset: CodeSet, normaliser: Normaliser, concepts: Concepts) -> list[Term]:
    made: list[Term] = []
    folder = resources.files("suggest.engine") / "lexicon" / "terms"
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        if item.name.endswith(".tsv"):
            for row in read_rows(f"terms/{item.name}"):
                if " " not in row["term"] and any(map(row.get, ("requires", "case", "sections"))):
                    continue  # "mg" means myasthenia in some notes only
                concept = concepts.of(codeset[row["code"]].code)
                made.extend(_term(normaliser.classes(row["term"]), concept, CURATED))
    for abbreviation, expansion, code in _abbreviations():
        if code in codeset:
            concept = concepts.of(codeset[code].code)
            made.extend(_term(normaliser.classes(abbreviation), concept, CURATED))
            made.extend(_term(normaliser.classes(expansion), concept, CURATED))
    return made


def _abbreviations() -> Iterable[tuple[str, str, str]]:
    source = Path(str(resources.files("suggest.codesets"))) / "data" / "abbreviations.tsv"
    for line in source.read_text("utf-8").splitlines()[1:]:
        abbreviation, expansion, code, *_ = line.split("\t")
        yield abbreviation, expansion, code.strip()


def _term(classes: list[str], concept: str, kind: int) -> Iterable[Term]:
    words = tuple(dict.fromkeys(c for c in classes if c not in SIDES))[:MAX_WORDS]
    if words and (len(words) > 1 or len(words[0]) > 1):
        yield Term(words, concept, kind)


def _distinct(terms: Iterable[Term]) -> list[Term]:
    """One term for each word set and concept, the most human source first; in a fixed order."""
    best: dict[tuple[frozenset[str], str], Term] = {}
    for term in terms:
        key = (frozenset(term.words), term.code)
        if key not in best or term.kind > best[key].kind:
            best[key] = term
    return sorted(best.values(), key=lambda t: (t.code, -t.kind, t.words))


def _share(words: frozenset[str]) -> float:
    """A number in [0, 1) that depends on the word set alone."""
    digest = hashlib.sha256(" ".join(sorted(words)).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def codes_of(terms: Iterable[Term]) -> dict[Phrase, list[str]]:
    """Phrase (sorted distinct words) -> the concepts it names."""
    found: dict[Phrase, set[str]] = defaultdict(set)
    for term in terms:
        found[tuple(sorted(set(term.words)))].add(term.code)
    return {words: sorted(codes) for words, codes in found.items()}
