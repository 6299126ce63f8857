"""RDS instances with a real PostgreSQL behind each one.

The emulator holds the records of RDS; this module runs the servers. `emulated_rds.py` connects
the two.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tui.sandbox.children import SandboxEndingError
from tui.sandbox.postgres import (
    HOST,
    Installation,
    PostgresError,
    PostgresServer,
    connect,
)

log = logging.getLogger(__name__)

DELETING_SECONDS = 1.0
"""How long a deleted instance stays in the list as `deleting`; RDS takes minutes."""

PENDING_NAMES = {"enable_iam_database_authentication": "iam_database_authentication_enabled"}
"""What of a record has another name among the changes that wait for the maintenance window."""

MAX_INSTANCES = 12
"""Servers at one time; RDS has a quota too (40)."""


@dataclass(frozen=True)
class RestoreSource:
    """What an instance is restored from."""

    data: Path
    """A data directory that no server uses."""
    user: str
    password: str = field(repr=False)
    database: str | None


@dataclass
class EmulatedInstance:
    """One server and the emulator's record of its instance."""

    record: Any
    """moto's DBInstance; its `status` and `port` are what DescribeDBInstances answers."""
    user: str
    password: str = field(repr=False)
    database: str | None
    """The initial database; None makes only `postgres`, as RDS does."""
    server: PostgresServer | None = None
    """None until the data directory exists."""
    endpoint: tuple[str, int] | None = None
    """What a client may connect to; None until the first login worked."""
    order: threading.Lock = field(default_factory=threading.Lock)
    """Held by the one piece of work that is under way on the server."""
    copies: list[threading.Thread] = field(default_factory=list)
    """The snapshots that were begun, which a stop and a deletion wait for."""
    gone: bool = False


