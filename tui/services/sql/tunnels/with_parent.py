"""Run a program that ends with the application, however that ends.

Started as a script in an interpreter without site packages: `with_parent.py PARENT PROGRAM…`.
Under Linux it becomes the program; elsewhere it stays beside it and watches.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

LOOK_EVERY = 0.5
"""Seconds between two looks at the parent, where the kernel does not tell of its end."""


def main(arguments: list[str]) -> None:
    parent, program = int(arguments[0]), arguments[1:]
    # Python ignores it; a program that inherits that would write to closed pipes for ever.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if sys.platform != "linux":
        sys.exit(beside(parent, program))
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the application has ended")
    os.execv(program[0], program)


def beside(parent: int, program: list[str]) -> int:
    """Run a program as long as `parent` is our parent; its exit status."""
    with subprocess.Popen(program) as child:
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        while child.poll() is None:
            if os.getppid() != parent:
                child.terminate()
            time.sleep(LOOK_EVERY)
        return child.returncode


if __name__ == "__main__":
    main(sys.argv[1:])
