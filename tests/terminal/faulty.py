"""The application with a defect on `z`: `python -m tests.terminal.faulty worker` or `handler`."""

from __future__ import annotations

import sys

from tui.__main__ import main
from tui.screens.workspace import Workspace

SECRET = "hunter2-secret"


def fail(password: str) -> None:
    raise ValueError(f"cannot use {password}")


def fail_in_handler(self: Workspace) -> None:
    fail(SECRET)


def fail_in_worker(self: Workspace) -> None:
    async def work() -> None:
        fail(SECRET)

    self.run_worker(work(), group="faulty")


if __name__ == "__main__":
    defect = fail_in_worker if sys.argv.pop(1) == "worker" else fail_in_handler
    Workspace.action_zoom = defect  # type: ignore[method-assign]  # the defect
    sys.exit(main())
