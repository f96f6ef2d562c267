"""How else a title or an inclusion term is written: index-like variants of one phrase.

The alphabetic index lists a term inverted, without its non-essential modifiers (in parentheses)
and without "unspecified" or "NOS" (ICD-10-CM Guidelines I.A.6, I.A.7). Order does not matter
here: matching is on sets of word classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from suggest.engine.normal import read_rows

_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9-]{2,}")
_PAREN = re.compile(r"\s*\(([^()]*)\)")
_BRACKET = re.compile(r"\s*\[([^\[\]]*)\]")
_DROP = re.compile(
    r",?\s*\b(?:of unspecified (?:site|type|part|side|organ|cause|origin|nature)|"
    r"unspecified(?: site| type| part| side| organ| cause)?|NOS|NEC|"
    r"not elsewhere classified|not otherwise specified|not specified as [^,]+|"
    r"without (?:mention of )?(?:complications?|exacerbation|status asthmaticus|obstruction or "
    r"gangrene|bleeding|hemorrhage or perforation|perforation or abscess)|uncomplicated|"
    r"so described|unspecified as to [a-z ]+)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(r"^(?:other(?: and unspecified)?(?: specified)?)\s+", re.IGNORECASE)
_NO_SITE = re.compile(r"(?:other|unspecified|multiple|overlapping)\b", re.IGNORECASE)
_COORDINATION = re.compile(r"^(?P<head>.*?\bof )(?P<a>[\w' ]+?) (?:and|or) (?P<b>[\w' ]+)$")


def phrase_rules() -> list[tuple[re.Pattern[str], str]]:
    """Phrases that read as another one: `malignant neoplasm` as `cancer`."""
    return [
        (re.compile(rf"\b{re.escape(row['phrase'])}\b", re.IGNORECASE), row["canonical"])
        for row in read_rows("data/phrases.tsv")
    ]


def variants(phrase: str, rules: list[tuple[re.Pattern[str], str]]) -> Iterator[tuple[str, str]]:
    """The phrase and its variants, each with its kind: exact, short, other or part.

    What "other ..." stands for is whatever the code's siblings are not: every variant of such a
    phrase is of kind other.
    """
    if _OTHER.match(phrase):
        for text, _ in _variants(phrase, rules):
            yield text, "other"
    else:
        yield from _variants(phrase, rules)


def _variants(phrase: str, rules: list[tuple[re.Pattern[str], str]]) -> Iterator[tuple[str, str]]:
    plain = phrase.strip().rstrip(":.")
    yield plain, "exact"
    seen = {plain: None}  # in order: the same variants in every process

    def new(text: str) -> bool:
        text = text.strip(" ,;")
        if len(text) < 3 or text in seen:
            return False
        seen[text] = None
        return True

    for pattern, canonical in rules:
        replaced = pattern.sub(canonical, plain)
        if new(replaced):
            yield replaced, "exact"
    for base in list(seen):
        for inner in _BRACKET.findall(base):
            # One word alone in brackets is a name for the code only if it is an abbreviation:
            # "[GERD]" is, "[Wells]" and "[stable]" are not.
            if " " not in inner and not _ABBREVIATION.fullmatch(inner):
                continue
            swapped = re.sub(r"[\w-]+(?: [\w-]+)*\s*\[" + re.escape(inner) + r"\]", inner, base)
            if new(swapped):
                yield swapped, "short"
        bare = _BRACKET.sub("", _PAREN.sub("", base))
        if new(bare):
            yield bare, "short"
        dropped = _DROP.sub("", bare).strip(" ,")
        if new(dropped):
            yield dropped, "short"
        if match := _OTHER.match(dropped):
            rest = dropped[match.end() :]
            if new(rest):
                yield rest, "other"
        elif match := _COORDINATION.match(dropped):
            for part in (match["a"], match["b"]):
                if _NO_SITE.match(part):
                    continue  # "fracture of other and unspecified bone": "other" is no site
                joined = match["head"] + part
                if new(joined):
                    yield joined, "part"
