"""The model that is served: what it was trained on, how good it is, its card in words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from suggest.codesets import CodeSet
from suggest.errors import DateOutsideCodeSets
from suggest.web import words
from suggest.web.page import Page, page_for

router = APIRouter(prefix="/model")

SERVED: Final = "served"  # the figures that stand first
# What the page says in its own words; whatever else the manifest holds is listed as it is.
TOLD: Final = ("codeset", "corpus_sha256", "cross_validation", "features", "files", "parameters")
_CUT: Final = re.compile(r"(.+@)(\d+)")
_HEADING: Final = re.compile(r"^#+ .*$", re.MULTILINE)
_LINES: Final = re.compile(r"^\s*(?:[-+|>]|\* |\d+\. |```)", re.MULTILINE)
_MARKED: Final = re.compile(r"\*\*(?P<strong>.+?)\*\*|`(?P<code>[^`]+)`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Words:
    """A key of the manifest for people. `shown`: "share", "number", or "" where it is no figure."""

    name: str
    meaning: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its value in every column, as the manifest has it; None where it lacks it.

    `meaning` stands once for recall@5, recall@10 and so on: at the first of them.
    """

    key: str
    name: str
    meaning: str
    shown: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The manifest's figures: a column for each set of notes, a row for each figure."""

    columns: tuple[tuple[str, Words], ...]
    rows: tuple[Row, ...]


@router.get("")
def show(page: Annotated[Page, Depends(page_for("model.view"))]) -> Response:
    """Everything about the model, as it was loaded when the service started."""
    suggester = page.service.suggester
    model = suggester.model
    manifest = model.manifest
    return page.render(
        "model/show.html",
        model=model,
        codeset=suggester.codeset,
        billable=_billable(suggester.codeset, page),
        figures=figures(manifest.get("cross_validation")),
        others={key: value for key, value in manifest.items() if key not in TOLD},
        card=tuple(_paragraphs(model.card)),
    )


def figures(found: object) -> Figures:
    """The table of `cross_validation`, whatever its keys: set of notes -> figure -> value.

    Figures that stand alone, outside any set, make a column of their own.
    """
    given: Mapping[str, Any] = found if isinstance(found, dict) else {}
    sets = {name: values for name, values in given.items() if isinstance(values, dict)}
    if alone := {key: value for key, value in given.items() if key not in sets}:
        sets[""] = alone
    names = sorted(sets, key=lambda name: name != SERVED)
    rows: list[Row] = []
    told: set[str] = set()
    for key in sorted({key for name in names for key in sets[name]}, key=_place):
        said = words_for("figure", key)
        meaning = "" if said.meaning in told else said.meaning
        told.add(meaning)
        values = tuple(sets[name].get(key) for name in names)
        rows.append(Row(key, said.name, meaning, said.shown, values))
    return Figures(tuple((name, words_for("notes", name)) for name in names), tuple(rows))


def words_for(about: str, key: str) -> Words:
    """The words for a key; for one that the table lacks, the key itself."""
    name, k = _parts(about, key)
    if (about, name) not in _table():
        return Words(words.plain(key)[:1].upper() + words.plain(key)[1:])
    found = _table()[about, name]
    return replace(found, name=found.name.replace("{k}", str(k)))


@cache
def _table() -> dict[tuple[str, str], Words]:
    """(what it is about, key) -> words, in the order in which figures are shown."""
    text = (files("suggest.web") / "data" / "model_words.tsv").read_text("utf-8")
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {
        (row["about"], row["key"]): Words(row["name"], row["meaning"], row["shown"])
        for row in reader
    }


def _parts(about: str, key: str) -> tuple[str, int]:
    """The key in the table and its k: recall@5 -> ("recall@", 5)."""
    cut = _CUT.fullmatch(key)
    return (cut[1], int(cut[2])) if cut and (about, cut[1]) in _table() else (key, 0)


def _place(key: str) -> tuple[int, int, str]:
    """Figures with words first, in the table's order; those of one kind by their k."""
    name, k = _parts("figure", key)
    order = list(_table())
    return order.index(("figure", name)) if ("figure", name) in order else len(order), k, key


def _billable(codeset: CodeSet, page: Page) -> int:
    """How many codes may stand on a claim today; after the table's end, on its newest day."""
    today = page.now.astimezone(page.service.settings.zone).date()
    try:
        return len(codeset.on(today).valid_billable)
    except DateOutsideCodeSets:
        return len(codeset.on(None).valid_billable)


def _paragraphs(card: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The card's paragraphs: (kind, its pieces: ("plain", "strong" or "code", words)).

    Of Markdown it knows "heading", **strong** and `code`. What has a list, a table or a fence is
    of the kind "lines", to be shown as it is written; all else is "text".
    """
    apart = _HEADING.sub(r"\n\g<0>\n", card.replace("\r\n", "\n"))
    for block in re.split(r"\n\s*\n", apart.strip()):
        if block:
            kind = "heading" if block.startswith("#") else "text"
            if kind == "text" and _LINES.search(block):
                kind = "lines"
            yield kind, list(_pieces(block.lstrip("# ")))


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for mark in _MARKED.finditer(text):
        if mark.start() > at:
            yield "plain", text[at : mark.start()]
        yield mark.lastgroup or "plain", mark[mark.lastgroup or 0]
        at = mark.end()
    if at < len(text):
        yield "plain", text[at:]
