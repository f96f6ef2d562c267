"""What can go wrong in the work. Messages say what is wrong and what to do; never note text."""

from __future__ import annotations

from datetime import datetime

from suggest.errors import SuggestError


class ReviewError(SuggestError):
    """Base of the errors of the work."""

    slug = "review-error"
    title = "The work cannot go on"
    status = 409


class NotFound(ReviewError):
    """Nothing with this id exists at the actor's facilities (both cases look the same)."""

    slug = "not-found"
    title = "Not found"
    status = 404


class VersionConflict(ReviewError):
    """Somebody changed the encounter since the caller read it."""

    slug = "version-conflict"
    title = "The encounter was changed meanwhile"
    status = 412

    def __init__(self, encounter_id: str, expected: int, found: int) -> None:
        self.expected = expected
        self.found = found
        super().__init__(
            f"encounter {encounter_id} is at version {found}, not {expected}: "
            "load it again and repeat the change"
        )


class LeaseHeld(ReviewError):
    """Another coder works on the encounter."""

    slug = "lease-held"
    title = "Somebody else works on this encounter"
    status = 423

    def __init__(self, encounter_id: str, holder: str, until: datetime) -> None:
        self.holder = holder
        self.until = until
        super().__init__(
            f"encounter {encounter_id} is held by {holder} until {until:%Y-%m-%d %H:%M} UTC: "
            "wait, or ask a lead to take it over"
        )


class IllegalTransition(ReviewError):
    """The encounter's state does not allow this."""

    slug = "illegal-transition"
    title = "Not possible in this state"
    status = 409


class EncounterClosed(IllegalTransition):
    """A completed or exported encounter was about to change."""

    slug = "encounter-closed"
    title = "The encounter is completed"

    def __init__(self, encounter_id: str, state: str) -> None:
        super().__init__(
            f"encounter {encounter_id} is {state} and cannot change: reopen it with a reason first"
        )


class CannotComplete(ReviewError):
    """Something is missing before the encounter can be signed; `missing` names each thing."""

    slug = "cannot-complete"
    title = "The encounter cannot be completed yet"
    status = 409

    def __init__(self, encounter_id: str, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"encounter {encounter_id} cannot be signed: " + "; ".join(missing))


class InvalidDecision(ReviewError):
    """The decision cannot be taken as asked (a reason is missing, the code stands already, ...)."""

    slug = "invalid-decision"
    title = "The decision cannot be taken"
    status = 422


class NothingToUndo(ReviewError):
    """There is no decision of the actor's own that can be undone."""

    slug = "nothing-to-undo"
    title = "Nothing to undo"
    status = 409


class InvalidSpan(ReviewError):
    """The evidence's span does not lie in a note of this encounter."""

    slug = "invalid-span"
    title = "The evidence does not stand in the note"
    status = 422


class NotesChanged(ReviewError):
    """The notes changed while suggestions were made from them."""

    slug = "notes-changed"
    title = "The notes changed meanwhile"
    status = 409


class InvalidQuery(ReviewError):
    """The physician query would lead, or lacks what a query needs; `faults` names each fault."""

    slug = "invalid-query"
    title = "The physician query is not compliant"
    status = 422

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("the query cannot be sent: " + "; ".join(faults))


class InvalidSample(ReviewError):
    """The sample's definition cannot be drawn."""

    slug = "invalid-sample"
    title = "The sample cannot be drawn"
    status = 422


class InvalidSetting(ReviewError):
    """No such site setting, or a value it cannot have."""

    slug = "invalid-setting"
    title = "The setting cannot be used"
    status = 422


class Forbidden(ReviewError):
    """The actor's role does not allow this."""

    slug = "forbidden"
    title = "Not allowed"
    status = 403


class AlreadyThere(ReviewError):
    """The source system's encounter, or the facility, has been stored before."""

    slug = "already-there"
    title = "Already stored"
    status = 409


class InvalidNote(ReviewError):
    """The note's data cannot be used, or the correction corrects nothing."""

    slug = "invalid-note"
    title = "The note cannot be used"
    status = 422


class InvalidFilter(ReviewError):
    """The worklist cannot be filtered, sorted or paged so."""

    slug = "invalid-filter"
    title = "The filter cannot be used"
    status = 422
