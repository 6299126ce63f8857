"""Run a program so that it dies with its parent and, under root, without root's rights.

Started as a script, in an interpreter without site packages: `launch.py PARENT UID GID PROGRAM…`.
It becomes the program. A function run between fork and exec would do the same, but is not safe
in a process that has threads.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

KEEP = -1
"""A uid or gid that says: stay who you are."""


def main(arguments: list[str]) -> None:
    parent, uid, gid = (int(argument) for argument in arguments[:3])
    # Loaded while we still may: the interpreter can lie where the other user cannot read.
    library = _c_library()
    if uid != KEEP:
        with contextlib.suppress(PermissionError):  # some containers forbid this alone
            os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if library is not None:
        # After the change of user, which would clear the request. SIGQUIT is PostgreSQL's
        # immediate shutdown: it takes its own children along.
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the sandbox has ended")
    os.umask(0o077)
    program = arguments[3:]
    os.execv(program[0], program)


def _c_library() -> Any:
    """The C library on Linux, None elsewhere: only Linux ends a child with its parent."""
    if sys.platform != "linux":
        return None
    import ctypes

    return ctypes.CDLL(None)


if __name__ == "__main__":
    main(sys.argv[1:])
