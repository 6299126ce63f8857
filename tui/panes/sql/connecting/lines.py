"""The lines of the chooser of connections: what each leads to, and what is said of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, cached_property
from pathlib import Path

from tui.services.rds import Cluster, ConnectInfo, Instance
from tui.services.redshift import Warehouse
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    Rules,
    Secrets,
    SecretStore,
    from_endpoint,
    from_environment,
)
from tui.services.sql.connecting.defaults import of_environment
from tui.services.sql.connecting.marks import SavedMarks
from tui.services.sql.connecting.password_file import (
    PasswordFile,
    password_file,
    read_passwords,
)
from tui.services.sql.connecting.saved import SavedConnection
from tui.services.sql.connecting.service_file import Service, read_services


class LineGroup(Enum):
    """Where a line comes from."""

    GIVEN = "typed"
    OPEN = "open now"
    RECENT = "recent"
    SAVED = "saved"
    SERVICE = "service"
    ENVIRONMENT = "PG*"
    INSTANCE = "RDS"
    CLUSTER = "Aurora"
    REDSHIFT = "Redshift"


ORDER = tuple(LineGroup)
"""The order of the groups in the chooser."""


@dataclass(frozen=True)
class ConnectionLine:
    """One line."""

    group: LineGroup
    name: str
    target: DatabaseTarget | None
    """Where it leads; None if it leads nowhere now, for which `problem` or `status` says why."""
    secrets: Secrets = Secrets()  # noqa: RUF009 - never changed
    also: Mapping[str, str] | None = None
    """What a service or `PG*` say beside the target, under libpq's keywords."""
    status: str = ""
    """What AWS says of it."""
    password: str = ""
    """Where the password comes from, in words."""
    problem: str = ""
    rules: Rules | None = None
    """The marks that it gets when it is connected to, if they are not those of the target."""
    saved: SavedConnection | None = None
    instance: Instance | None = None
    endpoint: ConnectInfo | None = None
    """That of a cluster."""
    warehouse: Warehouse | None = None
    """One of Redshift."""

    @property
    def can_be_chosen(self) -> bool:
        """Whether Enter does something with it."""
        return self.target is not None or self.instance is not None

    @property
    def key(self) -> tuple[LineGroup, str]:
        """Tells it from the others, also after they were listed again."""
        return self.group, self.name

    @property
    def known(self) -> Mapping[str, str]:
        """All that is known of where it leads, under libpq's keywords."""
        parameters = self.target.parameters if self.target else {}
        return {**(self.also or {}), **parameters}

    @property
    def where(self) -> str:
        """user@host:port/database, as far as it is known."""
        known = self.known
        host = known.get("host") or known.get("hostaddr", "")
        port = known.get("port", "")
        place = f"{host}:{port}" if port and port != "5432" else host
        user, database = known.get("user", ""), known.get("dbname", "")
        said = f"{user}@{place}" if user else place
        return f"{said}/{database}" if database else said

    @property
    def marks(self) -> str:
        """How carefully it is to be treated, in words."""
        rules = self.rules or (self.target.rules if self.target else None)
        if rules is None:
            return ""
        said = ["PRODUCTION"] if rules.production else []
        if rules.read_only:
            said.append("READ ONLY")
        elif rules.commits_by_hand(otherwise=False):
            said.append("manual commit")
        return " · ".join(said)

    def fits(self, words: Iterable[str]) -> bool:
        """Whether every word, in small letters, stands in what is shown of it."""
        text = self.searched
        return all(word in text for word in words)

    @cached_property
    def searched(self) -> str:
        """What is shown of it, in small letters; made once, because each key looks into it."""
        shown = (self.group.value, self.name, self.where, self.status, self.marks)
        return " ".join(shown).casefold()

    @cached_property
    def small_name(self) -> str:
        """The name in small letters."""
        return self.name.casefold()


# -- what is known on this machine ----------------------------------------------------------------


@dataclass(frozen=True)
class LocalLines:
    """The lines that need no account, and what is wrong with the files behind them."""

    lines: tuple[ConnectionLine, ...] = ()
    problems: tuple[str, ...] = ()


def known_line(group: LineGroup, target: DatabaseTarget, secrets: Secrets) -> ConnectionLine:
    """The line of a connection of this run, or of a text."""
    label = target.label
    name = label.partition("  postgres://")[0]
    if name.startswith("postgres://"):
        name = target.instance or target.parameters.get("dbname") or name
    status = "connected" if group is LineGroup.OPEN else ""
    return ConnectionLine(group, name, target, secrets, status=status)


def local_lines(
    saved: Iterable[SavedConnection], known: Iterable[ConnectionLine] = ()
) -> LocalLines:
    """Read the service files, `PG*` and the password file, and say of each line where its password
    comes from. Blocks."""
    services = read_services()
    named = {each.name: each for each in map(saved_line, saved)}
    lines = [_marked(each, named) for each in known]
    lines += [_opened(each, lines) for each in named.values()]
    lines += map(service_line, services.services)
    environment = from_environment()
    if environment is not None:
        lines.append(ConnectionLine(LineGroup.ENVIRONMENT, environment.label, environment))
    problems: dict[str, None] = dict.fromkeys(services.problems)
    read = cache(read_passwords)  # most lines have the same file
    told = [_with_password(each, problems, read) for each in lines]
    # A line that leads nowhere says itself why.
    problems |= dict.fromkeys(each.problem for each in told if each.problem and each.target)
    return LocalLines(tuple(told), tuple(problems))


