"""Failures that pass: what was begun is kept, and a retry goes on with it."""

from __future__ import annotations

from tui.services.errors import ErrorKind, ServiceError

JOURNAL = "JournalProblem"
"""The code of an error that says that the journal cannot be written."""

_KINDS = {ErrorKind.CREDENTIALS, ErrorKind.DENIED, ErrorKind.NETWORK, ErrorKind.THROTTLED}
_CODES = {"EDQUOT", "EIO", "EMFILE", "ENOSPC", "InternalError", JOURNAL, "ServiceUnavailable"}


def may_pass(reason: BaseException) -> bool:
    """Whether a transfer that failed for that reason may well succeed when it is gone on with: the
    network comes back, credentials are renewed, permission is given, the disk has space again."""
    return isinstance(reason, ServiceError) and (reason.kind in _KINDS or reason.code in _CODES)
