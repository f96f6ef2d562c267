"""The worklist as a page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from web_site import Site, words

from suggest.review import leases
from suggest.store.base import utcnow


def patients(text: str) -> list[str]:
    """The patients on the page, from top to bottom."""
    return re.findall(r'<a href="/encounters/\w+">([^<]+)</a>', text)


def test_the_most_urgent_encounter_stands_first_and_its_deadline_is_told(site: Site) -> None:
    today = utcnow().date()
    site.receive(patient="later", claim_deadline=today + timedelta(days=9))
    site.receive(patient="late", claim_deadline=today - timedelta(days=3))
    site.receive(patient="never")
    page = site.browser("ann").get("/worklist")
    assert patients(page.text) == ["late", "later", "never"]
    assert "overdue by 3 days" in words(page)
    assert "in 9 days" in words(page)
    assert "no deadline" in words(page)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("facility=south", ["s"]),
        ("type=inpatient", ["i"]),
        ("patient=i", ["i"]),
        ("patient=+i+", ["i"]),
        ("assignee=-", ["i", "o", "s"]),
        ("assignee=me", []),
        ("state=completed", []),
        ("state=all", ["i", "o", "s"]),
        ("due=7", ["i"]),
        ("due=overdue", []),
        ("sort=received", ["o", "i", "s"]),
    ],
)
def test_filters_and_order(site: Site, query: str, shown: list[str]) -> None:
    site.receive(patient="o")
    soon = utcnow().date() + timedelta(days=2)
    site.receive(patient="i", type="inpatient", claim_deadline=soon)
    site.receive(patient="s", facility_id="south")
    found = patients(site.browser("lea").get(f"/worklist?{query}").text)
    assert (found if "sort" in query else sorted(found)) == shown


@pytest.mark.parametrize("query", ["state=asleep", "sort=luck", "after=nowhere", "due=soon"])
def test_a_filter_that_cannot_be_is_told_in_words(site: Site, query: str) -> None:
    answer = site.browser("ann").get(f"/worklist?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_a_coder_sees_only_their_facilities(site: Site) -> None:
    site.receive(patient="north-1")
    site.receive(patient="south-1", facility_id="south")
    assert patients(site.browser("sue").get("/worklist").text) == ["south-1"]


def test_a_long_list_goes_on_on_the_next_page(site: Site) -> None:
    for number in range(53):
        site.receive(patient=f"p{number:02}", suggest=False)
    browser = site.browser("ann")
    first = browser.get("/worklist")
    link = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert link
    second = browser.get(link[1].replace("&amp;", "&"))
    assert len(patients(first.text)) == 50
    assert len(patients(second.text)) == 3
    assert not set(patients(first.text)) & set(patients(second.text))


def test_next_takes_the_most_urgent_that_nobody_has(site: Site) -> None:
    soon = utcnow().date()
    urgent = site.receive(claim_deadline=soon)
    site.receive(claim_deadline=soon + timedelta(days=1))
    ann, bob = site.browser("ann"), site.browser("bob")
    ann.get("/worklist")
    answer = ann.post("/worklist/next", follow=False)
    assert answer.headers["location"] == f"/encounters/{urgent}"
    assert site.workbench(urgent).encounter.assignee == site.users["ann"].id
    bob.get("/worklist")
    assert bob.post("/worklist/next", follow=False).headers["location"] != f"/encounters/{urgent}"
    told = site.browser("sue")
    told.get("/worklist")
    assert "no encounter left that nobody has taken" in words(told.post("/worklist/next"))


def test_who_holds_an_encounter_is_seen_by_the_others(site: Site) -> None:
    encounter_id = site.receive()
    with site.service.work(site.actor("bob")) as work:
        leases.acquire(work, encounter_id)
    assert "open at Bob" in words(site.browser("ann").get("/worklist"))


def test_the_page_has_no_probability_where_the_site_hides_them(site: Site) -> None:
    site.receive()
    browser = site.browser("ann")
    assert re.search(r"\d+ %", words(browser.get("/worklist")))
    site.set("hide_probabilities", True)
    assert not re.search(r"\d+ %", words(browser.get("/worklist")))
