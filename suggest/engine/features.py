"""What the ranker sees of a candidate: readable numbers, one row a candidate."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from suggest.codesets import CodeSet
from suggest.engine.candidates import Candidate, Reading
from suggest.engine.learned import Labels, Phrase, phrase_of
from suggest.engine.lexicon.compiled import KINDS, VOCABULARY
from suggest.engine.longer import Longer, Named, over_all
from suggest.engine.matching import Mention
from suggest.engine.model import Encounter
from suggest.engine.retrieval import Retriever
from suggest.engine.standing import Standing
from suggest.engine.votes import Votes, of_code, votes_for
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
        longer = Longer(candidates)
        said = self._said(reading, candidates, longer)
        rivals = {category: _Rivals(of, said, labels) for category, of in categories.items()}
        votes = [votes_for(c, said[c.code].phrases, said[c.code].over, labels) for c in candidates]
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
                *over_all(c.code, s.mentions, s.over),
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
        self, reading: Reading, candidates: Sequence[Candidate], longer: Longer
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
    to the mentions, see `Longer.over`."""

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
    over: list[list[Named]]


def _said_by(
    mentions: Sequence[Mention], reading: Reading, longer: Longer, standing: Standing
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


class _Claims:
    """Which candidate coders prefer for each token: the strongest claim and the next."""

    def __init__(
        self,
        said: Mapping[str, _Said],
        candidates: Sequence[Candidate],
        votes: Sequence[Votes],
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
            c.code: max(of_code(labels.codes, code) or 0 for code in (c.code, c.stands_for) if code)
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
