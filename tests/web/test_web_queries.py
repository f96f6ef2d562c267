"""Physician queries as a coder writes them."""

from __future__ import annotations

import re

import pytest
from web_site import NOTE, Browser, Site, words


@pytest.fixture
def encounter_id(site: Site) -> str:
    return site.receive()


def span(site: Site, encounter_id: str, phrase: str) -> str:
    version = site.workbench(encounter_id, "system").notes[0].version_id
    start = NOTE.index(phrase)
    return f"{version}:{start}:{start + len(phrase)}"


def opened(browser: Browser, url: str) -> dict[str, str]:
    """The hidden fields of a query's form."""
    page = browser.get(url)
    assert page.status_code == 200, words(page)
    return dict(re.findall(r'type="hidden" name="(version|template)" value="([^"]*)"', page.text))


OPTIONS = "Stage 4\nStage 5\n"


def test_a_query_is_written_sent_and_answered(site: Site, encounter_id: str) -> None:
    coder = site.browser("ann")
    url = f"/encounters/{encounter_id}/queries"
    assert "No query was written" in words(coder.get(url))
    form = opened(coder, url + "/new?template=clarify_finding")
    quote = span(site, encounter_id, "stage 4 CKD")
    checked = coder.post(url + "/check", htmx=True, **form)
    assert "quotes no clinical indicator" in words(checked)
    assert "fewer than two clinical options" in words(checked)
    full = form | {"span": quote, "options": OPTIONS}
    assert "Nothing stands against sending it" in words(
        coder.post(url + "/check", htmx=True, **full)
    )
    sent = coder.post(url, then="send", **full)
    told = words(sent)
    assert "waits for the answer" in told
    assert '- "stage 4 CKD"' in told
    assert "[ ] Unable to determine" in told
    query = str(sent.url).removeprefix("http://testserver")
    version = re.search(r'name="version" value="(\d+)"', sent.text)
    assert version
    answered = coder.post(
        query + "/answer",
        version=version[1],
        option="Other (please specify)",
        text="Stage 3b",
        answered_by="Dr. Osler",
    )
    assert "Other (please specify): Stage 3b" in words(answered)
    assert site.events(encounter_id)[-3:] == ["query.drafted", "query.sent", "query.answered"]
    for form_name, kind in (("text", "text/plain"), ("fhir", "application/fhir+json")):
        exported = coder.get(f"/v1{query}/{form_name}")
        assert exported.headers["content-type"].startswith(kind)


def test_a_leading_query_is_not_sent_and_nothing_typed_is_lost(
    site: Site, encounter_id: str
) -> None:
    coder = site.browser("ann")
    url = f"/encounters/{encounter_id}/queries"
    form = opened(coder, url + "/new?template=clarify_finding") | {
        "span": span(site, encounter_id, "stage 4 CKD"),
        "question": "Please document sepsis for payment.",
        "options": OPTIONS,
    }
    refused = coder.post(url, then="send", **form)
    told = words(refused)
    assert refused.status_code == 422
    assert "'payment' speaks of payment: leave it out" in told
    assert "it names 'sepsis'" in told
    assert "Please document sepsis for payment.</textarea>" in refused.text
    assert "checked> <q>stage 4 CKD</q>" in refused.text
    assert "No query was written" in words(coder.get(url))


def test_a_draft_can_be_changed_and_withdrawn(site: Site, encounter_id: str) -> None:
    coder = site.browser("ann")
    url = f"/encounters/{encounter_id}/queries"
    form = opened(coder, url + "/new?template=specificity")
    assert "fill in condition and detail" in words(coder.post(url + "/check", htmx=True, **form))
    values = {"value_condition": "CKD", "value_detail": "stage"}
    drafted = coder.post(url, **form, **values, options=OPTIONS)
    assert "CKD is documented, as quoted below." in words(drafted)
    query = str(drafted.url).removeprefix("http://testserver")
    stale = coder.post(query, **form, question="What stage?", options=OPTIONS)
    assert stale.status_code == 412
    assert "The encounter was changed meanwhile" in words(stale)
    form = opened(coder, query)
    stored = coder.post(query, **form, question="What stage?", options=OPTIONS)
    assert "What stage?" in stored.text
    withdrawn = coder.post(query + "/withdraw", **opened(coder, query))
    assert "The query is withdrawn" in words(withdrawn)


def test_evidence_of_the_codes_can_be_quoted_without_a_mouse(site: Site, encounter_id: str) -> None:
    page = site.browser("ann").get(
        f"/encounters/{encounter_id}/queries/new?template=clarify_finding"
    )
    offered = re.findall(r'name="span" value="(\d+):(\d+):(\d+)"> <q>([^<]+)</q>', page.text)
    assert offered
    for _, start, end, quoted in offered:
        assert NOTE[int(start) : int(end)] == quoted


def test_who_may_not_write_reads(site: Site, encounter_id: str) -> None:
    url = f"/encounters/{encounter_id}/queries"
    auditor = site.browser("aud")
    assert "Write a query" not in words(auditor.get(url))
    assert auditor.get(url + "/new?template=cause").status_code == 403
    assert site.browser("sue").get(url).status_code == 404
    unknown = site.browser("ann").get(url + "/new?template=nothing")
    assert (unknown.status_code, "no template" in words(unknown)) == (422, True)
