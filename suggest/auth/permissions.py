"""The table of who may do what (`permissions.tsv`): an action by a role."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from suggest.auth.errors import UnknownAction, UnknownRole
from suggest.auth.tables import ROLES

_ANSWERS: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the table: who may, what it means, and why."""

    name: str
    roles: frozenset[str]
    meaning: str
    source: str


@cache
def actions() -> dict[str, Action]:
    """The table by action. UnknownRole or UnknownAction where the file is not as it must be."""
    text = (files("suggest.auth") / "permissions.tsv").read_text("utf-8")
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    table: dict[str, Action] = {}
    for row in reader:
        name = row["action"]
        if name in table:
            raise UnknownAction(f"permissions.tsv has {name} twice")
        answers = {role: _ANSWERS.get(row.get(role) or "") for role in ROLES}
        open_ends = [role for role, answer in answers.items() if answer is None]
        if open_ends:
            raise UnknownRole(f"permissions.tsv says neither yes nor no for {name}: {open_ends}")
        roles = frozenset(role for role, answer in answers.items() if answer)
        table[name] = Action(name, roles, row["meaning"], row["source"])
    return table


def allowed(role: str, action: str) -> bool:
    """True where the table lets the role do the action; both must be in the table."""
    if role not in ROLES:
        raise UnknownRole(f"there is no role {role!r}: the roles are {', '.join(ROLES)}")
    if action not in actions():
        raise UnknownAction(f"there is no action {action!r} in permissions.tsv")
    return role in actions()[action].roles
