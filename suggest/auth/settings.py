"""What a site can set about signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from suggest.auth.errors import InvalidAuthSettings
from suggest.auth.tables import ROLES


@dataclass(frozen=True, slots=True)
class ThrottleSettings:
    """From the failure after `free` on, each doubles the wait, from `first` up to `longest`.

    Failures are forgotten after `forget` without any. An address may stand for a whole hospital:
    it has more of them free than a name has.
    """

    free_for_name: int = 5
    free_for_address: int = 50
    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=15)
    forget: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An identity provider (OpenID Connect Core 1.0, code flow with PKCE).

    `role_claim` and `facility_claim` are paths into the ID token ("realm_access.roles"); their
    values are looked up in `roles` (the first that matches, in the mapping's order) and
    `facilities` (all that match; the value "*" means every facility). Nobody without a role signs
    in.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    role_claim: str
    roles: Mapping[str, str]
    facility_claim: str
    facilities: Mapping[str, str]
    scope: str = "openid profile email"
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    leeway: timedelta = timedelta(seconds=60)
    flow_lifetime: timedelta = timedelta(minutes=10)
    timeout: timedelta = timedelta(seconds=10)

    def __post_init__(self) -> None:
        where = urlsplit(self.issuer)
        if where.scheme != "https" and not (where.scheme == "http" and _loopback(where.hostname)):
            raise InvalidAuthSettings(f"the OIDC issuer {self.issuer!r} must be an https URL")
        unknown = sorted(set(self.roles.values()) - set(ROLES))
        if unknown or "system" in self.roles.values():
            raise InvalidAuthSettings(
                f"OIDC claims can be mapped to the roles of persons, not to {unknown or 'system'}"
            )


def _loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return host is not None and ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Sessions, cookies, passwords, throttling and the identity provider.

    `secure_cookies` is off only where the service is reached without TLS (a demo on loopback).
    argon2id: memory in KiB (RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes).
    """

    production: bool = True
    idle_timeout: timedelta = timedelta(minutes=15)
    absolute_timeout: timedelta = timedelta(hours=12)
    secure_cookies: bool = True
    # Lax: a link from a mail or the return from an identity provider opens the page signed in;
    # what changes anything is guarded by CSRF tokens besides.
    same_site: Literal["lax", "strict"] = "lax"
    shortest_password: int = 12
    longest_token_life: timedelta = timedelta(days=366)
    argon2_time: int = 3
    argon2_memory: int = 65536
    argon2_lanes: int = 4
    throttle: ThrottleSettings = ThrottleSettings()
    oidc: OidcSettings | None = None

    def __post_init__(self) -> None:
        if not timedelta(0) < self.idle_timeout <= self.absolute_timeout:
            raise InvalidAuthSettings("0 < idle_timeout <= absolute_timeout must hold")
        if self.production and not self.secure_cookies:
            raise InvalidAuthSettings("production needs secure cookies: serve it behind TLS")
        if self.oidc is not None and self.same_site == "strict":
            raise InvalidAuthSettings(
                "same_site must be lax with OIDC: the return from the provider starts elsewhere"
            )
