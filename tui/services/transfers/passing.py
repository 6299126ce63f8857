"""Failures that pass: what was begun is kept, and a retry goes on with it."""

from __future__ import annotations

from tui.services.errors import ErrorKind, ServiceError

JOURNAL = "JournalProblem"
"""The code of an error that says that the journal cannot be written."""

CLOCK_IS_OFF = "RequestTimeTooSkewed"
"""The code with which S3 refuses the requests of a machine whose clock is wrong."""

SERVICE_FAILED = frozenset({"500", "502", "503", "504", "InternalError", "ServiceUnavailable"})
"""Codes that say that the service itself failed: of a HEAD it gives the number alone."""

_KINDS = {ErrorKind.CREDENTIALS, ErrorKind.DENIED, ErrorKind.NETWORK, ErrorKind.THROTTLED}
_CODES = {"EDQUOT", "EIO", "EMFILE", "ENOSPC", CLOCK_IS_OFF, JOURNAL} | SERVICE_FAILED


def may_pass(reason: BaseException) -> bool:
    """Whether a transfer that failed for that reason may well succeed when it is gone on with: the
    network comes back, credentials are renewed, permission is given, the disk has space again."""
    return isinstance(reason, ServiceError) and (reason.kind in _KINDS or reason.code in _CODES)
