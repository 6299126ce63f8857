"""Passwords in the keyring of the user's desktop or system, through the package `keyring`.

Nothing is ever kept in clear text: where there is no keyring, or one that would do so, it is said.
Everything here blocks, for as long as a keyring asks its user to unlock it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import replace_private

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "tristore"
"""Under this name the entries are found in the keyring's own application."""

_UNFIT = {
    "keyring.backends.fail": "There is no keyring on this system that could be used.",
    "keyring.backends.null": "The keyring that is set up here keeps nothing.",
    "keyrings.alt": "The keyring that is set up here keeps passwords in clear text, or asks for "
    "its own on the terminal.",
    "keyrings.cryptfile": "The keyring that is set up here asks for its password on the terminal.",
}
"""Modules of backends that are not used, and why."""

_CLEAR = ("plaintext", "cleartext", "uncrypted")
"""What the classes of backends that do not encrypt have in their names, wherever they come from."""

_ASK = "Type the password: it is kept in memory until the end."
_OWN_APPLICATION = "Look at it in its own application."

T = TypeVar("T")


class Keyring:
    """`index` is a file of the names (never more) that were kept from here, so that a keyring need
    not be asked, and unlocked, for what it does not have."""

    def __init__(self, index: Path | None = None) -> None:
        self._index = index

    def names(self) -> tuple[str, ...]:
        """The entries that were kept from here."""
        try:
            text = self._index.read_text(encoding="utf-8") if self._index else ""
        except (OSError, UnicodeDecodeError):
            return ()
        return tuple(line for line in text.split("\n") if line)

    def usable(self) -> bool:
        """Whether there is a keyring that passwords may be put into; it is asked for none."""
        try:
            _asked(lambda keyring: keyring)
        except ServiceError:
            return False
        return True

    def password(self, name: str) -> str | None:
        """The password of an entry; None if there is none. ServiceError if the keyring is missing,
        locked, or fails."""
        return _asked(lambda keyring: keyring.get_password(SERVICE, name))

    def keep(self, name: str, password: str) -> None:
        """Put a password into the keyring, in the place of an older one. ServiceErrors as above."""
        _asked(lambda keyring: keyring.set_password(SERVICE, name, password))
        self._write({*self.names(), name})

    def forget(self, name: str) -> None:
        """Remove an entry; one that is not there any more is no error. ServiceErrors as above."""

        def remove(keyring: KeyringBackend) -> None:
            if keyring.get_password(SERVICE, name) is not None:
                keyring.delete_password(SERVICE, name)

        _asked(remove)
        self._write({*self.names()} - {name})

    def _write(self, names: set[str]) -> None:
        if self._index is None:
            return
        text = "".join(f"{name}\n" for name in sorted(names))
        try:
            replace_private(self._index, text.encode())
        except OSError as error:
            raise ServiceError(
                "The keyring was changed, but not the list of what is kept there.",
                cause=f"{self._index}: {error.strerror}",
            ) from error


def _asked(question: Callable[[KeyringBackend], T]) -> T:
    try:
        from keyring import get_keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise _not_used(
            "There is no keyring: the Python package `keyring` is not installed.",
            f"pip install 'tristore[keyring]' brings it. {_ASK}",
        ) from None
    problem: ServiceError
    try:
        return question(_fit(get_keyring()))
    except ServiceError:
        raise
    except KeyringError as error:
        problem = _explained(error)
    except Exception as error:  # noqa: BLE001 - backends raise what their systems raise
        # Its text is not ours to trust with a password in the call.
        cause = type(error).__name__
        problem = _not_used("The keyring failed.", f"{_OWN_APPLICATION} {_ASK}", cause)
    # Raised out here: the frames of the backend hold the password.
    raise problem


def _fit(backend: KeyringBackend) -> KeyringBackend:
    """The backend to use: the first that is fit, where the library has chained several."""
    unfit = _unfit(backend)
    if not unfit:
        return backend
    for each in getattr(backend, "backends", ()):
        if not _unfit(each):
            fit: KeyringBackend = each
            return fit
    name = f"{type(backend).__module__}.{type(backend).__name__}"
    hint = (
        "On Linux it is that of the desktop session (GNOME Keyring, KWallet, KeePassXC), reached "
        "over D-Bus; `python -m keyring diagnose` shows what is found."
    )
    raise _not_used(unfit, f"{hint} {_ASK}", name)


def _unfit(backend: KeyringBackend) -> str:
    """Why a backend is not used; empty if it is."""
    if hasattr(backend, "backends"):
        return "The keyrings that are found here cannot be used."
    for each in type(backend).__mro__:
        for module, why in _UNFIT.items():
            if f"{each.__module__}.".startswith(f"{module}."):
                return why
        if any(word in each.__name__.lower() for word in _CLEAR):
            return "The keyring that is set up here keeps passwords in clear text."
    return ""


def _explained(error: Exception) -> ServiceError:
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    cause = type(error).__name__
    if isinstance(error, KeyringLocked):
        return _not_used("The keyring is locked.", f"Unlock it and try again. {_ASK}", cause)
    if isinstance(error, NoKeyringError | InitError):
        return _not_used(
            "The keyring cannot be reached.", f"Is its desktop session running? {_ASK}", cause
        )
    return _not_used("The keyring did not do it.", f"{_OWN_APPLICATION} {_ASK}", cause)


def _not_used(message: str, hint: str, cause: str = "") -> ServiceError:
    return ServiceError(message, cause=cause, hint=hint, kind=ErrorKind.CREDENTIALS)
