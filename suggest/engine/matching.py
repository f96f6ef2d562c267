"""Finds the lexicon's terms in a note: contiguous, split and re-ordered matches.

A term is found where all its word classes stand in one sentence close to each other ("fracture
of the left distal radius" holds `distal radius fracture`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from suggest.engine.events import Events
from suggest.engine.lexicon import Lexicon
from suggest.engine.lexicon.compiled import Condition, Entry
from suggest.engine.normal import LETTER_A, LETTERED, NON
from suggest.engine.sides import SideReader, is_of_another
from suggest.engine.statements import (
    denial,
    is_denial_of_another,
    is_of_two,
    is_one_statement,
    is_past,
    opposite_words,
)
from suggest.text import AnalysedNote, Assertion, Span

_PAST_SURGERY = "past_surgical_history"
_SOCIAL = ("Z55", "Z56", "Z57", "Z58", "Z59", "Z60", "Z62", "Z63", "Z64", "Z65")
_DECIMAL = re.compile(r"(\d\d)[.,]\d+")
_WEEKS_AND_DAYS = re.compile(r"(\d{1,2}w)\d?d?")  # 38w2d: completed weeks count (I.C.21.c.11)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the note that names something, with the lexicon's readings of it.

    `tokens` are the matched token indices, `span` covers them, `gap` counts the words between
    them that do not belong to the match.
    """

    tokens: tuple[int, ...]
    classes: tuple[int, ...]
    span: Span
    sentence: int
    section: str
    assertion: Assertion
    gap: int
    idf: float
    entries: tuple[Entry, ...]
    subsumed: bool

    def __hash__(self) -> int:
        return hash(self.tokens)


class Matcher:
    """Holds the lexicon; `find` is the whole work."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.normaliser = lexicon.normaliser
        self._class_of: dict[str, int] = {}
        self._sides = SideReader(lexicon.normaliser)
        self._letter = lexicon.class_ids.get(LETTER_A, -1)
        self._by_second: dict[int, tuple[int | None, dict[int, list[int]]]] = {}

    def class_of(self, norm: str) -> int:
        """The class id of a token's norm; -1 for one that no term holds."""
        found = self._class_of.get(norm)
        if found is None:
            name = self._lexicon.normaliser(denial(norm)) if norm[0].isalnum() else ""
            found = self._lexicon.class_ids.get(name, -1) if name else -1
            if found < 0 and (decimal := _DECIMAL.fullmatch(norm)):
                # Classifications by a measure count whole units: BMI 34.2 is BMI 34.
                found = self._lexicon.class_ids.get(decimal[1], -1)
            if found < 0 and (weeks := _WEEKS_AND_DAYS.fullmatch(norm)):
                found = self._lexicon.class_ids.get(weeks[1], -1)
            if len(self._class_of) < 200_000:
                self._class_of[norm] = found
        return found

    def _terms(self, key: int) -> tuple[int | None, dict[int, list[int]]]:
        """The terms whose rarest class is `key`: that of it alone, the others by their next rarest
        class. A sentence seldom holds two classes of a term by chance, one often."""
        found = self._by_second.get(key)
        if found is None:
            alone, longer = None, defaultdict(list)
            for term in self._lexicon.by_key.get(key, ()):
                others = [c for c in self._lexicon.term_classes[term] if c != key]
                if others:
                    longer[max(others, key=self._lexicon.idf.__getitem__)].append(term)
                else:
                    alone = term
            found = self._by_second[key] = (alone, dict(longer))
        return found

    def find(
        self, note: AnalysedNote, events: Events, refused: set[int] | None = None
    ) -> list[Mention]:
        """The note's mentions in order of place; one for each set of tokens.

        `refused` takes the tokens of terms that are there while the conditions of all their rows
        forbid them.
        """
        norms = note.tokens.norm
        class_of = {n: self.class_of(n) for n in set(norms)}
        ids = [class_of[n] for n in norms]
        opposites: set[int] = set()
        for index in opposite_words(norms):
            if (opposite := self.class_of(NON + norms[index])) >= 0:
                ids[index - 1], ids[index] = -1, opposite
                opposites.add(index)
        for index in range(1, len(norms)):
            if (
                norms[index] == "a"
                and norms[index - 1] in LETTERED
                and note.text[note.tokens.start[index]] == "A"
            ):
                ids[index] = self._letter
        folded = " " + " ".join(norms) + " "
        found: list[Mention] = []
        for number, sentence in enumerate(note.sentences):
            places: dict[int, list[int]] = defaultdict(list)
            for index in sentence.tokens:
                if side := self._sides.letter(note, index, sentence.tokens):
                    ids[index] = self.class_of(side)
                if ids[index] >= 0 and index not in note.headings:
                    places[ids[index]].append(index)
            hits = self._hits(places, norms)
            if opposites:
                hits = {_with_non(t, opposites): term for t, term in hits.items()}
            sides = self._sides.places(note, sentence.tokens) if hits else {}
            last = sentence.tokens[-1]
            for tokens in [
                t
                for t in hits
                if is_of_two(t, hits, norms)
                or (len(sides) > 1 and is_of_another(t, sides, norms, last))
            ]:
                del hits[tokens]
            if hits:
                found.extend(self._mentions(note, number, hits, norms, folded, events, refused))
        found.sort(key=lambda m: (m.span, -len(m.tokens)))
        return found

    def _hits(self, places: dict[int, list[int]], norms: list[str]) -> dict[tuple[int, ...], int]:
        """The tokens of each term that a sentence holds; `places` are those of its classes."""
        hits: dict[tuple[int, ...], int] = {}
        have = places.keys()
        for key, positions in places.items():
            alone, longer = self._terms(key)
            terms = [term for second in longer.keys() & have for term in longer[second]]
            if alone is not None:
                terms.append(alone)
            for term in sorted(terms):
                classes = self._lexicon.term_classes[term]
                if have >= set(classes):
                    for position in positions:
                        tokens = _tightest(position, classes, key, places, norms)
                        if tokens is not None:
                            hits[tokens] = term
        return hits

    def _mentions(
        self,
        note: AnalysedNote,
        sentence: int,
        hits: dict[tuple[int, ...], int],
        norms: list[str],
        folded: str,
        events: Events,
        refused: set[int] | None,
    ) -> list[Mention]:
        lexicon = self._lexicon
        sets = [frozenset(t) for t in hits]
        words = " " + " ".join(norms[i] for i in note.sentences[sentence].tokens) + " "
        mentions: list[Mention] = []
        for tokens, term in hits.items():
            span = Span(note.tokens.start[tokens[0]], note.tokens.end[tokens[-1]])
            section = note.section_at(span.start).kind
            stated = {section, _PAST_SURGERY} if is_past(tokens, norms) else {section}
            entries = tuple(
                e
                for e in lexicon.entries[term]
                if e.condition < 0
                or (
                    _holds(lexicon.conditions[e.condition], words, folded, stated, note.text, span)
                    and (not lexicon.conditions[e.condition].event or events.tells(sentence))
                )
            )
            if not entries:
                if refused is not None:
                    refused.update(tokens)
                continue
            own = frozenset(tokens)
            classes = lexicon.term_classes[term]
            said = note.assertion(span)
            assertion = said.assertion
            if (
                said.cue is not None
                and assertion is Assertion.NEGATED
                and _is_social(entries)
                and is_denial_of_another(tokens, said.cue.start, hits, note.tokens)
            ):
                assertion = Assertion.AFFIRMED
            mentions.append(
                Mention(
                    tokens,
                    classes,
                    span,
                    sentence,
                    section,
                    assertion,
                    tokens[-1] - tokens[0] + 1 - len(tokens),
                    sum(lexicon.idf[c] for c in classes),
                    entries,
                    any(own < other for other in sets),
                )
            )
        return mentions


