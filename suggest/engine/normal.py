"""Words to word classes: one class for spelling variants, plurals and synonyms of one word.

Two texts that mean the same (`renal calculi`, `kidney stone`) become the same classes. The rules
are data: `lexicon/data/spelling.tsv`, `plurals.tsv`, `words.tsv`, `phrases.tsv`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from importlib import resources

WORD = re.compile(r"[^\W_]+(?:\.\d+)?")
NON = "non"  # before a word, with or without a hyphen: the opposite of it
# "A" is a word of meaning after these: hepatitis A, a type A dissection.
LETTERED = frozenset(
    (
        *("hepatitis", "hep", "influenza", "flu", "hemophilia", "haemophilia", "vitamin", "vit"),
        *("type", "group"),
    )
)
LETTER_A = "lettera"  # its class
_LETTERED_A = re.compile(rf"\b({'|'.join(sorted(LETTERED))}) a\b")
_NON_APART = re.compile(rf"\b{NON}[\s\u2010\u2011\u2013-]+(?=[^\W\d_])")


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a data file below `suggest/engine/lexicon`, without empty lines."""
    source = resources.files("suggest.engine") / "lexicon" / name
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield {key: (value or "").strip() for key, value in row.items() if key}


class Normaliser:
    """Maps a case-folded word to its class; remembers what it has seen."""

    def __init__(self) -> None:
        self._british = [(r["british"], r["american"]) for r in read_rows("data/spelling.tsv")]
        self._plurals = {r["plural"]: r["singular"] for r in read_rows("data/plurals.tsv")}
        self._stop = frozenset(r["word"] for r in read_rows("data/stopwords.tsv"))
        self._classes: dict[str, str] = {}
        for row in read_rows("data/words.tsv"):
            self._classes[self._stem(row["word"])] = self._stem(row["canonical"])
        self._cache: dict[str, str] = {}

    def _stem(self, word: str) -> str:
        for british, american in self._british:
            if british in word:
                word = word.replace(british, american)
        if word in self._plurals:
            return self._plurals[word]
        if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
            return word[:-1] + "a" if word.endswith("ae") and len(word) > 4 else word
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        if word.endswith("oses") or word.endswith("yses") or word.endswith("eses"):
            return word[:-2] + "is"
        if word.endswith(("sses", "xes", "ches", "shes", "zes")):
            return word[:-2]
        return word[:-1]

    def __call__(self, word: str) -> str:
        """The class of a case-folded word; '' for a word that carries no meaning here."""
        found = self._cache.get(word)
        if found is None:
            if word in self._stop:
                found = ""
            else:
                stem = self._stem(word)
                found = self._classes.get(stem, stem)
            self._cache[word] = found
        return found

    def classes(self, phrase: str) -> list[str]:
        """The classes of the words of a phrase, in order, meaningless words left out."""
        return [c for w in words(phrase) if (c := self(w))]


def fold(text: str) -> str:
    """Case-folded, compatibility-composed text without diacritics. Changes offsets."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(phrase: str) -> Iterable[str]:
    """The folded words of a phrase, possessives dropped; "non-toxic" is one word, "nontoxic"."""
    folded = fold(phrase).replace("'s", "").replace("’s", "").replace("'", "")
    return WORD.findall(_LETTERED_A.sub(rf"\1 {LETTER_A}", _NON_APART.sub(NON, folded)))
