"""What a job does while nothing can be transferred: it waits, and tries one file from time to time.

Without it a connection that is gone for a minute would fail thousands of files, one after the
other, each for the same reason.
"""

from __future__ import annotations

import asyncio
import time

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Stop, StoppedError
from tui.services.transfers.job_states import FileState, HeldBack
from tui.services.transfers.passing import CLOCK_IS_OFF, SERVICE_FAILED

IN_A_ROW = 10
"""Files that fail one after the other, for reasons that concern all, before the others wait."""

FIRST_PAUSE = 2.0
"""Seconds until the first try; each is twice as long as the one before."""

LONGEST_PAUSE = 60.0

LOOK = 0.25
"""Seconds between two looks at whether to go on."""

_KINDS = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK, ErrorKind.THROTTLED, ErrorKind.UNKNOWN}
_CODES = {"EDQUOT", "EMFILE", "ENOSPC", CLOCK_IS_OFF} | SERVICE_FAILED


class HoldingBack:
    """Used from the event loop."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget what failed."""
        self.has_passed = False
        """Whether files waited, and one has arrived since."""
        self._go_on()

    def _go_on(self) -> None:
        self._in_a_row = 0
        self._pause = FIRST_PAUSE
        self._until = 0.0
        self._is_trying = False
        self._why = ""

    @property
    def now(self) -> HeldBack | None:
        """Why the files wait, and for how long still; None if they do not."""
        if self._in_a_row < IN_A_ROW:
            return None
        return HeldBack(self._why, max(0.0, self._until - time.monotonic()))

    def try_now(self) -> None:
        """Somebody says that it has passed: do not wait any longer for the next try."""
        self._until, self._pause = 0.0, FIRST_PAUSE

    async def wait(self, stop: Stop) -> None:
        """Return when a file may begin: at once if all is well. Raises StoppedError if `stop` is
        set while it waits."""
        while self._in_a_row >= IN_A_ROW:
            if stop.is_set():
                raise StoppedError
            if not self._is_trying and time.monotonic() >= self._until:
                self._is_trying = True
                return
            await asyncio.sleep(LOOK)

    def failed(self, error: ServiceError) -> None:
        """A file has failed."""
        if error.kind not in _KINDS and error.code not in _CODES:
            # It is about that file alone: the others may well be transferred.
            self._go_on()
            return
        self._in_a_row += 1
        self._why = error.cause or error.message
        if self._in_a_row < IN_A_ROW:
            return
        if self._is_trying:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        if self._is_trying or self._in_a_row == IN_A_ROW:
            self._until = time.monotonic() + self._pause
        self._is_trying = False

    def ended(self, state: FileState) -> None:
        """A file has ended in another way."""
        if state is FileState.DONE:
            self.has_passed = self.has_passed or self._in_a_row >= IN_A_ROW
            self._go_on()
        else:
            # Nothing was sent: the next one tells.
            self._is_trying = False
