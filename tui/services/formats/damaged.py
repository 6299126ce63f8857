"""What to say of data that cannot be decoded."""

from __future__ import annotations

from tui.services.errors import ErrorKind, ServiceError


def damaged(what: str, cause: BaseException) -> ServiceError:
    """What to say of a file that cannot be decoded."""
    return ServiceError(
        f"This {what} file is damaged or cut short.",
        cause=str(cause)[:300] or type(cause).__name__,
        hint="Its bytes are shown instead.",
        kind=ErrorKind.INVALID,
    )
