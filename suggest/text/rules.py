"""The rule files of the text layer: section headings, assertion cues, abbreviations.

All are tab-separated with a header row; lines that begin with `#` are comments. A phrase may
hold alternatives: `(past|prior) medical (history|hx)`, also nested; an empty
one makes it optional and `\\(` is a bracket to be matched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from suggest.text.errors import RuleFileError
from suggest.text.tokens import words_of

CueKind = Literal["cue", "pseudo", "termination", "shield", "present", "filler", "member"]
Direction = Literal["forward", "backward", "bidirectional", "either"]
CommaRule = Literal["carry", "stop", "or"]

_CUE_KINDS = ("cue", "pseudo", "termination", "shield", "present", "filler", "member")
_DIRECTIONS = ("forward", "backward", "bidirectional", "either")
_COMMA_RULES = ("carry", "stop", "or")
_CATEGORIES = ("negated", "possible", "historical", "family", "hypothetical")
_FARTHEST = 120  # tokens; no cue speaks of more, however long its sentence


@dataclass(frozen=True, slots=True)
class CueRule:
    """One row of `context.tsv`.

    A `cue` opens a scope, a `pseudo` only looks like one, a `termination` ends scopes. A `shield`
    ends them too, and one that comes from behind says nothing of what the shield names ("the
    cause of the anemia was not found"). What a `present` word is said of is there, and no longer an
    item of a denied list ("no fever, cough improving").

    `scope` is in tokens ("-" in the file: up to `_FARTHEST`). `comma` says what a comma does to
    it: `carry` passes, `stop` ends it, `or` passes only in a list that goes on to an "or"/"vs".
    `either` speaks of what follows, or of what is before when nothing follows that it could
    speak of ("is likely viral", "pneumonia is likely, given the fever").
    """

    name: str
    kind: CueKind
    categories: tuple[str, ...]
    direction: Direction
    scope: int
    comma: CommaRule

    @property
    def is_mark(self) -> bool:
        """Whether it is a sign of a checklist, "(-)", and no word."""
        return self.name.startswith("mark:")


@dataclass(slots=True)
class CueNode:
    """A node of the trie of cues, keyed by token norm or by class (`<relative>`)."""

    rules: list[CueRule] = field(default_factory=list)
    next: dict[str, CueNode] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says: the section's kind, and the kinds inside which alone it counts."""

    kind: str
    within: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of the text layer, in the form they are matched in.

    `headings` maps a heading's words, joined by spaces, to what it says; `systems` are labels
    ("heent", "general") that stand inside a section and do not change its kind; `prefixes` and
    `suffixes` are words a heading may carry besides ("pertinent", "reviewed"). A sentence goes on
    behind the full stop of an abbreviation, and behind a line that ends in one of `open_words`;
    `lettered` nouns end in a letter ("hepatitis C"); `epithets` follow the initial of a genus
    ("E. coli").
    """

    headings: dict[str, Heading]
    systems: frozenset[str]
    prefixes: frozenset[str]
    suffixes: frozenset[str]
    cues: CueNode
    classes: dict[str, tuple[str, ...]]
    fillers: frozenset[str]
    abbreviations: frozenset[str]
    lettered: frozenset[str]
    epithets: frozenset[str]
    open_words: frozenset[str]


def _rows(name: str, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The data rows of a rule file with their line numbers; RuleFileError for a malformed one."""
    text = (files("suggest.text") / "data" / name).read_text(encoding="utf-8")
    header: tuple[str, ...] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if header is None:
            if cells != columns:
                raise RuleFileError(f"{name}:{number}: the header must be {' '.join(columns)}")
            header = cells
            continue
        if len(cells) != len(columns):
            raise RuleFileError(f"{name}:{number}: {len(cells)} cells, {len(columns)} expected")
        row = dict(zip(columns, cells, strict=True))
        if not row["source"]:
            raise RuleFileError(f"{name}:{number}: no source")
        yield number, row


def expand(phrase: str) -> list[str]:
    """A phrase's variants: `a (b|c (d|))` -> `a b`, `a c d`, `a c`. ValueError if unbalanced."""
    variants, end = _alternatives(phrase, 0)
    if end != len(phrase):
        raise ValueError(f"unbalanced brackets in {phrase!r}")
    return [" ".join(variant.split()) for variant in variants]


def _alternatives(phrase: str, at: int) -> tuple[list[str], int]:
    """The variants of `a|b|...` up to its closing bracket or the end, and where that stands."""
    done: list[str] = []
    current = [""]
    while at < len(phrase) and phrase[at] != ")":
        if phrase[at] == "|":
            done += current
            current = [""]
        elif phrase[at] == "(":
            inner, at = _alternatives(phrase, at + 1)
            if at >= len(phrase):
                raise ValueError(f"unbalanced brackets in {phrase!r}")
            current = [head + tail for head in current for tail in inner]
        else:
            at += phrase[at] == "\\"
            current = [head + phrase[at : at + 1] for head in current]
        at += 1
    return done + current, at


def heading_key(norms: list[str]) -> str:
    """The words of a heading as they are looked up: punctuation left out, "&" read as "and"."""
    return " ".join("and" if n == "&" else n for n in norms if n == "&" or n[0].isalnum())


def _cue_words(phrase: str) -> list[str]:
    words: list[str] = []
    for part in phrase.split():
        if part.startswith("<") and part.endswith(">"):
            words.append(part)
        else:
            words.extend(words_of(part))
    return words


def _read_headings() -> tuple[dict[str, Heading], dict[str, frozenset[str]]]:
    headings: dict[str, Heading] = {}
    marked: dict[str, set[str]] = {"~system": set(), "~prefix": set(), "~suffix": set()}
    for number, row in _rows("sections.tsv", ("heading", "kind", "within", "source")):
        for variant in expand(row["heading"]):
            key = heading_key(list(words_of(variant)))
            if not key:
                raise RuleFileError(f"sections.tsv:{number}: a heading without words")
            if row["kind"].startswith("~"):
                if row["kind"] not in marked:
                    raise RuleFileError(f"sections.tsv:{number}: no such kind: {row['kind']}")
                marked[row["kind"]].add(key)
                continue
            within = frozenset(filter(None, row["within"].split("|")))
            known = headings.setdefault(key, Heading(row["kind"], within))
            if known != Heading(row["kind"], within):
                raise RuleFileError(f"sections.tsv:{number}: {key!r} has two kinds")
    return headings, {name: frozenset(keys) for name, keys in marked.items()}


def _cue_rule(number: int, row: dict[str, str]) -> CueRule:
    """One cue row, checked."""
    where = f"context.tsv:{number}"
    categories = tuple(filter(None, row["category"].split("|")))
    if categories == ("any",):
        categories = _CATEGORIES
    if row["kind"] not in _CUE_KINDS:
        raise RuleFileError(f"{where}: no such kind: {row['kind']}")
    if row["kind"] in ("cue", "termination", "shield", "present") and (
        not categories or not set(categories) <= set(_CATEGORIES)
    ):
        raise RuleFileError(f"{where}: no such category: {row['category']}")
    if row["kind"] == "pseudo":
        return CueRule(row["cue"], "pseudo", (), "bidirectional", 0, "carry")
    if row["direction"] not in _DIRECTIONS:
        raise RuleFileError(f"{where}: no such direction: {row['direction']}")
    if row["kind"] in ("termination", "shield", "present"):
        kind, direction = cast(CueKind, row["kind"]), cast(Direction, row["direction"])
        return CueRule(row["cue"], kind, categories, direction, 0, "carry")
    if row["comma"] not in _COMMA_RULES:
        raise RuleFileError(f"{where}: no such comma rule: {row['comma']}")
    if row["scope"] != "-" and not row["scope"].isdigit():
        raise RuleFileError(f"{where}: scope is a number of tokens or '-'")
    return CueRule(
        name=row["cue"],
        kind=cast(CueKind, row["kind"]),
        categories=categories,
        direction=cast(Direction, row["direction"]),
        scope=_FARTHEST if row["scope"] == "-" else int(row["scope"]),
        comma=cast(CommaRule, row["comma"]),
    )


def _read_cues() -> tuple[CueNode, dict[str, tuple[str, ...]], frozenset[str]]:
    root = CueNode()
    classes: dict[str, list[str]] = {}
    fillers: set[str] = set()
    columns = ("cue", "category", "direction", "kind", "scope", "comma", "source")
    for number, row in _rows("context.tsv", columns):
        if row["kind"] == "member":
            for variant in expand(row["cue"]):
                for word in words_of(variant):
                    classes.setdefault(word, []).append(row["category"])
            continue
        if row["kind"] == "filler":
            fillers.update(word for variant in expand(row["cue"]) for word in words_of(variant))
            continue
        rule = _cue_rule(number, row)
        for variant in expand(row["cue"]):
            node = root
            for word in _cue_words(variant):
                node = node.next.setdefault(word, CueNode())
            if node is root:
                raise RuleFileError(f"context.tsv:{number}: a cue without words")
            if any(
                (known.kind, known.categories, known.direction)
                == (rule.kind, rule.categories, rule.direction)
                for known in node.rules
            ):
                raise RuleFileError(f"context.tsv:{number}: {variant!r} has this rule already")
            node.rules.append(replace(rule, name=variant))
    return root, {word: tuple(names) for word, names in classes.items()}, frozenset(fillers)


def _read_words() -> dict[str, frozenset[str]]:
    """The words the sentence rules need, by kind; see `Rules`."""
    found: dict[str, set[str]] = {
        kind: set() for kind in ("abbreviation", "lettered", "open", "epithet")
    }
    for number, row in _rows("sentences.tsv", ("word", "kind", "source")):
        if row["kind"] not in found:
            raise RuleFileError(f"sentences.tsv:{number}: no such kind: {row['kind']}")
        found[row["kind"]].update(words_of(row["word"]))
    return {kind: frozenset(words) for kind, words in found.items()}


@cache
def load_rules() -> Rules:
    """The package's rules, read once a process. RuleFileError if a file has a bad row."""
    headings, marked = _read_headings()
    cues, classes, fillers = _read_cues()
    words = _read_words()
    return Rules(
        headings=headings,
        systems=marked["~system"],
        prefixes=marked["~prefix"],
        suffixes=marked["~suffix"],
        cues=cues,
        classes=classes,
        fillers=fillers,
        abbreviations=words["abbreviation"],
        lettered=words["lettered"],
        epithets=words["epithet"],
        open_words=words["open"],
    )
