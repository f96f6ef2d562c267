from __future__ import annotations

from dataclasses import replace

import pytest
from review_clinic import CODER, NOTE, OTHER, Clinic, suggest

from suggest import Suggester
from suggest.engine import model as engine
from suggest.review import decisions, queries, query_rules, sequencing, signing
from suggest.review.errors import CannotComplete, InvalidQuery, InvalidSpan
from suggest.review.queries import NewQuery
from suggest.review.query_rules import names_by
from suggest.review.spans import Selected

NAMES_IN = names_by(suggest, engine.Encounter())
OPTIONS = ("Bacterial pneumonia", "Viral pneumonia")


@pytest.fixture
def encounter_id(clinic: Clinic) -> str:
    return clinic.receive()


def new(clinic: Clinic, encounter_id: str, **changes: object) -> NewQuery:
    version = clinic.see(encounter_id).notes[0].version_id
    query = NewQuery("clarify_finding", OPTIONS, [Selected(version, 0, 9)])
    return replace(query, **changes)  # type: ignore[arg-type]


def drafted(clinic: Clinic, encounter_id: str, **changes: object) -> int:
    step = clinic.do(queries.draft, encounter_id, new(clinic, encounter_id, **changes))
    assert isinstance(step, queries.Step)
    return step.query_id


def listed(clinic: Clinic, encounter_id: str) -> list[queries.QueryView]:
    with clinic.db.read() as session:
        return queries.listed(session, CODER, encounter_id)


def test_a_query_quotes_its_indicators_and_offers_the_standard_options(
    clinic: Clinic, encounter_id: str
) -> None:
    drafted(clinic, encounter_id)
    (query,) = listed(clinic, encounter_id)
    (indicator,) = query.indicators
    assert NOTE[indicator.start : indicator.end] == indicator.text == "Pneumonia"
    assert query.options == (*OPTIONS, "Other (please specify)", "Unable to determine")
    text = queries.as_text(query)
    assert '"Pneumonia"' in text
    assert "[ ] Unable to determine" in text


def test_sending_opens_the_query_and_the_answer_closes_it(
    clinic: Clinic, encounter_id: str
) -> None:
    query_id = drafted(clinic, encounter_id)
    sent = clinic.do(queries.send, encounter_id, query_id, NAMES_IN)
    assert sent.state == "query_open"
    with pytest.raises(InvalidQuery, match="none of its options"):
        clinic.do(queries.answer, encounter_id, query_id, "Yes", "Dr. Who")
    with pytest.raises(InvalidQuery, match="physician's words"):
        clinic.do(queries.answer, encounter_id, query_id, "Other (please specify)", "Dr. Who")
    answered = clinic.do(queries.answer, encounter_id, query_id, "Viral pneumonia", "Dr. Who")
    assert answered.state == "in_review"
    (query,) = listed(clinic, encounter_id)
    assert (query.status, query.answer, query.answered_by) == (
        "answered",
        "Viral pneumonia",
        "Dr. Who",
    )


def test_an_encounter_with_two_queries_waits_for_both(clinic: Clinic, encounter_id: str) -> None:
    first, second = drafted(clinic, encounter_id), drafted(clinic, encounter_id)
    for query_id in (first, second):
        clinic.do(queries.send, encounter_id, query_id, NAMES_IN)
    assert clinic.do(queries.withdraw, encounter_id, first).state == "query_open"
    assert clinic.do(queries.withdraw, encounter_id, second).state == "in_review"


def test_an_open_query_keeps_the_encounter_from_being_signed(clinic: Clinic) -> None:
    encounter_id = clinic.receive("Pneumonia.")
    entry = clinic.entry(encounter_id, "J18.9")
    clinic.do(decisions.accept, encounter_id, entry)
    clinic.do(sequencing.principal, encounter_id, entry)
    clinic.do(queries.send, encounter_id, drafted(clinic, encounter_id), NAMES_IN)
    with pytest.raises(CannotComplete, match="physician query is open"):
        clinic.do(signing.sign, encounter_id)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"indicators": []}, "quotes no clinical indicator"),
        ({"options": ["Viral pneumonia"]}, "fewer than two clinical options"),
        ({"options": ["Unable to determine", "Viral pneumonia"]}, "fewer than two"),
        ({"options": ["Viral pneumonia", " viral  PNEUMONIA "]}, "fewer than two"),
        ({"title": "Asthma query"}, "names 'asthma'"),
        ({"question": "Does the patient have diabetes?"}, "names 'diabetes'"),
        ({"question": "Please document what the film shows."}, "please document"),
        ({"question": "The DRG would change. Which finding applies?"}, "speaks of payment"),
        ({"question": "  "}, "title and a question"),
    ],
)
def test_a_query_that_would_lead_is_not_sent(
    clinic: Clinic, encounter_id: str, changes: dict[str, object], fault: str
) -> None:
    query_id = drafted(clinic, encounter_id, **changes)
    with pytest.raises(InvalidQuery, match=fault):
        clinic.do(queries.send, encounter_id, query_id, NAMES_IN)
    assert clinic.see(encounter_id).encounter.state == "suggested"


