"""What the ranker sees of a candidate: readable numbers, one row a candidate."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from suggest.codesets import CodeSet, at_or_above
from suggest.engine.candidates import Candidate, Reading
from suggest.engine.learned import Labels, Phrase, phrase_of
from suggest.engine.lexicon.compiled import KINDS, NEAR, VOCABULARY
from suggest.engine.matching import Mention
from suggest.engine.model import Encounter
from suggest.engine.retrieval import Retriever
from suggest.engine.standing import Standing
from suggest.text import AnalysedNote, Assertion

FEATURES = (
    "match_rarity", "match_words", "match_gap", "from_curated", "from_title", "from_short_title",
    "from_vocabulary", "from_part_of_title", "from_other_title", "from_labels", "from_encoder",
    "mentions", "sentences", "first_place", "last_place", "in_part_of_longer", "affirmed",
    "possible", "historical", "denied", "readings", "refined_words", "unspecified", "code_length",
    "other_specified", "in_assessment", "in_history_section", "in_findings", "headings",
    "rivals_in_category", "rarity_over_rivals", "label_precision", "label_support", "label_given",
    "label_share", "label_any", "label_over_rivals", "phrase_notes", "phrase_coded",
    "label_inside", "inside_category", "inside_rarity", "code_prior", "category_prior",
    "leaf_share", "leaf_over_rivals", "sibling", "sibling_words", "only_inside", "near",
    "near_margin", "similarity", "header_match", "symptom_chapter", "specific_rival", "outpatient",
    "proposed", "confirmed_share", "in_diagnoses", "in_complaint", "in_narrative", "leads_item",
    "leads_diagnosis", "attended", "note_length",
)  # fmt: skip
_ASSESSMENT = {
    "assessment", "plan", "assessment_and_plan", "discharge_diagnoses", "problem_list",
    "chief_complaint",
}  # fmt: skip
_DIAGNOSES = {
    "assessment", "assessment_and_plan", "discharge_diagnoses", "admission_diagnoses",
    "problem_list",
}  # fmt: skip
_COMPLAINT = {"chief_complaint"}
_NARRATIVE = {"history_of_present_illness", "hospital_course"}
_HISTORY = {"past_medical_history", "past_surgical_history", "social_history"}
_FINDINGS = {"physical_exam", "vitals", "results", "imaging", "review_of_systems"}
T = TypeVar("T")
_LOOSE = 2  # words between those of a mention; looser ones do not say more than what is inside


class Describer:
    """Holds the code set and the encoder; one object serves many notes."""

    def __init__(self, codeset: CodeSet, retriever: Retriever | None = None) -> None:
        self._codeset = codeset
        self._retriever = retriever
        self._kind = lru_cache(maxsize=20_000)(self._kind_of)

    def describe(
        self,
        reading: Reading,
        candidates: Sequence[Candidate],
        encounter: Encounter,
        labels: Labels,
    ) -> NDArray[np.float64]:
        """(candidates, features): see FEATURES.

        A candidate without a mention for it is judged by those against it; it is never suggested.
        """
        categories: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            categories[candidate.code[:3]].append(candidate)
        longer = _Longer(candidates)
        said = self._said(reading, candidates, longer)
        rivals = {category: _Rivals(of, said, labels) for category, of in categories.items()}
        votes = [_votes_for(c, said[c.code], labels) for c in candidates]
        claims = _Claims(said, candidates, votes)
        headings = float(any(s.heading is not None for s in reading.note.sections))
        outpatient = float(encounter.type != "inpatient")
        length = math.log1p(len(reading.note.tokens.norm))
        vague = {c.code for c in candidates if self._kind(c.code)[0]}
        specific = {
            c.code[:3]
            for c in candidates
            if c.for_ and c.code not in vague and any(k <= VOCABULARY for k in c.kinds)
        }
        rows = [
            [
                *s.matching,
                *(1.0 if kind in c.kinds else 0.0 for kind in range(len(KINDS))),
                *s.places,
                *s.assertions,
                *(float(not c.for_), s.readings, c.refined.support if c.refined else 0.0),
                *self._kind(c.code),
                *s.sections,
                headings,
                *rivals[c.code[:3]].matches(c),
                *(vote.precision, vote.support, vote.given, vote.share, vote.any),
                vote.precision - claims.of_others(c.code, s.tokens),
                *(vote.notes, vote.coded, vote.inside),
                *_over_all(c.code, s),
                *rivals[c.code[:3]].habits(c),
                *(float(c.sibling is not None), c.sibling or 0.0, float(c.inside)),
                *(c.near, c.margin, self._similarity(reading.note, s.best, c.code)),
                *(float(c.header), float(c.code[0] in "RZ")),
                float(c.code in vague and c.code[:3] in specific),
                outpatient,
                *(math.log1p(labels.judged.proposed[c.code]), labels.judged.share(c.code)),
                *s.standing,
                length,
            ]
            for c, vote in zip(candidates, votes, strict=True)
            for s in (said[c.code],)
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES))

    def _said(
        self, reading: Reading, candidates: Sequence[Candidate], longer: _Longer
    ) -> dict[str, _Said]:
        """By code what its mentions say; half of the candidates share theirs with another."""
        standing = Standing(reading.note)
        known: dict[tuple[int, ...], _Said] = {}
        said: dict[str, _Said] = {}
        for c in candidates:
            mentions = c.for_ or c.against
            same = tuple(map(id, mentions))
            if same not in known:
                known[same] = _said_by(mentions, reading, longer, standing)
            said[c.code] = known[same]
        return said

    def _kind_of(self, code: str) -> tuple[float, float, float]:
        """Whether a code's title says that it is unspecified, its length, whether it is "other"."""
        title = self._codeset.title(code).lower()
        return float("unspecified" in title), len(code), float(title.startswith("other"))

    def _similarity(self, note: AnalysedNote, mention: Mention, code: str) -> float:
        """How near a mention's words are to the code, by the encoder; 0 without one."""
        if self._retriever is None:
            return 0.0
        return self._retriever.similarity([note.tokens.norm[i] for i in mention.tokens], code)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the mentions of a candidate say, whatever its code; `phrases` and `over` are parallel
    to the mentions, see `_Longer.over`."""

    mentions: Sequence[Mention]
    best: Mention
    matching: tuple[float, ...]
    places: tuple[float, ...]
    assertions: tuple[float, ...]
    readings: int
    sections: tuple[float, ...]
    standing: tuple[float, ...]
    tokens: frozenset[int]
    phrases: list[Phrase]
    over: list[list[_Named]]


def _said_by(
    mentions: Sequence[Mention], reading: Reading, longer: _Longer, standing: Standing
) -> _Said:
    best = max(mentions, key=lambda m: (m.idf, -m.gap))
    length = len(reading.note.text)
    assertions = [m.assertion for m in mentions]
    sections = {m.section for m in mentions}
    return _Said(
        mentions,
        best,
        (best.idf, len(best.tokens), min(m.gap for m in mentions)),
        (
            len({m.span for m in mentions}),
            len({m.sentence for m in mentions}),
            mentions[0].span.start / length,
            mentions[-1].span.start / length,
            float(all(m.subsumed for m in mentions)),
        ),
        (
            assertions.count(Assertion.AFFIRMED),
            float(set(assertions) == {Assertion.POSSIBLE}),
            float(set(assertions) == {Assertion.HISTORICAL}),
        ),
        min(len(m.entries) for m in mentions),
        tuple(float(bool(sections & kinds)) for kinds in (_ASSESSMENT, _HISTORY, _FINDINGS)),
        _standing(mentions, sections, standing),
        frozenset(i for m in mentions for i in m.tokens),
        [phrase_of(reading.classes, m.tokens) for m in mentions],
        [longer.over(m) for m in mentions],
    )


def _standing(
    mentions: Sequence[Mention], sections: Collection[str], standing: Standing
) -> tuple[float, ...]:
    leading = {m.section for m in mentions if standing.leads(m)}
    return (
        *(float(not kinds.isdisjoint(sections)) for kinds in (_DIAGNOSES, _COMPLAINT, _NARRATIVE)),
        float(bool(leading)),
        float(bool(leading & _DIAGNOSES)),
        float(any(standing.attended(m) for m in mentions)),
    )


@dataclass(frozen=True, slots=True)
class _Votes:
    """What coders did with a candidate's words, see `_votes`."""

    precision: float = 0.0
    support: float = 0.0
    given: float = 0.0
    share: float = 0.0
    any: float = 0.0
    notes: float = 0.0
    coded: float = 0.0
    inside: float = 0.0


