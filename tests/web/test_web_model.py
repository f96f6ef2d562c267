"""The page of the model that is served: what its manifest and its card say."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from web_site import Site, words

from suggest import Suggester
from suggest.engine.pipeline import default_folder

MANIFEST = default_folder() / "manifest.json"


def served(site: Site, folder: Path) -> None:
    """Have the site serve the model in the folder."""
    engine = Suggester.load(folder)
    site.app.state.service = replace(site.service, suggester=engine)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model."""
    return Path(shutil.copytree(default_folder(), tmp_path / "another"))


def change(folder: Path, **facts: Any) -> None:
    """Write facts into the manifest; None takes one out."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8")) | facts
    path.write_text(json.dumps({k: v for k, v in manifest.items() if v is not None}), "utf-8")


def test_an_ml_engineer_starts_at_the_model(site: Site) -> None:
    browser = site.browser("mel")
    start = browser.get("/")
    assert (start.status_code, start.url.path) == (200, "/model")
    assert 'href="/model" aria-current="page"' in start.text
    refused = browser.get("/worklist")
    assert (refused.status_code, "To the start page" in words(refused)) == (403, True)


@pytest.mark.parametrize(("name", "sees"), [("lea", 1), ("aud", 1), ("ada", 1), ("ann", 0)])
def test_the_others_start_where_they_did_and_find_it_in_the_navigation(
    site: Site, name: str, sees: int
) -> None:
    start = site.browser(name).get("/")
    assert start.url.path in ("/worklist", "/audit")
    assert start.text.count('href="/model"') == sees


def test_it_says_which_model_makes_the_suggestions(site: Site) -> None:
    encounter_id = site.receive()
    page = words(site.browser("mel").get("/model"))
    assert hashlib.sha256(MANIFEST.read_bytes()).hexdigest() in page
    assert site.service.model.id in page
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    assert manifest["corpus_sha256"] in page
    assert f"{manifest['codeset']} the one loaded" in page
    for key, value in manifest["parameters"].items():
        assert f"{key} {value if isinstance(value, str) else json.dumps(value)}" in page
    codeset = site.service.codeset()
    first, last = codeset.covered
    assert codeset.release in page
    assert f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}" in page
    assert site.workbench(encounter_id).run.model_id == site.service.model.id


def test_every_figure_of_the_manifest_stands_in_the_table(site: Site) -> None:
    found = json.loads(MANIFEST.read_text("utf-8"))["cross_validation"]
    html = site.browser("mel").get("/model").text
    table = html[html.index('<table class="figures">') :]
    table = table[: table.index("</table>")]
    columns = re.findall(r"<code>(\w+)</code></th>", table)
    assert columns[0] == "served"
    assert set(columns) == set(found)
    body = table[table.index("<tbody>") :]
    rows = re.findall(r"<code>([\w@]+)</code>(?:(?!</th>).)*</th>(.*?)</tr>", body, re.DOTALL)
    assert {key for key, _ in rows} == {key for figures in found.values() for key in figures}
    for key, cells in rows:
        values = re.findall(r"<td[^>]*>([\d.,]+)( %)?</td>", cells)
        for column, (value, percent) in zip(columns, values, strict=True):
            scale = 100 if percent else 1
            assert float(value) == pytest.approx(found[column][key] * scale, abs=0.06)


def test_figures_of_other_names_are_shown_as_they_are(site: Site, folder: Path) -> None:
    figures = {
        "served": {"map": 0.5, "recall@10": 0.4, "recall@5": 0.25, "speed_per_note": 1234.5},
        "night_notes": {"map": 0.25, "interval": [0.1, 0.2], "recall@5": None},
        "weighted": 0.125,
    }
    change(folder, cross_validation=figures, trained_by="night shift", hours=2)
    served(site, folder)
    page = words(site.browser("mel").get("/model"))
    assert "Figure As served served Night notes night_notes All" in page
    assert "Mean average precision map How high" in page
    assert "Found among the first 5 recall@5 Of the codes" in page
    assert "25.0 % none none Found among the first 10 recall@10 40.0 %" in page
    assert "Speed per note speed_per_note 1,234 none none" in page
    assert "Interval interval none [0.1, 0.2] none" in page
    assert "Weighted weighted none none 0.125" in page
    assert "Trained by night shift" in page
    assert "Hours 2" in page


def test_a_model_without_figures_parameters_or_card_says_so(site: Site, folder: Path) -> None:
    change(folder, cross_validation={}, parameters=None, corpus_sha256=None, codeset="0123abcd")
    (folder / "MODEL_CARD.md").unlink()
    served(site, folder)
    page = words(site.browser("aud").get("/model"))
    assert "the model was made without cross-validation" in page
    assert "The folder has no MODEL_CARD.md." in page
    assert "SHA-256 of the corpus not recorded" in page
    assert "0123abcd another than the one loaded" in page


def test_the_card_is_text_and_never_markup(site: Site, folder: Path) -> None:
    card = "# Card\n**What.** A `<b>` & <script>x</script>\n\n- one\n- two\n\n## Limits\nNone."
    (folder / "MODEL_CARD.md").write_text(card, "utf-8")
    served(site, folder)
    html = site.browser("mel").get("/model").text
    assert "<h3>Card</h3>" in html
    assert (
        "<strong>What.</strong> A <code>&lt;b&gt;</code> &amp; &lt;script&gt;x&lt;/script&gt;"
        in html
    )
    assert '<p class="card written">- one\n- two</p>' in html
    assert re.search(r'<h3>Limits</h3>\s*<p class="card">None\.</p>', html)


def test_the_card_is_the_one_of_the_model_that_was_loaded(site: Site, folder: Path) -> None:
    (folder / "MODEL_CARD.md").write_text("The card at the start.", "utf-8")
    served(site, folder)
    (folder / "MODEL_CARD.md").write_text("A card written since.", "utf-8")
    assert "The card at the start." in words(site.browser("lea").get("/model"))
