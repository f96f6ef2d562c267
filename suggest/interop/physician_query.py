"""A physician query as FHIR R4 `CommunicationRequest`.

Why this resource: a query asks a person to say something, which is what CommunicationRequest is
for ("a request to convey information"); its status, payload and recipient map one to one, and a
receiver without support for forms still shows the text. `Task` asks for an action to be done on a
focus resource and would carry the words only as untyped inputs; a `Questionnaire` alone says
neither to whom nor about which encounter it is. The answer's form is a contained Questionnaire,
the answer a contained QuestionnaireResponse, so that nothing is lost for those who read them.

https://hl7.org/fhir/R4/communicationrequest.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from suggest.review.queries import QueryView, as_text
from suggest.review.view import EncounterView

MEDIA_TYPE: Final = "application/fhir+json"
_STATUS: Final = {
    "draft": "draft",
    "sent": "active",
    "answered": "completed",
    "withdrawn": "revoked",
}
_SYSTEM: Final = "urn:suggest"
_CHOICE, _WORDS = "choice", "words"


def communication_request(query: QueryView, encounter: EncounterView) -> dict[str, Any]:
    """The query as a resource; quoted indicators stand in the text and, with spans, in notes."""
    contained: list[dict[str, Any]] = [_form(query)]
    payload: list[dict[str, Any]] = [
        {"contentString": as_text(query)},
        {"contentReference": {"reference": "#form"}},
    ]
    if query.answer is not None:
        contained.append(_answer(query))
        payload.append({"contentReference": {"reference": "#answer"}})
    resource: dict[str, Any] = {
        "resourceType": "CommunicationRequest",
        "id": f"query-{query.id}",
        "contained": contained,
        "identifier": [{"system": f"{_SYSTEM}:query", "value": str(query.id)}],
        "status": _STATUS[query.status],
        "category": [{"text": "Clinical documentation query"}],
        "priority": "routine",
        "subject": _reference("Patient", "patient", encounter.patient),
        "encounter": _reference("Encounter", "encounter", encounter.id),
        "payload": payload,
        "authoredOn": _instant(query.sent_at or query.created_at),
        "requester": _reference("Practitioner", "user", query.created_by),
        "note": [
            {"text": f'note version {i.note_version_id}, characters {i.start}-{i.end}: "{i.text}"'}
            for i in query.indicators
        ],
    }
    if not query.indicators:
        del resource["note"]
    return resource


def _form(query: QueryView) -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "id": "form",
        "title": query.title,
        "status": "draft" if query.status == "draft" else "active",
        "item": [
            {
                "linkId": _CHOICE,
                "text": query.question,
                "type": "choice",
                "required": True,
                "repeats": False,
                "answerOption": [{"valueString": option} for option in query.options],
            },
            {"linkId": _WORDS, "text": "In your own words", "type": "text", "required": False},
        ],
    }


def _answer(query: QueryView) -> dict[str, Any]:
    items: list[dict[str, Any]] = [
        {"linkId": _CHOICE, "text": query.question, "answer": [{"valueString": query.answer}]}
    ]
    if query.answer_text:
        items.append({"linkId": _WORDS, "answer": [{"valueString": query.answer_text}]})
    resource: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "id": "answer",
        "status": "completed",
        "item": items,
    }
    if query.closed_at is not None:
        resource["authored"] = _instant(query.closed_at)
    if query.answered_by:
        resource["author"] = {"display": query.answered_by}
    return resource


def _reference(kind: str, system: str, value: str) -> dict[str, Any]:
    """A logical reference: the receiver finds the resource by its identifier."""
    return {"type": kind, "identifier": {"system": f"{_SYSTEM}:{system}", "value": value}}


def _instant(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
