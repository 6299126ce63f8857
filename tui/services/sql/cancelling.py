"""Asking a server to stop what it does, without stopping ourselves."""

from __future__ import annotations

import ctypes
import weakref
from functools import cache
from typing import Any

_ROOM = 256
"""Bytes for libpq's error message, as its manual recommends."""


class CancelHandle:
    """What libpq needs to cancel on one connection; safe from any thread, also after its end.

    psycopg2's own `cancel` keeps the interpreter's lock while it talks to the server: one that
    does not answer would freeze the whole application.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._libpq = _libpq()
        self._pointer: int | None = None
        if self._libpq is not None:
            self._pointer = self._libpq.PQgetCancel(connection.pgconn_ptr)
            if self._pointer:
                weakref.finalize(self, self._libpq.PQfreeCancel, self._pointer)

    def send(self) -> None:
        """Ask; returns when the server has taken it. Blocking, for as long as the network likes.

        psycopg2.Error if the server could not be asked.
        """
        import psycopg2

        if self._libpq is None or not self._pointer:
            self._connection.cancel()
            return
        said = ctypes.create_string_buffer(_ROOM)
        if not self._libpq.PQcancel(self._pointer, said, _ROOM):
            raise psycopg2.OperationalError(said.value.decode(errors="replace"))


@cache
def _libpq() -> Any:
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
