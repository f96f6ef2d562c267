"""Who may call what: every route, every role; facilities; sessions, tokens and CSRF."""

from __future__ import annotations

from datetime import timedelta

import pytest
from api_office import ROLES, ROUTES, Office
from fastapi.testclient import TestClient

from suggest.auth.permissions import allowed
from suggest.auth.tokens import make_token
from suggest.auth.web import session_cookie
from suggest.store.base import utcnow

GUARDED = [route for route in ROUTES if route[2] != "-"]
NOWHERE = {
    "encounter_id": "0" * 26,
    "note_id": "1",
    "entry_id": "1",
    "query_id": "1",
    "sample_id": "1",
    "item_id": "999",
    "key": "nothing",
    "name": "nobody",
    "prefix": "nothing",
    "system": "ICD-10-CM",
    "code": "I10",
}


def test_every_route_stands_in_the_table(office: Office) -> None:
    found = {
        (method.upper(), path)
        for path, methods in office.app.openapi()["paths"].items()
        for method in methods
    }
    assert found == {(method, path) for method, path, _ in ROUTES}


@pytest.mark.parametrize(("method", "path", "action"), GUARDED)
def test_each_role_may_what_the_table_says_and_nothing_else(
    office: Office, method: str, path: str, action: str
) -> None:
    url = path.format(**NOWHERE)
    anonymous = office.nobody.request(method, url)
    assert (anonymous.status_code, anonymous.json()["type"]) == (401, "/problems/not-signed-in")
    assert anonymous.headers["WWW-Authenticate"] == "Bearer"
    for role in ROLES:
        answer = office[role].request(method, url)
        if allowed(role, action):
            assert answer.status_code not in (401, 403), (role, answer.text)
        else:
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


@pytest.mark.parametrize(
    ("method", "path"),
    [(m, p) for m, p, _ in ROUTES if "{encounter_id}" in p and "{" not in p.split("}", 1)[1]],
)
def test_an_encounter_of_another_facility_does_not_exist(
    office: Office, method: str, path: str
) -> None:
    encounter_id = office.receive()
    bodies = {
        "decisions": {"do": "undo"},
        "reopen": {"reason": "x"},
        "exports": {"format": "fhir", "sha256": "ab" * 32},
        "assignee": {"user_id": None},
        "queries": {"template": "clarify_finding"},
    }
    url = path.format(encounter_id=encounter_id)
    for who in ("stranger", "far_auditor"):
        answer = office[who].request(
            method,
            url,
            json=bodies.get(path.rsplit("/", 1)[1]) if method != "GET" else None,
            headers={"If-Match": office.etag(encounter_id)},
        )
        assert answer.status_code in (403, 404), answer.text
        if answer.status_code == 404:
            assert answer.json()["type"] == "/problems/not-found"
    if method == "GET":
        assert office["stranger"].get(url).status_code == 404


def test_the_log_shows_no_encounter_of_another_facility(office: Office) -> None:
    encounter_id = office.receive()
    where = {"encounter": encounter_id}
    assert office["auditor"].get("/v1/audit/events", params=where).json()["events"]
    assert office["far_auditor"].get("/v1/audit/events", params=where).json()["events"] == []
    exported = office["far_auditor"].get("/v1/audit/export").text
    assert encounter_id not in exported.replace('"event":"audit.exported"', "")


def test_a_token_does_only_what_it_was_made_for(office: Office) -> None:
    auth = office.service.auth
    with auth.database.write() as session:
        token = make_token(
            session,
            audit=office.service.audit,
            actor="test",
            now=utcnow(),
            owner=auth.users.get(session, "system"),
            label="export only",
            scopes=["encounter.export"],
            life=timedelta(hours=1),
            longest_life=timedelta(hours=1),
        )
    client = TestClient(office.app, headers={"Authorization": f"Bearer {token.value}"})
    assert client.post("/v1/encounters", json={}).json()["type"] == "/problems/not-allowed"
    assert client.get("/v1/me").json()["actions"] == ["encounter.export"]
    assert office["admin"].delete(f"/v1/tokens/{token.prefix}").status_code == 204
    assert client.get("/v1/me").json()["type"] == "/problems/invalid-token"
    assert office["admin"].delete("/v1/tokens/nothing").status_code == 404


def test_a_session_changes_nothing_without_its_csrf_token(office: Office) -> None:
    auth = office.service.auth
    with auth.database.write() as session:
        token = auth.begin(session, office.ids["coder"], method="test", address="test").token
    browser = TestClient(office.app, cookies={session_cookie(auth): token})
    encounter_id = office.receive()
    url = f"/v1/encounters/{encounter_id}/lease"
    assert browser.get(f"/v1/encounters/{encounter_id}").status_code == 200
    refused = browser.put(url)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/csrf-failed")
    assert browser.put(url, headers={"X-CSRF-Token": "x" * 43}).status_code == 403
    right = {"X-CSRF-Token": auth.csrf_token(token)}
    assert browser.put(url, headers=right).status_code == 200
    elsewhere = right | {"Sec-Fetch-Site": "cross-site"}
    assert browser.put(url, headers=elsewhere).status_code == 403


def test_users_are_added_changed_and_switched_off(office: Office) -> None:
    admin = office["admin"]
    body = {"name": "Dana", "role": "coder", "facilities": ["north"]}
    assert admin.post("/v1/users", json=body).json()["name"] == "dana"
    assert admin.post("/v1/users", json=body).json()["type"] == "/problems/invalid-user"
    weak = admin.put("/v1/users/dana/password", json={"password": "short"})
    assert weak.json()["type"] == "/problems/weak-password"
    made = admin.post(
        "/v1/users/dana/tokens", json={"label": "own tool", "scopes": ["encounter.view"]}
    ).json()
    dana = TestClient(office.app, headers={"Authorization": f"Bearer {made['token']}"})
    assert dana.get("/v1/me").json()["role"] == "coder"
    beyond = admin.post("/v1/users/dana/tokens", json={"label": "x", "scopes": ["users.manage"]})
    assert beyond.json()["type"] == "/problems/invalid-scope"
    assert [t["prefix"] for t in admin.get("/v1/users/dana/tokens").json()] == [made["prefix"]]
    assert not admin.patch("/v1/users/dana", json={"active": False}).json()["active"]
    assert dana.get("/v1/me").status_code == 401
    itself = admin.patch("/v1/users/admin", json={"role": "coder"})
    assert itself.json()["type"] == "/problems/invalid-user"
    assert "hash" not in admin.get("/v1/users").text
