"""What a compliant physician query is: templates and the checks a query must pass before it goes.

Practice: AHIMA/ACDIS, Guidelines for Achieving a Compliant Query Practice (2022 update): clinical
indicators are quoted, the wording does not lead, multiple choice offers clinically supported
options and always "other" and "unable to determine", nothing is said of payment.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from suggest.engine import model as engine
from suggest.review.errors import InvalidQuery
from suggest.review.rules import DATA, rows

NamesIn = Callable[[str], Iterable[str]]  # the diagnoses that a text names, as it names them


@dataclass(frozen=True, slots=True)
class Template:
    """A neutral form. `documented`: its question names a condition that the indicators quote."""

    id: str
    name: str
    title: str
    question: str
    placeholders: tuple[str, ...]
    documented: bool


@cache
def _data() -> tuple[tuple[Template, ...], tuple[str, ...]]:
    with (DATA / "query_templates.toml").open("rb") as file:
        data = tomllib.load(file)
    templates = tuple(
        Template(
            t["id"], t["name"], t["title"], t["question"], tuple(t["placeholders"]), t["documented"]
        )
        for t in data["template"]
    )
    return templates, tuple(data["standard_options"])


def templates() -> tuple[Template, ...]:
    """All templates."""
    return _data()[0]


def standard_options() -> tuple[str, ...]:
    """What every query offers beside its clinical options."""
    return _data()[1]


def template(template_id: str) -> Template:
    """The template. InvalidQuery for an unknown id."""
    for each in templates():
        if each.id == template_id:
            return each
    known = ", ".join(t.id for t in templates())
    raise InvalidQuery((f"there is no template {template_id!r}: choose one of {known}",))


def rendered(form: Template, values: Mapping[str, str]) -> str:
    """The question with its placeholders filled. InvalidQuery when a value is missing."""
    given = {key: value.strip() for key, value in values.items()}
    lacking = [name for name in form.placeholders if not given.get(name)]
    if lacking:
        raise InvalidQuery((f"the template needs {', '.join(lacking)}: fill it in",))
    question = form.question
    for name in form.placeholders:
        question = question.replace("{" + name + "}", given[name])
    return question


def with_standard(options: Sequence[str]) -> tuple[str, ...]:
    """The clinical options, each once, and the standard ones at the end."""
    standard = {o.lower() for o in standard_options()}
    clinical: dict[str, str] = {}
    for option in options:
        text = " ".join(option.split())
        if text and text.lower() not in standard:
            clinical.setdefault(text.lower(), text)
    return (*clinical.values(), *standard_options())


def faults(
    form: Template,
    title: str,
    question: str,
    options: Sequence[str],
    quoted: Sequence[str],
    names_in: NamesIn,
) -> tuple[str, ...]:
    """Everything that makes the query non-compliant, in words; () when it may be sent.

    `quoted` are the indicators' texts.
    """
    found = []
    standard = {o.lower() for o in standard_options()}
    clinical = [o for o in options if o.lower() not in standard]
    asked = f"{title}\n{question}"
    if not title.strip() or not question.strip():
        found.append("it needs a title and a question")
    if not quoted:
        found.append("it quotes no clinical indicator: select the text that gave rise to it")
    if len({o.lower() for o in clinical}) < 2:
        found.append("it offers fewer than two clinical options: add those the record supports")
    for option in standard_options():
        if option.lower() not in {o.lower() for o in options}:
            found.append(f"it does not offer {option!r}")
    for row in rows("leading_phrases.tsv"):
        if re.search(rf"(?<!\w){re.escape(row['phrase'])}(?!\w)", asked, re.IGNORECASE):
            found.append(f"{row['phrase']!r} {row['why']}: leave it out")
    # The form's own words are neutral, whatever the engine takes them for; so are those of a
    # condition that the record names, where the form asks about one.
    neutral = _words(form.title, form.question, *(quoted if form.documented else ()))
    for name in dict.fromkeys(n.lower() for n in names_in(asked)):
        among = len(clinical) >= 2 and any(name in o.lower() for o in clinical)
        if not among and not _words(name) <= neutral:
            found.append(
                f"it names {name!r}, which is not one of several options: "
                "offer it among others, or ask without it"
            )
    return tuple(found)


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall(r"\w+", text.lower())}


def names_by(
    suggest: Callable[[str, engine.Encounter], list[engine.Suggestion]],
    encounter: engine.Encounter,
) -> NamesIn:
    """Let the engine say which diagnoses a text names: the snippets it would code from."""

    def names_in(text: str) -> list[str]:
        return [
            evidence.text
            for suggestion in suggest(text, encounter)
            for evidence in (*suggestion.evidence, *suggestion.against)
        ]

    return names_in
