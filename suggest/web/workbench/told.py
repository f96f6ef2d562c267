"""What the rules refuse, told with names and with a way on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from suggest.errors import SuggestError
from suggest.review.errors import CannotComplete, EncounterClosed, LeaseHeld, VersionConflict
from suggest.web import words
from suggest.web.page import Page

# What an event of the audit log did, for who comes too late. Others leave the codes as they are.
_DID: Final = {
    "decision.accepted": "accepted {code}",
    "decision.rejected": "rejected {code}",
    "decision.replaced": "replaced {code}",
    "decision.added": "added {code}",
    "decision.undone": "undid a decision",
    "decision.principal": "marked {code} as principal",
    "decision.poa": "set the POA indicator of {code}",
    "decision.moved": "moved {code}",
    "encounter.assigned": "assigned the encounter",
    "encounter.signed": "signed the encounter",
    "encounter.reopened": "reopened the encounter",
    "encounter.exported": "exported the encounter",
    "suggestions.made": "made new suggestions",
    "suggestions.revealed": "revealed the suggestions",
    "note.received": "added a note",
    "note.corrected": "corrected a note",
    "query.sent": "sent a physician query",
    "query.answered": "recorded a physician's answer",
}
_LOOKED_AT: Final = 20


class Told(SuggestError):
    """A refusal in words for the page; `back` is the page to load again."""

    def __init__(self, error: SuggestError, text: str, back: str) -> None:
        self.slug, self.title, self.status = error.slug, error.title, error.status
        self.back = back
        super().__init__(text)


@contextmanager
def in_words(page: Page, encounter_id: str) -> Iterator[None]:
    """Tells who was faster and who holds the encounter, instead of ids and versions."""
    back = f"/encounters/{encounter_id}"
    try:
        yield
    except VersionConflict as error:
        text = f"{_who(page, encounter_id)} Nothing was overwritten and yours was not stored."
        raise Told(error, text, back) from error
    except LeaseHeld as error:
        until = words.time(error.until, page.service.settings.zone)
        name = page.names({error.holder})[error.holder]
        text = f"{name} has it open until {until}. Wait, or ask a lead to take it over."
        raise Told(error, text, back) from error
    except CannotComplete as error:
        text = "; ".join(error.missing) + "."
        raise Told(error, text[:1].upper() + text[1:], back) from error
    except EncounterClosed as error:
        text = "It is signed. Reopen it with a reason to change it."
        raise Told(error, text, back) from error


def _who(page: Page, encounter_id: str) -> str:
    """ "Robin accepted E11.9 (3 Mar 2026, 14:05) after you loaded this page."."""
    session = page.reread()
    log = page.service.audit.events(session, encounter_id=encounter_id, limit=_LOOKED_AT)
    event = next((e for e in log if e.event in _DID), None)
    if event is None:
        return "Somebody changed this encounter after you loaded this page."
    did = _DID[event.event].format(code=event.detail.get("code", "a code"))
    name = {"system": "The service"}.get(event.actor) or page.names({event.actor})[event.actor]
    at = words.time(event.time, page.service.settings.zone)
    return f"{name} {did} ({at}) after you loaded this page."
