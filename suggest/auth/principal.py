"""Who is signed in, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from suggest.auth.errors import NotAllowed
from suggest.auth.permissions import allowed
from suggest.auth.tables import User
from suggest.review.actor import Actor


@dataclass(frozen=True, slots=True)
class Principal:
    """A person in a session, or the owner of an API token (then `scopes` is not None)."""

    user_id: str
    name: str
    display_name: str
    role: str
    facilities: frozenset[str]
    demo: bool
    session_id: str | None = None
    scopes: frozenset[str] | None = None

    @property
    def actor(self) -> Actor:
        """As the review work knows them."""
        return Actor(self.user_id, self.role, self.facilities)

    def allows(self, action: str) -> bool:
        """True where the role may do the action and the token, if any, was made for it."""
        return allowed(self.role, action) and (self.scopes is None or action in self.scopes)

    def check(self, action: str) -> None:
        """NotAllowed where `allows` says no."""
        if not self.allows(action):
            raise NotAllowed(action, self.role)


def principal(
    user: User, *, session_id: str | None = None, scopes: frozenset[str] | None = None
) -> Principal:
    """The principal of a stored user."""
    return Principal(
        user.id,
        user.name,
        user.display_name,
        user.role,
        user.facility_ids,
        user.demo,
        session_id,
        scopes,
    )
