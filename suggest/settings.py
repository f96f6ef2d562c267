"""What an installation sets: `SUGGEST_*` variables, each with a default that starts a service."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from suggest.auth.settings import AuthSettings
from suggest.auth.settings import OidcSettings as Oidc
from suggest.errors import SuggestError

# What is laid before a coder: below it, one suggestion in some thirty was right in the demo's
# decisions, while each costs a decision.
LOWEST_PROBABILITY = 0.1


class InvalidSettings(SuggestError):
    """A SUGGEST_* variable cannot be used."""

    slug = "invalid-settings"
    title = "The settings cannot be used"
    status = 503


class OidcSettings(BaseModel):
    """The identity provider (`SUGGEST_OIDC__ISSUER` and so on); see `suggest.auth.settings`."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    role_claim: str = "roles"
    roles: dict[str, str]
    facility_claim: str = "facilities"
    facilities: dict[str, str] = {}
    button: str = "Sign in with single sign-on"


class Settings(BaseSettings):
    """Settings of one installation.

    `data_dir` holds the database (unless `database_url` names another) and the key of the audit
    log, which is made on the first start. Suggestions less probable than
    `lowest_probability` are not laid before a coder, who decides on every one. `time_zone` is the
    one the pages show times in. `facilities` (id -> name) are added at the start.
    """

    model_config = SettingsConfigDict(
        env_prefix="SUGGEST_", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    data_dir: Path = Path("var")
    database_url: str | None = None
    audit_key: Path | None = None
    model: Path | None = None
    lowest_probability: Annotated[float, Field(ge=0, lt=1)] = LOWEST_PROBABILITY
    site_name: str = "Medical code suggestions"
    time_zone: str = "UTC"
    facilities: dict[str, str] = {}
    production: bool = True
    secure_cookies: bool = True
    idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    session_hours: Annotated[int, Field(ge=1, le=72)] = 12
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 15.0
    oidc: OidcSettings | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone: use a name such as America/Chicago") from error
        return value

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'suggest.db'}"

    @property
    def key_file(self) -> Path:
        """The file of the key that signs checkpoints of the audit log."""
        return self.audit_key or self.data_dir / "audit-key.pem"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def auth(self) -> AuthSettings:
        """The part that sign-in works with."""
        given = self.oidc
        return AuthSettings(
            production=self.production,
            secure_cookies=self.secure_cookies,
            idle_timeout=timedelta(minutes=self.idle_minutes),
            absolute_timeout=timedelta(hours=self.session_hours),
            oidc=None
            if given is None
            else Oidc(
                issuer=given.issuer,
                client_id=given.client_id,
                client_secret=given.client_secret.get_secret_value(),
                role_claim=given.role_claim,
                roles=given.roles,
                facility_claim=given.facility_claim,
                facilities=given.facilities,
            ),
        )


def read_settings() -> Settings:
    """The settings of the environment. InvalidSettings names the variable, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        told = "; ".join(
            f"SUGGEST_{'__'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise InvalidSettings(told) from None
    except SettingsError as error:  # a variable that must be JSON is not
        raise InvalidSettings(f"{error}: write it as JSON") from None