def _marked(known: ConnectionLine, named: Mapping[str, ConnectionLine]) -> ConnectionLine:
    """A recent connection with the marks that its saved one has by now."""
    target = known.target
    saved = named.get(target.label) if target and known.group is LineGroup.RECENT else None
    if target is None or saved is None or not _same_way(saved.target, target):
        return known
    assert saved.target is not None
    return replace(known, target=replace(target, rules=saved.target.rules))


def _opened(saved: ConnectionLine, known: Iterable[ConnectionLine]) -> ConnectionLine:
    """A saved connection with what opened the same one before in this run, so that it need not be
    typed again."""
    if saved.target is not None and saved.target.auth is not Auth.IAM:
        for each in known:
            named = each.target is not None and each.target.label == saved.name
            if named and _same_way(each.target, saved.target):
                return replace(saved, secrets=each.secrets)
    return saved


def _same_way(one: DatabaseTarget | None, other: DatabaseTarget | None) -> bool:
    """Whether both lead to the same server in the same way. The same host through another tunnel
    may be another server, which must not be sent the password of this one."""
    if one is None or other is None:
        return False
    return (one.parameters, one.tunnel) == (other.parameters, other.tunnel)


def with_marks(
    lines: Iterable[ConnectionLine], saved: Sequence[SavedConnection]
) -> list[ConnectionLine]:
    """The lines with the marks of what is saved for the same databases. Blocks."""
    marks = SavedMarks(saved)
    return [
        each
        if each.target is None or each.group in {LineGroup.OPEN, LineGroup.SAVED}
        else replace(each, rules=marks.given_to(each.target)[0].rules)
        for each in lines
    ]


def saved_line(saved: SavedConnection) -> ConnectionLine:
    """The line of a saved connection."""
    return ConnectionLine(
        LineGroup.SAVED, saved.name, saved.target, problem=saved.problem, saved=saved
    )


def service_line(service: Service) -> ConnectionLine:
    """The line of a service; one that libpq does not take leads nowhere."""
    target = None if service.problem else service.target
    said = "in the service file" if service.has_password else ""
    return ConnectionLine(
        LineGroup.SERVICE,
        service.name,
        target,
        also=service.parameters,
        problem=service.problem,
        password=said,
    )


def with_password(line: ConnectionLine) -> ConnectionLine:
    """The line with where its password comes from. Blocks."""
    return _with_password(line, {}, read_passwords)


_ReadPasswords = Callable[[Path], PasswordFile]


def _with_password(
    line: ConnectionLine, problems: dict[str, None], read: _ReadPasswords
) -> ConnectionLine:
    also = {**of_environment(), **(line.also or {})}
    line = replace(line, also=also)
    if line.target is None or line.password:
        return line
    return replace(line, password=_password_words(line, line.target, also, problems, read))


def _password_words(
    line: ConnectionLine,
    target: DatabaseTarget,
    also: Mapping[str, str],
    problems: dict[str, None],
    read: _ReadPasswords,
) -> str:
    if target.auth is Auth.IAM:
        return "IAM token"
    if target.secret.store is SecretStore.KEYRING:
        return "in the keyring"
    if target.secret.store is SecretStore.SECRETS_MANAGER:
        return "in Secrets Manager"
    if line.secrets:
        return "in memory"
    if target.auth is Auth.PASSWORD:
        return "asked for"
    if os.environ.get("PGPASSWORD"):
        return "PGPASSWORD"
    file = read(password_file({**also, **target.parameters}.get("passfile", "")))
    found = file.line_for(target, also)
    if file.problem and (found is not None or not file.lines):
        problems[file.problem] = None
    if found is None or file.problem:
        return "asked for if wanted"
    return f"from pgpass, line {found.number}"


# -- the account ----------------------------------------------------------------------------------


def instance_line(instance: Instance, info: ConnectInfo | None) -> ConnectionLine:
    """The line of an RDS instance; `info` is how to connect, if there is a way now."""
    member = f" · {instance.cluster}" if instance.cluster else ""
    return ConnectionLine(
        LineGroup.INSTANCE,
        instance.identifier,
        None if info is None else replace(endpoint_target(info), instance=instance.identifier),
        status=f"{instance.status}{member}",
        password="" if info is None else _login_words(info),
        instance=instance,
    )


def cluster_lines(
    cluster: Cluster, writer: ConnectInfo, reader: ConnectInfo | None
) -> Iterator[ConnectionLine]:
    """The endpoints of a cluster."""
    for info, what in ((writer, "writer"), (reader, "readers")):
        if info is not None:
            yield ConnectionLine(
                LineGroup.CLUSTER,
                f"{cluster.identifier} ({what})",
                endpoint_target(info),
                status=cluster.status,
                password=_login_words(info),
                endpoint=info,
            )


def _login_words(info: ConnectInfo) -> str:
    if info.secret_arn is not None:
        return "in Secrets Manager"
    return "asked for, or IAM token" if info.iam_possible else "asked for"


def endpoint_target(info: ConnectInfo) -> DatabaseTarget:
    """Where an endpoint leads."""
    return from_endpoint(
        info.host, info.port, info.database, info.user, name=info.identifier, sslmode=info.sslmode
    )
