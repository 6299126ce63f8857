"""Which line of the password file libpq will take for a server, and why it takes none.

Rules: "The Password File" of libpq's manual, and `passwordFromFile` of fe-connect.c. The passwords
themselves are passed over: only their places are told.
"""

from __future__ import annotations

import heapq
import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tui.services.sql.connecting.defaults import own_name
from tui.services.sql.connecting.targets import DatabaseTarget

PASSWORD = 4
"""Which part of a line is the password, from 0."""

SOCKET_FOLDERS = ("/tmp", "/var/run/postgresql", "/run/postgresql")  # noqa: S108 - libpq's defaults
"""Folders of local sockets for which the password file says `localhost`."""


@dataclass(frozen=True)
class PasswordLine:
    """A line of the file: what it is for."""

    number: int
    host: str
    port: str
    database: str
    user: str

    def fits(self, host: str, port: str, database: str, user: str) -> bool:
        """Whether libpq takes this line for these."""
        wanted = zip(
            (self.host, self.port, self.database, self.user),
            (host, port, database, user),
            strict=True,
        )
        return all(own in {"*", other} for own, other in wanted)


@dataclass(frozen=True)
class PasswordFile:
    """The file as it is now."""

    path: Path
    lines: tuple[PasswordLine, ...] = ()
    problem: str = ""
    """Why libpq passes it over, in a sentence with the remedy; empty if it does not, or if there
    is no file."""

    def line_for(self, target: DatabaseTarget, also: Mapping[str, str]) -> PasswordLine | None:
        """The first line that fits a target; `also` has what the target leaves to its service or
        to `PG*`, under libpq's keywords."""
        known = {**also, **target.parameters}
        # Of several hosts, each has a line of its own: the first host is tried first.
        host = (known.get("host") or known.get("hostaddr") or "localhost").split(",")[0]
        if host in SOCKET_FOLDERS:
            host = "localhost"
        user = known.get("user") or os.environ.get("PGUSER") or own_name()
        database = known.get("dbname") or user
        port = (known.get("port") or "5432").split(",")[0]
        near = heapq.merge(*self._near(host), key=lambda each: each.number)
        return next((each for each in near if each.fits(host, port, database, user)), None)

    def _near(self, host: str) -> list[Sequence[PasswordLine]]:
        return [self._of_host.get(each, ()) for each in (host, "*")]

    @cached_property
    def _of_host(self) -> Mapping[str, Sequence[PasswordLine]]:
        found: dict[str, list[PasswordLine]] = defaultdict(list)
        for each in self.lines:
            found[each.host].append(each)
        return found


def password_file(named: str = "", environment: Mapping[str, str] | None = None) -> Path:
    """The file that libpq reads: the one that `passfile` names, that `PGPASSFILE` names, or that
    of the home folder."""
    found = os.environ if environment is None else environment
    name = named or found.get("PGPASSFILE", "")
    return Path(name) if name else Path.home() / ".pgpass"


def read_passwords(path: Path) -> PasswordFile:
    """Look at the file. Blocks; raises nothing."""
    if path == Path(os.devnull):
        return PasswordFile(path)  # how one says that there is none
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return PasswordFile(path, problem=f"libpq passes over {path}: it is no plain file.")
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return PasswordFile(path)
    except OSError as error:
        return PasswordFile(path, problem=f"libpq cannot read {path}: {error.strerror}.")
    problem = ""
    if os.name != "nt" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        problem = f"libpq passes over {path}, which others may read: chmod 600 {path}"
    return PasswordFile(path, tuple(_lines(text)), problem)


def password_of(file: PasswordFile, line: PasswordLine) -> str:
    """The password of a line, for a connection whose host and port are not those that libpq would
    look for; empty if the file is another one now. Blocks."""
    try:
        text = file.path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    lines = text.split("\n")
    parts = _parts(lines[line.number - 1]) if line.number <= len(lines) else []
    is_same = parts[:PASSWORD] == [line.host, line.port, line.database, line.user]
    return parts[PASSWORD] if is_same and len(parts) > PASSWORD else ""


def passed_over(target: DatabaseTarget) -> str:
    """Why libpq takes no password from the file, in a sentence with the remedy; empty if it would.
    Blocks."""
    return read_passwords(password_file(target.parameters.get("passfile", ""))).problem


def _lines(text: str) -> Iterator[PasswordLine]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("#") or not line.strip():
            continue
        parts = _parts(line)
        if len(parts) > PASSWORD:
            yield PasswordLine(number, *parts[:PASSWORD])


def _parts(line: str) -> list[str]:
    """The parts between colons; a backslash takes the next character as it is. In front of the
    password it stays before a star, which is not the one that fits everything."""
    parts: list[str] = []
    here, characters = "", iter(line)
    for each in characters:
        if each == "\\":
            escaped = next(characters, "")
            here += r"\*" if escaped == "*" and len(parts) < PASSWORD else escaped
        elif each == ":":
            parts.append(here)
            here = ""
        else:
            here += each
    return [*parts, here]
