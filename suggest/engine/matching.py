"""Finds the lexicon's terms in a note: contiguous, split and re-ordered matches.

A term is found where all its word classes stand in one sentence close to each other ("fracture
of the left distal radius" holds `distal radius fracture`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from suggest.engine.events import EventReader, Events
from suggest.engine.lexicon import Lexicon
from suggest.engine.lexicon.compiled import Condition, Entry
from suggest.engine.normal import LETTER_A, LETTERED, NON
from suggest.engine.sides import SIDES, SideReader, is_of_another
from suggest.text import AnalysedNote, Assertion, Span

# A match does not reach over these: another statement begins there.
_BREAKS = frozenset(
    (*";.:|()[]?!", "no", "not", "denies", "denied", "without", "but", "negative", "endorses")
)
_AND = frozenset(("and", "&"))
_PAST_SURGERY = "past_surgical_history"
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
_SOCIAL = ("Z55", "Z56", "Z57", "Z58", "Z59", "Z60", "Z62", "Z63", "Z64", "Z65")
_TROUBLES = frozenset(
    (
        *("issue", "issues", "problem", "problems", "concern", "concerns", "barrier", "barriers"),
        *("difficulty", "difficulties", "limitation", "limitations", "needs", "insecurity"),
    )
)
_FROM_A_DENIAL = 3  # how far the next word of the row may be, in words
_NUMBER = re.compile(r"\d(?!\d*(?:st|nd|rd|th)$)")
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
        self.events = EventReader()
        self._letter = lexicon.class_ids.get(LETTER_A, -1)
        self._by_second: dict[int, tuple[int | None, dict[int, list[int]]]] = {}

    def class_of(self, norm: str) -> int:
        """The class id of a token's norm; -1 for one that no term holds."""
        found = self._class_of.get(norm)
        if found is None:
            name = self._lexicon.normaliser(_denial(norm)) if norm[0].isalnum() else ""
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

    def find(self, note: AnalysedNote) -> list[Mention]:
        """The note's mentions in order of place; one for each set of tokens."""
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
        events = self.events.of(note)
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
                if _of_two_items(t, hits, norms)
                or _of_two_statements(t, hits, norms)
                or (len(sides) > 1 and is_of_another(t, sides, norms, last))
            ]:
                del hits[tokens]
            if hits:
                found.extend(self._mentions(note, number, hits, norms, folded, events))
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
    ) -> list[Mention]:
        lexicon = self._lexicon
        sets = [frozenset(t) for t in hits]
        words = " " + " ".join(norms[i] for i in note.sentences[sentence].tokens) + " "
        denied = {
            note.tokens.start[i]: tokens[-1]
            for tokens in sorted(hits)
            for i in tokens[:-1]
            if _denial(norms[i]) in _DENIALS
        }
        mentions: list[Mention] = []
        for tokens, term in hits.items():
            span = Span(note.tokens.start[tokens[0]], note.tokens.end[tokens[-1]])
            section = note.section_at(span.start).kind
            stated = {section, _PAST_SURGERY} if _is_of_past(tokens, norms) else {section}
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
                continue
            own = frozenset(tokens)
            classes = lexicon.term_classes[term]
            said = note.assertion(span)
            assertion = said.assertion
            if said.cue is not None and assertion is Assertion.NEGATED and denied:
                # "No transportation, food insecurity": the "no" is of the first one's name.
                end = denied.get(said.cue.start)
                if end is not None and "," in norms[end + 1 : tokens[0]] and _is_social(entries):
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


def _is_of_past(tokens: Sequence[int], norms: Sequence[str]) -> bool:
    """Whether a year or "ago" stands beside a match, as in a list of past operations:
    "splenectomy 1995", "hysterectomy (in 2005)", "appendectomy 20 years ago"."""
    after = norms[tokens[-1] + 1 : tokens[-1] + 5]
    for index, norm in enumerate(after):
        if norm == "ago" or (index < 3 and _YEAR.fullmatch(norm)):
            return _PLANNED.isdisjoint(norms[max(0, tokens[0] - 6) : tokens[0]])
        if norm in _ENDS:
            return False
    return tokens[0] > 0 and bool(_YEAR.fullmatch(norms[tokens[0] - 1]))


