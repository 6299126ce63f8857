"""The connection service files: which services they define, and what of them libpq cannot read.

Rules: "The Connection Service File" of libpq's manual, and `parseServiceFile` of fe-connect.c.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui.services.sql.connecting.targets import SECRET_KEYWORDS, DatabaseTarget, is_keyword

LONGEST_LINE = 1023
"""Bytes of a line that libpq reads."""


@dataclass(frozen=True)
class Service:
    """One service of a file."""

    name: str
    file: Path
    line: int
    """Where it begins, from 1."""
    parameters: Mapping[str, str]
    """What it says, without secrets."""
    has_password: bool = False
    problem: str = ""
    """Why libpq does not take it, with the line."""

    @property
    def target(self) -> DatabaseTarget:
        """To connect with. libpq itself reads the file."""
        return DatabaseTarget(f"service {self.name}", {"service": self.name})


@dataclass(frozen=True)
class ServiceEntries:
    """What was found."""

    services: tuple[Service, ...] = ()
    problems: tuple[str, ...] = ()
    """Files that cannot be read, and lines that belong to no service."""


def service_files(environment: Mapping[str, str] | None = None) -> list[Path]:
    """The files that libpq looks into, in its order: the user's, then the system's.

    The folder of the system's is built into libpq and cannot be asked for; it is known where
    `PGSYSCONFDIR` names it.
    """
    found = os.environ if environment is None else environment
    own = found.get("PGSERVICEFILE")
    files = [Path(own) if own else Path.home() / ".pg_service.conf"]
    if found.get("PGSYSCONFDIR"):
        files.append(Path(found["PGSYSCONFDIR"]) / "pg_service.conf")
    return files


def read_services(environment: Mapping[str, str] | None = None) -> ServiceEntries:
    """The services of all files, each name once: the first wins, as it does for libpq. Blocks."""
    found = os.environ if environment is None else environment
    services: dict[str, Service] = {}
    problems: list[str] = []
    for file in service_files(found):
        try:
            if file.is_fifo() or file.is_socket():
                # What a pipe says can be read once, and that is for libpq.
                problems.append(f"{file} is no plain file; its services are not listed.")
                continue
            text = file.read_bytes().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            if str(file) == found.get("PGSERVICEFILE"):
                problems.append(f"PGSERVICEFILE names {file}, which is not there.")
            continue
        except OSError as error:
            problems.append(f"{file}: {error.strerror}")
            continue
        read = parse(text, file)
        problems += read.problems
        for each in read.services:
            services.setdefault(each.name, each)
    return ServiceEntries(tuple(services.values()), tuple(problems))


def parse(text: str, file: Path) -> ServiceEntries:
    """The services of one file, in its order; of one that is there twice, the first."""
    services: dict[str, Service] = {}
    problems: list[str] = []
    section: _Section | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(" \t\r\v\f")
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            if section is not None:
                services.setdefault(section.name, section.service(file))
            # libpq compares up to the bracket and does not look at what follows it.
            name, closed, _ = line[1:].partition("]")
            section = _Section(name, number) if closed and name else None
            if section is None:
                problems.append(f"{file}, line {number}: this is no [name] of a service.")
        elif section is None:
            problems.append(f"{file}, line {number} stands in front of the first [service].")
        else:
            section.take(raw, line, number)
    if section is not None:
        services.setdefault(section.name, section.service(file))
    return ServiceEntries(tuple(services.values()), tuple(problems))


class _Section:
    """One service while it is read."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self._line = line
        self._parameters: dict[str, str] = {}
        self._has_password = False
        self._problem = ""

    def take(self, raw: str, line: str, number: int) -> None:
        """Take a line; what is wrong with the first that is wrong is kept."""
        if self._problem:
            return
        key, equals, value = line.partition("=")
        wrong = ""
        if len(raw.encode("utf-8", "surrogateescape")) > LONGEST_LINE:
            wrong = f"is longer than {LONGEST_LINE} bytes"
        elif line.startswith("ldap"):
            wrong = "asks an LDAP server, which is not read here"
        elif not equals:
            wrong = "is no keyword=value"
        elif key == "service":
            wrong = "names a service inside a service"
        elif not is_keyword(key):
            # Not repeated: a password that was torn over two lines is no keyword either.
            wrong = "has a keyword that libpq does not know"
        if wrong:
            self._problem = f"line {number} {wrong}"
        elif key in SECRET_KEYWORDS:
            self._has_password = self._has_password or key == "password"
        else:
            self._parameters.setdefault(key, value)

    def service(self, file: Path) -> Service:
        """What it came to."""
        said = f"{file}, {self._problem}" if self._problem else ""
        return Service(
            self.name, file, self._line, self._parameters, self._has_password, problem=said
        )
