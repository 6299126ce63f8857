"""What the SQL pane is about, without its widgets: a connection, the statements that run on it, and
the rows that they gave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tui.panes.sql import wording
from tui.panes.sql.catalog.tree import CatalogTree
from tui.panes.sql.connecting.connected import Connected, Known
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.packed_rows import pack
from tui.panes.sql.result_pages import ResultPages
from tui.panes.sql.row_edits.staged import StagedChanges
from tui.panes.sql.rows.arranging import RowsArranging
from tui.panes.sql.run_log import RunLog, RunUnderWay
from tui.panes.sql.series_run import SeriesRun
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    CopyProgress,
    Relations,
    Result,
    Series,
    Session,
    SqlError,
    Statement,
    TransactionState,
    progress_of,
)
from tui.services.sql.row_edits.applying import EditsApplied

LOG_EVERY = 0.5
"""Seconds between two lists of what a run has come to so far."""

NOTHING = "There is no statement here."

_CHANGES_NAMES = ("CREATE", "ALTER", "DROP", "SELECT INTO", "DO", "CALL")


class QueryRunner(Connected):
    """Calls `changed` whenever something that is shown has changed."""

    def __init__(self, services: Services, changed: Callable[[], None]) -> None:
        super().__init__(services, changed)
        self.shown: LoadedResult | Relations | None = None
        """The result or the list of tables; None when nothing is known of this connection."""
        self.log = RunLog()
        self.doing = ""
        """What the server does for us now, "running 2/3"; empty if nothing."""
        self.copying: CopyProgress | None = None
        """How far the COPY has come that runs, if one does."""
        self.begun = 0.0
        """When `doing` began, by the monotonic clock."""
        self.failed: Statement | None = None
        """The statement that failed in the last run."""
        self._pages = ResultPages(lambda: self.shown, self._say)
        self.loading_all = self._pages.loading_all
        self.arranging = RowsArranging(changed)
        self.catalog = CatalogTree()
        """What is known of the objects of the database."""
        self.tables_place = (0, 0)
        """Row and column where the cursor stood in the list of tables."""
        self.error: ServiceError | None = None
        """What went wrong here last, while it is to be read."""
        self._said = ""
        self._run: object = None
        self._series: Series | None = None
        """The statements that are run."""
        self._stop: Callable[[], None] | None = None
        self._repeating: asyncio.Event | None = None
        """Set to end what is run again and again, while something is."""

    # -- what it is now ---------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the server works for us now, or will at once: between two statements of a run or
        two pages of all."""
        at_work = self.session is not None and self.session.running
        is_repeated = self._repeating is not None
        return bool(self.doing) or self.loading_all.active or at_work or is_repeated

    @property
    def result(self) -> Result | None:
        """The result that is shown."""
        return self.shown.result if isinstance(self.shown, LoadedResult) else None

    @property
    def held(self) -> bool:
        """Whether the next page of the result can be had."""
        return isinstance(self.shown, LoadedResult) and self.shown.held

    @property
    def can_refresh(self) -> bool:
        """Whether asking again for what is shown changes nothing."""
        result = self.result
        # Not the tag alone: EXPLAIN ANALYZE INSERT and WITH … DELETE … SELECT have a reader's.
        return result is None or (
            result.tag.startswith(("SELECT", "SHOW", "EXPLAIN")) and not result.wrote
        )

    @property
    def status(self) -> str:
        """What is said of the rows while nothing runs."""
        if self._said:
            return self._said
        if isinstance(self.shown, LoadedResult):
            staged = self.shown.staged
            line = f"{staged.line}: Ctrl+S shows and applies · " if staged and staged.count else ""
            return (
                line + self.shown.status + (self.log.which if self.shown is self.log.shown else "")
            )
        return "" if self.shown is None else wording.relations_line(self.shown)

    @property
    def staged(self) -> list[StagedChanges]:
        """The changes of rows that are staged, in every result that is kept."""
        results = dict.fromkeys((*self.log.kept, self.shown))
        found = [each.staged for each in results if isinstance(each, LoadedResult)]
        return [each for each in found if each is not None and each.count]

    def staging_changed(self) -> None:
        """Something was staged, or taken back."""
        self._say("")

    async def apply_staged(self, shown: LoadedResult) -> EditsApplied:
        """Send what is staged of a result: see `Session.apply`."""
        session, staged = self.session, shown.staged
        assert session is not None, "there is a result"
        assert staged is not None, "something is staged"
        try:
            await self.reconnect_if_lost(session)
            # The server gives up the rest of its rows.
            await shown.read_ahead()
            self._begin("applying")
            return await session.apply(staged.table, staged.changes)
        finally:
            self.doing = ""
            self._changed()

    def at_stake(self, ending: str = "quitting") -> list[str]:
        """What would be lost with the connection, as sentences; `ending` is what ends it."""
        said = []
        if self.running:
            said.append(f"A statement is running; {ending} cancels it.")
        if self.session is not None and self.state is TransactionState.OPEN:
            said.append(wording.open_transaction(self.session.transaction, ending))
        return said + [
            f"{each.table.sql_name}: {each.line}; {ending} drops what is staged."
            for each in self.staged
        ]

    async def list_relations(self) -> None:
        """Show the tables of the database in place of a result, but of none that came meanwhile;
        what is said of a run that began meanwhile stays."""
        session, shown, log, was_running = self.session, self.shown, self.log, self.running
        if session is None:
            return
        relations = await session.relations()
        if self.shown is shown and (shown is None or was_running or not self.running):
            self.shown = relations
            if self.log is log:
                self.log, self._said = RunLog(), ""
        self.names_are_old, self._just_read = True, relations
        self._changed()

    # -- the connection ---------------------------------------------------------------------------

    def _take(self, session: Session, known: Known) -> None:
        super()._take(session, known)
        self._changed()

    def close(self) -> None:
        super().close()
        self.arranging.stop()

    def _session_changed(self) -> None:
        if not self.running and self.result is not None:
            # What was said before is not true any more of a result that has lost its rest.
            self._said = ""
        self._changed()

    # -- statements -------------------------------------------------------------------------------

    async def run(self, statements: Sequence[Statement], *, again: str = "") -> None:
        """Run them in order, up to the first that fails (`failed`), whose error is raised. What
        came before it stays done, and is listed. `again`: what is said of the same statement once
        more, whose rows take the place of those that are shown, with the cursor where it is."""
        session, self.failed = self.session, None
        if session is None:
            return
        if not statements:
            self._say(NOTHING)
            return
        # What is said of an earlier run must not stand over this one.
        self.log = RunLog()
        run = self._run = object()
        total = len(statements)
        series = self._series = Series(statements, pack)
        under_way, told = RunUnderWay(total), time.monotonic()
        doing = again or ("running" if total == 1 else "")

        def tell() -> None:
            nonlocal told
            self.copying = progress_of(series.current)
            if time.monotonic() - told >= LOG_EVERY:
                self.log, told = under_way.log(is_over=False), time.monotonic()
            self._begin(doing or f"running {series.at + 1}/{total}", series.begun)

        following = SeriesRun(session, series, under_way, tell)
        try:
            await self.reconnect_if_lost(session)
            tell()
            try:
                await following.run()
            except ServiceError as error:
                self.failed = series.current
                self.show_failure(session, error, under_way)
                raise
            finally:
                if any(each.tag.startswith(_CHANGES_NAMES) for each in under_way.results):
                    self.names_are_old, self._just_read = True, None
            loaded = following.last
            assert loaded is not None, "there was a statement"
            # The last one that has rows, or else the last one.
            before, shown = self.shown, under_way.last_with_rows or loaded
            if again and isinstance(before, LoadedResult):
                shown.series = before.series
                await self.arranging.arrange_as(shown, before)
            self.shown, self._said = shown, ""
            self.log = under_way.log()
        finally:
            if self._run is run:
                self.doing, self._run, self._series, self.copying = "", None, None, None
            self._changed()

    @property
    def last_statement(self) -> Statement | None:
        """The statement that was run last, as it was sent."""
        return self.log.results[-1].statement if self.log.results else None

    def show_instead(self, shown: LoadedResult) -> None:
        """Show other rows in the place of those of the last run."""
        self.shown = shown
        self._say("")

    async def ask(self, statement: Statement, doing: str) -> Result | None:
        """Run a statement whose answer is not for the rows; None without a connection."""
        session = self.session
        if session is None:
            return None
        run = self._run = object()
        try:
            await self.reconnect_if_lost(session)
            self._begin(doing)
            return await session.run(statement)
        finally:
            if self._run is run:
                self.doing, self._run = "", None
            self._changed()

    async def reconnect_if_lost(self, session: Session) -> None:
        """Connect again, if the connection is lost and nobody has to be told of it first."""
        # A statement of a transaction that is gone must not run by itself on a new connection: it
        # is tried on the old one, which says what is lost; the next run connects.
        if session.state is not TransactionState.LOST or session.lost_transaction:
            return
        self._begin("connecting again")
        try:
            await session.reconnect()
        except ServiceError as error:
            self._said = "not connected"
            if self.deleted_instance:
                raise ServiceError(
                    f"The instance {self.deleted_instance} was deleted.",
                    cause=error.cause,
                    hint="Press Ctrl+O to connect elsewhere.",
                    kind=ErrorKind.NOT_FOUND,
                ) from error
            raise

    def _begin(self, doing: str, begun: float | None = None) -> None:
        self.doing, self._said = doing, ""
        self.begun = time.monotonic() if begun is None else begun
        self._changed()

    def _say(self, text: str) -> None:
        self._said = text
        self._changed()

    def show_result(self, step: int) -> None:
        """Show another result of the last run: the next, or the one before."""
        if self.shown is self.log.shown:
            self.log = self.log.moved(step)
            self.shown = self.log.shown
            self._said = ""
            self._changed()

    def show_failure(self, session: Session, error: ServiceError, under_way: RunUnderWay) -> None:
        """Show what a run has come to of which a statement failed."""
        with_rows = under_way.last_with_rows
        if with_rows is not None:
            self.shown, self._said = with_rows, ""
        notices = error.notices if isinstance(error, SqlError) else ()
        self.log = under_way.log(failed=True, notices=notices)
        said = "cancelled" if error.kind is ErrorKind.CANCELLED else "the statement failed"
        if session.state is TransactionState.FAILED:
            said += " · the transaction is aborted: Ctrl+B rolls it back"
        if self.result is not None and _has_rows(self.result):
            said += f" · the rows below are older: {wording.brief(self.result.statement.shown)}"
        elif isinstance(self.shown, Relations) and self.shown.found:
            # It is the statement that failed: they are listed, and still can be read.
            said += f" · below: {wording.relations_line(self.shown)}"
        self._said = said

    @contextmanager
    def occupied(self, doing: str, stop: Callable[[], None]) -> Iterator[Callable[[str], None]]:
        """Something else that takes long: no statement runs meanwhile, and Esc calls `stop`. What
        is given is called with what is done now."""
        run = self._run = object()
        self._stop = stop
        self._begin(doing)

        def tell(doing: str) -> None:
            if self._run is run and doing != self.doing:
                self.doing = doing
                self._changed()

        try:
            yield tell
        finally:
            if self._run is run:
                self.doing, self._run, self._stop = "", None, None
            self._changed()

    @contextmanager
    def repeating(self) -> Iterator[asyncio.Event]:
        """A statement is run again and again: it ends when the event is set, as Esc does."""
        self._repeating = asyncio.Event()
        try:
            yield self._repeating
        finally:
            self._repeating = None
            self._changed()

    async def cancel(self) -> None:
        """Stop what runs, on the server. While all pages are loaded, the one under way is the last;
        asked again, that is stopped, too."""
        if self.loading_all.active and not self.loading_all.stopping:
            self.loading_all.stop()
            return
        if self._repeating is not None:
            # It may be between two runs, where there is nothing to cancel.
            self._repeating.set()
        if self._stop is not None:
            self._stop()
        if self._series is not None:
            self._series.stop()
        if self.session is not None:
            await self.session.cancel()

    # -- pages ------------------------------------------------------------------------------------

    async def load_page(self) -> None:
        """Add the next page of the result that is shown."""
        await self._pages.load_page()

    async def load_all(self) -> bool:
        """Add every page that is left, until `cancel`; whether the last row of all is here now."""
        return await self._pages.load_all()


def _has_rows(result: Result) -> bool:
    return result.columns is not None