def test_a_diagnosis_may_be_named_when_it_is_one_of_several_options(
    clinic: Clinic, encounter_id: str
) -> None:
    query_id = drafted(clinic, encounter_id, question="Which kind of pneumonia is treated?")
    clinic.do(queries.send, encounter_id, query_id, NAMES_IN)


def test_a_documented_condition_may_be_asked_about(clinic: Clinic, encounter_id: str) -> None:
    given = {
        "template": "present_on_admission",
        "options": ["Yes", "No"],
    }
    quoted = drafted(clinic, encounter_id, values={"condition": "Pneumonia"}, **given)
    clinic.do(queries.send, encounter_id, quoted, NAMES_IN)
    unquoted = drafted(clinic, encounter_id, values={"condition": "Diabetes"}, **given)
    with pytest.raises(InvalidQuery, match="names 'diabetes'"):
        clinic.do(queries.send, encounter_id, unquoted, NAMES_IN)


def test_a_template_needs_its_values(clinic: Clinic, encounter_id: str) -> None:
    with pytest.raises(InvalidQuery, match="needs condition, detail"):
        drafted(clinic, encounter_id, template="specificity")
    with pytest.raises(InvalidQuery, match="no template"):
        drafted(clinic, encounter_id, template="leading")


@pytest.mark.parametrize("form", query_rules.templates(), ids=lambda form: form.id)
def test_every_template_is_compliant(form: query_rules.Template) -> None:
    values = dict.fromkeys(form.placeholders, "the finding")
    question = query_rules.rendered(form, values)
    options = query_rules.with_standard(["one", "two"])
    assert "{" not in question
    assert query_rules.faults(form, form.title, question, options, ["quoted"], NAMES_IN) == ()


def test_a_sent_query_is_not_written_again(clinic: Clinic, encounter_id: str) -> None:
    query_id = drafted(clinic, encounter_id)
    edited = new(clinic, encounter_id, options=["Aspiration pneumonia", "Viral pneumonia"])
    clinic.do(queries.edit, encounter_id, query_id, edited)
    assert listed(clinic, encounter_id)[0].options[0] == "Aspiration pneumonia"
    assert len(listed(clinic, encounter_id)[0].indicators) == 1
    clinic.do(queries.send, encounter_id, query_id, NAMES_IN, actor=OTHER)
    with pytest.raises(InvalidQuery, match="it is sent"):
        clinic.do(queries.edit, encounter_id, query_id, edited)


def test_indicators_stand_in_the_encounters_notes(clinic: Clinic, encounter_id: str) -> None:
    elsewhere = clinic.see(clinic.receive()).notes[0].version_id
    with pytest.raises(InvalidSpan):
        drafted(clinic, encounter_id, indicators=[Selected(elsewhere, 0, 9)])


def test_the_audit_log_hears_of_queries_without_their_words(
    clinic: Clinic, encounter_id: str
) -> None:
    query_id = drafted(clinic, encounter_id)
    clinic.do(queries.send, encounter_id, query_id, NAMES_IN)
    clinic.do(queries.answer, encounter_id, query_id, "Viral pneumonia", "Dr. Who")
    assert clinic.audit.names()[-3:] == ["query.drafted", "query.sent", "query.answered"]
    assert "pneumonia" not in repr(clinic.audit.events[-3:]).lower()


@pytest.mark.parametrize("form", query_rules.templates(), ids=lambda form: form.id)
def test_the_packaged_engine_takes_no_word_of_a_template_for_a_diagnosis(
    suggester: Suggester, form: query_rules.Template
) -> None:
    values = {"condition": "pneumonia", "other": "heart failure", "detail": "type"}
    found = query_rules.faults(
        form,
        form.title,
        query_rules.rendered(form, values),
        query_rules.with_standard(["Viral", "Bacterial"]),
        ["pneumonia", "heart failure"],
        names_by(suggester.suggest, engine.Encounter()),
    )
    assert found == ()
