"""The search index of a code set: words, postings, phrase weights, each header's usual code.

A document is a title, an inclusion term or an includes note. Words in parentheses are
nonessential modifiers (Guidelines I.A.7) and weigh little in a document's length, as do
"unspecified", "NOS" and "without complications": a query that does not say them still matches the
phrase whole.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from enum import IntFlag, auto
from itertools import chain
from typing import NamedTuple

import numpy as np

from suggest.codesets.arrayfile import Array, Strings
from suggest.codesets.tabular import CODE, Entry

LIGHT = 0.12
_TITLE = -1
_WORD = re.compile(r"[a-z0-9]+")
STOP = frozenset(
    "a an and as at by due for from in into of on or other the to with".split()  # noqa: SIM905
)
_ASIDE = re.compile(
    r"\([^)]*\)|\[[^]]*\]|\bnos\b|\bnec\b|\bsite not specified\b|\bnot otherwise specified\b"
    r"|\bnot elsewhere classified\b|\bwithout (?:mention of )?complications?\b|\buncomplicated\b"
    r"|\bnot (?:specified|stated) (?:as|whether) .*"
    r"|\bunspecified(?: as to)?(?: (?:organism|site|type|cause|etiology|whether .*|episode"
    r"|severity|part|degree|stage))?\b"
)
_DENIED = re.compile(r"(?:, not intractable)?,? \bwithout .*|, not intractable\b.*")
_UNSPECIFIED = re.compile(r"unspecified|not specified|nos\b|without complication|uncomplicated")


# Pregnancy, newborn, external causes, poisoning, sequelae, status: asked for by name or not at all.
_REMOTE = re.compile(r"[OPVWXYZ]|T(?:3[6-9]|[45]\d|6[0-5])|I69")


class Traits(IntFlag):
    """What of a code's title makes it likelier or less likely to be meant."""

    UNSPECIFIED = auto()
    OTHER = auto()
    REMOTE = auto()
    WITHOUT = auto()


class Words(NamedTuple):
    """A phrase's words: those that carry its meaning, and those said in passing."""

    heavy: frozenset[str]
    light: frozenset[str]


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, as they are written."""
    return _WORD.findall(text.lower().replace("'s", "").replace("’s", ""))


def stem(word: str) -> str:
    """One form for singular and plural, British and American spelling; not always a word."""
    if len(word) > 4:
        word = word.replace("ae", "e").replace("oe", "e")
        if word.endswith("our"):
            word = word[:-3] + "or"
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith(("oses", "ases", "yses", "eses")) and len(word) > 6:
        return word[:-2] + "is" if not word.endswith("eases") else word[:-1]
    return word[:-1]


def stems(text: str) -> list[str]:
    """The stems of a text's words without the words that name nothing."""
    return [stem(word) for word in tokens(text) if word not in STOP]


def split(phrase: str) -> Words:
    """The words of a title or inclusion term by weight."""
    lowered = phrase.lower()
    heavy = frozenset(stems(_ASIDE.sub(" ", lowered)))
    if not heavy:
        return Words(frozenset(stems(lowered)), frozenset())
    return Words(heavy, frozenset(stems(lowered)) - heavy)


def build(entries: list[Entry]) -> dict[str, Array]:
    """The index's arrays.

    `doc_entry`, `doc_phrase` (number of a term, -1 for the title) and `doc_weight` have
    one row a document; word w stands in documents `posting[posting_at[w]:posting_at[w + 1]]`, in
    each with the share `posting_share` of its weight; `usual` has the usual billable code of each
    entry, -1 where none is; `traits` its Traits.
    """
    documents: list[tuple[int, int, Words]] = []
    phrases: list[str] = []
    for number, entry in enumerate(entries):
        if entry.kind != CODE or entry.extended:
            continue  # a 7th character adds no words by which a code is looked for
        documents.append((number, _TITLE, split(entry.title)))
        # "Includes" notes at a category are synonyms as well: "high blood pressure" at I10.
        terms = (entry.notes.get(kind, ()) for kind in ("inclusion_terms", "includes"))
        for term in chain.from_iterable(terms):
            documents.append((number, len(phrases), split(term)))
            phrases.append(term)
    postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for document, (_, _, words) in enumerate(documents):
        for word in words.heavy:
            postings[word].append((document, 1.0))
        for word in words.light:
            postings[word].append((document, LIGHT))
    vocabulary = sorted(postings)
    idf = {word: _idf(len(documents), len(postings[word])) for word in vocabulary}
    at = np.zeros(len(vocabulary) + 1, dtype=np.uint32)
    np.cumsum([len(postings[word]) for word in vocabulary], out=at[1:])
    return {
        **Strings.pack("word", vocabulary),
        **Strings.pack("phrase", phrases),
        "word_weight": np.array([idf[word] for word in vocabulary], dtype=np.float32),
        "posting_at": at,
        "posting": np.array([d for w in vocabulary for d, _ in postings[w]], dtype=np.uint32),
        "posting_share": np.array([s for w in vocabulary for _, s in postings[w]], np.float32),
        "doc_entry": np.array([d[0] for d in documents], dtype=np.int32),
        "doc_phrase": np.array([d[1] for d in documents], dtype=np.int32),
        "doc_weight": np.array(
            [
                sum(idf[w] for w in words.heavy) + LIGHT * sum(idf[w] for w in words.light)
                for _, _, words in documents
            ],
            dtype=np.float32,
        ),
        "usual": _usual(entries),
        "traits": np.array([_traits(entry) for entry in entries], dtype=np.uint8),
    }


def _idf(total: int, frequency: int) -> float:
    """Inverse document frequency as in BM25 (Robertson & Zaragoza 2009, eq. 3.3), never <= 0."""
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def _traits(entry: Entry) -> Traits:
    # A poisoning is accidental unless another intent is documented (Guidelines I.C.19.e.5.b).
    unspecified = re.search(
        r"unspecified|without complication|NOS\b|accidental \(unintentional\)", entry.title
    )
    return (
        (Traits.UNSPECIFIED if unspecified else Traits(0))
        | (Traits.OTHER if "Other" in entry.title else Traits(0))
        | (Traits.REMOTE if _REMOTE.match(entry.id) else Traits(0))
        | (Traits.WITHOUT if "without" in entry.title else Traits(0))
    )


def _usual(entries: list[Entry]) -> Array:
    """The billable code that a header's bare title comes to: E11 -> E11.9, S82.20 -> S82.209A."""
    usual = np.full(len(entries), -1, dtype=np.int32)
    for number in range(len(entries) - 1, -1, -1):
        entry = entries[number]
        if entry.billable:
            usual[number] = number
        elif entry.kind == CODE:
            child = _usual_child(entries, number)
            usual[number] = usual[child] if child is not None else -1
    return usual


def _usual_child(entries: list[Entry], number: int) -> int | None:
    children = [c for c in range(number + 1, entries[number].end) if entries[c].parent == number]
    if children and entries[children[0]].extended:
        plain = [
            c for c in children if "unspecified" in entries[c].title[len(entries[number].title) :]
        ]
        return (plain or children)[0]
    own = split(entries[number].title).heavy
    ranked = []
    for child in children:
        title = entries[child].title.lower()
        bare = _DENIED.sub("", title)
        if (bare != title or _UNSPECIFIED.search(title)) and split(bare).heavy <= own:
            last = "90".find(entries[child].id[-1]) % 3
            ranked.append((title.count("other"), bare != title, last, child))
    return min(ranked)[-1] if ranked else None
