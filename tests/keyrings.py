"""Keyrings for tests, in memory: one that works, and some that do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Keeps passwords as a real one does, until the test ends."""

    # The library finds every class of backend there is; it is not to choose one of these by itself.
    priority = -1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no annotations
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class BrokenKeyring(MemoryKeyring):
    """Raises `error`, with the password in its text, whatever it is asked."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error("no way")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error(f"no way with {password}")


class PlaintextKeyring(MemoryKeyring):
    """As that of `keyrings.alt`, by name."""


@contextmanager
def chosen(backend: KeyringBackend) -> Iterator[None]:
    """The keyring that the library has found."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)


__all__ = ["BrokenKeyring", "KeyringError", "KeyringLocked", "MemoryKeyring", "PlaintextKeyring"]
