"""What the chooser of connections shows, without its widgets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Sequence

from tui.panes.sql.connecting.connected import Known
from tui.panes.sql.connecting.lines import (
    ORDER,
    ConnectionLine,
    LineGroup,
    cluster_lines,
    instance_line,
    known_line,
    local_lines,
    with_marks,
    with_password,
)
from tui.panes.sql.connecting.warehouses import warehouse_line
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.rds import Cluster, ConnectInfo, Instance
from tui.services.redshift import Warehouse
from tui.services.sql.connecting.pasted import from_pasted, is_connection
from tui.services.sql.connecting.saved import SavedConnection

_PLACES = {group: at for at, group in enumerate(ORDER)}


class ConnectionsBrowser:
    """The connections that can be chosen: first those of this run, then what is kept on this
    machine, then what the account has. Calls `changed` when others are there."""

    def __init__(
        self,
        services: Services,
        *,
        open_now: Iterable[Known],
        recent: Iterable[Known],
        changed: Callable[[], None],
    ) -> None:
        self.lines: Sequence[ConnectionLine] = ()
        """The lines that fit what was typed, group by group."""
        self.text = ""
        """What was typed: words to filter by, or a connection itself."""
        self.is_read = False
        """Whether what is kept on this machine is among the lines."""
        self.reading_account = False
        self._services = services
        self._tell_of_change = changed
        now = list(open_now)
        labels = {target.label for target, _ in now}
        self._of_this_run = [
            *(known_line(LineGroup.OPEN, *each) for each in now),
            *(
                known_line(LineGroup.RECENT, *each)
                for each in recent
                if each[0].label not in labels
            ),
        ]
        self._local: Sequence[ConnectionLine] = self._of_this_run
        self._saved: Sequence[SavedConnection] = ()
        self._local_problems: list[str] = []
        self._account: list[ConnectionLine] = []
        self._not_listed: list[tuple[str, str]] = []
        """What of the account could not be listed, and why."""
        self._given: ConnectionLine | None = None
        self._given_problem = ""
        self.lines = self._fitting()

    # -- what is shown ----------------------------------------------------------------------------

    def _changed(self) -> None:
        self.lines = self._fitting()
        self._tell_of_change()

    def _fitting(self) -> list[ConnectionLine]:
        if is_connection(self.text):
            return [] if self._given is None else [self._given]
        words = self.text.casefold().split()
        found = [each for each in (*self._local, *self._account) if each.fits(words)]
        return sorted(found, key=lambda each: _PLACES[each.group])

    @property
    def first(self) -> int:
        """Where the cursor begins among the lines: on one whose name begins with what was typed,
        or has it within, or else on the first that leads anywhere."""
        text = self.text.strip().casefold()
        best = 0, 0
        for at, line in enumerate(self.lines):
            name = line.small_name
            fits = 2 if name.startswith(text) else int(text in name)
            rank = fits + 3 * line.can_be_chosen
            if rank > best[0]:
                best = rank, at
                if rank == 5:  # the best there is
                    break
        return best[1]

    @property
    def problems(self) -> list[str]:
        """What could not be read, a line each."""
        denied: dict[str, list[str]] = {}
        for what, why in self._not_listed:
            denied.setdefault(why, []).append(what)
        told = [f"{' and '.join(what)} are not listed: {why}" for why, what in denied.items()]
        return [*self._local_problems, *told]

    @property
    def state(self) -> str:
        """What is listed, in words."""
        if is_connection(self.text):
            return self._given_problem or "Enter connects to what was typed"
        count = len(self.lines)
        said = counted(count, "connection") if count else "no connection"
        if self.text.strip():
            said += " with these words"
        if self.reading_account:
            said += f" · looking at RDS in {self._services.account.target.region or 'the region'}…"
        return said

    # -- reading ----------------------------------------------------------------------------------

    async def read_local(self) -> None:
        """What is kept on this machine."""
        saved: tuple[SavedConnection, ...] = ()
        problems: list[str] = []
        try:
            saved = await asyncio.to_thread(self._services.saved_connections.read)
        except ServiceError as error:
            problems.append(_one_line(error))
        local = await asyncio.to_thread(local_lines, saved, self._of_this_run)
        self._saved = saved
        self._local, self.is_read = await asyncio.to_thread(_ready, local.lines, saved), True
        self._local_problems = [*problems, *local.problems]
        self._changed()
        await self._mark_account()

    async def read_account(self) -> None:
        """The RDS instances and clusters of the region, and its Redshift; what may not be listed is
        said."""
        self._account, self._not_listed, self.reading_account = [], [], True
        self._changed()
        try:
            await asyncio.gather(
                self._read_instances(), self._read_clusters(), self._read_warehouses()
            )
        finally:
            self.reading_account = False
            self._changed()
        await self._mark_account()

    async def _mark_account(self) -> None:
        """Once all of the account and what is saved is read, in whichever order."""
        before = self._account
        if self._saved and before and not self.reading_account:
            marked = await asyncio.to_thread(_ready, before, self._saved)
            if self._account is before:
                self._account = marked
                self._changed()

    async def _read_instances(self) -> None:
        rds = self._services.rds
        try:
            async for page in rds.list_instances():
                self._add(
                    instance_line(each, self._info_of(each))
                    for each in page.instances
                    if each.speaks_postgres
                )
        except ServiceError as error:
            self._tell("RDS instances", error)

    def _info_of(self, instance: Instance) -> ConnectInfo | None:
        try:
            return self._services.rds.connect_info(instance)
        except ServiceError:
            return None  # its status says why

    async def _read_clusters(self) -> None:
        try:
            async for page in self._services.rds.list_clusters():
                for each in page:
                    if each.speaks_postgres and each.host and each.port:
                        self._add(self._lines_of(each))
        except ServiceError as error:
            self._tell("Aurora clusters", error)

    async def _read_warehouses(self) -> None:
        account, redshift = self._services.account, self._services.redshift
        await self._read_redshift("Redshift clusters", redshift.list_clusters())
        # The emulator has none.
        if not account.is_sandbox:
            await self._read_redshift("Redshift workgroups", redshift.list_workgroups())

    async def _read_redshift(self, what: str, pages: AsyncIterable[tuple[Warehouse, ...]]) -> None:
        endpoint = self._services.account.endpoint
        sslmode = "prefer" if endpoint else "require"
        try:
            async for page in pages:
                self._add(warehouse_line(each, sslmode=sslmode) for each in page)
        except ServiceError as error:
            # A server that is not AWS's own often has no Redshift.
            if endpoint is None or error.kind is ErrorKind.DENIED:
                self._tell(what, error)

    def _lines_of(self, cluster: Cluster) -> Iterable[ConnectionLine]:
        rds = self._services.rds
        reader = rds.cluster_connect_info(cluster, reader=True) if cluster.reader_host else None
        return cluster_lines(cluster, rds.cluster_connect_info(cluster), reader)

    def _add(self, lines: Iterable[ConnectionLine]) -> None:
        self._account += lines
        self._changed()

    def _tell(self, what: str, error: ServiceError) -> None:
        if error.kind is ErrorKind.DENIED:
            why = error.hint or error.cause
        else:
            why = error.cause or error.message
        self._not_listed.append((what, " ".join(why.split())))
        self._changed()

    # -- what is typed ----------------------------------------------------------------------------

    async def look_for(self, text: str) -> None:
        """Filter by the words of a text, or read the connection that it is."""
        self.text = text
        self._given, self._given_problem = None, ""
        if not is_connection(text):
            self._changed()
            return
        try:
            given = await self.given(text)
        except ServiceError as error:
            self._given_problem = error.message
        else:
            self._given = given
        self._changed()

    async def given(self, text: str) -> ConnectionLine:
        """The connection that a text is. INVALID if it cannot be read."""
        target, secrets = await asyncio.to_thread(from_pasted, text)
        line = await asyncio.to_thread(with_password, known_line(LineGroup.GIVEN, target, secrets))
        return (await asyncio.to_thread(with_marks, [line], self._saved))[0]

    def show_given(self, text: str, line: ConnectionLine) -> None:
        """Show a connection that was read already; `text` is what stands for it."""
        self.text, self._given, self._given_problem = text, line, ""
        self._changed()


def _ready(
    lines: Iterable[ConnectionLine], saved: Sequence[SavedConnection]
) -> list[ConnectionLine]:
    """The lines with their marks, and with the texts that are looked into at each key."""
    found = with_marks(lines, saved)
    for each in found:
        _ = each.searched, each.small_name
    return found


def _one_line(error: ServiceError) -> str:
    return " ".join(str(error).split("\n"))
