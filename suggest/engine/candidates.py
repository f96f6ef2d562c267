"""Candidate codes of a note: mentions read, refined, merged by code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from suggest.codesets import CodeSet
from suggest.engine.details import DetailReader
from suggest.engine.drugs import DrugReader
from suggest.engine.events import EventReader, Events
from suggest.engine.learned import Labels, runs, word_classes
from suggest.engine.lexicon import Lexicon
from suggest.engine.lexicon.compiled import CURATED, MINED, NEAR, VOCABULARY, Entry
from suggest.engine.limbs import LimbReader
from suggest.engine.longterm import LongTermReader
from suggest.engine.matching import Matcher, Mention
from suggest.engine.model import Encounter
from suggest.engine.refine import Refined, Refiner
from suggest.engine.retrieval import Hit, Retriever
from suggest.engine.sevenths import SeventhReader
from suggest.engine.siblings import Siblings
from suggest.engine.sides import SideReader
from suggest.engine.statements import is_one_statement, opposite_words
from suggest.engine.stay import Stay, StayReader
from suggest.engine.wording import Wording
from suggest.text import AnalysedNote, Assertion, Span

# A phrase that labelled notes alone know makes a candidate if coders agreed this often.
MIN_LEARNED = 0.02
_UNKNOWN = 8.0  # rarity of a word that the lexicon does not have
# A phrase that fewer notes teach must be this near to the code for the encoder.
ENOUGH = 3
LEAST_SIMILAR = 0.25
_AGAINST = frozenset({Assertion.NEGATED, Assertion.FAMILY, Assertion.HYPOTHETICAL})
# Place, activity and status are coded once, when treatment begins (I.C.20.b, c and k).
_FIRST_ENCOUNTER = ("Y92", "Y93", "Y99")
_CAUSES = "VWXY"
_FAMILY_HISTORY = ("Z80", "Z81", "Z82", "Z83", "Z84")


@dataclass(slots=True)
class Candidate:
    """One code with the mentions for and against it.

    `sibling`: another leaf of the category was found, not this one; the share of its own words
    that the sentence has. `near`, `margin`: the encoder's best hit, see `retrieval.Hit`.
    `inside`: every mention is part of a longer one that says more. `stands_for`: the general code
    of the condition that a chapter's rule made this one of ("O99.282" for "E03.9"): what coders did
    with its words is told by that one, too.
    """

    code: str
    for_: list[Mention] = field(default_factory=list)
    against: list[Mention] = field(default_factory=list)
    refined: Refined | None = None
    kinds: set[int] = field(default_factory=set)
    header: bool = False
    sibling: float | None = None
    near: float = 0.0
    margin: float = 0.0
    inside: bool = False
    stands_for: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A note's word classes by token, the lexicon's mentions in it, and the encoder's.

    `opposites`: the words before which "non" stands apart. `stay`: whose record the note is.
    `events`: which sentences tell of an injury or a poisoning.
    """

    note: AnalysedNote
    classes: list[str]
    opposites: frozenset[int]
    mentions: list[Mention]
    near: list[tuple[Mention, Hit]]
    stay: Stay
    events: Events


def names(mention: Mention, code: str) -> bool:
    """Whether the lexicon reads the code's category in a mention."""
    return any(e.kind <= VOCABULARY and e.code[:3] == code[:3] for e in mention.entries)


def clearest(candidate: Candidate) -> list[Mention]:
    """Of the mentions for a code those in which the lexicon reads the code's category; all, where
    only labelled notes or the encoder read them so."""
    return [m for m in candidate.for_ if names(m, candidate.code)] or candidate.for_


def _place(mention: Mention) -> tuple[Span, tuple[int, ...], tuple[Entry, ...]]:
    return mention.span, mention.tokens, mention.entries


def merge(merged: dict[str, Candidate], one: Candidate) -> None:
    """Adds a candidate to those by code; one that is there takes its mentions."""
    known = merged.get(one.code)
    if known is None:
        merged[one.code] = one
        return
    known.for_ = sorted({*known.for_, *one.for_}, key=_place)
    known.against = sorted({*known.against, *one.against}, key=_place)
    known.kinds |= one.kinds
    known.stands_for = known.stands_for or one.stands_for
    known.sibling = None if one.sibling is None else known.sibling


