"""Generated requests over the whole OpenAPI, in the name of each role that can write."""

from __future__ import annotations

import pytest
import schemathesis
from api_office import NOTE, ROUTES, Office
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from suggest.auth.permissions import allowed

load_all_checks()
ROW_IDS = ("note_id", "entry_id", "query_id", "sample_id", "item_id")
ANSWERS_CONFORM = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    )
]


@pytest.fixture(scope="module")
def schema(office: Office) -> schemathesis.openapi.OpenApiSchema:
    encounter_id = office.receive()
    office.sign(office.receive())
    office["auditor"].post("/v1/samples", json={"name": "all"})
    version = office.see(encounter_id)["notes"][0]["version_id"]
    indicators = [{"note_version_id": version, "start": 0, "end": len(NOTE) // 2}]
    body = {"template": "clarify_finding", "options": ["a", "b"], "indicators": indicators}
    office.change("coder", "POST", encounter_id, "/queries", body)
    return schemathesis.openapi.from_asgi("/openapi.json", office.app)


@pytest.mark.parametrize("role", ["coder", "lead", "auditor", "admin", "system"])
def test_generated_requests_get_answers_that_conform(
    office: Office, schema: schemathesis.openapi.OpenApiSchema, role: str
) -> None:
    headers = {"Authorization": f"Bearer {office.tokens[role]}"}
    listed = office["lead"].get("/v1/encounters").json()["rows"]
    there = {"encounter_id": listed[0]["encounter"]["id"]} | dict.fromkeys(ROW_IDS, 1)
    etags = ('"1"', '"2"', '"5"', f'"{listed[0]["encounter"]["version"]}"')
    for result in schema.get_all_operations():
        operation = result.ok()
        if not _open_to(role, operation.method.upper(), operation.full_path):
            continue

        @settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), etag=st.sampled_from(etags), real=st.booleans())
        def conforms(case: schemathesis.Case, etag: str, real: bool) -> None:
            if real:  # an id that exists reaches further than a random one
                case.path_parameters |= {
                    k: v for k, v in there.items() if k in case.path_parameters
                }
            case.headers["If-Match"] = etag
            case.call_and_validate(headers=headers, checks=ANSWERS_CONFORM)

        conforms()


def _open_to(role: str, method: str, path: str) -> bool:
    """The others are refused before anything is read: see the test of the permissions."""
    action = next(a for m, p, a in ROUTES if (m, p) == (method, path))
    return action == "-" or allowed(role, action)
