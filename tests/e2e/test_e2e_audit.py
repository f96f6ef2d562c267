"""Leads and auditors in a real browser: samples, second review, the page of one code, its PDF."""

from __future__ import annotations

from desk import Desk
from running import Running
from selenium.webdriver.common.keys import Keys


def test_a_sample_is_drawn_reviewed_blind_and_compared(
    running: Running, desk: Desk, other_desk: Desk
) -> None:
    signed = running.signed("casey", patient="P-SAMPLE", payer="Sampled payer")
    desk.sign_in("lee")
    desk.open("/samples/new")
    desk.one("#name").send_keys("Sampled payer, all codes")
    desk.one("#payer").send_keys("Sampled payer", Keys.TAB)
    desk.says("1 encounter", "#plan")
    desk.one("#size").send_keys("1")
    desk.choose("button", "Draw at random")
    desk.says("Sampled payer, all codes", "h1")
    sample = desk.driver.current_url.removeprefix(desk.url)

    other_desk.sign_in("audrey")
    other_desk.open(sample)
    other_desk.click("a[href^='/sample-items/']")
    other_desk.one(".judge")
    shown = other_desk.one("#main").text
    assert "Casey" not in shown  # blind to who decided
    for code in [e.get_attribute("id") for e in other_desk.all(".judge")]:
        other_desk.click(f"#{code} button.no")
        other_desk.one(f"#{code}.is-no")
    other_desk.choose("#codes button", "Finish")
    other_desk.says("finished")

    desk.driver.refresh()
    desk.says("Overcoded", "#main")
    tile = next(t for t in desk.all(".tile") if "Overcoded" in t.text)
    assert "1" in tile.text
    assert running.bench(signed).encounter.state == "completed"


def test_the_auditor_sees_why_and_takes_the_pdf_along(running: Running, desk: Desk) -> None:
    encounter_id = running.signed("robin", patient="P-AUDIT")
    entry = running.entry(encounter_id, "I12.9")
    desk.sign_in("audrey")
    desk.open(f"/encounters/{encounter_id}/codes/{entry.id}/audit")
    desk.says("I12.9", "h1")
    desk.says("well controlled", "pre.note-text")
    desk.says("Robin")
    desk.choose("a", "Download PDF")
    (pdf,) = desk.until(
        lambda: [f for f in desk.downloads.glob("*.pdf") if f.stat().st_size], "the PDF on the disk"
    )
    assert pdf.read_bytes().startswith(b"%PDF")


def test_the_log_is_verified_on_the_page(running: Running, desk: Desk) -> None:
    running.receive(patient="P-LOG")
    desk.sign_in("audrey")
    desk.open("/audit")
    desk.choose("button", "Verify")
    desk.says("Verified: nothing was changed")
