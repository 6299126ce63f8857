"""Figures about a column, in a dialog."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

from textual.binding import Binding

from tui.panes.sql.export.exporting import why_not_again
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows.arranged import OvertakenError
from tui.panes.sql.rows.statistics import (
    BINS,
    TOP,
    Bin,
    ColumnStatistics,
    described,
    short,
    statistics,
)
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.services.sql import Row, Session
from tui.services.sql.text.wrapping import (
    counted_on_server,
    most_frequent_on_server,
    spread_on_server,
)
from tui.widgets.text.reading_dialog import ReadingDialog


class StatisticsView(ReadingDialog):
    """Counts the rows that are shown, and all rows on the server when that is asked for."""

    BINDINGS = [
        Binding("O", "ask_server", "All rows, by the server", id="statistics.server"),
        Binding("y", "copy", "Copy all", id="viewer.copy"),
        Binding("q,equals_sign", "leave", show=False),
    ]

    def __init__(
        self, runner: QueryRunner, session: Session | None, shown: LoadedResult, column: int
    ) -> None:
        name = (shown.result.columns or ())[column]
        super().__init__(f"{name.name}  {name.type_name}")
        self._runner = runner
        self._session = session
        self._shown = shown
        self._column = column
        self._stop = threading.Event()
        self._is_asking = False
        """Whether the server counts."""
        self._about_loaded = ""
        """What the figures of the loaded rows are of; empty until they are there."""

    def on_mount(self) -> None:
        self.say("Counting…")
        self.run_worker(self._count(), group="statistics", exclusive=True)

    def on_unmount(self) -> None:
        self._stop.set()

    async def _count(self) -> None:
        shown = self._shown
        rows: Sequence[Row] = (
            shown.arranged if shown.arranged is not None else shown.rows.snapshot()
        )
        kind = (shown.result.columns or ())[self._column].type_name
        try:
            found = await asyncio.to_thread(
                statistics, _values(rows, self._column), kind, self._stop.is_set
            )
        except OvertakenError:
            return
        if self._stop.is_set():
            return  # the server has counted meanwhile
        self.view.show(described(found), wrap=False)
        self._about_loaded = self._about(len(rows))
        if not self._is_asking:
            self.say(self._about_loaded)

    def _about(self, rows: int) -> str:
        shown = self._shown
        if shown.arranged is not None:
            said = f"Of the {counted(rows, 'row')} that are shown, of {shown.arranged.of:,} loaded."
        elif shown.complete:
            return f"Of all {rows:,} rows." if rows != 1 else "Of the only row."
        else:
            said = f"Of the {counted(rows, 'loaded row')}; there are more."
        return f"{said} O asks the server about all." if self._can_ask else said

    @property
    def _can_ask(self) -> bool:
        session = self._session
        return session is not None and not why_not_again(self._shown, session)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "ask_server":
            return self._can_ask and not self._runner.running
        return super().check_action(action, parameters)

    def action_ask_server(self) -> None:
        self._is_asking = True
        self.say("Asking the server: the statement runs again… Esc gives it up.")
        # What is counted here goes on: the server may refuse.
        self.run_worker(self._ask(), group="statistics-server", exclusive=True)

    async def _ask(self) -> None:
        session, result = self._session, self._shown.result
        if session is None:
            return
        columns = result.columns or ()
        asked = (result.statement, columns, self._column)
        spread = spread_on_server(*asked, BINS)
        questions = [counted_on_server(*asked), most_frequent_on_server(*asked, TOP)]
        questions += [spread] if spread is not None else []
        try:
            (figures,), top, *parts = await session.ask_again(result, questions)
        except ServiceError as error:
            self.say(f"{error}\n{self._about_loaded}".strip())
            return
        finally:
            self._is_asking = False
        self._stop.set()
        self.view.show(described_by_server(figures, top, *parts), wrap=False)
        self.say("Of all rows of now, as the server counted them.")


def _values(rows: Sequence[Row], column: int) -> Iterator[str | None]:
    return (row[column] for row in rows)


def described_by_server(figures: Row, top: Sequence[Row], parts: Sequence[Row] = ()) -> str:
    """What the server counted, in the same form."""
    rows, some, distinct, least, greatest, mean, total = figures
    found = {int(at or 0): Bin(begins or "", int(times or 0)) for at, begins, times in parts}
    count = int(rows or 0)
    return described(
        ColumnStatistics(
            count,
            count - int(some or 0),
            int(distinct or 0),
            least,
            greatest,
            top=tuple((short(value or "")[0], int(times or 0)) for value, times in top),
            bins=tuple(found.get(at, Bin("", 0)) for at in range(BINS)),
            told_mean=_without_zeros(mean or ""),
            told_sum=total or "",
        )
    )


def _without_zeros(mean: str) -> str:
    """The server gives a mean of whole numbers 16 digits behind the point, mostly zeros."""
    return mean.rstrip("0").rstrip(".") if "." in mean and "e" not in mean else mean
