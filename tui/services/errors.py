"""The one kind of error that leaves a service."""

from __future__ import annotations

from enum import Enum


class ErrorKind(Enum):
    """What a caller may want to branch on, without reading vendor codes."""

    CREDENTIALS = "credentials"
    """No credentials, or expired or invalid ones."""
    DENIED = "denied"
    """The credentials are good, the permission is missing."""
    NOT_FOUND = "not found"
    EXISTS = "exists"
    """A conditional write found something already there."""
    CHANGED = "changed"
    """A conditional write found something other than what was read."""
    INVALID = "invalid"
    """The input breaks a rule; nothing was sent, or the service rejected it."""
    CONFLICT = "conflict"
    """The resource is in a state that does not allow the operation now."""
    NETWORK = "network"
    THROTTLED = "throttled"
    READ_ONLY = "read-only"
    """Refused by our own guard before anything was sent."""
    CANCELLED = "cancelled"
    """Stopped at the user's request, on the server as well."""
    UNKNOWN = "unknown"
    """A change may have been carried out or not: its answer was lost, and nothing shows it."""
    OTHER = "other"


class ServiceError(Exception):
    """What went wrong in the user's words, why, and what to do next.

    `message` is a sentence; `cause` is what the service itself said (code, request id), empty if
    nothing was sent; `hint` names the next step, empty if there is none; `code` is the vendor's
    own code ("NoSuchBucket", "42P01"), empty if there is none.
    """

    def __init__(
        self,
        message: str,
        *,
        cause: str = "",
        hint: str = "",
        code: str = "",
        kind: ErrorKind = ErrorKind.OTHER,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.hint = hint
        self.code = code
        self.kind = kind

    def __str__(self) -> str:
        return "\n".join(part for part in (self.message, self.cause, self.hint) if part)
