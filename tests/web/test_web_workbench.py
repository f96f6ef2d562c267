"""The workbench as a coder's browser gets it: decisions, refusals, the note's text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from web_site import NOTE, Browser, Site, words

from suggest.review.view import EntryView
from suggest.store.tables import Decision


class Bench:
    """An encounter on the page of one coder."""

    def __init__(self, site: Site, name: str, encounter_id: str) -> None:
        self.site, self.name, self.id = site, name, encounter_id
        self.browser: Browser = site.browser(name)
        self.page = self.browser.get(f"/encounters/{encounter_id}")

    def entry(self, code: str) -> EntryView:
        return next(e for e in self.site.workbench(self.id).entries if e.code == code)

    @property
    def version(self) -> int:
        return self.site.workbench(self.id).encounter.version

    def step(self, code: str, do: str, /, *, htmx: bool = True, **form: object) -> object:
        form.setdefault("version", self.version)
        path = f"/encounters/{self.id}/codes/{self.entry(code).id}"
        given = {name: str(value) for name, value in form.items()}
        return self.browser.post(path, htmx=htmx, do=do, **given)

    def post(self, what: str, *, htmx: bool = True, **form: object) -> object:
        form.setdefault("version", self.version)
        given = {name: str(value) for name, value in form.items()}
        return self.browser.post(f"/encounters/{self.id}/{what}", htmx=htmx, **given)


@pytest.fixture
def bench(site: Site) -> Bench:
    return Bench(site, "ann", site.receive())


class NoteText(HTMLParser):
    """The text of the notes as a browser has it, without the words for screen readers."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[str] = []
        self._void = {"input", "meta", "link", "br"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._void:
            return
        given = dict(attrs)
        kind = "note" if given.get("class") == "note-text" else ""
        self._open.append("skip" if "data-skip" in given else kind)
        if kind:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._void:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if "note" in self._open and "skip" not in self._open:
            self.texts[-1] += data


def note_texts(html: str) -> list[str]:
    # A browser turns carriage returns of the source into line feeds before anything else.
    parser = NoteText()
    parser.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    return parser.texts


def test_the_page_shows_the_note_its_evidence_and_the_codes(bench: Bench) -> None:
    text = words(bench.page)
    assert "E11.22" in text
    assert "very likely" in text or "likely" in text
    assert re.search(r"\d+ %", text)
    assert 'class="m-affirmed' in bench.page.text
    assert "encounter.opened" in bench.site.events(bench.id)


@pytest.mark.parametrize(
    "note",
    [
        NOTE,
        "ASSESSMENT\r\nType 2 diabetes.\r\n\r\nPLAN:\rrest & <b>fluids</b>\r",
        "\n\nAssessment: asthma 😀 and 𝐝iabetes mellitus type 2.\t\n",
        "<script>alert(1)</script> Type 2 diabetes mellitus \x0b &amp; \u2028 hypertension",
    ],
)
def test_the_note_stands_on_the_page_code_point_by_code_point(site: Site, note: str) -> None:
    page = site.browser("ann").get(f"/encounters/{site.receive(note)}")
    assert note_texts(page.content.decode()) == [note]


def test_a_script_in_a_note_is_text(site: Site) -> None:
    encounter_id = site.receive(
        "Type 2 diabetes <script>alert('x')</script> <img src=x onerror=alert(1)>",
        patient="<b>P</b>",
        payer='"><script>1</script>',
    )
    page = site.browser("ann").get(f"/encounters/{encounter_id}").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert" in page
    assert "<script>1" not in page


def test_accepting_shows_the_code_among_the_accepted(bench: Bench) -> None:
    answer = bench.step("E11.22", "accept", ms=4200, seen="0.5")
    assert answer.status_code == 200
    assert bench.entry("E11.22").state == "accepted"
    assert "E11.22 accepted." in words(answer)
    assert 'id="group-accepted"' in answer.text
    assert "decision.accepted" in bench.site.events(bench.id)
    with bench.site.service.database.read() as session:
        decision = session.query(Decision).one()
        assert (decision.ms_spent, decision.evidence_seen) == (4200, 0.5)


def test_what_the_browser_measured_wrongly_is_left_out(bench: Bench) -> None:
    assert bench.step("E11.22", "accept", ms="-5", seen="7").status_code == 200


def test_rejecting_needs_a_reason_of_the_list(bench: Bench) -> None:
    refused = bench.step("E11.22", "reject", reason="because")
    assert refused.status_code == 422
    assert "choose one of" in words(refused)
    assert refused.headers["hx-retarget"] == "#messages"
    assert bench.step("E11.22", "reject", reason="other").status_code == 422
    answer = bench.step("E11.22", "reject", reason="other", text="a typing error")
    assert answer.status_code == 200
    assert "a typing error" in words(answer)
    assert bench.entry("E11.22").state == "rejected"


def test_undo_takes_the_last_step_back(bench: Bench) -> None:
    bench.step("E11.22", "accept")
    assert bench.post("undo").status_code == 200
    assert bench.entry("E11.22").state == "undecided"
    refused = bench.post("undo")
    assert refused.status_code == 409
    assert "Nothing to undo" in words(refused)


def test_a_code_is_replaced_by_another_of_the_book(bench: Bench) -> None:
    answer = bench.step("E11.22", "replace", code="E11.21")
    assert answer.status_code == 200
    assert bench.entry("E11.22").state == "replaced"
    assert bench.entry("E11.21").state == "accepted"
    assert bench.step("E11.21", "replace", code="E11").status_code == 422
    assert bench.step("E11.21", "replace", code="ZZZ").status_code == 404


def test_a_missed_code_is_added_with_the_selected_text(bench: Bench) -> None:
    note = bench.site.workbench(bench.id).notes[0]
    start = note.text.index("chest pain")
    spans = json.dumps([{"v": note.version_id, "start": start, "end": start + 10}])
    answer = bench.post("codes", code="R07.9", spans=spans)
    assert answer.status_code == 200
    assert 'id="notes"' in answer.text
    (evidence,) = bench.entry("R07.9").evidence
    assert (evidence.text, evidence.assertion, evidence.by_human) == ("chest pain", "negated", True)
    beyond = json.dumps([{"v": note.version_id, "start": 0, "end": 99_999}])
    assert bench.post("codes", code="R07.89", spans=beyond).status_code == 422
    assert bench.post("codes", code="R07.89", spans="nonsense").status_code == 422


def test_order_principal_and_poa(site: Site) -> None:
    bench = Bench(site, "ann", site.receive(type="inpatient"))
    accepted = ["E11.22", "N18.4", "I12.9"]
    for code in accepted:
        bench.step(code, "accept")
    bench.step("N18.4", "principal")
    assert bench.entry("N18.4").principal
    assert bench.step("I12.9", "move", place=2).status_code == 200
    assert "principal diagnosis stands first" in words(bench.step("I12.9", "move", place=1))
    assert bench.step("N18.4", "poa", poa="Y").status_code == 200
    assert bench.entry("N18.4").poa == "Y"
    assert bench.step("N18.4", "poa", poa="maybe").status_code == 422
    order = sorted((bench.entry(c) for c in accepted), key=lambda e: e.sequence)
    assert [e.code for e in order] == ["N18.4", "I12.9", "E11.22"]


def test_an_encounter_is_coded_signed_and_reopened(bench: Bench) -> None:
    shown = words(bench.browser.get(f"/encounters/{bench.id}/sign"))
    assert "It cannot be signed yet" in shown
    assert "Undecided:" in shown
    assert bench.post("sign").status_code == 409
    entries = bench.site.workbench(bench.id).entries
    bench.step(entries[0].code, "accept")
    for entry in entries[1:]:
        bench.step(entry.code, "reject", reason="not_documented")
    bench.step(entries[0].code, "principal")
    shown = words(bench.browser.get(f"/encounters/{bench.id}/sign"))
    assert "Ann signs these codes" in shown
    signed = bench.post("sign")
    assert (signed.status_code, signed.headers["hx-redirect"]) == (204, f"/encounters/{bench.id}")
    page = bench.browser.get(f"/encounters/{bench.id}")
    assert "Signed and completed." in words(page)
    assert "Signed and completed." not in words(bench.browser.get(f"/encounters/{bench.id}"))
    refused = bench.step(entries[0].code, "reject", reason="negated")
    assert "Reopen it with a reason" in words(refused)
    assert bench.post("reopen", reason=" ").status_code == 422
    bench.post("reopen", reason="the discharge summary was corrected")
    assert bench.site.workbench(bench.id).encounter.state == "reopened"
    assert {"encounter.signed", "encounter.reopened"} <= set(bench.site.events(bench.id))


def test_sign_and_next_opens_the_next(bench: Bench) -> None:
    following = bench.site.receive()
    first, *others = bench.site.workbench(bench.id).entries
    bench.step(first.code, "accept")
    for entry in others:
        bench.step(entry.code, "reject", reason="not_documented")
    bench.step(first.code, "principal")
    answer = bench.post("sign", then="next")
    assert answer.headers["hx-redirect"] == f"/encounters/{following}"


def test_a_stale_page_is_told_who_changed_what_and_overwrites_nothing(bench: Bench) -> None:
    stale = bench.version
    lead = Bench(bench.site, "lea", bench.id)
    lead.post("take-over")
    lead.step("E11.22", "accept")
    lead.post("release")
    answer = bench.step("E11.22", "reject", reason="negated", version=stale)
    assert answer.status_code == 412
    told = words(answer)
    assert "Lea accepted E11.22" in told
    assert "Nothing was overwritten" in told
    assert "Load it again" in told
    assert bench.entry("E11.22").state == "accepted"


def test_two_coders_on_one_encounter(bench: Bench) -> None:
    bob = Bench(bench.site, "bob", bench.id)
    assert "open at Ann" in words(bob.page)
    assert "you can read" in words(bob.page)
    assert 'value="accept"' not in bob.page.text
    refused = bob.step("E11.22", "accept")
    assert refused.status_code == 423
    assert "Ann has it open until" in words(refused)
    assert bob.post("take-over").status_code == 403
    bench.post("release", htmx=False)
    again = bob.browser.get(f"/encounters/{bench.id}")
    assert "you hold it" in words(again)


def test_the_first_decision_makes_an_encounter_the_coders_own(bench: Bench) -> None:
    assert bench.site.workbench(bench.id).encounter.assignee is None
    bench.post("release")
    assert bench.step("E11.22", "reject", reason="no such").status_code == 422
    assert bench.site.workbench(bench.id).encounter.assignee is None
    bench.step("E11.22", "accept")
    now = bench.site.workbench(bench.id).encounter
    assert (now.assignee, now.lease_holder) == (bench.site.users["ann"].id,) * 2
    following = bench.site.receive()
    bench.post("release")
    bob = bench.site.browser("bob")
    bob.get("/worklist")
    taken = bob.post("/worklist/next", follow=False).headers["location"]
    assert taken == f"/encounters/{following}"


def test_a_lead_takes_over_and_the_coder_is_told(bench: Bench) -> None:
    lead = Bench(bench.site, "lea", bench.id)
    assert "Take over" in words(lead.page)
    lead.post("take-over", htmx=False)
    assert "Lea has it open" in words(bench.step("E11.22", "accept"))


def test_the_page_says_that_it_is_still_worked_on(bench: Bench) -> None:
    assert bench.post("hold", beat=1).status_code == 204
    assert bench.post("hold", beat=1, version=bench.version - 1).status_code == 200


def test_every_step_works_as_a_plain_form(bench: Bench) -> None:
    answer = bench.step("E11.22", "accept", htmx=False, follow=False)
    answer = bench.browser.get(f"/encounters/{bench.id}")
    assert bench.entry("E11.22").state == "accepted"
    entry = bench.entry("N18.4")
    form = bench.browser.get(f"/encounters/{bench.id}/codes/{entry.id}/reject")
    assert "Not documented" in words(form)
    assert f'action="/encounters/{bench.id}/codes/{entry.id}"' in form.text
    book = bench.browser.get(f"/encounters/{bench.id}/book?q=nstemi&mode=add")
    assert "I21.4" in words(book)
    assert 'name="code" value="I21.4"' in book.text
    added = bench.post("codes", htmx=False, code="I21.4")
    assert "I21.4 added." in words(added)
    assert answer.status_code == 200


def test_the_code_book_shows_parents_neighbours_and_notes(bench: Bench) -> None:
    place = bench.browser.get(f"/encounters/{bench.id}/book/N18.4")
    text = words(place)
    assert "N18 Chronic kidney disease (CKD)" in text
    assert "N18.5" in text
    assert "Code first" in text
    assert bench.browser.get(f"/encounters/{bench.id}/book/XYZ").status_code == 404


def test_edits_show_between_codes_that_exclude_each_other(bench: Bench) -> None:
    bench.post("codes", code="E10.9")
    answer = bench.step("E11.22", "accept")
    assert "Excludes1 at E11" in words(answer)


def test_probabilities_are_hidden_where_the_site_says_so(bench: Bench) -> None:
    bench.site.set("hide_probabilities", True)
    text = words(bench.browser.get(f"/encounters/{bench.id}"))
    assert not re.search(r"\d+ %", text)
    assert "very likely" not in text
    assert "To decide" in text


def test_blind_first_the_coder_codes_then_compares(site: Site) -> None:
    site.set("blind_share", 1.0)
    bench = Bench(site, "ann", site.receive())
    assert "E11.22" not in words(bench.page)
    assert "Code this encounter without suggestions first" in words(bench.page)
    bench.post("codes", code="E11.22")
    bench.post("codes", code="J45.909")
    answer = bench.post("reveal")
    text = words(answer)
    assert "Both found E11.22" in text
    assert "Only you J45.909" in text
    assert "N18.4" in text


def test_a_page_that_waits_for_suggestions_gets_them_by_itself(site: Site) -> None:
    encounter_id = site.receive(suggest=False)
    browser = site.browser("ann")
    assert "suggestions are being made" in words(browser.get(f"/encounters/{encounter_id}"))
    asked = {"headers": {"HX-Request": "true"}}
    assert browser.get(f"/encounters/{encounter_id}/codes", **asked).status_code == 204
    site.service.jobs.run_waiting()
    answer = browser.get(f"/encounters/{encounter_id}/codes", **asked)
    assert answer.headers["hx-refresh"] == "true"
    assert "E11.22" in words(browser.get(f"/encounters/{encounter_id}"))


def test_an_encounter_of_another_facility_does_not_exist(site: Site) -> None:
    encounter_id = site.receive(facility_id="south")
    answer = site.browser("ann").get(f"/encounters/{encounter_id}")
    assert answer.status_code == 404
    assert "Not found" in words(answer)


def test_a_lead_assigns_an_encounter(bench: Bench) -> None:
    lead = Bench(bench.site, "lea", bench.id)
    assert "Assign to" in words(lead.page)
    lead.post("take-over")
    lead.post("assign", htmx=False, assignee=bench.site.users["bob"].id)
    assert bench.site.workbench(bench.id).encounter.assignee == bench.site.users["bob"].id


PAGES = {
    "/worklist": {"coder", "lead", "auditor"},
    "/encounters/{id}": {"coder", "lead", "auditor"},
    "/encounters/{id}/codes?again=1": {"coder", "lead", "auditor"},
    "/encounters/{id}/book?q=asthma": {"coder", "lead", "auditor"},
    "/encounters/{id}/book/J45.909": {"coder", "lead", "auditor"},
    "/encounters/{id}/sign": {"coder", "lead"},
    "/encounters/{id}/codes/1/reject": {"coder", "lead"},
}
STEPS = {
    "/worklist/next": {"coder", "lead"},
    "/encounters/{id}/codes/1": {"coder", "lead"},
    "/encounters/{id}/codes": {"coder", "lead"},
    "/encounters/{id}/undo": {"coder", "lead"},
    "/encounters/{id}/reveal": {"coder", "lead"},
    "/encounters/{id}/hold": {"coder", "lead"},
    "/encounters/{id}/release": {"coder", "lead"},
    "/encounters/{id}/sign": {"coder", "lead"},
    "/encounters/{id}/reopen": {"coder", "lead"},
    "/encounters/{id}/take-over": {"lead"},
    "/encounters/{id}/assign": {"lead"},
}
USERS = {"ann": "coder", "lea": "lead", "aud": "auditor", "mel": "ml_engineer", "ada": "admin"}


def test_who_may_open_which_page_and_take_which_step(site: Site) -> None:
    encounter_id = site.receive()
    for name, role in USERS.items():
        browser = site.browser(name)
        # Any page gives the session's token; the page of a refusal does too.
        browser.get("/worklist")
        for path, roles in PAGES.items():
            status = browser.get(path.format(id=encounter_id)).status_code
            assert (status == 403) == (role not in roles), (path, role, status)
        for path, roles in STEPS.items():
            form = {"version": "999", "do": "accept", "code": "I10", "reason": "x"}
            answer = browser.post(path.format(id=encounter_id), htmx=True, **form)
            assert (answer.status_code == 403) == (role not in roles), (path, role)
            assert answer.status_code < 500, (path, role)
    stranger = site.browser()
    for path in PAGES:
        sent = stranger.get(path.format(id=encounter_id), follow_redirects=False)
        assert sent.headers["location"].startswith("/sign-in"), path
    for path in STEPS:
        assert stranger.post(path.format(id=encounter_id), follow=False).status_code == 303, path