@dataclass(slots=True)
class _Named:
    """A mention of several words: the codes that it names."""

    tokens: frozenset[int]
    rarity: float
    codes: set[str] = field(default_factory=set)


class _Longer:
    """The longer mentions of other codes that say more than those inside them.

    The lexicon's alone: what labelled notes teach is often the same with a word beside it.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._named: dict[int, dict[tuple[int, ...], _Named]] = defaultdict(dict)
        self._over: dict[tuple[int, ...], list[_Named]] = {}
        for c in candidates:
            if c.sibling is not None or c.kinds == {NEAR}:
                continue
            for m in c.for_ or c.against:
                if len(m.tokens) > 1 and m.gap <= _LOOSE and _names_outright(m):
                    known = self._named[m.sentence].setdefault(
                        m.tokens, _Named(frozenset(m.tokens), m.idf)
                    )
                    known.codes.add(c.code)

    def over(self, mention: Mention) -> list[_Named]:
        """Those that hold all of a mention's words and more."""
        longer = self._over.get(mention.tokens)
        if longer is None:
            own = frozenset(mention.tokens)
            named = self._named.get(mention.sentence, {}).values()
            longer = self._over[mention.tokens] = [one for one in named if own < one.tokens]
        return longer


def _over_all(code: str, said: _Said) -> tuple[float, float]:
    """Whether every mention is inside one of another code of the same category ("vomiting" in
    "projectile vomiting"), and by how much rarer words; 0 where one stands on its own."""
    if not all(said.over):
        return 0.0, 0.0
    over = [_of_others(code, longer) for longer in said.over]
    if not all(over):
        return 0.0, 0.0
    category = code[:3]
    same = all(any(k[:3] == category for one in named for k in one.codes) for named in over)
    rarer = min(
        max(one.rarity for one in named) - m.idf
        for named, m in zip(over, said.mentions, strict=True)
    )
    return float(same), rarer