def _denial(norm: str) -> str:
    """The word that a row has for a denial of a verb: "not", "doesn't" are "no"."""
    if norm == "can't":
        return _CANNOT
    return _NO if norm in ("not", "without") or norm.endswith("n't") else norm


def _denies_what_follows(chosen: Sequence[int], norms: Sequence[str]) -> bool:
    """Whether a match that holds a denial denies its own next words: "no reliable transportation"
    and "vaccines are not up to date", but neither "has transportation, no pain" nor "no
    transportation or housing issues"."""
    denials = [i for i in chosen if _denial(norms[i]) in _DENIALS]
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


def opposite_words(norms: Sequence[str]) -> frozenset[int]:
    """The words before which "non" stands apart: "toxic" in "non-toxic", which is no "toxic"."""
    return frozenset(
        index + 1
        for index, norm in enumerate(norms[:-1])
        if norm == NON and norms[index + 1][0].isalpha()
    )


def _with_non(tokens: tuple[int, ...], opposites: set[int]) -> tuple[int, ...]:
    """A match with the "non" that belongs to its words."""
    added = {i - 1 for i in tokens if i in opposites}
    return tuple(sorted(added.union(tokens))) if added else tokens


def _of_two_items(
    tokens: tuple[int, ...], hits: dict[tuple[int, ...], int], norms: list[str]
) -> bool:
    """Whether a match takes words from two items of a list: "heart failure, kidney stones" names
    no failure of the kidney. "Diabetes, type 2" is one item: neither half belongs elsewhere."""
    if len(tokens) == 1 or "," not in norms[tokens[0] : tokens[-1]]:
        return False
    own = set(tokens)
    for other in hits:
        taken = own.intersection(other)
        if taken and len(taken) < len(other) and "," not in norms[other[0] : other[-1]]:
            return not own <= set(other)
    return False


def _of_two_statements(
    tokens: tuple[int, ...], hits: dict[tuple[int, ...], int], norms: list[str]
) -> bool:
    """Whether a match takes words from two statements that "and" joins: "contusion of the knee
    and abrasion of the elbow" names no abrasion of the knee, while "pain in the shoulder and
    knee" names a pain of both: its second half alone is no condition."""
    for joint in range(tokens[0] + 1, tokens[-1]):
        if norms[joint] not in _AND:
            continue
        before = {t for t in tokens if t < joint}
        after = {t for t in tokens if t > joint}
        if any(before < set(o) and o[-1] < joint for o in hits) and any(
            after < set(o) and o[0] > joint for o in hits
        ):
            return True
    return False


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
    chosen.sort()
    if not _denies_what_follows(chosen, norms) or not _is_history_of_it(chosen, norms):
        return None
    size = len(chosen)
    excess = chosen[-1] - chosen[0] + 1 - (2 * size + 2)
    # "Laceration of right hand and left forearm": the sides are no distance.
    if excess > 0 and excess > sum(n in SIDES for n in norms[chosen[0] : chosen[-1]]):
        return None
    # "Type 2 diabetes with stage 4 CKD" is not CKD 2: a number belongs to the word beside it.
    if chosen[-1] - chosen[0] > size and any(_NUMBER.match(norms[i]) for i in chosen):
        return None
    for i in range(chosen[0], chosen[-1]):
        # "BMI: 34.2" is one statement, and "E. coli" one name.
        if (
            norms[i] in _BREAKS
            and not (i in chosen and _denial(norms[i]) in _DENIALS)
            and not (norms[i] in ":(" and norms[i + 1][0].isdigit())
            and not (norms[i] == "." and i and len(norms[i - 1]) == 1)
        ):
            return None
    return tuple(chosen) if len(set(chosen)) == size else None


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
