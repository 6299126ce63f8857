"""The application with a defect on `z` (`python -m tests.terminal.faulty worker` or `handler`), or
with one in a worker on `z` and one in a handler on Tab (`both`)."""

from __future__ import annotations

import sys

from tui.__main__ import main
from tui.screens.workspace import Workspace

SECRET = "hunter2-secret"


def fail(password: str) -> None:
    raise ValueError(f"cannot use {password}")


def fail_in_handler(self: Workspace) -> None:
    fail(SECRET)


def fail_in_tab(self: Workspace, step: int) -> None:
    fail_in_handler(self)


def fail_in_worker(self: Workspace) -> None:
    async def work() -> None:
        fail(SECRET)

    self.run_worker(work(), group="faulty")


if __name__ == "__main__":
    where = sys.argv.pop(1)
    on_z = fail_in_handler if where == "handler" else fail_in_worker
    Workspace.action_zoom = on_z  # type: ignore[method-assign]  # the defect
    if where == "both":
        Workspace.action_next_pane = fail_in_tab  # type: ignore[method-assign]  # the other one
    sys.exit(main())