def _of_others(code: str, longer: list[_Named]) -> list[_Named]:
    """Those of the longer mentions that name another code."""
    return [one for one in longer if code not in one.codes]


class _Claims:
    """Which candidate coders prefer for each token: the strongest claim and the next."""

    def __init__(
        self,
        said: Mapping[str, _Said],
        candidates: Sequence[Candidate],
        votes: Sequence[_Votes],
    ) -> None:
        self._of: dict[int, tuple[float, str, float]] = {}
        for candidate, vote in zip(candidates, votes, strict=True):
            claim = vote.precision
            for index in said[candidate.code].tokens:
                best, holder, second = self._of.get(index, (0.0, "", 0.0))
                if claim > best:
                    self._of[index] = (claim, candidate.code, best)
                else:
                    self._of[index] = (best, holder, max(second, claim))

    def of_others(self, code: str, tokens: frozenset[int]) -> float:
        """The strongest claim of another candidate to a candidate's tokens."""
        strongest = 0.0
        for index in tokens:
            best, holder, second = self._of[index]
            strongest = max(strongest, second if holder == code else best)
        return strongest


class _Rivals:
    """The candidates of one category: how well each matches, how often coders give it."""

    def __init__(
        self, candidates: Sequence[Candidate], said: Mapping[str, _Said], labels: Labels
    ) -> None:
        self._category = labels.categories.get(candidates[0].code[:3], 0)
        self._rarity = {c.code: said[c.code].best.idf for c in candidates}
        self._given = {
            c.code: max(
                _of_code(labels.codes, code) or 0 for code in (c.code, c.stands_for) if code
            )
            for c in candidates
        }
        self._rarest = _two_highest(self._rarity.values())
        self._most_given = _two_highest(self._given.values())

    def matches(self, c: Candidate) -> list[float]:
        """How many there are, and how much rarer a candidate's words are than the others'."""
        rarity = self._rarity[c.code]
        return [len(self._rarity), rarity - _of_the_others(rarity, self._rarest)]

    def habits(self, c: Candidate) -> list[float]:
        """How often coders give the code, its category, and the others of the category."""
        given, category = self._given[c.code], self._category
        return [
            math.log1p(given),
            math.log1p(category),
            given / (category + 1.0),
            (given - _of_the_others(given, self._most_given)) / (category + 1.0),
        ]


def _two_highest(values: Iterable[float]) -> tuple[float, float]:
    """The highest of some values and the next one, 0 where there is none."""
    highest, second = sorted((*values, 0.0), reverse=True)[:2]
    return highest, second


def _of_the_others(own: float, highest: tuple[float, float]) -> float:
    """The highest of values without one's own."""
    return highest[1] if own == highest[0] else highest[0]


def _votes_for(candidate: Candidate, said: _Said, labels: Labels) -> _Votes:
    """Of a code that a chapter's rule made of another one the votes for that one, if they say
    more: notes are too few to teach each condition anew in every trimester."""
    own = _votes(candidate.code, said, labels)
    if not candidate.stands_for:
        return own
    other = _votes(candidate.stands_for, said, labels)
    return other if other.precision > own.precision else own


def _votes(code: str, said: _Said, labels: Labels) -> _Votes:
    """What coders did with these words: precision and support of the best phrase, how often the
    code was given at all where it stood, its share of the codes given for it, the chance that any
    of the phrases is evidence; how often the best known phrase occurred and was coded at all.

    What they did with "weak" does not tell of "weak urinary stream": phrases that stand inside
    longer mentions alone have a number of their own.
    """
    free: dict[Phrase, bool] = {}
    for phrase, longer in zip(said.phrases, said.over, strict=True):
        free[phrase] = free.get(phrase, False) or not _of_others(code, longer)
    precision = support = given = share = occurred_most = coded = inside = 0.0
    none = 1.0
    for phrase in sorted(free):
        occurred = labels.occurred.get(phrase, 0)
        if not occurred:
            continue
        votes = labels.votes.get(phrase, {})
        vote = _of_code(votes, code)
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
    return _Votes(precision, support, given, share, 1.0 - none, notes, coded, inside)


def _of_code(counts: Mapping[str, T], code: str) -> T | None:
    """What is counted of a code, or of the code it was when the notes were coded: R05 was divided
    into R05.1 to R05.9, and injuries may have been given without their 7th character."""
    known = at_or_above(code, counts)
    return counts[known] if known else None


def _names_outright(mention: Mention) -> bool:
    """Whether the lexicon has the mention's words as a name of a code."""
    return any(e.kind <= VOCABULARY for e in mention.entries)
