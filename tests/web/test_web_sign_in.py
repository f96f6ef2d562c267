"""Signing in and out through the page, and what guards every form."""

from __future__ import annotations

import pytest
from web_site import Site, words


def test_a_coder_signs_in_and_out(site: Site) -> None:
    browser = site.browser()
    assert browser.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    answer = browser.sign_in("ann")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Ann" in browser.get("/").text
    out = browser.post("/sign-out")
    assert "You are signed out." in words(out)
    assert "/sign-in" in str(browser.get("/").url)
    assert {"auth.signed_in", "auth.signed_out"} <= set(site.events())


def test_a_wrong_password_is_told_in_words_and_recorded(site: Site) -> None:
    answer = site.browser().sign_in("ann", "not the passphrase")
    assert answer.status_code == 401
    assert "The name or the password is wrong." in words(answer)
    assert "auth.sign_in_failed" in site.events()


def test_a_sign_in_form_of_another_site_is_refused(site: Site) -> None:
    answer = site.browser().sign_in("ann", login_token="guessed")
    assert answer.status_code == 403
    assert "Please sign in again." in words(answer)


def test_after_signing_in_the_page_that_was_asked_for_opens(site: Site) -> None:
    browser = site.browser()
    sent = browser.get("/sign-in?next=%2Fworklist", follow_redirects=False)
    assert 'name="next" value="/worklist"' in sent.text
    assert browser.sign_in("ann", next="/worklist?x=1").headers["location"] == "/worklist?x=1"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_sign_in_never_leads_to_another_site(site: Site, target: str) -> None:
    assert site.browser().sign_in("ann", next=target).headers["location"] == "/"


def test_a_form_without_the_sessions_token_is_refused(site: Site) -> None:
    browser = site.browser("ann")
    answer = browser.post("/sign-out", csrf_token="guessed")
    assert answer.status_code == 403
    assert "The page is out of date" in words(answer)
    assert "Ann" in browser.get("/").text


def test_every_page_allows_no_inline_script_and_no_frame(site: Site) -> None:
    answer = site.browser().get("/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script>" not in answer.text


def test_a_page_that_does_not_exist_says_so_to_a_person(site: Site) -> None:
    answer = site.browser("ann").get("/nowhere")
    assert answer.status_code == 404
    assert "Not Found" in words(answer)
    assert answer.headers["content-type"].startswith("text/html")


def test_static_files_may_be_kept_for_good(site: Site) -> None:
    page = site.browser().get("/sign-in").text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = site.browser().get(path)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