def _is_social(entries: Sequence[Entry]) -> bool:
    """Whether all readings are social circumstances (Z55-Z65)."""
    return all(e.code.startswith(_SOCIAL) for e in entries)


def _with_non(tokens: tuple[int, ...], opposites: set[int]) -> tuple[int, ...]:
    """A match with the "non" that belongs to its words."""
    added = {i - 1 for i in tokens if i in opposites}
    return tuple(sorted(added.union(tokens))) if added else tokens


def _tightest(
    position: int,
    classes: tuple[int, ...],
    key: int,
    places: dict[int, list[int]],
    norms: list[str],
) -> tuple[int, ...] | None:
    """For each class the place nearest to the key's; None if they are too far apart."""
    chosen = [position]
    for c in classes:
        if c == key:
            continue
        at = places[c]
        nearest = at[0] if len(at) == 1 else min(at, key=lambda p: abs(p - position))
        if abs(nearest - position) > 8:
            return None
        chosen.append(nearest)
    if len(set(chosen)) < len(chosen):
        return None
    chosen.sort()
    return tuple(chosen) if is_one_statement(chosen, norms) else None


def _holds(
    condition: Condition, sentence: str, note: str, sections: set[str], text: str, span: Span
) -> bool:
    """Whether a curated row's conditions hold for a mention; it counts in any of `sections`."""
    if condition.upper and not span.of(text).isupper():
        return False
    if condition.sections and sections.isdisjoint(condition.sections):
        return False
    if not sections.isdisjoint(condition.forbidden_sections):
        return False
    if any(begins(word, sentence) for word in condition.excludes):
        return False
    return not condition.requires or any(begins(word, note) for word in condition.requires)


def begins(word: str, text: str) -> bool:
    """Whether a word of the text begins so ("colposcop"); one of up to three letters is a whole
    word: "ear" is not in "year", nor in "early"; so is one written with a space after it. Words
    of `text` stand between spaces."""
    if word.endswith(" "):
        return f" {word}" in text
    return f" {word} " in text if len(word) <= 3 else f" {word}" in text