class Instances:
    """Every instance that has a server, by its resource id."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lock = threading.Lock()
        self._all: dict[str, EmulatedInstance] = {}
        self._reserved_ports: dict[str, int] = {}

    @property
    def engine_version(self) -> str:
        """The version that the servers really are."""
        return self._installation.version

    @property
    def full(self) -> bool:
        """Whether no further instance may be made."""
        with self._lock:
            return len(self._all) >= MAX_INSTANCES

    def keep_port(self, identifier: str) -> None:
        """Give an instance of this name the same port when it is made anew."""
        with self._lock:
            for instance in self._all.values():
                if instance.record.db_instance_identifier == identifier and instance.endpoint:
                    self._reserved_ports[identifier] = instance.endpoint[1]

    def of(self, record: Any) -> EmulatedInstance | None:
        """The instance of the emulator's record; None for an engine that has no server here."""
        with self._lock:
            return self._all.get(record.dbi_resource_id)

    def create(
        self, record: Any, *, user: str, password: str, database: str | None
    ) -> EmulatedInstance:
        """Start a server for this record in the background; its status follows."""
        instance = EmulatedInstance(record, user, password, database)
        with self._lock:
            self._all[record.dbi_resource_id] = instance
        record.status = "creating"
        self._in_background(instance, lambda: self._set_up(instance), "available")
        return instance

    def restore(
        self, record: Any, source: RestoreSource, password: str | None = None
    ) -> EmulatedInstance:
        """Start a server with a copy of a snapshot's data, in the background. It keeps the
        password of then unless it gets another one."""
        instance = EmulatedInstance(record, source.user, source.password, source.database)
        with self._lock:
            self._all[record.dbi_resource_id] = instance
        record.status = "creating"

        def work() -> None:
            server = instance.server = self._installation.new_server(source.data)
            port = server.start()
            if password is not None:
                _set_password(instance, password)
            self._serve(instance, port)

        self._in_background(instance, work, "available")
        return instance

    def _set_up(self, instance: EmulatedInstance) -> None:
        server = instance.server = self._installation.new_server()
        server.port = self._reserved_ports.get(instance.record.db_instance_identifier)
        port = server.start()
        with server.superuser() as cursor:
            _create_roles(cursor, instance)
        self._serve(instance, port)

    def _serve(self, instance: EmulatedInstance, port: int) -> None:
        # What the user is told to be available has taken the user's own login.
        connect(port, instance.user, instance.password, instance.database or "postgres").close()
        instance.endpoint = (HOST, port)
        instance.record.port = port

    def change_password(self, instance: EmulatedInstance, password: str) -> None:
        """Give the master user another password, in the background."""
        instance.record.status = "resetting-master-credentials"
        self._in_background(instance, lambda: _set_password(instance, password), "available")

    def stop(self, instance: EmulatedInstance) -> None:
        """Stop the server, in the background; its data and its port are kept."""
        instance.record.status = "stopping"

        def work() -> None:
            _wait_for(instance.copies)
            self._in_background(instance, _server(instance).stop, "stopped")

        threading.Thread(target=work, daemon=True).start()

    def start(self, instance: EmulatedInstance) -> None:
        """Start a stopped server again, in the background."""
        instance.record.status = "starting"
        self._in_background(instance, lambda: self._start_again(instance), "available")

    def reboot(self, instance: EmulatedInstance) -> None:
        """Stop the server and start it again, in the background."""
        instance.record.status = "rebooting"

        def work() -> None:
            _server(instance).stop()
            self._start_again(instance)

        self._in_background(instance, work, "available")

    def _start_again(self, instance: EmulatedInstance) -> None:
        _server(instance).start()

    def apply_pending(self, instance: EmulatedInstance) -> None:
        """Apply what waits for the maintenance window; another class restarts the server."""
        record = instance.record
        record.status = "modifying"

        def work() -> None:
            pending = dict(record.pending_modified_values)
            if "db_instance_class" in pending and instance.endpoint is not None:
                _server(instance).stop()
                self._start_again(instance)
            kept = {name: attribute for attribute, name in PENDING_NAMES.items()}
            for name, value in pending.items():
                setattr(record, str(kept.get(name, name)), value)
            record.pending_modified_values = {}

        self._in_background(instance, work, "available")

    def delete(self, instance: EmulatedInstance, forget: Callable[[], None]) -> None:
        """Stop the server and remove its data, in the background; `forget` removes the record."""
        instance.record.status = "deleting"
        instance.gone = True

        def work() -> None:
            time.sleep(DELETING_SECONDS)
            self._discard(instance)
            forget()

        def after_copies() -> None:
            _wait_for(instance.copies)
            self._carry_out(instance, work, "deleting")

        threading.Thread(target=after_copies, daemon=True).start()

    def discard_all(self) -> None:
        """Stop every server and remove its data; returns when that is done."""
        with self._lock:
            instances = list(self._all.values())
        for instance in instances:
            instance.gone = True
            with instance.order:
                self._discard(instance)

    def discard_unlisted(self) -> None:
        """The same, in the background, for servers of which the emulator has no record any more."""
        from moto.rds.models import rds_backends

        listed = [
            record
            for regions in rds_backends.values()
            for backend in regions.values()
            for record in backend.databases.values()
        ]
        with self._lock:
            # A deletion that is under way ends its server itself.
            lost = [
                each for each in self._all.values() if not each.gone and each.record not in listed
            ]
        for instance in lost:
            instance.gone = True
            self._in_background(instance, partial(self._discard, instance), "deleting")

    def _discard(self, instance: EmulatedInstance) -> None:
        if instance.server is not None:
            instance.server.remove()
        with self._lock:
            self._all.pop(instance.record.dbi_resource_id, None)

    def _in_background(
        self, instance: EmulatedInstance, work: Callable[[], None], status: str
    ) -> None:
        threading.Thread(target=self._carry_out, args=(instance, work, status), daemon=True).start()

    def _carry_out(self, instance: EmulatedInstance, work: Callable[[], None], status: str) -> None:
        """Do the work, one at a time for each instance, and set the status that it ends in."""
        from psycopg2 import Error as DatabaseError

        with instance.order:
            if instance.gone and status != "deleting":
                return
            try:
                work()
            except SandboxEndingError:
                return
            except (PostgresError, DatabaseError, OSError):
                log.exception("instance %s", instance.record.db_instance_identifier)
                status = "failed"
            # A deletion that was asked for meanwhile keeps its own status.
            if not instance.gone:
                instance.record.status = status


def _wait_for(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def _server(instance: EmulatedInstance) -> PostgresServer:
    if instance.server is None:
        raise PostgresError("The instance never had a server.")
    return instance.server


def _set_password(instance: EmulatedInstance, password: str) -> None:
    from psycopg2 import sql

    with _server(instance).superuser() as cursor:
        statement = sql.SQL("ALTER ROLE {} PASSWORD %s")
        cursor.execute(statement.format(sql.Identifier(instance.user)), (password,))
    instance.password = password


def _create_roles(cursor: Any, instance: EmulatedInstance) -> None:
    """The master user as RDS makes it: no superuser, but owner of the databases.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html
    """
    from psycopg2 import sql

    user = sql.Identifier(instance.user)
    cursor.execute("CREATE ROLE rds_superuser NOLOGIN")
    cursor.execute("GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION")
    cursor.execute(
        sql.SQL(
            "CREATE ROLE {} LOGIN CREATEDB CREATEROLE IN ROLE rds_superuser PASSWORD %s"
        ).format(user),
        (instance.password,),
    )
    cursor.execute(sql.SQL("ALTER DATABASE postgres OWNER TO {}").format(user))
    if instance.database not in {None, "postgres"}:
        database = sql.Identifier(str(instance.database))
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, user))
