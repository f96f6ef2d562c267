"""Candidate codes of a note: mentions read, refined, merged by code, described by features."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from suggest.codesets import CodeSet
from suggest.engine.lexicon import Lexicon
from suggest.engine.lexicon.compiled import CURATED, KINDS, MINED, SHORT, Entry
from suggest.engine.matching import Matcher, Mention
from suggest.engine.model import Encounter
from suggest.engine.refine import Refined, Refiner
from suggest.engine.sides import SideReader
from suggest.engine.wording import Wording
from suggest.text import AnalysedNote, Assertion

FEATURES = (
    "match_rarity", "match_words", "match_gap", "from_curated", "from_title", "from_short_title",
    "from_part_of_title", "from_other_title", "from_labels", "mentions", "sentences",
    "first_place", "last_place", "in_part_of_longer", "affirmed", "possible", "historical",
    "readings", "refined_words", "unspecified", "code_length", "other_specified",
    "in_assessment", "in_history_section", "in_findings", "rivals_in_category",
    "rarity_over_rivals", "label_precision", "label_support", "code_prior", "category_prior",
    "note_length", "header_match", "symptom_chapter",
)  # fmt: skip
_ASSESSMENT = {
    "assessment", "plan", "assessment_and_plan", "discharge_diagnoses", "problem_list",
    "chief_complaint",
}  # fmt: skip
_HISTORY = {"past_medical_history", "past_surgical_history", "social_history"}
_FINDINGS = {"physical_exam", "vitals", "results", "imaging", "review_of_systems"}
# A phrase that labelled notes alone know makes a candidate if coders agreed this often.
MIN_LEARNED = 0.16
_AGAINST = frozenset({Assertion.NEGATED, Assertion.FAMILY, Assertion.HYPOTHETICAL})
_FAMILY_HISTORY = ("Z80", "Z81", "Z82", "Z83", "Z84")


@dataclass(slots=True)
class Labels:
    """What labelled notes taught: phrase (class ids) -> code -> (agreed, occurred), code counts."""

    phrases: dict[tuple[int, ...], dict[str, tuple[float, float]]] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Candidate:
    """One code with the mentions for and against it."""

    code: str
    for_: list[Mention] = field(default_factory=list)
    against: list[Mention] = field(default_factory=list)
    refined: Refined | None = None
    kinds: set[int] = field(default_factory=set)
    header: bool = False
    label_precision: float = 0.0
    label_support: float = 0.0


class CandidateFinder:
    """Mentions to candidates. One object serves many notes."""

    def __init__(self, codeset: CodeSet, lexicon: Lexicon, labels: Labels) -> None:
        self._codeset = codeset
        self._lexicon = lexicon
        self._refiner = Refiner(codeset, lexicon.normaliser)
        self._sides = SideReader(lexicon.normaliser)
        self.labels = labels
        self.matcher = Matcher(lexicon)

    def find(
        self,
        note: AnalysedNote,
        encounter: Encounter,
        valid: frozenset[str],
        labels: Labels | None = None,
    ) -> list[Candidate]:
        """The note's candidates; `labels` replaces the model's own (for leave-one-out)."""
        labels = labels or self.labels
        found: dict[str, Candidate] = {}
        inpatient = encounter.type == "inpatient"
        wording = Wording(note, self._lexicon.normaliser, self._sides)
        for mention in self.matcher.find(note):
            words = wording.words(mention)
            seventh = wording.seventh(mention, encounter)
            known = labels.phrases.get(mention.classes, {})
            for entry in _readings(mention):
                learned = known.get(entry.code)
                if entry.kind == MINED and (
                    learned is None or learned[0] / (learned[1] + 1.0) < MIN_LEARNED
                ):
                    continue
                for refined in self._refiner.refine_sides(entry.code, words, valid, seventh):
                    candidate = found.setdefault(refined.code, Candidate(refined.code))
                    candidate.kinds.add(entry.kind)
                    candidate.header |= entry.code != refined.code
                    if candidate.refined is None or refined.support > candidate.refined.support:
                        candidate.refined = refined
                    taught = learned or known.get(refined.code)
                    if taught is not None and taught[0] > 0:
                        precision = taught[0] / (taught[1] + 1.0)
                        if precision > candidate.label_precision:
                            candidate.label_precision = precision
                            candidate.label_support = taught[0]
                    against = _speaks_against(mention, refined.code, inpatient)
                    side = candidate.against if against else candidate.for_
                    if not side or side[-1] is not mention:
                        side.append(mention)
        return list(found.values())

    def features(
        self, note: AnalysedNote, candidates: list[Candidate], labels: Labels | None = None
    ) -> NDArray[np.float64]:
        """(candidates, features): see FEATURES. A candidate without a mention for it is judged
        by those against it; it is never suggested, but the ranker may learn from it."""
        labels = labels or self.labels
        rarity = {c.code: max(m.idf for m in c.for_ or c.against) for c in candidates}
        rivals: dict[str, list[str]] = defaultdict(list)
        for candidate in candidates:
            rivals[candidate.code[:3]].append(candidate.code)
        categories: Counter[str] = Counter()
        for code, count in labels.codes.items():
            categories[code[:3]] += count
        length = len(note.text)
        rows = [
            self._row(c, rarity, rivals[c.code[:3]], labels, categories, length) for c in candidates
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES))

    def _row(
        self,
        c: Candidate,
        rarity: dict[str, float],
        rivals: list[str],
        labels: Labels,
        categories: Counter[str],
        length: int,
    ) -> list[float]:
        mentions = c.for_ or c.against
        best = max(mentions, key=lambda m: (m.idf, -m.gap))
        sections = {m.section for m in mentions}
        title = self._codeset.title(c.code).lower()
        assertions = {m.assertion for m in mentions}
        top_rival = max((rarity[r] for r in rivals if r != c.code), default=0.0)
        return [
            best.idf,
            len(best.tokens),
            min(m.gap for m in mentions),
            *(float(kind in c.kinds) for kind in range(len(KINDS))),
            len(mentions),
            len({m.sentence for m in mentions}),
            mentions[0].span.start / length,
            mentions[-1].span.start / length,
            float(all(m.subsumed for m in mentions)),
            sum(m.assertion is Assertion.AFFIRMED for m in mentions),
            float(assertions == {Assertion.POSSIBLE}),
            float(assertions == {Assertion.HISTORICAL}),
            min(len(m.entries) for m in mentions),
            c.refined.support if c.refined else 0.0,
            float("unspecified" in title),
            len(c.code),
            float(title.startswith("other")),
            float(bool(sections & _ASSESSMENT)),
            float(bool(sections & _HISTORY)),
            float(bool(sections & _FINDINGS)),
            len(rivals),
            rarity[c.code] - top_rival,
            c.label_precision,
            c.label_support,
            math.log1p(labels.codes.get(c.code, 0)),
            math.log1p(categories.get(c.code[:3], 0)),
            math.log(length),
            float(c.header),
            float(c.code[0] in "RZ"),
        ]


def _readings(mention: Mention) -> list[Entry]:
    """A curated reading outweighs the titles', the whole title a part or a residual category."""
    best = min((e.kind for e in mention.entries), default=MINED)
    most = CURATED if best == CURATED else SHORT if best <= SHORT else MINED
    return [e for e in mention.entries if e.kind <= most or e.kind == MINED]


def _speaks_against(mention: Mention, code: str, inpatient: bool) -> bool:
    """Whether a mention's assertion speaks against a code (IV.H, II.H for what is uncertain)."""
    if mention.assertion is Assertion.FAMILY and code.startswith(_FAMILY_HISTORY):
        return False
    if mention.assertion is Assertion.POSSIBLE:
        return not inpatient
    return mention.assertion in _AGAINST
