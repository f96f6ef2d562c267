"""Words, numbers and punctuation of a note, with exact offsets and a form to match on."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from suggest.text.span import Span

# Characters that belong to the word around them: combining marks, soft hyphen, zero-width
# joiners. Python's \w leaves them out, and a word must not fall apart at them.
_JOINED = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_LETTER = r"[^\W\d_]"
_WORD = rf"[^\W_](?:[^\W_]|[{_JOINED}])*+"
_TOKEN = re.compile(
    rf"""
      (?P<dotted>(?<![^\W_])[A-Za-z](?:\.[A-Za-z])+(?:\.|(?![^\W_])))   # p.o.  e.g.  C.O.P.D.
    | (?P<number>\d++(?:[.,]\d++)++)                                    # 5.2  1,000
    | (?P<word>{_WORD}(?:(?<=[^\W\d_])['’ʼ`]{_LETTER}(?:[^\W_]|[{_JOINED}])*+)*+)
    | (?P<hyphen>(?<=[^\W_])[-\u2010\u2011\u2013](?=[^\W_]))            # dropped: follow-up
    | (?P<mark>(?:([^\w\s]|_)\6*+))                                     # a run of one character
    """,
    re.VERBOSE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DASHES = frozenset("-\u2013\u2014")
_APOSTROPHES = str.maketrans("’ʼ`", "'''")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text in parallel lists: `text[start[i]:end[i]]` reads as `norm[i]`.

    `norm` is case-folded, compatibility-normalised (NFKC), without diacritics; a possessive 's
    is part of the token's range but not of its norm; the letters of "p.o." are joined ("po");
    a run of one punctuation character is one token whose norm is that character. A hyphen
    between letters or digits separates two tokens and is none itself.
    """

    start: list[int]
    end: list[int]
    norm: list[str]

    def __len__(self) -> int:
        return len(self.start)

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        return iter(zip(self.start, self.end, self.norm, strict=True))

    def span(self, index: int) -> Span:
        """The range of one token."""
        return Span(self.start[index], self.end[index])

    def covering(self, span: Span) -> range:
        """The indices of the tokens that share at least one code point with the span."""
        return range(bisect_right(self.end, span.start), bisect_left(self.start, span.end))


def is_word(norm: str) -> bool:
    """Whether a token's norm is a word or number, not punctuation."""
    return norm[0].isalnum()


def normalise(surface: str) -> str:
    """The form a token is matched on; see `Tokens`."""
    if surface.isascii():
        norm = surface.lower()
    else:
        folded = unicodedata.normalize("NFKC", surface).casefold()
        decomposed = unicodedata.normalize("NFKD", folded)
        norm = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf"))
    if len(norm) > 2 and ("'" in norm or "’" in norm or "`" in norm or "ʼ" in norm):
        norm = norm.translate(_APOSTROPHES)
        norm = norm.removesuffix("'s")
    return norm or surface


def tokenise(text: str) -> Tokens:
    """The text's tokens in order, in time linear in its length."""
    start: list[int] = []
    end: list[int] = []
    norm: list[str] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        surface = match.group(kind) if kind else match.group()
        if kind == "hyphen":
            continue
        if kind == "word":
            form = surface.lower() if surface.isalnum() and surface.isascii() else None
            norm.append(form if form is not None else normalise(surface))
        elif kind == "dotted":
            norm.append(surface.replace(".", "").lower())
        elif kind == "number":
            plain = surface.replace(",", "") if _THOUSANDS.fullmatch(surface) else surface
            norm.append(plain if plain.isascii() else normalise(plain))
        else:
            norm.append(surface[0])
        start.append(match.start())
        end.append(match.end())
    return Tokens(start, end, norm)


def words_of(phrase: str) -> tuple[str, ...]:
    """The norms of a phrase's tokens: how rule files are brought to the form notes have."""
    if phrase.isascii() and phrase.replace(" ", "").isalpha():
        return tuple(phrase.lower().split())  # most of them: plain words
    return tuple(tokenise(phrase).norm)


def is_dash(tokens: Tokens, index: int) -> bool:
    """Whether a dash stands between spaces, where a plan or another statement begins."""
    return (
        tokens.norm[index] in _DASHES
        and 0 < index < len(tokens) - 1
        and tokens.end[index - 1] < tokens.start[index]
        and tokens.end[index] < tokens.start[index + 1]
    )
