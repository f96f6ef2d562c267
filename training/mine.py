"""Learns phrase -> code from labelled notes: how often the phrase stood where the code was given.

For CodiEsp the evidence is known in the Spanish original only; the translation keeps the order of
the sentences, so its relative place gives the English sentence (and its neighbours).
"""

from __future__ import annotations

import bisect
import re
from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from suggest.engine.candidates import Labels
from suggest.engine.lexicon import Lexicon
from suggest.engine.lexicon.compiled import MINED, Entry
from suggest.engine.matching import Matcher
from suggest.text import AnalysedNote, analyse

Phrase = tuple[int, ...]
MAX_WORDS = 4
MIN_PRECISION = 0.15
MIN_PRECISION_OF_A_WORD = 0.24
MIN_SHARE_OF_PHRASE = 0.6
MIN_SHARE_OF_CODE = 0.15


@dataclass(slots=True)
class Mined:
    """One document's phrases, and for each of its codes the phrases near the code's evidence."""

    phrases: set[Phrase] = field(default_factory=set)
    near: dict[str, set[Phrase]] = field(default_factory=dict)


def mine_document(row: dict[str, Any], note: AnalysedNote, matcher: Matcher) -> Mined:
    """The phrases of up to four word classes of a CodiEsp document, and which are near a code."""
    by_sentence = [_phrases(note, s.tokens, matcher) for s in note.sentences]
    starts = [s.span.start for s in note.sentences]
    spanish = [m.end() for m in re.finditer(r"[.!?\n]+\s+", row["es"])]
    mined = Mined(set().union(*by_sentence))
    for evidence in row["evidence_es"]:
        offset = evidence["spans"][0][0]
        share = bisect.bisect_right(spanish, offset) / (len(spanish) + 1)
        by_count = round(share * len(starts))
        by_length = bisect.bisect_right(starts, offset / len(row["es"]) * len(note.text)) - 1
        near = mined.near.setdefault(evidence["code"], set())
        for centre in {by_count, by_length}:
            for index in range(max(0, centre - 1), min(len(starts), centre + 2)):
                near |= by_sentence[index]
    return mined


def _phrases(note: AnalysedNote, tokens: range, matcher: Matcher) -> set[Phrase]:
    ids: list[int] = []
    found: set[Phrase] = set()
    for index in tokens:
        norm = note.tokens.norm[index]
        if not norm[0].isalnum():
            ids = []
            continue
        if not matcher.normaliser(norm):
            continue
        ids.append(matcher.class_of(norm))
        for size in range(1, MAX_WORDS + 1):
            if len(ids) >= size and -1 not in ids[-size:]:
                found.add(tuple(sorted(set(ids[-size:]))))
    return found


def learn(
    documents: list[tuple[Mined, list[str]]], known: Container[str], *, least: int = 2
) -> Labels:
    """Counts over documents: a phrase is kept for a known code if near it in `least` of them.

    Codes in one sentence compete for its phrases ("diabetes" stands near I48.91, too): a phrase
    stays with the code it goes best with, a code with the phrases that go best with it. The
    strength is the product of both conditional frequencies.
    """
    occurred: Counter[Phrase] = Counter()
    agreed: dict[str, Counter[Phrase]] = defaultdict(Counter)
    labels = Labels()
    for mined, codes in documents:
        occurred.update(mined.phrases)
        labels.codes.update(codes)
        for code in codes:
            agreed[code].update(mined.near.get(code, ()))
    strength: dict[Phrase, dict[str, float]] = defaultdict(dict)
    strongest: dict[str, float] = defaultdict(float)
    for code, counts in agreed.items():
        for phrase, count in counts.items():
            value = count * count / (occurred[phrase] * labels.codes[code])
            strength[phrase][code] = value
            if count >= least:
                strongest[code] = max(strongest[code], value)
    for phrase, codes_of in strength.items():
        best = max(codes_of.values())
        for code, value in codes_of.items():
            count = agreed[code][phrase]
            if (
                code in known
                and count >= least
                and count / occurred[phrase]
                >= (MIN_PRECISION if len(phrase) > 1 else MIN_PRECISION_OF_A_WORD)
                and value >= MIN_SHARE_OF_PHRASE * best
                and value >= MIN_SHARE_OF_CODE * strongest[code]
            ):
                labels.phrases.setdefault(phrase, {})[code] = (count, occurred[phrase])
    return labels


def without(labels: Labels, mined: Mined, codes: list[str]) -> Labels:
    """The same counts without one document: what the others teach about it."""
    given = set(codes)
    phrases = dict(labels.phrases)
    for phrase in mined.phrases:
        known = phrases.get(phrase)
        if known is not None:
            phrases[phrase] = {
                code: (
                    agreed - (code in given and phrase in mined.near.get(code, ())),
                    occurred - 1,
                )
                for code, (agreed, occurred) in known.items()
            }
    counts = labels.codes.copy()
    counts.subtract(codes)
    return Labels(phrases, counts)


def extend(lexicon: Lexicon, labels: Labels) -> None:
    """Adds the learned phrases to the lexicon, so that they make candidates of their own."""
    for phrase, codes in labels.phrases.items():
        for code in codes:
            lexicon.add(phrase, Entry(code, MINED, -1))


def analysed(rows: list[dict[str, Any]]) -> list[AnalysedNote]:
    return [analyse(row["text"]) for row in rows]
