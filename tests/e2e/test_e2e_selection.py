"""Text that is selected in the browser (UTF-16) is the same text in the note (code points)."""

from __future__ import annotations

import pytest
from desk import Desk, WorkbenchPage
from running import Running
from selenium.webdriver.common.keys import Keys

SELECT = """
const root = document.querySelector('.note-text');
const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf('Burning');
    if (at < 0) continue;
    getSelection().setBaseAndExtent(node, at, node, at + 12);
    return;
}
"""


@pytest.mark.parametrize(
    "note",
    [
        "\U0001f600\U0001f600 \U0001d41dm2\nASSESSMENT\nType 2 diabetes. Burning feet.",
        "ASSESSMENT\r\n\r\nNo asthma.\rType 2 diabetes.\r\nBurning feet <b>&amp;</b>\r\n",
    ],
    ids=["beyond the basic plane", "carriage returns"],
)
def test_a_selection_is_stored_where_it_stands(running: Running, desk: Desk, note: str) -> None:
    encounter_id = running.receive(note, patient="P-POINTS")
    desk.sign_in("casey")
    bench = WorkbenchPage(desk, encounter_id)
    assert desk.script("return document.querySelectorAll('.note-text b:not(.heading)').length") == 0
    desk.script(SELECT)
    bench.press("n")
    desk.says("Burning feet", "#picked")
    field = desk.one("#book-q")
    field.clear()
    field.send_keys("G62.9")
    desk.says("G62.9", "#book-results")
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    desk.until(lambda: bench.states().get("G62.9") == "accepted", "the added code")
    bench.settled()
    (evidence,) = running.entry(encounter_id, "G62.9").evidence
    assert note[evidence.start : evidence.end] == evidence.text == "Burning feet"
