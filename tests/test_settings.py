"""The settings of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from suggest.auth.errors import InvalidAuthSettings
from suggest.settings import InvalidSettings, Settings, read_settings


def test_every_setting_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[1] / "docs" / "settings.md").read_text("utf-8")
    for name in Settings.model_fields:
        assert f"`SUGGEST_{name.upper()}`" in page, name


def test_the_database_and_the_key_stand_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert settings.url == f"sqlite:///{tmp_path}/suggest.db"
    assert settings.key_file == tmp_path / "audit-key.pem"
    elsewhere = Settings(data_dir=tmp_path, database_url="postgresql+psycopg://db/x")
    assert elsewhere.url == "postgresql+psycopg://db/x"


def test_variables_are_read_and_a_wrong_one_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SUGGEST_TIME_ZONE", "America/Chicago")
    monkeypatch.setenv("SUGGEST_FACILITIES", '{"north": "North Hospital"}')
    monkeypatch.setenv("SUGGEST_OIDC__ISSUER", "https://id.example")
    monkeypatch.setenv("SUGGEST_OIDC__CLIENT_ID", "suggest")
    monkeypatch.setenv("SUGGEST_OIDC__CLIENT_SECRET", "hush")
    monkeypatch.setenv("SUGGEST_OIDC__ROLES", '{"coders": "coder"}')
    settings = read_settings()
    assert settings.zone.key == "America/Chicago"
    assert settings.facilities == {"north": "North Hospital"}
    assert settings.auth.oidc is not None
    assert settings.auth.oidc.roles == {"coders": "coder"}
    assert "hush" not in repr(settings)
    monkeypatch.setenv("SUGGEST_IDLE_MINUTES", "hush-hush")
    with pytest.raises(InvalidSettings) as told:
        read_settings()
    assert "SUGGEST_IDLE_MINUTES" in str(told.value)
    assert "hush-hush" not in str(told.value)
    monkeypatch.setenv("SUGGEST_FACILITIES", "hush-hush")
    with pytest.raises(InvalidSettings) as told:
        read_settings()
    assert "facilities" in str(told.value)
    assert "hush-hush" not in str(told.value)


def test_production_needs_secure_cookies() -> None:
    with pytest.raises(InvalidAuthSettings):
        _ = Settings(production=True, secure_cookies=False).auth
