"""Settings, reasons and users as an administrator and a lead see them."""

from __future__ import annotations

import re

from web_site import Browser, Site, words

from suggest.review import reasons, settings


def reasons_form(browser: Browser) -> dict[str, list[str]]:
    page = browser.get("/settings").text
    return {
        "id": re.findall(r'name="id" value="([^"]+)"', page),
        "label": re.findall(r'name="label" value="([^"]+)"', page),
        "place": re.findall(r'name="place" value="([^"]+)"', page),
        "needs_text": ["other"],
        "stays": re.findall(r'name="stays" value="([^"]+)"', page),
    }


def test_an_admin_changes_settings_and_a_lead_reads_them(site: Site) -> None:
    admin = site.browser("ada")
    admin.get("/settings")
    assert ": stored." in words(admin.post("/settings/blind_share", value="12,5"))
    assert ": stored." in words(admin.post("/settings/hide_probabilities", value="on"))
    wrong = admin.post("/settings/lease_minutes", value="999")
    assert (wrong.status_code, "between 1 and 240" in words(wrong)) == (422, True)
    with site.service.database.read() as session:
        now = {s.key: s.value for s in settings.every(session)}
    assert now == {"hide_probabilities": True, "blind_share": 0.125, "lease_minutes": 15}
    lead = site.browser("lea")
    assert "Administrators change these" in words(lead.get("/settings"))
    assert lead.post("/settings/lease_minutes", value="20").status_code == 403


def test_an_admin_adds_a_facility(site: Site) -> None:
    admin = site.browser("ada")
    admin.get("/settings")
    assert "The facility is added" in words(
        admin.post("/settings/facilities", facility_id="east", name="East  Clinic")
    )
    assert "east East Clinic" in words(admin.get("/settings"))
    again = admin.post("/settings/facilities", facility_id="east", name="Another")
    assert (again.status_code, "there is a facility" in words(again)) == (422, True)
    assert admin.post("/settings/facilities", facility_id="two words", name="x").status_code == 422


def test_a_lead_orders_renames_retires_and_adds_reasons(site: Site) -> None:
    lead = site.browser("lea")
    form = reasons_form(lead)
    assert len(form["id"]) == len(form["stays"]) == 11
    form["label"][0] = "Not in the record"
    form["place"][1] = "0"
    form["stays"].remove("duplicate")
    stored = lead.post("/settings/reasons", **form, new_label="Copied from an old note")
    assert "The reasons are stored" in words(stored)
    with site.service.database.read() as session:
        rows = reasons.every(session)
    assert [r.label for r in rows[:2]] == ["Negated", "Not in the record"]
    assert rows[-2].id == "copied_from_an_old_note"
    assert (rows[-1].id, rows[-1].active) == ("duplicate", False)
    form["stays"] = []
    empty = lead.post("/settings/reasons", **form)
    assert "at least one reason must be offered" in words(empty)


def test_an_admin_adds_a_user_who_then_signs_in(site: Site) -> None:
    admin = site.browser("ada")
    admin.get("/users")
    weak = admin.post("/users", name="dana", role="coder", facility=["north"], password="short")
    assert weak.status_code == 422
    assert 'value="dana"' in weak.text
    phrase = "correct horse battery staple"
    added = admin.post(
        "/users", name="Dana", display_name="Dana D", role="coder", facility="north",
        password=phrase,
    )  # fmt: skip
    assert "Dana D was added" in words(added)
    assert site.browser().sign_in("dana", phrase).status_code == 303
    admin.get("/users/dana")
    assert "is switched off" in words(admin.post("/users/dana/active", on="no"))
    assert site.browser().sign_in("dana", phrase).status_code == 401
    admin.post("/users/dana/rights", role="lead", facility=["north", "south"])
    told = words(admin.get("/users"))
    assert "Dana D dana lead North Hospital, South Clinic switched off" in told
    itself = admin.post("/users/ada/rights", role="coder")
    assert (itself.status_code, "ask another admin" in words(itself)) == (422, True)


def test_a_token_is_shown_once_and_can_be_revoked(site: Site) -> None:
    admin = site.browser("ada")
    admin.get("/users/ann")
    made = admin.post("/users/ann/tokens", label="own tool", scope="encounter.view", days="30")
    token = re.search(r"sgt_\w{8}_[\w-]+", made.text)
    assert token
    assert token[0] not in admin.get("/users/ann").text
    none = admin.post("/users/ann/tokens", label="nothing")
    assert "at least one scope" in words(none)
    prefix = token[0].split("_")[1]
    assert "revoked" in words(admin.post(f"/users/ann/tokens/{prefix}/revoke"))
    assert admin.get("/users/nobody").status_code == 404
