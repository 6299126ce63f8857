"""The connection of the SQL pane, without its widgets: how one comes by it, what leaving it would
end, what can be named on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum

from tui.panes.sql import wording
from tui.services.aws import Target
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    DatabaseTarget,
    Names,
    Relations,
    Secrets,
    ServerInfo,
    Session,
    TransactionState,
)

MAX_RECENT = 9
"""Databases of this run of the application that are offered again."""

Known = tuple[DatabaseTarget, Secrets]
"""A database that was connected to in this run, with what opened it. Never written anywhere."""


class Stake(Enum):
    """What going to another connection would end."""

    NOTHING = ""
    TRANSACTION = "transaction"
    STATEMENT = "statement"
    """It may stand in a transaction: while it runs, libpq does not say."""


AskToLeave = Callable[[Stake, ServerInfo], Awaitable[bool]]
"""Asks the user whether what is at stake on a server may be ended."""


class Connected:
    """Calls `changed` whenever something that is shown has changed."""

    def __init__(self, services: Services, changed: Callable[[], None]) -> None:
        self.session: Session | None = None
        self.recent: list[Known] = []
        """The databases of this run, the newest first."""
        self.connecting = ""
        """What is being connected to."""
        self.names: Names | None = None
        """What can be named on this connection; None until it is read."""
        self.names_are_old = False
        """Whether there may be others than were read: on a new connection, after a statement that
        created, changed or dropped something."""
        self._just_read: Relations | None = None
        """The tables, where they are as new as the names will be."""
        self._services = services
        self._changed = changed
        self._connected_from: Target | None = None
        """The account and region in which the session's instance is looked for."""
        self._instance_gone = False

    @property
    def state(self) -> TransactionState | None:
        """Where the user's transaction stands; None without a connection."""
        return None if self.session is None else self.session.state

    @property
    def location(self) -> tuple[str, str]:
        """Who is connected where, and in which transaction."""
        if self.connecting:
            return self.connecting, "connecting…"
        if self.session is None:
            read_only = "READ ONLY · " if self._services.account.read_only else ""
            return "not connected", f"{read_only}Ctrl+O connects"
        state = wording.connection_state(self.session, deleted=self.deleted_instance)
        return self.session.info.label, state

    @property
    def deleted_instance(self) -> str:
        """The RDS instance behind a lost connection, if it was deleted on purpose."""
        lost = self.session is not None and self.session.state is TransactionState.LOST
        return self.session.target.instance if self.session and lost and self._instance_gone else ""

    # -- the connection ---------------------------------------------------------------------------

    @property
    def at_stake(self) -> Stake:
        """What leaving the connection would end now."""
        if self.session is None:
            return Stake.NOTHING
        if self.session.running:
            return Stake.STATEMENT
        return Stake.TRANSACTION if self.state is TransactionState.OPEN else Stake.NOTHING

    async def may_leave(self, ask: AskToLeave) -> bool:
        """Ask before what runs or is open here is ended by going elsewhere."""
        if self.session is None or self.at_stake is Stake.NOTHING:
            return True
        return await ask(self.at_stake, self.session.info)

    async def connect(
        self,
        target: DatabaseTarget,
        secrets: Secrets,
        ask: AskToLeave,
        *,
        agreed: Stake = Stake.NOTHING,
    ) -> bool:
        """Connect and list the tables; False if the user stayed where they were. `agreed` is what
        they have agreed to lose by it; if something else is at stake by then, they are asked.

        PasswordNeededError if the server wants a password or does not take this one.
        """
        self.connecting = target.label
        self._changed()
        try:
            session = await self._services.sql.connect(target, secrets)
        finally:
            self.connecting = ""
            self._changed()
        leave = False
        try:
            leave = self.at_stake is agreed or await self.may_leave(ask)
        finally:
            if not leave:
                session.close()
        if not leave:
            return False
        others = [each for each in self.recent if each[0].label != target.label]
        self.recent = [(target, secrets), *others][:MAX_RECENT]
        before = self.session
        if before is not None and before.target == target:
            # The same again: how it is used was chosen for it.
            session.manual_commit, session.limits = before.manual_commit, before.limits
        self._take(session)
        await self.list_relations()
        return True

    def _take(self, session: Session) -> None:
        self.close()
        self.session, self.names = session, None
        self._connected_from, self._instance_gone = self._services.account.target, False
        session.on_change = self._session_changed

    def close(self) -> None:
        """End the connection without waiting; what it still has to say is said to nobody."""
        if self.session is not None:
            self.session.on_change = None
            self.session.close()

    async def list_relations(self) -> None:
        """Show the tables of the database."""
        raise NotImplementedError

    def _session_changed(self) -> None:
        self._changed()

    def look(self) -> None:
        """Look whether the server is still there; never waits."""
        if self.session is not None:
            self.session.look()

    async def look_at_instance(self) -> None:
        """Find out whether the RDS instance behind the connection was deleted."""
        session = self.session
        if session is None or not session.target.instance:
            return
        if self._services.account.target != self._connected_from:
            return
        try:
            found = await self._services.rds.describe(session.target.instance)
        except ServiceError as error:
            gone = error.kind is ErrorKind.NOT_FOUND
        else:
            gone = found.status == "deleting"
        if session is self.session:
            self._instance_gone = gone
            self._changed()

    async def read_names_again(self) -> None:
        """Read what can be named here; what cannot be read stays what it was."""
        session, self.names_are_old = self.session, False
        tables, self._just_read = self._just_read, None
        if session is None:
            return
        try:
            names = await session.names(tables)
        except ServiceError:
            return
        if session is self.session:
            self.names = names
