"""What psycopg2 does not offer of the libpq that it has loaded."""

from __future__ import annotations

import ctypes
import weakref
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg2 import extensions

_ROOM = 256
"""Bytes for libpq's error message of a cancel request, as its manual recommends."""


class CancelRequest:
    """What libpq needs to cancel on one connection; safe from any thread, also after its end.

    psycopg2's own `cancel` keeps the interpreter's lock while it talks to the server: one that
    does not answer would freeze the whole application.
    """

    def __init__(self, driver: extensions.connection) -> None:
        self._driver = driver
        self._libpq = _libpq()
        self._pointer: int | None = None
        if self._libpq is not None:
            self._pointer = self._libpq.PQgetCancel(driver.pgconn_ptr)
            if self._pointer:
                weakref.finalize(self, self._libpq.PQfreeCancel, self._pointer)

    def send(self) -> None:
        import psycopg2

        if self._libpq is None or not self._pointer:
            self._driver.cancel()
            return
        said = ctypes.create_string_buffer(_ROOM)
        if not self._libpq.PQcancel(self._pointer, said, _ROOM):
            raise psycopg2.OperationalError(said.value.decode(errors="replace"))


@cache
def ask_nothing_on_the_terminal() -> None:
    """Let an encrypted key without a passphrase be an error.

    Unless libpq is told otherwise, OpenSSL asks for the passphrase on the terminal itself, across
    the screen of the application, and waits for it there.
    """
    libpq = _libpq()
    if libpq is None:
        return
    try:
        own, choose = libpq.PQdefaultSSLKeyPassHook_OpenSSL, libpq.PQsetSSLKeyPassHook_OpenSSL
    except AttributeError:  # a libpq without OpenSSL
        return
    choose.argtypes, choose.restype = [ctypes.c_void_p], None
    choose(ctypes.cast(own, ctypes.c_void_p))


@cache
def _libpq() -> ctypes.CDLL | None:
    """The libpq that psycopg2 itself has loaded; None where it cannot be reached that way."""
    import psycopg2

    try:
        # A handle of the extension also finds what the extension is linked with.
        library = ctypes.CDLL(psycopg2._psycopg.__file__)  # noqa: SLF001
        get, cancel, free = library.PQgetCancel, library.PQcancel, library.PQfreeCancel
    except (OSError, AttributeError):
        return None
    get.argtypes, get.restype = [ctypes.c_void_p], ctypes.c_void_p
    cancel.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    cancel.restype = ctypes.c_int
    free.argtypes, free.restype = [ctypes.c_void_p], None
    return library
