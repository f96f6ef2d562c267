"""Suggestions are made in the background, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_site import Site

from suggest.errors import ModelError
from suggest.jobs import waiting


def test_a_received_encounter_gets_its_suggestions(site: Site) -> None:
    encounter_id = site.receive(suggest=False)
    assert site.workbench(encounter_id).encounter.state == "received"
    assert site.service.jobs.run_waiting() == 1
    shown = site.workbench(encounter_id)
    assert shown.encounter.state == "suggested"
    assert shown.run is not None
    assert shown.run.model_sha256 == site.service.suggester.model_sha256
    assert "suggestions.made" in site.events(encounter_id)
    assert site.service.jobs.run_waiting() == 0


def test_what_waited_when_the_server_stopped_is_made_by_the_next(
    new_app: Callable[..., FastAPI], tmp_path: Path
) -> None:
    with TestClient(new_app(tmp_path)) as client:
        encounter_id = Site(client.app, "").receive(suggest=False)
    with TestClient(new_app(tmp_path, jobs=True)) as client:
        site = Site(client.app, "")
        site.service.jobs.stop()  # ends after the encounter in hand
        site.service.jobs._stop.clear()
        site.service.jobs.run_waiting()
        assert site.workbench(encounter_id, "system").encounter.state == "suggested"


def test_an_encounter_that_fails_does_not_hold_up_the_others(site: Site) -> None:
    bad = site.receive("Unreadable to this engine.", suggest=False)
    good = site.receive(suggest=False)
    jobs = site.service.jobs
    real = jobs._suggest

    def fails(text: str, encounter: object) -> object:
        if "Unreadable" in text:
            raise ModelError("the model cannot")
        return real(text, encounter)

    jobs._suggest = fails
    assert jobs.run_waiting() == 1
    assert site.workbench(good).encounter.state == "suggested"
    with site.service.database.read() as session:
        assert waiting(session) == [bad]
