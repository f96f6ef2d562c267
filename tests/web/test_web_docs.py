"""The API's documentation comes from this server alone."""

from __future__ import annotations

import re

from web_site import Browser, Site


def test_the_documentation_of_the_api_refers_to_no_other_origin(site: Site) -> None:
    nobody = Browser(site.app)
    page = nobody.get("/docs")
    assert page.status_code == 200
    named = re.findall(r'\b(?:src|href|data-\w+)="([^"]+)"', page.text)
    assert "/openapi.json" in named
    assert len([name for name in named if name.endswith((".js", ".css"))]) == 4
    for name in named:
        assert re.match(r"/(?!/)", name), name
        assert nobody.get(name).status_code == 200, name
    assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]


def test_its_files_are_kept_by_browsers_and_the_page_is_not(site: Site) -> None:
    nobody = Browser(site.app)
    page = nobody.get("/docs")
    assert page.headers["cache-control"] == "no-store"
    for name in re.findall(r'="(/static/[^"]+)"', page.text):
        assert "immutable" in nobody.get(name).headers["cache-control"]


def test_there_is_one_page_of_documentation(site: Site) -> None:
    assert Browser(site.app).get("/redoc").status_code == 404
