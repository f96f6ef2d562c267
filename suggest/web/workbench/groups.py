"""The codes of an encounter in the groups in which a coder works through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from suggest.edits import Edit
from suggest.edits.model import Severity
from suggest.review.view import EntryView, Workbench

READY_FROM: Final = 0.6  # probability; "likely" and above
ONE_SIDED: Final = "integral-sign"  # says nothing of the other code, which names the cause
Group = Literal["conflicts", "ready", "uncertain", "to_decide", "accepted", "rejected"]
TITLES: Final[dict[Group, str]] = {
    "conflicts": "Conflicts",
    "ready": "Ready",
    "uncertain": "Uncertain",
    "to_decide": "To decide",
    "accepted": "Accepted, in order",
    "rejected": "Rejected and replaced",
}


@dataclass(frozen=True, slots=True)
class Hint:
    """An edit as it concerns one code; the same words about several other codes are one hint."""

    rule: str
    severity: Severity
    others: tuple[str, ...]
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """A code with the edits that are about it. `by`: the code that replaced it."""

    entry: EntryView
    hints: tuple[Hint, ...]
    by: EntryView | None

    @property
    def troubles(self) -> tuple[Hint, ...]:
        """What wants a look; reminders left out."""
        return tuple(hint for hint in self.hints if hint.severity != "info")

    @property
    def flags(self) -> tuple[tuple[Severity, tuple[str, ...]], ...]:
        """Each severity that wants a look, once, with all the other codes it is about."""
        found: dict[Severity, dict[str, None]] = {}
        for hint in self.troubles:
            found.setdefault(hint.severity, {}).update(dict.fromkeys(hint.others))
        return tuple((severity, tuple(others)) for severity, others in found.items())

    @property
    def reminders(self) -> tuple[Hint, ...]:
        return tuple(hint for hint in self.hints if hint.severity == "info")


@dataclass(frozen=True, slots=True)
class Codes:
    """The lines by group, in the order of the page; groups without a line are left out."""

    groups: tuple[tuple[Group, tuple[Line, ...]], ...]

    def lines(self, group: Group) -> tuple[Line, ...]:
        return dict(self.groups).get(group, ())

    def count(self, *groups: Group) -> int:
        return sum(len(self.lines(group)) for group in groups)

    @property
    def undecided(self) -> int:
        return self.count("conflicts", "ready", "uncertain", "to_decide")

    @property
    def total(self) -> int:
        return sum(len(lines) for _, lines in self.groups)


def grouped(view: Workbench, edits: Sequence[Edit]) -> Codes:
    """Every standing code in its group.

    A conflict is an undecided code that cannot stand beside an accepted one or another undecided
    one, or whose text was corrected away. Where probabilities are hidden nothing tells ready from
    uncertain.
    """
    about: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        for code in edit.codes[:1] if edit.rule == ONE_SIDED else edit.codes:
            about[code].append(edit)
    by_id = {entry.id: entry for entry in view.entries}
    groups: dict[Group, list[Line]] = {name: [] for name in TITLES}
    for entry in view.entries:
        standing = entry.state in ("accepted", "undecided")
        line = Line(
            entry,
            _hints(entry.code, about[entry.code]) if standing else (),
            by_id.get(entry.replaced_by) if entry.replaced_by is not None else None,
        )
        groups[_group(line)].append(line)
    groups["accepted"].sort(key=lambda line: _order(line.entry))
    return Codes(tuple((name, tuple(lines)) for name, lines in groups.items() if lines))


def general(edits: Iterable[Edit], view: Workbench) -> list[Edit]:
    """The edits that are about no code that stands."""
    standing = {entry.code for entry in view.entries}
    return [edit for edit in edits if not standing & set(edit.codes)]


def _group(line: Line) -> Group:
    entry = line.entry
    if entry.state == "accepted":
        return "accepted"
    if entry.state in ("rejected", "replaced"):
        return "rejected"
    if entry.stale or any(_clashes(hint) for hint in line.troubles):
        return "conflicts"
    if entry.probability is None:
        return "to_decide"
    return "ready" if entry.probability >= READY_FROM else "uncertain"


def _clashes(hint: Hint) -> bool:
    """Whether the code cannot simply be accepted. A sign that is often part of another code can."""
    return hint.severity == "error" or (bool(hint.others) and hint.rule != ONE_SIDED)


def _hints(code: str, edits: Sequence[Edit]) -> tuple[Hint, ...]:
    """The edits on the code, those that differ only in the other code taken together."""
    alike: dict[tuple[str, Severity, str, str], list[str]] = {}
    for edit in edits:
        others = [other for other in edit.codes if other != code]
        text = edit.text
        for other in others:
            text = text.replace(other, "{}")
        alike.setdefault((edit.rule, edit.severity, text, edit.source), []).extend(others)
    return tuple(
        Hint(
            rule,
            severity,
            tuple(dict.fromkeys(others)),
            text.replace("{}", ", ".join(dict.fromkeys(others))),
            source,
        )
        for (rule, severity, text, source), others in alike.items()
    )


def _order(entry: EntryView) -> tuple[bool, int, int]:
    return entry.kind != "diagnosis", entry.sequence or 0, entry.id
