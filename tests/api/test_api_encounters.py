"""An encounter's way through the API."""

from __future__ import annotations

import pytest
from api_office import NOTE, Office


def test_an_encounter_is_coded_signed_exported_and_reopened(office: Office) -> None:
    encounter_id = office.receive()
    seen = office.see(encounter_id, "coder")
    assert seen["encounter"]["state"] == "suggested"
    assert {"E11.22", "N18.4", "J18.9"} <= {e["code"] for e in seen["entries"]}
    for entry in seen["entries"]:
        for evidence in entry["evidence"]:
            assert NOTE[evidence["start"] : evidence["end"]] == evidence["text"]
    assert any("undecided" in line for line in seen["missing"])
    refused = office.change("coder", "POST", encounter_id, "/signature")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/illegal-transition")

    office.sign(encounter_id)
    closed = office.decide(encounter_id, {"do": "undo"})
    assert (closed.status_code, closed.json()["type"]) == (409, "/problems/encounter-closed")
    exported = office.change(
        "system", "POST", encounter_id, "/exports", {"format": "fhir", "sha256": "ab" * 32}
    )
    assert exported.json()["state"] == "exported"
    reopened = office.change("coder", "POST", encounter_id, "/reopen", {"reason": "late report"})
    assert reopened.json()["state"] == "reopened"


