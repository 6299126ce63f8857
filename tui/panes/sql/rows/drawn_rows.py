"""The rows that are drawn: filtered, put in order, and read on as keys ask for it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from tui.panes.sql.connecting.open_connections import OpenConnections
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.results import ResultsView
from tui.panes.sql.rows.arranged import Arrangement
from tui.panes.sql.runner import QueryRunner

Start = Callable[[Coroutine[Any, Any, None], str, QueryRunner], object]
"""Starts work of a kind on a connection, which ends such work of it that is under way."""


class DrawnRows:
    """What keys do with the rows of the connection that is shown."""

    def __init__(self, results: ResultsView, connections: OpenConnections, start: Start) -> None:
        self._results = results
        self._connections = connections
        self._start = start

    @property
    def _arranged(self) -> LoadedResult | None:
        """The rows that a key of now arranges: those that are drawn or, if they were run again and
        are about to be, those that take their place."""
        shown, newest = self._results.shown, self._connections.shown.shown
        if not isinstance(shown, LoadedResult):
            return None
        if isinstance(newest, LoadedResult) and newest.series is shown.series:
            return newest
        return shown

    def sort(self, column: int) -> None:
        """Sort the loaded rows by a column: upwards, downwards, as they came."""
        if self._arranged is not None:
            grid = self._results.grid
            grid.move_cursor(grid.cursor_row, column)
            self.arrange(self._arranged.wanted.sorted_next(column))

    def narrow(self, text: str) -> None:
        """Show of the loaded rows those that have the text."""
        if self._arranged is not None:
            self.arrange(replace(self._arranged.wanted, text=text))

    def arrange(self, wanted: Arrangement) -> None:
        """Show the loaded rows filtered and in order."""
        shown = self._arranged
        if shown is not None and wanted != shown.wanted:
            # At once: it holds for the next key, and for rows that take the place of these.
            shown.wanted = wanted
            self.arrange_again(shown)

    def arrange_again(self, shown: LoadedResult) -> None:
        """Filter and put in order what came since."""
        runner = self._connections.shown
        self._start(runner.arranging.arrange(shown, shown.wanted), "sql-arrange", runner)

    def read_on(self) -> None:
        """Load the next page, unless a statement runs."""
        runner = self._connections.shown
        if not runner.running:
            self._start(self._load_page(runner), "sql-page", runner)

    async def _load_page(self, runner: QueryRunner) -> None:
        with self._connections.work(runner, tells_end=False):
            await runner.load_page()

    def go_to_end(self) -> None:
        """Load all that is left and go to the last row."""
        runner = self._connections.shown
        # A group of its own: to cancel a page under way would end the result on the server.
        if not runner.loading_all.active:
            self._start(self._load_all(runner), "sql-end", runner)

    async def _load_all(self, runner: QueryRunner) -> None:
        grid = self._results.grid
        with self._connections.work(runner):
            try:
                at_end = await runner.load_all()
            finally:
                grid.ask_again()  # what it asked for meanwhile was passed over
            if at_end and runner is self._connections.shown:
                grid.move_cursor(len(grid.rows) - 1)
