"""Text that a human selected in a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from suggest.review.encounters import current_versions
from suggest.review.errors import InvalidSpan


@dataclass(frozen=True, slots=True)
class Selected:
    """Text that a coder selected in the newest version of a note: `start:end` in code points."""

    note_version_id: int
    start: int
    end: int
    section: str = ""
    assertion: str = "affirmed"


def checked(
    session: Session, encounter_id: str, selections: Sequence[Selected]
) -> list[tuple[Selected, str]]:
    """Each selection with the text that stands there.

    InvalidSpan when it is empty, or not within the newest version of one of the encounter's notes.
    """
    versions = {v.id: v for v in current_versions(session, encounter_id)} if selections else {}
    result = []
    for selected in selections:
        version = versions.get(selected.note_version_id)
        if version is None:
            raise InvalidSpan(
                f"note version {selected.note_version_id} is not the newest of a note of "
                f"encounter {encounter_id}: load the note again and select the text"
            )
        if not 0 <= selected.start < selected.end <= version.length:
            raise InvalidSpan(
                f"[{selected.start}:{selected.end}] does not lie in the note's "
                f"{version.length} characters: select the text again"
            )
        result.append((selected, version.text[selected.start : selected.end]))
    return result
