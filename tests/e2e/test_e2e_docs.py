"""The API's documentation in a browser that reaches nothing but the server."""

from __future__ import annotations

from desk import Desk


def test_the_operations_of_the_api_are_shown_without_the_internet(desk: Desk) -> None:
    desk.driver.get_log("browser")  # what earlier pages left
    desk.open("/docs")
    desk.choose(".opblock-post .opblock-summary", "/v1/encounters/{encounter_id}/decisions")
    desk.says("if-match", ".opblock.is-open")
    loaded = desk.script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert f"{desk.url}/openapi.json" in loaded
    assert [name for name in loaded if not name.startswith(desk.url)] == []
    assert desk.driver.get_log("browser") == []


def test_an_operation_is_tried_with_the_session_of_the_pages(desk: Desk) -> None:
    desk.sign_in("mel")
    desk.open("/docs")
    desk.choose(".opblock-summary", "/v1/me")
    desk.click(".opblock.is-open .try-out__btn")
    desk.click(".opblock.is-open .execute")
    desk.says('"ml_engineer"', ".opblock.is-open .live-responses-table")
