"""The password of a target, from the store that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.keyring_store import Keyring
from tui.services.sql.connecting.problems import PasswordNeededError, Refusal
from tui.services.sql.connecting.targets import PLACE_KEYWORDS, DatabaseTarget, Secrets, SecretStore

T = TypeVar("T")


class SecretLogin(Protocol):
    """What a secret of Secrets Manager holds."""

    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int | None: ...
    @property
    def database(self) -> str: ...


ReadSecret = Callable[[str], SecretLogin]
"""Reads the secret of an ARN or a name. Blocks; raises ServiceError."""

BindSecret = Callable[[str], Callable[[], SecretLogin]]
"""Gives what reads a secret in the account and region of now, also later. Blocks; raises
ServiceError."""


def keyring_entry(target: DatabaseTarget) -> str:
    """The name under which the password of a target is kept: the same for all databases of a
    server, as the password is. Behind another ssh host the same name is another server."""
    parameters = target.parameters
    host = parameters.get("host") or parameters.get("hostaddr") or ""
    if not host:
        return f"{target.user}@{target.label}"
    name = entry_name(target.user, host, parameters.get("port") or "5432")
    return f"{name} via ssh {target.tunnel}" if target.tunnel else name


def entry_of(target: DatabaseTarget) -> str:
    """The entry that a target names, else the one that would be its own."""
    named = target.secret.store is SecretStore.KEYRING
    return target.secret.name if named else keyring_entry(target)


def entry_name(user: str, host: str, port: int | str) -> str:
    """The name of the entry for a user of a server."""
    return f"{user}@{host}:{port}"


def _completed(target: DatabaseTarget, login: SecretLogin) -> DatabaseTarget:
    """The target with what it leaves open, as far as the secret says it: user, place, database."""
    found = {"user": login.user, "dbname": login.database}
    if not PLACE_KEYWORDS & target.parameters.keys():
        found |= {"host": login.host, "port": str(login.port or "")}
    known = {key: value for key, value in found.items() if value}
    return replace(target, parameters={**known, **target.parameters})


class PasswordStores:
    """The stores that a target may name. Everything blocks."""

    def __init__(
        self,
        keyring: Keyring | None = None,
        read_secret: ReadSecret | None = None,
        bind_secret: BindSecret | None = None,
    ) -> None:
        self.keyring = keyring or Keyring()
        self._read_secret = read_secret
        self._bind_secret = bind_secret

    def remembering(self) -> PasswordStores:
        """The same for one connection: a secret is read again where it was read first, whichever
        profile and region have been switched to meanwhile. A name without an ARN would mean another
        secret there."""
        bind = self._bind_secret
        if bind is None:
            return self
        readers: dict[str, Callable[[], SecretLogin]] = {}

        def read(name: str) -> SecretLogin:
            if name not in readers:
                readers[name] = bind(name)
            return readers[name]()

        return PasswordStores(self.keyring, read)

    def tried(
        self,
        target: DatabaseTarget,
        given: Secrets,
        connect: Callable[[DatabaseTarget, Secrets], T],
    ) -> T:
        """What `connect` gives with the password of the target's store, if none was given.

        What the target leaves open of user, host, port and database comes from a secret, too. A
        password that Secrets Manager has rotated meanwhile is read anew, once.
        PasswordNeededError if the keyring has none or cannot be asked, or the server takes neither;
        ServiceError if Secrets Manager does not give it.
        """
        store = target.secret.store
        if store is SecretStore.NOBODY or given.has_password:
            return connect(target, given)
        if store is SecretStore.KEYRING:
            return connect(target, given.with_password(self._from_keyring(target)))
        problem: ServiceError
        login = self._login(target)
        try:
            return connect(_completed(target, login), given.with_password(login.password))
        except PasswordNeededError as error:
            problem = error
        again = self._login(target)
        if again.password == login.password:
            raise problem
        return connect(_completed(target, again), given.with_password(again.password))

    def _login(self, target: DatabaseTarget) -> SecretLogin:
        if self._read_secret is None:
            raise ServiceError("Secrets Manager cannot be asked from here.")
        login = self._read_secret(target.secret.name)
        if login.user and target.user and login.user != target.user:
            raise ServiceError(
                f"The secret holds the password of {login.user}, and the user is {target.user}.",
                hint="Name the user of the secret, or leave the user out.",
                kind=ErrorKind.INVALID,
            )
        return login

    def _from_keyring(self, target: DatabaseTarget) -> str:
        problem: ServiceError | None = None
        try:
            password = self.keyring.password(target.secret.name)
        except ServiceError as error:
            problem = error
        else:
            if password is not None:
                return password
        raise PasswordNeededError(
            problem.message if problem else f"The keyring has no password for {target.label} yet.",
            Refusal.NO_PASSWORD,
            cause=problem.cause if problem else "",
            hint=problem.hint if problem else "",
        )
