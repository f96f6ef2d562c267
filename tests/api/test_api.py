"""The HTTP API on the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError

from suggest.api.problems import handle_errors, problem_answer

TEXT = "ASSESSMENT\nType 2 diabetes with stage 4 CKD. Denies chest pain. 😀 Right knee pain."


@pytest.fixture(scope="module")
def client(new_app: Callable[..., FastAPI]) -> Iterator[TestClient]:
    with TestClient(new_app(), raise_server_exceptions=False) as client:
        yield client


def test_a_note_gets_suggestions_with_exact_evidence(client: TestClient) -> None:
    answer = client.post("/v1/suggestions", json={"text": TEXT}).json()
    assert {"E11.22", "N18.4", "M25.561"} <= {s["code"] for s in answer["suggestions"]}
    for suggestion in answer["suggestions"]:
        for evidence in suggestion["evidence"]:
            assert TEXT[evidence["start"] : evidence["end"]] == evidence["text"]


@pytest.mark.parametrize(
    ("content", "status", "slug"),
    [
        (b'{"text": ""}', 422, "empty-text"),
        (b'{"text": "  \\n "}', 422, "empty-text"),
        (b'{"text": "' + b"a " * 500_001 + b'"}', 413, "text-too-large"),
        (b'{"text": "' + b"a" * 6_100_000 + b'"}', 413, "text-too-large"),
        (b'{"text": "\xff"}', 400, "invalid-utf-8"),
        (b'{"text": ', 400, "malformed-json"),
        (b'{"text": "x", "encounter": {"sex": "secret"}}', 422, "invalid-request"),
        (
            b'{"text": "x", "encounter": {"date_of_service": "2014-01-01"}}',
            422,
            "date-outside-code-sets",
        ),
    ],
)
def test_bad_input_has_its_own_problem(
    client: TestClient, content: bytes, status: int, slug: str
) -> None:
    answer = client.post(
        "/v1/suggestions", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{slug}"
    assert answer.json()["instance"] == "/v1/suggestions"
    assert "secret" not in answer.text


def test_the_code_book(client: TestClient) -> None:
    code = client.get("/v1/codes/ICD-10-CM/e1122").json()
    assert code["code"] == "E11.22"
    assert code["parent"] == "E11.2"
    assert code["billable"]
    assert client.get("/v1/codes", params={"q": "nstemi"}).json()[0]["code"] == "I21.4"
    assert client.get("/v1/codes/CPT/99213").json()["type"] == "/problems/unknown-system"
    assert client.get("/v1/codes/ICD-10-CM/ZZZ").json()["type"] == "/problems/unknown-code"
    assert client.get("/nowhere").json()["status"] == 404


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["model"].startswith("default-")


def test_what_the_database_alone_refuses_is_a_conflict() -> None:
    app = FastAPI()
    handle_errors(app, problem_answer)

    @app.post("/race")
    def race() -> None:
        raise IntegrityError("INSERT", {"text": "secret"}, Exception("UNIQUE: secret"))

    answer = TestClient(app).post("/race")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert "secret" not in answer.text