class CandidateFinder:
    """Mentions to candidates. One object serves many notes."""

    def __init__(
        self,
        codeset: CodeSet,
        lexicon: Lexicon,
        labels: Labels,
        retriever: Retriever | None = None,
    ) -> None:
        self._codeset = codeset
        self._lexicon = lexicon
        self._refiner = Refiner(codeset, lexicon.normaliser)
        self._siblings = Siblings(codeset, lexicon)
        self._sides = SideReader(lexicon.normaliser)
        self._sevenths = SeventhReader()
        self._stays = StayReader()
        self._events = EventReader()
        self._details = DetailReader(lexicon.normaliser)
        self._drugs = DrugReader()
        self._long_term = LongTermReader()
        self._limbs = LimbReader(lexicon.normaliser)
        self._retriever = retriever
        self.labels = labels
        self.matcher = Matcher(lexicon)

    def read(self, note: AnalysedNote, encounter: Encounter) -> Reading:
        """What the note of an encounter says, whatever labelled notes teach about it."""
        events = self._events.of(note)
        refused: set[int] = set()
        mentions = sorted(
            [*self.matcher.find(note, events, refused), *self._of_drugs(note)],
            key=lambda m: (m.span, -len(m.tokens)),
        )
        norms = note.tokens.norm
        opposites = opposite_words(norms)
        near: list[tuple[Mention, Hit]] = []
        if self._retriever is not None:
            covered = {m.tokens for m in mentions}
            for hit in self._retriever.find(note, covered):
                if hit.tokens[0] in opposites or not is_one_statement(hit.tokens, norms):
                    continue
                if not refused.isdisjoint(hit.tokens):
                    continue  # what the lexicon knows better: "immunizations up to date"
                near.append((self._mention(note, hit.tokens, (Entry(hit.code, NEAR, -1),)), hit))
        classes = word_classes(note, self._lexicon.normaliser)
        stay = self._stays.read(note, encounter)
        return Reading(note, classes, opposites, mentions, near, stay, events)

    def find(
        self,
        reading: Reading,
        encounter: Encounter,
        valid: frozenset[str],
        labels: Labels | None = None,
    ) -> list[Candidate]:
        """The note's candidates; `labels` replaces the model's own (those of other notes, when
        fitting)."""
        labels = labels or self.labels
        found: dict[str, Candidate] = {}
        known: dict[tuple[str, frozenset[str], str], list[Refined]] = {}
        inpatient = encounter.type == "inpatient"
        wording = Wording(
            reading.note,
            reading.mentions,
            self._lexicon.normaliser,
            self._sides,
            self._sevenths,
            self._details,
            self._limbs,
        )
        hits = {id(mention): hit for mention, hit in reading.near}
        for mention in (
            *reading.mentions,
            *self._of_stay(reading),
            *self._learned(reading, labels, wording),
            *(mention for mention, _ in reading.near),
        ):
            seventh = wording.seventh(mention, encounter)
            hit = hits.get(id(mention))
            for entry, words in product(_readings(mention), wording.readings(mention)):
                if seventh != "A" and entry.code.startswith(_FIRST_ENCOUNTER):
                    continue
                if entry.kind != CURATED and not (
                    _is_no_cause(entry.code) or reading.events.tells(mention.sentence)
                ):
                    continue
                key = entry.code, words, seventh
                if key not in known:
                    known[key] = self._refiner.refine_sides(entry.code, words, valid, seventh)
                for refined in known[key]:
                    if entry.kind >= MINED and self._refiner.is_of_another_side(
                        refined.code, words
                    ):
                        continue  # what labelled notes or the encoder know of the other side
                    candidate = found.get(refined.code)
                    if candidate is None:
                        candidate = found[refined.code] = Candidate(refined.code)
                    candidate.kinds.add(entry.kind)
                    candidate.header |= entry.code != refined.code
                    if candidate.refined is None or refined.support > candidate.refined.support:
                        candidate.refined = refined
                    if hit is not None and hit.similarity > candidate.near:
                        candidate.near, candidate.margin = hit.similarity, hit.margin
                    against = _speaks_against(mention, refined.code, inpatient)
                    _join(candidate.against if against else candidate.for_, mention)
        self._add_siblings(found, wording, encounter, valid, labels)
        return list(found.values())

    def _add_siblings(
        self,
        found: dict[str, Candidate],
        wording: Wording,
        encounter: Encounter,
        valid: frozenset[str],
        labels: Labels,
    ) -> None:
        """Other leaves of the categories found, with the same mentions."""
        categories: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in found.values():
            if candidate.for_:
                categories[candidate.code[:3]].append(candidate)
        for category, known in categories.items():
            mentions = sorted(
                {m for c in known for m in c.for_},
                key=lambda m: (m.span.start, m.span.end, m.tokens, m.entries),
            )
            words = frozenset().union(*(wording.words(m) for m in mentions))
            seventh = wording.seventh(mentions[0], encounter)
            habit = labels.leaves.get(category, ())
            # What the text names of one side it does not also mean of the other.
            read = [c.code for c in known if c.refined]
            for code, share in self._siblings.of(category, words, valid, seventh, habit).items():
                if code in found or any(self._refiner.differs_in_side(code, c) for c in read):
                    continue
                own = [m for m in mentions if self._refiner.fits_sides(code, wording.words(m))]
                if own:
                    found[code] = Candidate(code, own, kinds={MINED}, sibling=share)

    def _of_stay(self, reading: Reading) -> Iterator[Mention]:
        """Weeks, weight and outcome that are codes of the mother's or the newborn's record."""
        note = reading.note
        for said in reading.stay.said:
            if tokens := tuple(note.tokens.covering(Span(said.start, said.end))):
                yield self._mention(note, tokens, (Entry(said.code, CURATED, -1),))

    def _of_drugs(self, note: AnalysedNote) -> Iterator[Mention]:
        """Mentions of what drugs did, and of those taken for long. What is past has codes of its
        own (Z87, Z88, Z91.5)."""
        for role in (*self._drugs.find(note), *self._long_term.find(note)):
            mention = self._mention(note, role.tokens, (Entry(role.code, CURATED, -1),))
            if role.asserted is not None:
                span = note.tokens.span(role.asserted)
                mention = replace(mention, assertion=note.assertion(span).assertion)
            if mention.assertion is Assertion.HISTORICAL and role.code.startswith("Z79"):
                # "S/p stent on aspirin": the stent is past.
                mention = replace(mention, assertion=Assertion.AFFIRMED)
            if mention.assertion is not Assertion.HISTORICAL and role.code in self._codeset:
                yield mention

    def _learned(self, reading: Reading, labels: Labels, wording: Wording) -> Iterator[Mention]:
        """Mentions of phrases that coders gave codes for."""
        hits: dict[int, list[tuple[tuple[int, ...], tuple[Entry, ...]]]] = {}
        for sentence, phrase, tokens in runs(reading.note, reading.classes, labels.votes):
            if tokens[0] in reading.opposites or wording.takes_another_side(sentence, tokens):
                continue
            least = MIN_LEARNED * (labels.occurred[phrase] + 1.0)
            entries = tuple(
                Entry(code, MINED, -1)
                for code, vote in labels.votes[phrase].items()
                if vote.evidence >= least
                and code in self._codeset
                and self._plausible(reading.note, tokens, code, vote.evidence)
            )
            if entries:
                hits.setdefault(sentence, []).append((tokens, entries))
        for of_sentence in hits.values():
            sets = [frozenset(tokens) for tokens, _ in of_sentence]
            for own, (tokens, entries) in zip(sets, of_sentence, strict=True):
                subsumed = any(own < other for other in sets)
                yield self._mention(reading.note, tokens, entries, subsumed)

    def _plausible(
        self, note: AnalysedNote, tokens: tuple[int, ...], code: str, evidence: int
    ) -> bool:
        """Whether few notes are enough for a phrase: where it is far from all that the code means
        ("CKD" for E78.5), its sentence held another phrase that was the evidence."""
        if evidence >= ENOUGH or self._retriever is None:
            return True
        words = [note.tokens.norm[i] for i in tokens]
        return self._retriever.similarity(words, code) >= LEAST_SIMILAR

    def _mention(
        self,
        note: AnalysedNote,
        tokens: tuple[int, ...],
        entries: tuple[Entry, ...],
        subsumed: bool = False,
    ) -> Mention:
        """A mention that the lexicon does not have."""
        span = Span(note.tokens.start[tokens[0]], note.tokens.end[tokens[-1]])
        ids = [self.matcher.class_of(note.tokens.norm[i]) for i in tokens]
        return Mention(
            tokens,
            tuple(sorted({i for i in ids if i >= 0})),
            span,
            note.sentence_index(span.start),
            note.section_at(span.start).kind,
            note.phrase_assertion(tokens).assertion,
            tokens[-1] - tokens[0] + 1 - len(tokens),
            sum(self._lexicon.idf[i] if i >= 0 else _UNKNOWN for i in set(ids)),
            entries,
            subsumed,
        )


