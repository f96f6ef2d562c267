"""Random tokens, and what is stored of them."""

from __future__ import annotations

import hmac
from hashlib import sha256
from secrets import token_bytes, token_urlsafe
from typing import Final

_BYTES: Final = 32
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # no look-alikes


def new_secret() -> str:
    """256 random bits as text that is safe in a cookie, a header and a URL."""
    return token_urlsafe(_BYTES)


def new_prefix() -> str:
    """8 random characters that name a token."""
    return "".join(_ALPHABET[byte & 31] for byte in token_bytes(8))


def digest(secret: str) -> str:
    """What is stored. Plain SHA-256 will do: nobody can try all values of 256 random bits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def derived(secret: str, purpose: str) -> str:
    """A token that only the holder of the secret has, and that does not tell it (HMAC)."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), purpose.encode(), sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(
        left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass")
    )
