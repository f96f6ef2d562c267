"""Passwords: which ones are taken, and how they are kept (argon2id, RFC 9106)."""

from __future__ import annotations

import secrets
import unicodedata
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from suggest.auth.errors import WeakPassword
from suggest.auth.settings import AuthSettings

LONGEST: Final = 256
FEWEST_DIFFERENT: Final = 5


class Passwords:
    """Hashes and verifies with the site's parameters."""

    def __init__(self, settings: AuthSettings) -> None:
        self._shortest = settings.shortest_password
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time,
            memory_cost=settings.argon2_memory,
            parallelism=settings.argon2_lanes,
            type=Type.ID,
        )
        # Verified where there is no such user, so that the answer takes as long.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str, *, name: str) -> str:
        """The password's hash with its parameters. WeakPassword says what is wrong with it.

        Length counts, composition does not (NIST SP 800-63B 3.1.1.2).
        """
        normal = _normal(password)
        if len(normal) < self._shortest:
            raise WeakPassword(f"a password has at least {self._shortest} characters")
        if len(normal) > LONGEST:
            raise WeakPassword(f"a password has at most {LONGEST} characters")
        if len(set(normal)) < FEWEST_DIFFERENT:
            raise WeakPassword(f"a password has at least {FEWEST_DIFFERENT} different characters")
        if name.casefold() in normal.casefold():
            raise WeakPassword("a password does not contain the user's name")
        return self._hasher.hash(_bytes(normal))

    def verify(self, stored: str | None, password: str) -> bool:
        """True where the password fits. Takes as long for a user that does not exist (None)."""
        try:
            self._hasher.verify(stored or self._nobody, _bytes(_normal(password)))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """True where the hash was made with other parameters than the site has now."""
        return self._hasher.check_needs_rehash(stored)

    def rehash(self, password: str) -> str:
        """A hash with today's parameters of a password that was just verified."""
        return self._hasher.hash(_bytes(_normal(password)))


def _normal(password: str) -> str:
    # The same password typed on another keyboard (NIST SP 800-63B 3.1.1.2). What is far too long
    # is cut, which leaves it too long.
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST])


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
