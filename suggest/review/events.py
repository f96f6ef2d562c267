"""What the rules of the work tell the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

Scalar = str | int | float | bool | None
Detail = Mapping[str, "Scalar | Sequence[Scalar] | Sequence[Mapping[str, Scalar]]"]


class AuditSink(Protocol):
    """Appends one event in the session's own transaction: both are stored or neither.

    `event` is a dotted name ("decision.accepted"), `actor` a user id, `detail` holds ids, codes,
    spans and hashes that JSON can carry; never note text.
    """

    def record(
        self,
        session: Session,
        *,
        event: str,
        actor: str,
        encounter_id: str | None,
        detail: Detail,
    ) -> None: ...
