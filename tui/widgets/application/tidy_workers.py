"""Workers that are replaced before they have begun."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

from textual.worker import Worker
from textual.worker_manager import WorkerManager


class TidyWorkers(WorkerManager):
    """Closes the coroutine of a worker that was cancelled before its first step: Python warns of
    one that nothing ever awaits, and prints that over the screen."""

    def add_worker(self, worker: Worker[Any], start: bool = True, exclusive: bool = True) -> None:
        super().add_worker(worker, start=start, exclusive=exclusive)
        task, work = worker._task, worker._work  # noqa: SLF001 - Textual tells neither
        if task is not None and inspect.iscoroutine(work):
            task.add_done_callback(partial(_close, work))


def _close(work: Any, _task: object) -> None:
    work.close()  # does nothing to one that has run
