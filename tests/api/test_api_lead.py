"""What leads and auditors do through the API: queries, second review, settings, the audit log."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from api_office import NOTE, Office

from suggest.store.base import utcnow


def test_a_query_is_checked_sent_exported_and_answered(office: Office) -> None:
    encounter_id = office.receive()
    version = office.see(encounter_id)["notes"][0]["version_id"]
    start = NOTE.index("Community")
    body = {
        "template": "clarify_finding",
        "question": "Please document pneumonia for payment.",
        "options": ["Bacterial pneumonia", "Viral pneumonia"],
        "indicators": [{"note_version_id": version, "start": start, "end": start + 28}],
    }
    drafted = office.change("coder", "POST", encounter_id, "/queries", body)
    assert drafted.status_code == 201, drafted.text
    path = f"/queries/{drafted.json()['query_id']}"
    url = f"/v1/encounters/{encounter_id}{path}"
    faults = office["coder"].get(url).json()["faults"]
    assert any("payment" in fault for fault in faults)
    leading = office.change("coder", "POST", encounter_id, path + "/send")
    assert (leading.status_code, leading.json()["type"]) == (422, "/problems/invalid-query")

    del body["question"]
    assert office.change("coder", "PUT", encounter_id, path, body).status_code == 200
    assert office["coder"].get(url).json()["faults"] == []
    sent = office.change("coder", "POST", encounter_id, path + "/send")
    assert sent.json()["state"] == "query_open"
    text = office["coder"].get(url + "/text")
    assert text.headers["content-type"].startswith("text/plain")
    assert '- "Community acquired pneumonia"' in text.text
    answer = {"option": "Other (please specify)", "answered_by": "Dr. Osler", "text": "Fungal"}
    assert (
        office.change("system", "POST", encounter_id, path + "/answer", answer).status_code == 200
    )

    fhir = office["lead"].get(url + "/fhir")
    assert fhir.headers["content-type"] == "application/fhir+json"
    resource = fhir.json()
    assert (resource["resourceType"], resource["status"]) == ("CommunicationRequest", "completed")
    form, given = resource["contained"]
    assert [o["valueString"] for o in form["item"][0]["answerOption"]][-1] == "Unable to determine"
    assert given["item"][1]["answer"] == [{"valueString": "Fungal"}]
    referenced = {p["contentReference"]["reference"] for p in resource["payload"][1:]}
    assert referenced == {f"#{form['id']}", f"#{given['id']}"}


def test_a_sample_is_planned_drawn_judged_blind_and_compared(office: Office) -> None:
    for _ in range(2):
        office.sign(office.receive(payer="Acme"))
    definition = {"name": "Acme", "payer": "Acme"}
    plan = office["lead"].post("/v1/samples/plan", json=definition).json()
    assert plan == {"population": 2, "size": 2}
    drawn = office["auditor"].post("/v1/samples", json=definition | {"seed": 7})
    assert drawn.status_code == 201, drawn.text
    again = office["auditor"].post("/v1/samples", json=definition | {"seed": 7}).json()
    order = [i["encounter_id"] for i in drawn.json()["items"]]
    assert order == [i["encounter_id"] for i in again["items"]]

    item = f"/v1/sample-items/{drawn.json()['items'][0]['id']}"
    seen = office["auditor"].get(item)
    assert "first_coded" not in seen.text
    assert office.ids["coder"] not in seen.text
    etag, codes = seen.headers["ETag"], seen.json()["codes"]

    def judge(body: dict[str, object]) -> int:
        nonlocal etag
        answer = office["auditor"].post(item + "/decisions", json=body, headers={"If-Match": etag})
        etag = answer.headers.get("ETag", etag)
        return answer.status_code

    first = etag
    assert judge({"do": "finish"}) == 422
    for code in codes[1:]:
        assert judge({"do": "judge", "code_id": code["id"], "coded": True}) == 201
    stale = office["auditor"].post(
        item + "/decisions", json={"do": "finish"}, headers={"If-Match": first}
    )
    assert stale.status_code == 412
    assert judge({"do": "judge", "code_id": codes[0]["id"], "coded": False}) == 201
    assert judge({"do": "add", "code": {"code": "I10"}, "comment": "in the plan"}) == 201
    assert judge({"do": "finish"}) == 201
    assert judge({"do": "finish"}) == 422

    url = f"/v1/samples/{drawn.json()['sample']['id']}"
    result = office["lead"].get(url + "/agreement").json()
    assert (result["overall"]["over"], result["overall"]["under"]) == (1, 1)
    assert set(result["by_coder"]) == {office.ids["coder"]}
    assert "I10" in result["by_code"]
    assert any("circulatory" in chapter for chapter in result["by_chapter"])
    assert office["lead"].get(url).json()["sample"]["finished"] == 1
    assert office["far_auditor"].get(url).status_code == 404


def test_effort_is_for_leads(office: Office) -> None:
    encounter_id = office.receive()
    entry = office.entry(encounter_id, "N18.4")
    effort = {"ms_spent": 1500, "evidence_seen": 1}
    office.decide(encounter_id, {"do": "accept", "entry": entry, "effort": effort}, "coder2")
    now = utcnow()
    params = {
        "since": (now - timedelta(hours=1)).isoformat(),
        "until": (now + timedelta(hours=1)).isoformat(),
    }
    found = {row["coder"]: row for row in office["lead"].get("/v1/effort", params=params).json()}
    assert found[office.ids["coder2"]]["median_ms"] == 1500


def test_settings_and_reasons_are_changed_by_those_who_saw_them(office: Office) -> None:
    admin = office["admin"]
    listed = admin.get("/v1/settings")
    url, match = "/v1/settings/lease_minutes", {"If-Match": listed.headers["ETag"]}
    assert admin.put(url, json={"value": 20}).status_code == 428
    wrong = admin.put(url, json={"value": 0}, headers=match)
    assert wrong.json()["type"] == "/problems/invalid-setting"
    changed = admin.put(url, json={"value": 20}, headers=match)
    assert {s["key"]: s["value"] for s in changed.json()}["lease_minutes"] == 20
    assert admin.put(url, json={"value": 25}, headers=match).status_code == 412

    reasons = office["lead"].get("/v1/reject-reasons")
    rows, match = reasons.json(), {"If-Match": reasons.headers["ETag"]}
    short = office["lead"].put("/v1/reject-reasons", json=rows[1:], headers=match)
    assert "cannot be deleted" in short.json()["detail"]
    rows[0]["active"] = False
    rows.append({"id": "outdated", "label": "From an outdated note", "needs_text": False})
    written = office["lead"].put("/v1/reject-reasons", json=rows, headers=match)
    assert [r["id"] for r in written.json()][-2:] == ["outdated", rows[0]["id"]]


def test_the_log_is_read_verified_and_exported(office: Office) -> None:
    office.receive()
    auditor = office["auditor"]
    page = auditor.get("/v1/audit/events", params={"size": 2}).json()
    older = auditor.get("/v1/audit/events", params={"size": 2, "before": page["next_before"]})
    numbers = [e["seq"] for e in (*page["events"], *older.json()["events"])]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 4
    assert auditor.post("/v1/audit/checkpoints").status_code == 201
    report = auditor.get("/v1/audit/verification").json()
    assert report["ok"]
    assert report["checkpoints"] == 1
    lines = auditor.get("/v1/audit/export").text.splitlines()
    assert [json.loads(line)["seq"] for line in lines][:3] == [1, 2, 3]
    assert json.loads(lines[-1])["event"] == "audit.exported"


def test_the_report_on_a_code_tells_everything_behind_it(office: Office) -> None:
    encounter_id = office.receive()
    entry = office.entry(encounter_id, "N18.4")
    office.decide(encounter_id, {"do": "reject", "entry": entry, "reason": "not_treated"})
    office.decide(encounter_id, {"do": "undo"})
    office.decide(encounter_id, {"do": "accept", "entry": entry})
    url = f"/v1/encounters/{encounter_id}/entries/{entry}/report"
    report = office["auditor"].get(url + ".json").json()
    assert report["code"]["status"] == "accepted"
    assert report["made_with"]["model"].startswith("default-")
    assert [d["what"] for d in report["decisions"]] == ["rejected", "undone", "accepted"]
    assert report["decisions"][0]["detail"] == "Not treated or evaluated (MEAT)"
    note = report["notes"][0]["text"]
    for evidence in report["evidence"]:
        assert note[evidence["start"] : evidence["end"]] == evidence["text"]
    assert report["edits"]
    for edit in report["edits"]:
        assert edit["severity"] in ("error", "warning", "info")
        assert edit["source"]
    pdf = office["auditor"].get(url + ".pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.content.rstrip().endswith(b"%%EOF")
    events = (
        office["auditor"]
        .get("/v1/audit/events", params={"encounter": encounter_id, "event": "report."})
        .json()["events"]
    )
    assert [e["detail"]["form"] for e in events] == ["pdf", "json"]


def test_the_pdf_opens_in_a_reader_and_says_what_the_json_says(
    office: Office, tmp_path: Path
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.fail("pdftotext is missing: apt-get install poppler-utils")
    encounter_id = office.receive()
    entry = office.entry(encounter_id, "N18.4")
    office.decide(encounter_id, {"do": "accept", "entry": entry})
    url = f"/v1/encounters/{encounter_id}/entries/{entry}/report"
    file = tmp_path / "report.pdf"
    file.write_bytes(office["auditor"].get(url + ".pdf").content)
    read = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    told = " ".join(read.stdout.split())
    report = office["auditor"].get(url + ".json").json()
    for part in (
        "N18.4",
        encounter_id,
        report["made_with"]["model"],
        report["evidence"][0]["text"],
        "accepted",
        "coder",
    ):
        assert part in told
