"""Sign-in by an identity provider that the tests start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from auth_provider import CLIENT, SECRET, Claims, Provider
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc.jwk import RSAKey

from suggest import Suggester
from suggest.app import create_app
from suggest.service import Service
from suggest.settings import OidcSettings, Settings
from suggest.store.base import utcnow

CASEY: Claims = {
    "sub": "id-1",
    "name": "Casey Coder",
    "preferred_username": "casey",
    "realm": {"roles": ["employee", "him-coder"]},
    "site": ["n1", "elsewhere"],
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def browser(provider: Provider, suggester: Suggester, tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(
        data_dir=tmp_path,
        production=False,
        secure_cookies=False,
        facilities={"north": "North Hospital"},
        oidc=OidcSettings(
            issuer=provider.issuer,
            client_id=CLIENT,
            client_secret=SECRET,
            role_claim="realm.roles",
            roles={"him-lead": "lead", "him-coder": "coder"},
            facility_claim="site",
            facilities={"n1": "north"},
        ),
    )
    app = create_app(settings, suggester, jobs=False)
    with TestClient(app, headers={"Accept": "text/html"}, follow_redirects=False) as client:
        yield client


def service(browser: TestClient) -> Service:
    held: Service = browser.app.state.service  # type: ignore[attr-defined]
    return held


def sign_in(browser: TestClient, provider: Provider, claims: Claims, **change: str) -> Response:
    """There and back; `change` changes what the browser brings back."""
    away = browser.get("/sign-in/oidc")
    assert away.headers["location"].startswith(provider.issuer + "/authorize?")
    back = provider.consent(away.headers["location"], claims) | change
    return browser.get("/sign-in/oidc/callback", params=back)


def who(browser: TestClient) -> dict[str, object]:
    answer = browser.get("/v1/me")
    found: dict[str, object] = answer.json()
    return found if answer.status_code == 200 else {}


def test_whom_the_provider_vouches_for_signs_in_with_mapped_rights(
    browser: TestClient, provider: Provider
) -> None:
    assert sign_in(browser, provider, CASEY).status_code == 303
    me = who(browser)
    assert (me["name"], me["display_name"]) == ("casey", "Casey Coder")
    assert (me["role"], me["facilities"]) == ("coder", ["north"])
    with service(browser).database.read() as session:
        events = [e.event for e in service(browser).audit.events(session, event="auth.")]
    assert events == ["auth.signed_in"]


def test_rights_follow_the_provider_at_the_next_sign_in(
    browser: TestClient, provider: Provider
) -> None:
    sign_in(browser, provider, CASEY)
    first = who(browser)
    promoted = CASEY | {"realm": {"roles": ["him-coder", "him-lead"]}, "site": []}
    sign_in(browser, provider, promoted)
    second = who(browser)
    assert second["id"] == first["id"]
    assert (second["role"], second["facilities"]) == ("lead", [])


def test_nobody_takes_over_a_user_of_the_same_name(browser: TestClient, provider: Provider) -> None:
    auth = service(browser).auth
    with auth.database.write() as session:
        local = auth.users.add(
            session, actor="t", now=utcnow(), name="casey", role="admin", facilities=["*"]
        )
    sign_in(browser, provider, CASEY)
    assert who(browser)["id"] != local.id
    assert str(who(browser)["name"]).startswith("oidc-")


def test_who_was_switched_off_here_does_not_come_in_by_the_provider(
    browser: TestClient, provider: Provider
) -> None:
    sign_in(browser, provider, CASEY)
    auth = service(browser).auth
    with auth.database.write() as session:
        auth.users.set_active(session, actor="t", name="casey", active=False)
    assert sign_in(browser, provider, CASEY).status_code == 401
    assert who(browser) == {}


LIES = {
    "another nonce": lambda _, c: c.update(nonce="x"),
    "no nonce": lambda _, c: c.pop("nonce"),
    "another audience": lambda _, c: c.update(aud="other"),
    "another issuer": lambda _, c: c.update(iss="https://evil.example"),
    "expired": lambda _, c: c.update(exp=1),
    "unsigned": lambda h, _: h.update(alg="none"),
    "signed with the client's secret": lambda h, _: h.update(alg="HS256"),
    "no subject": lambda _, c: c.pop("sub"),
    "no role of ours": lambda _, c: c.update(realm={"roles": ["employee"]}),
    "roles that are no list": lambda _, c: c.update(realm="him-coder-not"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_signs_nobody_in(
    browser: TestClient, provider: Provider, lie: str
) -> None:
    provider.twist = LIES[lie]
    answer = sign_in(browser, provider, CASEY)
    assert answer.status_code == 401
    assert "did not succeed" in answer.text
    assert who(browser) == {}
    with service(browser).database.read() as session:
        (event,) = service(browser).audit.events(session, event="auth.")
    assert event.event == "auth.sign_in_failed"
    assert "Casey" not in str(event.detail)


def test_a_token_signed_by_another_key_signs_nobody_in(
    browser: TestClient, provider: Provider
) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert sign_in(browser, provider, CASEY).status_code == 401
    assert who(browser) == {}


@pytest.mark.parametrize(
    "change", [{"state": "other"}, {"code": "other"}, {"iss": "https://evil.example"}]
)
def test_an_answer_that_was_not_asked_for_signs_nobody_in(
    browser: TestClient, provider: Provider, change: dict[str, str]
) -> None:
    assert sign_in(browser, provider, CASEY, **change).status_code == 401
    assert who(browser) == {}


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    browser: TestClient, provider: Provider
) -> None:
    away = browser.get("/sign-in/oidc")
    back = provider.consent(away.headers["location"], CASEY)
    other = TestClient(browser.app, headers={"Accept": "text/html"}, follow_redirects=False)
    assert other.get("/sign-in/oidc/callback", params=back).status_code == 401
    assert browser.get("/sign-in/oidc/callback", params=back).status_code == 303
    assert browser.get("/sign-in/oidc/callback", params=back).status_code == 401


def test_a_provider_that_is_away_is_told_in_words(browser: TestClient, provider: Provider) -> None:
    provider.close()
    answer = browser.get("/sign-in/oidc")
    assert answer.status_code == 401
    assert "sign in again" in answer.text
