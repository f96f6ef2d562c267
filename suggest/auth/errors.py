"""What can go wrong with signing in and with rights. Messages tell an attacker nothing."""

from __future__ import annotations

from suggest.errors import SuggestError


class AuthError(SuggestError):
    """Base of the errors of sign-in and rights."""

    slug = "auth-error"
    title = "Not possible with these rights"
    status = 403


class NotSignedIn(AuthError):
    """Nobody is signed in, or the session has ended."""

    slug = "not-signed-in"
    title = "Sign in first"
    status = 401


class SignInFailed(AuthError):
    """Name and password do not belong together (or the user does not exist, or is inactive)."""

    slug = "sign-in-failed"
    title = "Sign-in failed"
    status = 401

    def __init__(self, message: str = "the name or the password is wrong") -> None:
        super().__init__(message)


class TooManyAttempts(AuthError):
    """Too many failed sign-ins for this name or from this address; `retry_after` in seconds."""

    slug = "too-many-attempts"
    title = "Too many failed sign-ins"
    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"too many failed sign-ins: try again in {retry_after} seconds")


class InvalidToken(AuthError):
    """The API token is unknown, expired or revoked."""

    slug = "invalid-token"
    title = "The API token cannot be used"
    status = 401


class UnknownToken(AuthError):
    """There is no API token of this prefix."""

    slug = "unknown-token"
    title = "Unknown token"
    status = 404


class NotAllowed(AuthError):
    """The role, or the API token's scopes, do not allow the action."""

    slug = "not-allowed"
    title = "Not allowed"
    status = 403

    def __init__(self, action: str, role: str) -> None:
        self.action = action
        super().__init__(f"{action} is not open to the role {role} or to this token")


class CsrfFailed(AuthError):
    """The form's or the request's token does not belong to the session."""

    slug = "csrf-failed"
    title = "The page is out of date"
    status = 403

    def __init__(self) -> None:
        super().__init__("the form does not belong to this session: load the page again")


class UnknownAction(AuthError):
    """The table of permissions has no such action."""

    slug = "unknown-action"
    title = "Unknown action"
    status = 422


class UnknownRole(AuthError):
    """There is no such role."""

    slug = "unknown-role"
    title = "Unknown role"
    status = 422


class InvalidUser(AuthError):
    """The user's name, role or facilities cannot be used, or the name is taken."""

    slug = "invalid-user"
    title = "The user cannot be stored"
    status = 422


class UnknownUser(AuthError):
    """There is no user of this name."""

    slug = "unknown-user"
    title = "Unknown user"
    status = 404


class WeakPassword(AuthError):
    """The password is too easy to guess, or too long."""

    slug = "weak-password"
    title = "The password cannot be used"
    status = 422


class InvalidScope(AuthError):
    """A scope that the owner's role does not have, or a life that cannot be."""

    slug = "invalid-scope"
    title = "The token cannot be made"
    status = 422


class DemoInProduction(AuthError):
    """Demo users, whose passwords everybody knows, were asked for in production."""

    slug = "demo-in-production"
    title = "No demo users in production"
    status = 409


class OidcFailed(AuthError):
    """The identity provider did not vouch for anyone we know; `reason` is for the audit log."""

    slug = "oidc-failed"
    title = "Sign-in failed"
    status = 401

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("the identity provider's answer cannot be used: sign in again")


class InvalidAuthSettings(AuthError):
    """A setting of the sign-in cannot be."""

    slug = "invalid-auth-settings"
    title = "The sign-in's settings cannot be used"
    status = 503
