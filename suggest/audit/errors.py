"""What can go wrong with the audit log. Tampering is a finding of a report, not an error."""

from __future__ import annotations

from suggest.errors import SuggestError


class AuditError(SuggestError):
    """Base of the errors of the audit log."""

    slug = "audit-error"
    title = "The audit log cannot go on"
    status = 500


class NotCanonical(AuditError):
    """The value has no canonical JSON: a NaN, a lone surrogate, an integer over 2^53, ..."""

    slug = "not-canonical"
    title = "The event cannot be written as JSON"
    status = 422


class KeyFileError(AuditError):
    """The signing key cannot be used: unreadable, not an Ed25519 key, or open to others."""

    slug = "audit-key"
    title = "The audit key cannot be used"
    status = 503


class InvalidCheckpoint(AuditError):
    """The checkpoint's file is not a checkpoint."""

    slug = "invalid-checkpoint"
    title = "Not a checkpoint"
    status = 422


class LogTampered(AuditError):
    """A checkpoint was about to be set on a log that does not verify; `findings` names the rows."""

    slug = "log-tampered"
    title = "The audit log was tampered with"
    status = 409

    def __init__(self, findings: tuple[str, ...]) -> None:
        self.findings = findings
        super().__init__("no checkpoint is set on a broken log: " + "; ".join(findings))


class InvalidReport(AuditError):
    """The report's data contradict each other: a span that does not lie in its note, ..."""

    slug = "invalid-report"
    title = "The report cannot be made"
    status = 422
