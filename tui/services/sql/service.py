"""Connecting to PostgreSQL: what the rest of the application calls first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from tui.services.audit import AuditLog
from tui.services.aws import Account, translating
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.bundle import Bundle, fetch_bundle
from tui.services.sql.connecting.certificates import verified, verified_if_possible
from tui.services.sql.connecting.diagnosis.probes import Probes
from tui.services.sql.connecting.problems import PasswordNeededError
from tui.services.sql.connecting.redshift import AskLogin, redshift_place
from tui.services.sql.connecting.stores import PasswordStores
from tui.services.sql.connecting.targets import Auth, DatabaseTarget, Secrets
from tui.services.sql.history import StatementHistory
from tui.services.sql.models import NO_LIMITS, TimeLimits
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.idle_release import IDLE_RELEASE
from tui.services.sql.session.opening import open_connection
from tui.services.sql.session.session import Session
from tui.services.sql.session.through import open_through, tunnel_to
from tui.services.sql.tunnels.spare import SpareTunnel

POOL_SIZE = 16
"""Statements that may run at the same time, over all sessions: one on each connection that the pane
holds, with as many again for catalogs and for what is being connected to."""


class SqlService:
    """Makes sessions. Building it connects to nothing and imports no driver."""

    def __init__(
        self,
        account: Account,
        audit: AuditLog | None = None,
        history: StatementHistory | None = None,
        *,
        limits: TimeLimits = NO_LIMITS,
        manual_commit: Callable[[], bool] = lambda: False,
        stores: PasswordStores | None = None,
        redshift_login: AskLogin | None = None,
    ) -> None:
        """`stores` keep the passwords of targets that name one; `limits` and `manual_commit` are
        what a session begins with; `redshift_login` gives temporary logins to Redshift."""
        self._redshift_login = redshift_login
        self._account = account
        self._limits = limits
        self._manual_commit = manual_commit
        self._audit = audit
        self._history = history
        self._stores = stores or PasswordStores()
        self._pool = BlockingPool("sql", POOL_SIZE)
        # Cancelling must get through when every thread of the pool waits for a server.
        self._control = BlockingPool("sql-control", 2)
        self._sessions: list[Session] = []
        self._offered: set[str] = set()
        self._spare_tunnel = SpareTunnel()

    def session_at(self, host: str, port: int, tunnel: str = "") -> Session | None:
        """The newest session that is open on a server, if there is one. Behind another ssh host the
        same name is another server."""
        found = (
            each
            for each in reversed(self._sessions)
            if not each.closed
            and (each.info.host, each.info.port, each.target.tunnel) == (host, port, tunnel)
        )
        return next(found, None)

    def probes(self, patience: float) -> Probes:
        """Looks at what is between this machine and a server; `patience` seconds for each look."""
        return Probes(self._pool, patience)

    @property
    def read_only(self) -> bool:
        """Whether a session that is made now lets only reading through."""
        return self._account.read_only

    async def connect(
        self,
        target: DatabaseTarget,
        secrets: Secrets | None = None,
        *,
        idle_release: float = IDLE_RELEASE,
    ) -> Session:
        """Open a connection. One made in read-only mode, or to a target that is marked so, stays
        so, whatever profile comes after.

        At AWS an IAM token goes only to a server whose certificate is verified. PasswordNeededError
        if the server wants a password or does not take this one; other ServiceErrors say what
        stands between us and the server. A tunnel is opened with it, and ends with the session.
        """
        known = secrets or Secrets()
        read_only_from_the_start = self._account.read_only or target.rules.read_only

        made: list[Session] = []

        def read_only() -> bool:
            marked = any(each.target.rules.read_only for each in made)
            return read_only_from_the_start or marked or self._account.read_only

        # Whether it is AWS is settled now: another profile must not send a token in another way.
        at_aws = self._account.endpoint is None
        tunnel = await self._pool.run(tunnel_to, target) if target.tunnel else None
        if tunnel is not None:
            tunnel = self._spare_tunnel.instead_of(tunnel)

        stores = self._stores.remembering()

        def connect() -> ServerConnection:
            secured = verified(target) if at_aws and target.auth is Auth.IAM else target
            return stores.tried(secured, self._fresh(target, known), open_one)

        def open_one(complete: DatabaseTarget, secrets: Secrets) -> ServerConnection:
            secured = verified_if_possible(complete)
            if tunnel is None:
                return open_connection(secured, secrets, read_only=read_only())
            return open_through(tunnel, secured, secrets, read_only=read_only())

        abandoned = threading.Event()

        def connect_unless_abandoned() -> ServerConnection:
            connection = connect()
            if abandoned.is_set():
                connection.close()
            return connection

        try:
            connection = await self._pool.run(connect_unless_abandoned)
        except BaseException as error:
            abandoned.set()
            if tunnel is not None and isinstance(error, PasswordNeededError):
                self._spare_tunnel.keep(tunnel)
            elif tunnel is not None:
                tunnel.close()
            raise
        session = Session(
            target,
            connection,
            connect=connect,
            read_only=read_only,
            audit=self._audit,
            pool=self._pool,
            control=self._control,
            idle_release=idle_release,
            history=self._history,
            limits=self._limits,
            tunnel=tunnel,
        )
        # It may be marked later.
        made.append(session)
        if tunnel is not None:
            tunnel.on_end = _later_here(session.look)
        session.manual_commit = target.rules.commits_by_hand(self._manual_commit())
        self._sessions = [each for each in self._sessions if not each.closed]
        self._sessions.append(session)
        return session

    async def fetch_bundle(self) -> Bundle:
        """Fetch RDS's root certificates and put them where they are looked for."""
        return await self._pool.run(fetch_bundle)

    async def kept_names(self) -> tuple[str, ...]:
        """The entries of the keyring that were made from here."""
        return await self._pool.run(self._stores.keyring.names)

    async def may_offer_to_keep(self, name: str) -> bool:
        """Whether there is a keyring for passwords, and this was not asked for that entry before:
        from now on it was."""
        if name in self._offered or not await self._pool.run(self._stores.keyring.usable):
            return False
        self._offered.add(name)
        return True

    async def keep_password(self, name: str, secrets: Secrets) -> None:
        """Put the password among `secrets` into the keyring. ServiceError if there is none, or it
        is locked, or fails."""
        password = secrets.reveal()["password"]
        await self._pool.run(self._stores.keyring.keep, name, password)

    async def forget_password(self, name: str) -> None:
        """Remove an entry from the keyring. ServiceErrors as above."""
        await self._pool.run(self._stores.keyring.forget, name)

    def _fresh(self, target: DatabaseTarget, secrets: Secrets) -> Secrets:
        """The secrets of one connection; an IAM token lives 15 minutes and is made each time."""
        if target.auth is not Auth.IAM:
            return secrets
        place = redshift_place(target)
        if place is not None and self._redshift_login is not None:
            database = target.parameters.get("dbname", "")
            login = self._redshift_login(place, database, target.user)
            return secrets.with_login(login.user, login.password)
        parameters = target.parameters
        host, port = parameters.get("host", ""), parameters.get("port") or "5432"
        if not host or not port.isdecimal() or not target.user or set(host) & set(",:/"):
            raise ServiceError(
                "An IAM token is made for one host, port and user, and they are not all named.",
                hint="Name the instance's endpoint, its port and the database user.",
                kind=ErrorKind.INVALID,
            )
        with translating("sign a login token for the database"):
            token = self._account.connection.client("rds").generate_db_auth_token(
                DBHostname=host, Port=int(port), DBUsername=target.user
            )
        return secrets.with_password(str(token))

    def close(self) -> None:
        """End every session; never waits."""
        self._spare_tunnel.drop()
        for session in self._sessions:
            session.close()
        self._pool.close()
        self._control.close()


def _later_here(function: Callable[[], None]) -> Callable[[], None]:
    """Something that any thread may call to have `function` called in the loop of now."""
    loop = asyncio.get_running_loop()

    def call() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(function)

    return call
