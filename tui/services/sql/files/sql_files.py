"""SQL files of the user's: read and written as they are, in their own encoding and line ends.

Everything here blocks and raises ServiceError.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.new_file import NewFile
from tui.services.placing import ExistingFile, look_at
from tui.services.quantities import size_text

MAX_BYTES = 10_000_000
"""The largest file that is opened: every key goes through the text that is edited."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
FALLBACK = "latin-1"
"""Reads any bytes, and writes the same bytes again."""

ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    FALLBACK: "Latin-1",
}
"""As people call them."""

_OTHER_ENDS = re.compile("[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
"""What the editor takes for the end of a line besides "\\n", as Python's `splitlines` does."""


@dataclass(frozen=True)
class FileMark:
    """A file as it was when its text was read or written here."""

    path: str
    encoding: str = "utf-8"
    """A key of `ENCODING_NAMES`."""
    newline: str = "\n"
    digest: str = ""
    """SHA-256 of its bytes."""
    has_mixed_ends: bool = False
    """Whether its lines end in several ways: written again, they all end in `newline`."""


@dataclass(frozen=True)
class SqlFile:
    """A file and its text, whose lines end in "\\n"."""

    mark: FileMark
    text: str = field(repr=False)


class NotUtf8Error(ServiceError):
    """The bytes are no UTF-8 and have no mark that says what they are."""


class ChangedOnDiskError(ServiceError):
    """The file is not the one any more that was read or written here."""


def read_sql_file(path: str, encoding: str = "") -> SqlFile:
    """The text of a file of at most `MAX_BYTES`. NotUtf8Error if that is what it is not and no
    `encoding` is given."""
    data = _bytes(path)
    found = encoding or encoding_of(data)
    text = _decoded(path, data, found)
    if "\0" in text:
        raise ServiceError(
            f"{_name(path)} is not a text: it has NUL characters.", kind=ErrorKind.INVALID
        )
    plain = text.replace("\r\n", "\n")
    lines, windows = plain.count("\n"), text.count("\r\n")
    mixed = bool(0 < windows < lines or _OTHER_ENDS.search(plain))
    newline = "\r\n" if windows and windows * 2 >= lines else "\n"
    mark = FileMark(os.path.abspath(path), found, newline, _digest(data), mixed)
    return SqlFile(mark, "\n".join(_lines(plain)) if mixed else plain)


def read_script(path: str) -> SqlFile:
    """A file that is run and not edited: as `read_sql_file`, but its lines end as they do in the
    file, as psql sends them. So data in it is what was written there."""
    file = read_sql_file(path)
    text = _decoded(path, _bytes(path), file.mark.encoding)
    return replace(file, text=text)


def write_sql_file(text: str, mark: FileMark, *, known: bool) -> FileMark:
    """Put a text in the place of a file's, as a whole or not at all; what it is from now on.

    `known` says that the file may only be replaced if it is still what `mark` says; else
    ChangedOnDiskError. A link is followed, and the permissions stay.
    """
    data = _encoded(text, mark)
    target = Path(os.path.realpath(mark.path))
    try:
        # Looked at before it is read: what changes it from here on keeps it from being replaced.
        seen, before = look_at(target), _status(target)
        if before is not None and not stat.S_ISREG(before.st_mode):
            raise ServiceError(f"{_name(mark.path)} is not a regular file.", kind=ErrorKind.INVALID)
        if known and before is not None and digest_on_disk(str(target)) != mark.digest:
            raise _changed(mark)
        if not known and before is not None:
            raise ChangedOnDiskError(f"{_name(mark.path)} is there already.")
        _replace(target, data, before, seen)
    except OSError as error:
        raise _unsaved(mark, error.strerror or str(error)) from error
    except ServiceError as error:
        if error.kind is ErrorKind.EXISTS:
            raise ChangedOnDiskError(f"{_name(mark.path)} is there already.") from error
        if error.kind is ErrorKind.CHANGED:
            raise _changed(mark) from error
        if error.code:
            raise _unsaved(mark, error.cause) from error
        raise
    return FileMark(mark.path, mark.encoding, mark.newline, _digest(data))


def holds(mark: FileMark, text: str) -> bool:
    """Whether a file with these lines would be the one that was read or written here."""
    try:
        return _digest(_encoded(text, mark)) == mark.digest
    except ServiceError:
        return False


def other_names(path: str) -> int:
    """How many other names (hard links) a file has: saved under one, the others keep the old
    text."""
    try:
        return os.stat(path).st_nlink - 1
    except OSError:
        return 0


def digest_on_disk(path: str) -> str:
    """The digest of what a file holds now; empty if there is none, and no digest but its size if
    it is larger than what is opened here."""
    try:
        size = os.stat(path).st_size
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unreadable(path, error) from error
    return f"{size} bytes" if size > MAX_BYTES else _digest(_bytes(path))


def _bytes(path: str) -> bytes:
    try:
        # Looked at before it is opened: to open a pipe waits for its other end.
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise ServiceError(f"{_name(path)} is not a regular file.", kind=ErrorKind.INVALID)
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > MAX_BYTES:
        raise ServiceError(
            f"{_name(path)} is too large for the editor: {size_text(status.st_size)}.",
            hint=f"Files up to {size_text(MAX_BYTES)} are opened; \\i FILE runs larger ones.",
            kind=ErrorKind.INVALID,
        )
    return data


def _unreadable(path: str, error: OSError) -> ServiceError:
    cause = f"{error.strerror or error}: {path}"
    return ServiceError(f"{_name(path)} could not be read.", cause=cause)


def encoding_of(data: bytes) -> str:
    """The encoding that the first bytes of a file say; UTF-8 if they say none."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")


def not_decoded(path: str, encoding: str, cause: str) -> NotUtf8Error:
    """That a file is not what it seemed to be."""
    return NotUtf8Error(
        f"{_name(path)} is not {ENCODING_NAMES[encoding]}.", cause=cause, kind=ErrorKind.INVALID
    )


def _decoded(path: str, data: bytes, encoding: str) -> str:
    mark = next((mark for mark, name in _MARKS if name == encoding), b"")
    try:
        return data.removeprefix(mark).decode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start] if error.start < len(data) else 0
        raise not_decoded(path, encoding, f"line {line}, byte {byte:#04x}") from error


def _encoded(text: str, mark: FileMark) -> bytes:
    text = text.replace("\n", mark.newline)
    try:
        head = next((mark_ for mark_, name in _MARKS if name == mark.encoding), b"")
        return head + text.encode("utf-8" if mark.encoding == "utf-8-sig" else mark.encoding)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise ServiceError(
            f"{_name(mark.path)} was not saved: {ENCODING_NAMES[mark.encoding]} has no "
            f"{text[error.start]!r} (line {line}).",
            hint="Alt+Shift+S saves the text as UTF-8 under another name.",
            kind=ErrorKind.INVALID,
        ) from error


def _changed(mark: FileMark) -> ServiceError:
    return ChangedOnDiskError(f"{_name(mark.path)} was changed on disk by something else.")


def _unsaved(mark: FileMark, why: str) -> ServiceError:
    return ServiceError(
        f"{_name(mark.path)} could not be saved.",
        cause=f"{why}: {mark.path}",
        hint="The text is still here in the editor. Alt+Shift+S saves it elsewhere.",
    )


def _replace(
    target: Path, data: bytes, before: os.stat_result | None, seen: ExistingFile | None
) -> None:
    with NewFile(target, replacing=seen) as file:
        if before is not None:
            # Before anything is in it: it may be more private than a new file.
            with suppress(PermissionError):  # only root may give a file away
                os.fchown(file.stream.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.stream.fileno(), stat.S_IMODE(before.st_mode))
        file.stream.write(data)
        file.put_in_place()


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _lines(text: str) -> list[str]:
    lines = text.splitlines()
    # The editor's own rule for a text that ends in the end of a line.
    return [*lines, ""] if _OTHER_ENDS.match(text[-1:]) or text.endswith("\n") else lines


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _name(path: str) -> str:
    return os.path.basename(path) or path
