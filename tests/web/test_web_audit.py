"""The audit log and the sheet of a code as an auditor sees them."""

from __future__ import annotations

import json
import re

from sqlalchemy import text
from test_web_second_review import sign
from web_site import Site, words


def test_the_log_is_filtered_and_paged(site: Site) -> None:
    encounter_id = sign(site)
    auditor = site.browser("aud")
    page = auditor.get("/audit", params={"encounter": encounter_id, "kind": "decision."})
    told = words(page)
    assert "decision: accepted" in told
    assert "note: received" not in told
    assert "Ann" in told
    assert f'href="/encounters/{encounter_id}/audit"' in page.text
    assert "No event fits" in words(auditor.get("/audit", params={"since": "2199-01-01"}))
    first = words(auditor.get("/audit", params={"before": "2"}))
    assert "facility: added" in first
    for odd in ({"before": "x"}, {"since": "never"}, {"kind": "'"}, {"before": "9" * 40}):
        assert auditor.get("/audit", params=odd).status_code == 200


def test_verifying_names_the_row_that_was_changed(site: Site) -> None:
    sign(site)
    auditor = site.browser("aud")
    auditor.get("/audit")
    assert "nothing was changed" in words(auditor.post("/audit/verify", htmx=True))
    with site.service.database.write() as session:
        session.execute(text("DROP TRIGGER audit_event_no_update"))
        session.execute(text("UPDATE audit_event SET actor = 'x' WHERE seq = 3"))
    told = words(auditor.post("/audit/verify", htmx=True))
    assert "The log does not fit" in told
    assert re.search(r"row 3\b", told)
    assert "row 3" in words(auditor.post("/audit/verify"))


def test_a_checkpoint_is_a_file_to_keep_elsewhere(site: Site) -> None:
    auditor = site.browser("aud")
    auditor.get("/audit")
    answer = auditor.post("/audit/checkpoint")
    assert "attachment" in answer.headers["content-disposition"]
    assert json.loads(answer.text)["format"] == "suggest-audit-checkpoint/1"
    assert "Last signed checkpoint" in words(auditor.get("/audit"))


def test_the_sheet_of_a_code_shows_everything_behind_it(site: Site) -> None:
    encounter_id = sign(site)
    auditor = site.browser("aud")
    page = auditor.get(f"/encounters/{encounter_id}/audit")
    sheet = re.search(rf'href="(/encounters/{encounter_id}/codes/\d+/audit)">E11.22', page.text)
    assert sheet
    answer = auditor.get(sheet[1])
    told = words(answer)
    for part in ("accepted", "Ann coder", "affirmed", "for it", "ICD-10-CM", "default-"):
        assert part in told
    assert re.search(r'<mark class="mk mk-affirmed">[^<]*Type 2 diabetes', answer.text)
    pdf = re.search(r'href="(/v1/[^"]+\.pdf)"', answer.text)
    assert pdf
    assert auditor.get(pdf[1]).content.startswith(b"%PDF-")
    exported = auditor.get(pdf[1].replace(".pdf", ".json")).json()
    assert exported["code"]["code"] == "E11.22"
    assert "report.viewed" in site.events(encounter_id)


def test_an_auditor_of_another_facility_sees_nothing(site: Site) -> None:
    encounter_id = sign(site)
    site.add_user("far", "auditor", ["south"], site.service.clock())
    far = site.browser("far")
    entry = site.workbench(encounter_id, "system").entries[0].id
    for path in ("audit", f"codes/{entry}/audit"):
        assert far.get(f"/encounters/{encounter_id}/{path}").status_code == 404
    assert encounter_id not in far.get("/audit").text.replace("value=", "")
