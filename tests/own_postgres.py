"""A PostgreSQL server of a test's own, with settings that the sandbox's servers do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tui.sandbox.children import Children
from tui.sandbox.directory import SandboxDirectory, unprivileged_user
from tui.sandbox.postgres import Installation, PostgresServer


@contextmanager
def own_postgres(
    settings: Mapping[str, str] | None = None,
    *,
    rules: str = "",
) -> Iterator[PostgresServer]:
    """A server that runs. `rules` are lines of pg_hba.conf that come before the one that lets
    everybody in by password."""
    owner = unprivileged_user()
    directory = SandboxDirectory(owner)
    children = Children(directory.logs / "postgres.log", owner)
    try:
        installation = Installation(children, directory)
        installation.prepare()
        server = installation.new_server()
        with (server.data / "postgresql.conf").open("a") as stream:
            stream.writelines(f"{name} = {value}\n" for name, value in (settings or {}).items())
        hba = server.data / "pg_hba.conf"
        hba.write_text(rules + hba.read_text())
        server.start()
        yield server
    finally:
        children.stop_all()
        directory.remove()
