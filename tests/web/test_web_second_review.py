"""Samples and second review as a lead and an auditor see them."""

from __future__ import annotations

import re

import pytest
from web_site import Browser, Site, words

from suggest.review import decisions, sequencing, signing
from suggest.store.base import utcnow


def sign(site: Site, name: str = "ann", **fields: object) -> str:
    """An encounter whose codes are all accepted, and signed."""
    encounter_id = site.receive(**fields)
    actor = site.actor(name)

    def version() -> int:
        return site.workbench(encounter_id, name).encounter.version

    entries = site.workbench(encounter_id, name).entries
    for entry in entries:
        with site.service.work(actor) as work:
            decisions.accept(work, encounter_id, entry.id, expected_version=version())
    with site.service.work(actor) as work:
        sequencing.principal(work, encounter_id, entries[0].id, expected_version=version())
    with site.service.work(actor) as work:
        signing.sign(work, encounter_id, expected_version=version())
    return encounter_id


def draw(browser: Browser, **form: str) -> str:
    """The path of a sample just drawn."""
    browser.get("/samples/new")
    answer = browser.post("/samples", follow=False, **({"name": "march"} | form))
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"]


def first_item(browser: Browser, sample: str) -> str:
    found = re.search(r'href="(/sample-items/\d+)">Review the next', browser.get(sample).text)
    assert found
    return found[1]


def test_the_size_is_shown_before_anything_is_drawn(site: Site) -> None:
    for _ in range(3):
        sign(site)
    lead = site.browser("lea")
    assert "3 encounters of 3 that match" in words(lead.get("/samples/new"))
    planned = lead.post("/samples/plan", htmx=True, margin="50")
    assert "would be drawn" in words(planned)
    assert "<html" not in planned.text
    for form, told in (
        ({"payer": "Nobody's"}, "nothing matches"),
        ({"margin": "much"}, "margin of error: type a number of percent"),
        ({"size": "4"}, "a sample of 3 holds 1 to 3"),
        ({"signed_from": "9999-99-99"}, "type a date"),
    ):
        assert told in words(lead.post("/samples/plan", htmx=True, **form))
    assert "No sample was drawn yet" in words(lead.get("/samples"))
    again = lead.post("/samples", name="x", size="4", payer="")
    assert again.status_code == 422
    assert 'value="4"' in again.text


def test_second_review_shows_nothing_of_the_first_decision(site: Site) -> None:
    sign(site)
    auditor = site.browser("aud")
    page = auditor.get(first_item(auditor, draw(auditor)))
    assert "E11.22" in page.text
    assert "Ann" not in words(page)
    for word in ("accepted", "signed", "%"):
        assert word not in words(page)
    assert site.browser("lea").get("/samples").status_code == 200


def test_an_item_is_judged_finished_and_compared(site: Site) -> None:
    sign(site)
    auditor = site.browser("aud")
    sample = draw(auditor)
    item = first_item(auditor, sample)
    codes = re.findall(r'id="code-(\d+)"', auditor.get(item).text)
    assert "Judge every code first" in auditor.get(item).text
    early = auditor.post(f"{item}/finish")
    assert (early.status_code, "Undecided: " in words(early)) == (422, True)
    for number, code in enumerate(codes):
        belongs = "no" if number == 0 else "yes"
        part = auditor.post(f"{item}/codes/{code}", htmx=True, belongs=belongs, comment="seen")
        assert "<html" not in part.text
    hits = auditor.get(f"{item}/search", params={"q": "gout"})
    assert "M10.9" in hits.text
    assert "added by you" in words(auditor.post(f"{item}/codes", code="M10.9"))
    header = auditor.post(f"{item}/codes", code="M10")
    assert "is a header" in words(header)
    auditor.get(item)
    done = auditor.post(f"{item}/finish")
    assert "it was the last of the sample" in words(done)
    told = words(done)
    assert "Overcoded 1 coded first" in told
    assert "Undercoded 1 coded by the second only" in told
    assert "By coder" in told
    assert "Ann" in told
    assert "does not belong" in words(auditor.get(item))


def test_nobody_reviews_what_they_signed(site: Site) -> None:
    sign(site, "lea")
    lead = site.browser("lea")
    page = lead.get(draw(lead))
    assert "Review the next" not in page.text
    item = re.search(r"/sample-items/\d+", page.text)
    assert item
    assert lead.get(item[0]).status_code == 403


@pytest.mark.parametrize("path", ["/samples/999", "/sample-items/999"])
def test_a_sample_that_is_not_there_is_told_in_words(site: Site, path: str) -> None:
    answer = site.browser("aud").get(path)
    assert answer.status_code == 404
    assert "Not found" in words(answer)


def test_effort_is_told_without_blame(site: Site) -> None:
    sign(site)
    page = words(site.browser("lea").get("/effort", params={"days": "7"}))
    assert "The figures describe the work, not its quality" in page
    assert "Ann" in page
    assert utcnow().strftime("%Y") in page
