"""The package's errors. Messages say what is wrong, where, and what to do; never any note text."""

from __future__ import annotations


class SuggestError(Exception):
    """Base of every error the package raises on purpose.

    `slug` names the problem type (the last part of the RFC 9457 `type` URI) and `status` is the
    HTTP status the API answers with.
    """

    slug = "error"
    title = "Error"
    status = 500


class InvalidText(SuggestError):
    """The note's text cannot be used: empty, not text, or not valid Unicode."""

    slug = "invalid-text"
    title = "The note's text cannot be used"
    status = 422


class TextTooLarge(SuggestError):
    """The note's text is over the limit."""

    slug = "text-too-large"
    title = "The note is too large"
    status = 413


class UnknownSystem(SuggestError):
    """No such code system is installed."""

    slug = "unknown-system"
    title = "Unknown code system"
    status = 404


class UnknownCode(SuggestError):
    """The code is not in the code set."""

    slug = "unknown-code"
    title = "Unknown code"
    status = 404


class DateOutsideCodeSets(SuggestError):
    """No installed code set covers the date."""

    slug = "date-outside-code-sets"
    title = "No code set covers this date"
    status = 422


class InvalidEncounter(SuggestError):
    """A field of the encounter has a value that cannot be."""

    slug = "invalid-encounter"
    title = "The encounter's data cannot be used"
    status = 422


class ModelError(SuggestError):
    """A model folder is missing a file, or its content does not match its manifest."""

    slug = "model-error"
    title = "The model cannot be loaded"
    status = 503