def test_a_change_needs_the_version_it_is_made_to(office: Office) -> None:
    encounter_id = office.receive()
    url = f"/v1/encounters/{encounter_id}/decisions"
    body = {"do": "accept", "entry": office.entry(encounter_id, "N18.4")}
    missing = office["coder"].post(url, json=body)
    assert (missing.status_code, missing.json()["type"]) == (428, "/problems/precondition-required")
    etag = office.etag(encounter_id)
    for wrong in ('"999"', "7", 'W/"7"', '"abc"'):
        assert office["coder"].post(url, json=body, headers={"If-Match": wrong}).status_code == 412
    assert office["coder"].post(url, json=body, headers={"If-Match": "*"}).status_code == 428
    done = office["coder"].post(url, json=body, headers={"If-Match": etag})
    assert done.status_code == 201
    assert done.headers["ETag"] == f'"{done.json()["version"]}"' != etag
    stale = office["coder"].post(url, json=body, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/version-conflict")
    undone = office["coder"].post(
        url, json={"do": "undo"}, headers={"If-Match": done.headers["ETag"]}
    )
    assert undone.json()["entries"][0]["state"] == "undecided"


def test_a_held_encounter_is_locked_for_others_until_a_lead_takes_it_over(office: Office) -> None:
    encounter_id = office.receive()
    held = office["coder"].put(f"/v1/encounters/{encounter_id}/lease")
    assert held.json()["holder"] == office.ids["coder"]
    accept = {"do": "accept", "entry": office.entry(encounter_id, "N18.4")}
    locked = office.decide(encounter_id, accept, "coder2")
    assert (locked.status_code, locked.json()["type"]) == (423, "/problems/lease-held")
    assert office["coder2"].put(f"/v1/encounters/{encounter_id}/lease").status_code == 423
    url = f"/v1/encounters/{encounter_id}/lease/take-over"
    assert office["coder2"].post(url).status_code == 403
    assert office["lead"].post(url).status_code == 200
    assert office.decide(encounter_id, accept, "coder").status_code == 423
    assert office["lead"].delete(f"/v1/encounters/{encounter_id}/lease").status_code == 204
    assert office.decide(encounter_id, accept, "coder").status_code == 201


def test_decisions_of_every_kind(office: Office) -> None:
    encounter_id = office.receive(type="inpatient", admission_date="2026-02-20")
    version = office.see(encounter_id)["notes"][0]["version_id"]
    ckd, pneumonia, diabetes = (
        office.entry(encounter_id, code) for code in ("N18.4", "J18.9", "E11.22")
    )
    start = NOTE.index("stage 4")
    evidence = [{"note_version_id": version, "start": start, "end": start + 7}]
    effort = {"ms_spent": 1200, "evidence_seen": 0.5}

    def do(**body: object) -> dict[str, object]:
        answer = office.decide(encounter_id, body)
        assert answer.status_code == 201, answer.text
        changed: dict[str, object] = answer.json()
        return changed

    do(do="reject", entry=diabetes, reason="other", text="see N18.4", effort=effort)
    do(do="accept", entry=ckd)
    do(do="replace", entry=pneumonia, by={"code": "j15.9"})
    do(do="add", code={"code": "I10"}, evidence=evidence)
    do(do="principal", entry=ckd)
    do(do="poa", entry=ckd, value="Y")
    hypertension = office.entry(encounter_id, "I10")
    do(do="move", entry=hypertension, place=2)
    entries = {e["code"]: e for e in office.see(encounter_id)["entries"]}
    assert entries["E11.22"]["reject_text"] == "see N18.4"
    assert entries["J18.9"]["state"] == "replaced"
    assert entries["J15.9"]["origin"] == "replacement"
    assert entries["I10"]["evidence"][0]["text"] == "stage 4"
    assert (entries["N18.4"]["principal"], entries["N18.4"]["poa"]) == (True, "Y")
    assert entries["I10"]["sequence"] == 2
    trail = office["auditor"].get(f"/v1/encounters/{encounter_id}/decisions").json()
    assert [step["what"] for step in trail if step["code"] == "N18.4"] == [
        "accepted",
        "principal",
        "poa",
    ]
    assert {step["actor"] for step in trail} == {office.ids["coder"]}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"do": "add", "code": {"code": "E11"}}, 422, "is a header"),
        ({"do": "add", "code": {"code": "Q99.99"}}, 422, "not in ICD-10-CM"),
        ({"do": "add", "code": {"system": "CPT", "code": "99213"}}, 404, "not installed"),
        ({"do": "reject", "entry": 1, "reason": "nope"}, 404, "has no code entry 1"),
        ({"do": "dance"}, 422, "body"),
        ({"do": "undo"}, 409, "undo"),
    ],
)
def test_a_decision_that_cannot_be_says_why(
    office: Office, body: dict[str, object], status: int, words: str
) -> None:
    answer = office.decide(office.receive(), body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_a_corrected_note_is_a_new_version_and_the_old_one_stays(office: Office) -> None:
    encounter_id = office.receive("Right knee pain.")
    note_id = office.see(encounter_id)["notes"][0]["id"]
    path = f"/notes/{note_id}/versions"
    body = {"text": "Left knee pain.", "reason": "laterality"}
    assert office.change("system", "POST", encounter_id, path, body).status_code == 201
    assert office.see(encounter_id)["encounter"]["suggestions_stale"]
    versions = office["auditor"].get(f"/v1/encounters/{encounter_id}{path}").json()
    assert [v["text"] for v in versions] == ["Right knee pain.", "Left knee pain."]
    made = office["coder"].post(f"/v1/encounters/{encounter_id}/suggestions")
    assert made.status_code == 200
    state = office["coder"].get(f"/v1/encounters/{encounter_id}/suggestions").json()
    assert not state["stale"]
    assert state["run"]["model_id"].startswith("default-")
    assert "M25.562" in {e["code"] for e in state["entries"]}


def test_the_worklist_is_filtered_sorted_and_paged(office: Office) -> None:
    late, soon = (
        office.receive(patient="p-page", claim_deadline=day) for day in ("2026-05-01", "2026-04-01")
    )
    url, where = "/v1/encounters", {"patient": "p-page", "size": 1}
    first = office["coder"].get(url, params=where).json()
    assert [row["encounter"]["id"] for row in first["rows"]] == [soon]
    second = office["coder"].get(url, params=where | {"after": first["next_after"]}).json()
    assert [row["encounter"]["id"] for row in second["rows"]] == [late]
    assert second["next_after"] is None
    assert office["coder"].get(url, params={"after": "x"}).json()["type"] == (
        "/problems/invalid-filter"
    )
    assigned = office.change("lead", "PUT", late, "/assignee", {"user_id": office.ids["coder2"]})
    assert assigned.status_code == 200
    mine = office["coder2"].get(url, params=where | {"assignee": office.ids["coder2"]}).json()
    assert [row["encounter"]["id"] for row in mine["rows"]] == [late]
    far = office.change("lead", "PUT", soon, "/assignee", {"user_id": office.ids["stranger"]})
    assert far.json()["type"] == "/problems/invalid-user"


def test_next_gives_the_most_urgent_unassigned_encounter(office: Office) -> None:
    urgent = office.receive(claim_deadline="2026-01-01")
    assert office["coder"].post("/v1/encounters/next").json() == {"encounter_id": urgent}
    seen = office.see(urgent)["encounter"]
    assert seen["assignee"] == seen["lease_holder"] == office.ids["coder"]


def test_what_was_read_by_whom_stands_in_the_audit_log(office: Office) -> None:
    encounter_id = office.receive()
    office.see(encounter_id, "coder2")
    events = (
        office["auditor"]
        .get("/v1/audit/events", params={"encounter": encounter_id, "event": "encounter.opened"})
        .json()["events"]
    )
    assert [e["actor"] for e in events] == [office.ids["coder2"]]
