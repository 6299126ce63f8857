"""What psycopg2 does not offer of the libpq that it has loaded."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

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


class Described(NamedTuple):
    """A column that a statement would give."""

    name: bytes
    type: int
    """The object id of its type."""
    modifier: int


@dataclass(frozen=True)
class ServerRefusal:
    """What the server said of a text, under the names of psycopg2's Diagnostics."""

    severity: str | None
    sqlstate: str | None
    message_primary: str | None
    message_detail: str | None
    message_hint: str | None
    statement_position: str | None
    internal_position: str | None
    internal_query: str | None
    context: str | None


class RefusedError(Exception):
    """The server refused a text. As psycopg2's errors."""

    def __init__(self, diag: ServerRefusal) -> None:
        super().__init__(diag.message_primary)
        self.diag = diag
        self.pgcode = diag.sqlstate


_FIELDS = b"SCMDHPpqW"
"""Those of `ServerRefusal`, in order."""

_COMMAND_OK = 1

_NoticeReceiver = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


def described(driver: extensions.connection, text: bytes) -> tuple[Described, ...] | None:
    """The columns of one statement, which the server reads and does not run. None where libpq
    cannot be asked; RefusedError where the server refuses."""
    libpq = _libpq()
    if libpq is None:
        return None
    connection = ctypes.c_void_p(driver.pgconn_ptr)
    for ask, arguments in (
        (libpq.PQprepare, (b"", text, 0, None)),
        (libpq.PQdescribePrepared, (b"",)),
    ):
        answer = ctypes.c_void_p(ask(connection, *arguments))
        try:
            _refuse_if_failed(libpq, answer)
            columns = tuple(
                Described(
                    libpq.PQfname(answer, at), libpq.PQftype(answer, at), libpq.PQfmod(answer, at)
                )
                for at in range(libpq.PQnfields(answer))
            )
        finally:
            libpq.PQclear(answer)
    return columns


def _refuse_if_failed(libpq: ctypes.CDLL, answer: ctypes.c_void_p) -> None:
    if libpq.PQresultStatus(answer) != _COMMAND_OK:
        said = [libpq.PQresultErrorField(answer, field) for field in _FIELDS]
        if said[2] is None:
            # Not the server's: the connection is gone.
            said[2] = libpq.PQresultErrorMessage(answer)
        raise RefusedError(
            ServerRefusal(*(each and each.decode("utf-8", "replace") for each in said))
        )


def execute_bound(driver: extensions.connection, text: bytes, values: Sequence[bytes]) -> bool:
    """Carry out a statement without rows, with the values of its `$1`, `$2`, …; False where libpq
    cannot be asked. RefusedError where the server refuses."""
    libpq = _libpq()
    if libpq is None:
        return False
    count = len(values)
    given = (ctypes.c_char_p * count)(*values)
    answer = ctypes.c_void_p(
        libpq.PQexecParams(driver.pgconn_ptr, text, count, None, given, None, None, 0)
    )
    try:
        _refuse_if_failed(libpq, answer)
    finally:
        libpq.PQclear(answer)
    return True


def send_only(driver: extensions.connection, text: bytes) -> bool:
    """Send a text and wait for no answer: `take_answers` does. False where libpq cannot be asked,
    or cannot send."""
    libpq = _libpq()
    return libpq is not None and bool(libpq.PQsendQuery(driver.pgconn_ptr, text))


def take_answers(driver: extensions.connection) -> list[str]:
    """Wait for the answers to what was sent by `send_only`, and drop them; what the server said
    meanwhile, its errors among it.

    psycopg2 would keep that until its next answer, which never comes when it was the last word.
    """
    libpq = _libpq()
    if libpq is None:
        return []
    said: list[str] = []
    pointer = driver.pgconn_ptr

    def hear(_: object, notice: int) -> None:
        said.append(libpq.PQresultErrorMessage(notice).decode("utf-8", "replace"))

    receiver = _NoticeReceiver(hear)
    usual = libpq.PQsetNoticeReceiver(pointer, receiver, None)
    try:
        while answer := libpq.PQgetResult(pointer):
            hear(None, answer)
            libpq.PQclear(answer)
    finally:
        libpq.PQsetNoticeReceiver(pointer, usual, None)
    return [text for text in said if text]


def answer_size(cursor: extensions.cursor) -> int:
    """Bytes that libpq holds of the answer of a cursor; 0 where it cannot be asked."""
    libpq = _libpq()
    answer = cursor.pgresult_ptr
    return int(libpq.PQresultMemorySize(answer)) if libpq is not None and answer else 0


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
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, arguments, result in (
        ("PQprepare", [pointer, text, text, number, pointer], pointer),
        ("PQdescribePrepared", [pointer, text], pointer),
        ("PQsendQuery", [pointer, text], number),
        ("PQgetResult", [pointer], pointer),
        ("PQsetNoticeReceiver", [pointer, pointer, pointer], pointer),
        (
            "PQexecParams",
            [pointer, text, number, pointer, pointer, pointer, pointer, number],
            pointer,
        ),
        ("PQresultStatus", [pointer], number),
        ("PQresultErrorField", [pointer, number], text),
        ("PQresultErrorMessage", [pointer], text),
        ("PQnfields", [pointer], number),
        ("PQfname", [pointer, number], text),
        ("PQftype", [pointer, number], ctypes.c_uint),
        ("PQfmod", [pointer, number], number),
        ("PQclear", [pointer], None),
        ("PQresultMemorySize", [pointer], ctypes.c_size_t),
    ):
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, result
    return library
