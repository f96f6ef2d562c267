"""Coders in a real browser, by keyboard: from the worklist to the signature, and what fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk import Desk, WorkbenchPage
from running import NOTE, Running
from selenium.webdriver.common.keys import Keys

from suggest.review import signing

WANTED = {"I12.9": "Y", "E11.22": "Y", "N18.4": "Y"}


def test_an_encounter_is_coded_from_start_to_finish_by_keyboard_alone(
    running: Running, desk: Desk
) -> None:
    overdue = datetime.now(UTC).date() - timedelta(days=400)
    encounter_id = running.receive(
        f"{NOTE}4. Right knee pain.",
        type="inpatient",
        patient="P-KEYS",
        claim_deadline=overdue,
    )
    desk.sign_in("casey")
    desk.one("#worklist")
    desk.press("n")  # the most urgent that nobody has
    bench = WorkbenchPage(desk)
    assert bench.encounter_id == encounter_id

    undecided = [code for code, state in bench.states().items() if state == "undecided"]
    assert set(WANTED) < set(undecided)
    for code in undecided:
        bench.go_to(code)
        bench.press("e")  # read where it stands
        if code in WANTED:
            bench.decide("a")
        else:
            bench.decide("r", "1")
    bench.go_to("E11.22")
    bench.press("p")
    desk.says("principal", ".entry.principal")
    bench.settled()
    for code, poa in WANTED.items():
        bench.go_to(code)
        bench.press("o", poa)
        desk.says(f"POA {poa}", f".entry[data-code='{code}']")
    desk.says("Nothing is missing")
    desk.ctrl_enter()
    desk.one("dialog#sign table.final")
    desk.ctrl_enter()  # sign and open the next
    desk.until(lambda: running.bench(encounter_id).encounter.state == "completed", "the signature")
    final = running.bench(encounter_id).entries
    assert {e.code: e.poa for e in final if e.state == "accepted"} == WANTED
    assert [e.code for e in final if e.principal] == ["E11.22"]
    assert all(e.reject_reason == "not_documented" for e in final if e.state == "rejected")


def test_two_coders_on_one_encounter(running: Running, desk: Desk, other_desk: Desk) -> None:
    encounter_id = running.receive(patient="P-TWO")
    desk.sign_in("casey")
    mine = WorkbenchPage(desk, encounter_id)
    mine.decide("a")
    other_desk.sign_in("robin")
    WorkbenchPage(other_desk, encounter_id)
    other_desk.says("open at Casey")
    assert not other_desk.all("button[value=accept]")

    other_desk.sign_in("lee")
    WorkbenchPage(other_desk, encounter_id)
    other_desk.choose("button", "Take over")
    other_desk.says("you hold it")
    code = mine.code()
    mine.press("a")
    desk.says("Lee", "#messages")
    desk.until(lambda: mine.states()[code] == "undecided", "the decision taken back")
    assert running.entry(encounter_id, code).state == "undecided"


def test_a_page_that_is_out_of_date_overwrites_nothing(running: Running, desk: Desk) -> None:
    encounter_id = running.receive(patient="P-STALE")
    desk.sign_in("casey")
    first = WorkbenchPage(desk, encounter_id)
    old, code = desk.driver.current_window_handle, first.code()
    desk.driver.switch_to.new_window("tab")
    try:
        second = WorkbenchPage(desk, encounter_id)
        second.decide("a")
        desk.driver.close()
    finally:
        desk.driver.switch_to.window(old)
    first.press("r", "2")
    desk.says("changed", "#messages")
    desk.until(lambda: first.states()[code] == "accepted", "what the other window did")
    assert running.entry(encounter_id, code).state == "accepted"


def test_rejecting_asks_for_a_reason(running: Running, desk: Desk) -> None:
    encounter_id = running.receive(patient="P-WHY")
    desk.sign_in("robin")
    bench = WorkbenchPage(desk, encounter_id)
    first = bench.code()
    bench.press("r")
    desk.says("why?", "dialog#reject")
    bench.press(Keys.ESCAPE)
    desk.until(lambda: not desk.one("body").text.count("why?"), "the dialog is closed")
    assert bench.states()[first] == "undecided"
    bench.go_to(first)
    bench.press("r")
    desk.one("dialog#reject")
    bench.press("t", "see the outside record", Keys.ENTER)
    desk.until(lambda: bench.states()[first] == "rejected", "the rejection")
    bench.settled()
    desk.until(lambda: running.entry(encounter_id, first).reject_text, "the reason stored")
    stored = running.entry(encounter_id, first)
    assert (stored.reject_reason, stored.reject_text) == ("other", "see the outside record")


def test_a_missed_code_is_added_from_selected_text(running: Running, desk: Desk) -> None:
    encounter_id = running.receive(patient="P-ADD")
    desk.sign_in("casey")
    bench = WorkbenchPage(desk, encounter_id)
    desk.script(
        """const text = document.querySelector('.note-text');
        const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf('Burning feet');
            if (at >= 0) { getSelection().setBaseAndExtent(node, at, node, at + 12); return; }
        }"""
    )
    bench.press("n")
    desk.says("Burning feet", "#picked")
    field = desk.one("#book-q")
    field.clear()
    field.send_keys("G62.9")
    desk.says("G62.9", "#book-results")
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    desk.until(lambda: bench.states().get("G62.9") == "accepted", "the added code")
    desk.until(lambda: running.bench(encounter_id).entries[-1].code == "G62.9", "the code stored")
    added = running.entry(encounter_id, "G62.9")
    (evidence,) = added.evidence
    note = running.bench(encounter_id).notes[0]
    assert note.text[evidence.start : evidence.end] == evidence.text == "Burning feet"
    assert evidence.by_human


def test_evidence_is_found_without_a_mouse(running: Running, desk: Desk) -> None:
    encounter_id = running.receive(patient="P-FIND")
    desk.sign_in("casey")
    bench = WorkbenchPage(desk, encounter_id)
    bench.press("/")
    desk.one("#find-text").send_keys("burning feet")
    desk.says("Burning feet", "#picked")
    field = desk.one("#book-q")
    field.send_keys("G62.9")
    desk.says("G62.9", "#book-results")
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    desk.until(lambda: bench.states().get("G62.9") == "accepted", "the added code")
    bench.settled()
    bench.press("u")
    desk.until(lambda: "G62.9" not in bench.states(), "the addition undone")


def test_undo_takes_the_last_decision_back(running: Running, desk: Desk) -> None:
    encounter_id = running.receive(patient="P-UNDO")
    desk.sign_in("robin")
    bench = WorkbenchPage(desk, encounter_id)
    code = bench.code()
    bench.decide("a")
    bench.press("u")
    desk.until(lambda: bench.states()[code] == "undecided", "the decision taken back")
    assert running.entry(encounter_id, code).state == "undecided"


def test_what_is_missing_is_said_before_signing(running: Running, desk: Desk) -> None:
    encounter_id = running.receive(patient="P-MISSING")
    desk.sign_in("casey")
    bench = WorkbenchPage(desk, encounter_id)
    bench.decide("a")
    desk.ctrl_enter()
    desk.says("cannot be signed yet", "dialog#sign")
    desk.says("undecided", "dialog#sign")
    bench.press(Keys.ESCAPE)
    assert running.bench(encounter_id).encounter.state == "in_review"


def test_a_signed_encounter_is_reopened_with_a_reason(running: Running, desk: Desk) -> None:
    encounter_id = running.signed("casey", patient="P-AGAIN")
    desk.sign_in("casey")
    bench = WorkbenchPage(desk, encounter_id)
    desk.says("cannot change unless it is reopened")
    bench.press("a")
    assert set(bench.states().values()) == {"accepted", "rejected"}
    desk.one("#reopen-reason").send_keys("the payer asks for the stage", Keys.ENTER)
    desk.until(lambda: running.bench(encounter_id).encounter.state == "reopened", "reopened")
    desk.says("reopened", "#state")
    running.do("casey", signing.sign, encounter_id)
