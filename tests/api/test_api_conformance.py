"""Generated requests over the whole OpenAPI, in the name of each role that can write."""

from __future__ import annotations

import pytest
import schemathesis
from api_office import NOTE, Office
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks

load_all_checks()
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
    etags = ('"1"', '"2"', '"5"')
    encounter_ids = [r["encounter"]["id"] for r in office["lead"].get("/v1/encounters").json()["rows"]]

    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def conforms(case: schemathesis.Case) -> None:
            if "encounter_id" in case.path_parameters and encounter_ids:
                case.path_parameters["encounter_id"] = encounter_ids[0]
            for name in ("note_id", "entry_id", "query_id", "sample_id", "item_id"):
                if name in case.path_parameters:
                    case.path_parameters[name] = 1
            case.headers["If-Match"] = etags[len(str(case.body)) % len(etags)]
            case.call_and_validate(headers=headers, checks=ANSWERS_CONFORM)

        conforms()