def _is_no_cause(code: str) -> bool:
    """Whether a code is for something else than an external cause of an injury: Y83 is one for
    the complication of a procedure, Y90 one for a finding."""
    return (
        code[0] not in _CAUSES or "Y6" <= code[:2] <= "Y8" or code.startswith(("Y4", "Y5", "Y90"))
    )


def _join(side: list[Mention], mention: Mention) -> None:
    """One mention for each set of tokens: the lexicon's, which comes first, or the learned one."""
    if not any(m.tokens == mention.tokens for m in side):
        side.append(mention)


def _readings(mention: Mention) -> list[Entry]:
    """A curated reading outweighs the titles', the whole title a part or a residual category.

    External causes stand beside what they are the cause of (I.C.20.a): neither outweighs the other.
    """
    kept: list[Entry] = []
    for causes in (False, True):
        entries = [e for e in mention.entries if (e.code[0] in _CAUSES) is causes]
        best = min((e.kind for e in entries), default=MINED)
        most = CURATED if best == CURATED else VOCABULARY if best <= VOCABULARY else MINED
        kept += [e for e in entries if e.kind <= most or e.kind >= MINED]
    return kept


def _speaks_against(mention: Mention, code: str, inpatient: bool) -> bool:
    """Whether a mention's assertion speaks against a code (IV.H, II.H for what is uncertain)."""
    if mention.assertion is Assertion.FAMILY and code.startswith(_FAMILY_HISTORY):
        return False
    if mention.assertion is Assertion.POSSIBLE:
        return not inpatient
    return mention.assertion in _AGAINST
