"""Who may open which page: every page of leads, auditors and admins, and every role."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from web_site import Browser, Site, words

from suggest.auth.permissions import allowed
from suggest.web import audit, effort, model, queries, samples, second_review, site, users

# The pages with the action that each needs. A new page is added here first.
with (Path(__file__).parent / "pages.tsv").open(newline="") as file:
    PAGES = [(r["method"], r["path"], r["action"]) for r in csv.DictReader(file, delimiter="\t")]
MODULES = (samples, second_review, effort, model, audit, users, site, queries)
NAMES = {"coder": "ann", "lead": "lea", "auditor": "aud", "ml_engineer": "mel", "admin": "ada"}
NOWHERE = {
    "sample_id": "999",
    "item_id": "999",
    "code_id": "1",
    "encounter_id": "0" * 26,
    "entry_id": "1",
    "query_id": "1",
    "name": "nobody",
    "prefix": "nothing",
    "key": "nothing",
}


def test_every_page_stands_in_the_table() -> None:
    found = {
        (method, route.path)
        for module in MODULES
        for route in module.router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    assert found == {(method, path) for method, path, _ in PAGES}


def ask(browser: Browser, method: str, path: str) -> tuple[int, str]:
    url = path.format(**NOWHERE)
    if method == "GET":
        answer = browser.client.get(url, follow_redirects=False)
    else:
        answer = browser.post(url, follow=False)
    return answer.status_code, words(answer)


@pytest.mark.parametrize("role", NAMES)
def test_each_role_opens_what_the_table_says_and_nothing_else(site: Site, role: str) -> None:
    browser = site.browser(NAMES[role])
    for method, path, action in PAGES:
        status, told = ask(browser, method, path)
        if allowed(role, action):
            assert status not in (401, 403), (method, path, told)
        else:
            assert status == 403, (method, path, told)
            assert "Your role does not include this" in told


def test_who_is_not_signed_in_is_sent_to_sign_in(site: Site) -> None:
    nobody = Browser(site.app)
    for method, path, _ in PAGES:
        url = path.format(**NOWHERE)
        answer = nobody.client.request(method, url, follow_redirects=False)
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"].startswith("/sign-in")


def test_a_form_of_another_session_changes_nothing(site: Site) -> None:
    admin = site.browser("ada")
    for method, path, action in PAGES:
        if method == "POST" and allowed("admin", action):
            admin.csrf = "x" * 43
            status, told = ask(admin, method, path)
            assert (status, "The page is out of date" in told) == (403, True), path
