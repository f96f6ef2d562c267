"""WCAG 2.2 AA as far as a browser can measure it: names, contrast, focus, zoom, no trap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk, WorkbenchPage
from running import Running
from selenium.webdriver.common.keys import Keys

CHECKS = (Path(__file__).parent / "checks.js").read_text("utf-8")
FOCUSED = """
const e = document.activeElement, s = getComputedStyle(e);
const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
const name = e.id || e.name || e.textContent.trim().slice(0, 30);
const place = [...document.querySelectorAll('*')].indexOf(e);
return [e.tagName, name, ring || s.boxShadow !== 'none', place];
"""


@pytest.fixture(scope="module")
def opened(running: Running) -> str:
    """An encounter in review: some accepted, some rejected, some undecided."""
    return running.receive(type="inpatient", patient="P-ACCESS")


@pytest.fixture(scope="module")
def done(running: Running) -> str:
    return running.signed("casey", patient="P-ACCESS-2")


@pytest.fixture
def paths(running: Running, opened: str, done: str) -> dict[str, tuple[str, str]]:
    """Page -> (who looks, where)."""
    entry = running.entry(done, "I12.9").id
    return {
        "sign in": ("", "/sign-in"),
        "worklist": ("casey", "/worklist?state=all"),
        "no encounter": ("casey", "/worklist?patient=nobody"),
        "workbench": ("casey", f"/encounters/{opened}"),
        "signed workbench": ("lee", f"/encounters/{done}"),
        "queries": ("casey", f"/encounters/{opened}/queries"),
        "samples": ("lee", "/samples"),
        "new sample": ("lee", "/samples/new"),
        "effort": ("lee", "/effort"),
        "model": ("mel", "/model"),
        "settings": ("ada", "/settings"),
        "users": ("ada", "/users"),
        "audit log": ("audrey", "/audit"),
        "audit of a code": ("audrey", f"/encounters/{done}/codes/{entry}/audit"),
        "not there": ("casey", "/encounters/nowhere"),
    }


PAGES = [
    "sign in", "worklist", "no encounter", "workbench", "signed workbench", "queries", "samples",
    "new sample", "effort", "model", "settings", "users", "audit log", "audit of a code",
    "not there",
]  # fmt: skip


@pytest.fixture
def half_window(desk: Desk) -> Iterator[Desk]:
    """1440 pixels at 200 % zoom are 720."""
    before = desk.driver.get_window_size()
    desk.driver.set_window_size(720 + before["width"] - desk.script("return innerWidth"), 900)
    yield desk
    desk.driver.set_window_size(before["width"], before["height"])


def visit(desk: Desk, who: str, path: str) -> None:
    if who:
        desk.sign_in(who)
    desk.open(path)
    desk.one("h1")


def test_the_checks_find_what_is_wrong(desk: Desk) -> None:
    desk.open("/sign-in")
    desk.script(  # the page's policy lets no style attribute in, only scripts set styles
        "document.querySelector('main').innerHTML = '<input id=a><input id=a><p>faint</p>"
        "<a href=x></a><table><th>x</table>';"
        "const p = document.querySelector('main p');"
        "p.style.color = '#999'; p.style.width = '3000px'"
    )
    told = " ".join(desk.script(CHECKS))
    for fault in ("no name: input", "no name: a", "id twice", "contrast 2", "wider", "no scope",
                  "0 main headings"):  # fmt: skip
        assert fault in told


@pytest.mark.parametrize("page", PAGES)
def test_names_headings_and_contrast(
    desk: Desk, paths: dict[str, tuple[str, str]], page: str
) -> None:
    visit(desk, *paths[page])
    assert desk.script(CHECKS) == []


@pytest.mark.parametrize(
    "page", ["sign in", "worklist", "workbench", "new sample", "model", "audit log"]
)
def test_200_percent_zoom(half_window: Desk, paths: dict[str, tuple[str, str]], page: str) -> None:
    visit(half_window, *paths[page])
    assert half_window.script(CHECKS) == []


@pytest.mark.parametrize("page", ["sign in", "worklist", "workbench", "new sample", "model"])
def test_tab_reaches_everything_shows_where_it_is_and_is_never_caught(
    desk: Desk, paths: dict[str, tuple[str, str]], page: str
) -> None:
    visit(desk, *paths[page])
    reached: list[int] = []
    for _ in range(120):
        desk.press(Keys.TAB)
        tag, name, ring, place = desk.script(FOCUSED)
        if tag == "BODY" or place in reached[:1]:
            break  # round once
        # Inside a field the ring is the browser's own.
        assert ring or place in reached[-1:], f"no focus ring at {tag} {name}"
        reached.append(place)
        # A field for a date has a stop for day, month, year and the calendar.
        assert len(reached) < 6 or set(reached[-6:]) != {place}, f"Tab stays at {name}"
    assert len(set(reached)) >= 2


def test_the_dialogs_are_named_hold_the_focus_and_give_it_back(
    running: Running, desk: Desk
) -> None:
    encounter_id = running.receive(patient="P-DIALOG")
    desk.sign_in("casey")
    bench = WorkbenchPage(desk, encounter_id)
    for key in ("r", "/", "?", "b"):
        bench.press(key)
        desk.one("dialog[open]")
        assert desk.script(CHECKS) == [], key
        assert desk.script("return document.querySelector('dialog[open]').matches(':focus-within')")
        bench.press(Keys.ESCAPE)
        desk.until(lambda: not desk.all("dialog[open]"), "the dialog is closed")
        assert desk.script("return document.activeElement.closest('#codes') !== null"), key
