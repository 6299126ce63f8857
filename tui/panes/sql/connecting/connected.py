"""One connection of the SQL pane, without its widgets: how one comes by it, whether it is still
there, what can be named on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tui.panes.sql import wording
from tui.services.aws import Target
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Instance
from tui.services.rds.reachability import is_endpoint_of
from tui.services.sql import (
    DatabaseTarget,
    KnownNames,
    Relations,
    Secrets,
    Session,
    TransactionState,
)
from tui.services.sql.connecting.diagnosis.endpoint import endpoint_of
from tui.services.sql.connecting.places import LibpqPlace, place_of

Known = tuple[DatabaseTarget, Secrets]
"""A database that was connected to in this run, with what opened it. Never written anywhere."""


class Connected:
    """Calls `changed` whenever something that is shown has changed."""

    def __init__(self, services: Services, changed: Callable[[], None]) -> None:
        self.session: Session | None = None
        self.known: Known | None = None
        """What it was opened with."""
        self.place: LibpqPlace | None = None
        """Where that led when it was opened."""
        self.connecting = ""
        """What is being connected to."""
        self.names: KnownNames | None = None
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
        self._instance_seen = False
        """Whether this account and region have the instance behind the session."""
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

    async def connect(self, target: DatabaseTarget, secrets: Secrets) -> None:
        """Connect. PasswordNeededError if the server wants a password or does not take this one."""
        self.connecting = target.label
        self._changed()
        try:
            place = await asyncio.to_thread(place_of, target)
            session = await self._services.sql.connect(target, secrets)
        finally:
            self.connecting = ""
            self._changed()
        self.place = place
        self._take(session, (target, secrets))

    def _take(self, session: Session, known: Known) -> None:
        self.session, self.known, self.names = session, known, None
        self._connected_from = self._services.account.target
        self._instance_seen = self._instance_gone = False
        session.on_change = self._session_changed

    def use_like(self, other: Connected) -> None:
        """Commit by hand and limit statements as on another connection."""
        if self.session is not None and other.session is not None:
            self.session.manual_commit = other.session.manual_commit
            self.session.limits = other.session.limits

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

    @property
    def own_instance(self) -> str:
        """The name of the RDS instance behind the connection, if it was connected to from the
        present account and region; empty otherwise."""
        if self.session is None or self._services.account.target != self._connected_from:
            return ""
        return self.session.target.instance or ""

    async def look_at_instance(self) -> None:
        """Find out whether the RDS instance behind the connection was deleted."""
        await self.find_instance()

    async def find_instance(self) -> Instance | None:
        """The RDS instance behind the connection as it is now; None if it is gone or not known.
        Never raises."""
        session, name = self.session, self.own_instance
        if session is None or not name:
            return None
        here = self._services.account.connection
        found: Instance | None = None
        try:
            found = await self._services.rds.describe(name, at=here)
        except ServiceError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                return None
        if self.session is not session:
            return None
        server = endpoint_of(session.target, "")
        if found is None:
            # What was never seen here may be in another account, as that of a saved connection.
            self._instance_gone = self._instance_seen
        elif is_endpoint_of(found, server.host, server.port):
            self._instance_seen, self._instance_gone = True, found.status == "deleting"
        else:
            # It only has the name.
            found = None
        self._changed()
        return found

    async def read_names_again(self) -> None:
        """Read what can be named here; what cannot be read stays what it was."""
        session, self.names_are_old = self.session, False
        tables, self._just_read = self._just_read, None
        if session is None:
            return
        with suppress(ServiceError):
            self.names = await session.names(tables)
