"""Local files: names that stay inside the chosen folder, and writes that never lose a file.

Blocking: run on a pool.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tui.services import put_file
from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import translating_local
from tui.services.put_file import OPEN_FLAGS, lock, split_extension

MAX_NAME_BYTES = 255
"""The longest name of one file on the usual file systems, in bytes."""

_WINDOWS_ILLEGAL = set('<>:"\\|?*') | {chr(code) for code in range(32)}
_WINDOWS_RESERVED = {"CON", "PRN", "AUX", "NUL"} | {
    f"{device}{number}" for device in ("COM", "LPT") for number in range(1, 10)
}

# A pipe that took the file's place must not block the open.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | OPEN_FLAGS


def reason_of(error: OSError) -> str:
    """Why, in the system's words, to stand inside a sentence."""
    return (error.strerror or str(error)).lower()


def resolved(path: Path) -> Path:
    """The path with its links followed. Raises OSError, also for links in a circle."""
    try:
        return path.resolve()
    except RuntimeError as error:
        # Python says so until 3.13.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error


def expanded(path: Path) -> Path:
    """The path with a leading `~` or `~user` put in full. Raises OSError for an unknown user."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise OSError(errno.ENOENT, "There is no such user", str(path)) from error


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def open_source(path: Path) -> tuple[int, Stamp]:
    """A descriptor for reading a regular file, and its state. Raises OSError or ServiceError."""
    descriptor = os.open(path, _READ)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise ServiceError(f"{path} is not a regular file.", kind=ErrorKind.INVALID)
    return descriptor, Stamp.of(status)


def refuse_if_changed(path: Path, descriptor: int, before: Stamp) -> None:
    """Raise ServiceError if the open file was written to or replaced since `before` (CHANGED), or
    is not there any more (NOT_FOUND).
    """
    try:
        at_path = Stamp.of(path.stat())
    except FileNotFoundError:
        raise ServiceError(
            f"{path} is gone: it was removed or renamed while it was being uploaded; "
            "nothing was stored.",
            hint="Put it back and retry the failed files, or upload it from where it is now.",
            kind=ErrorKind.NOT_FOUND,
        ) from None
    except OSError:
        at_path = None
    if Stamp.of(os.fstat(descriptor)) != before or at_path != before:
        raise ServiceError(
            f"{path} was changed while it was being uploaded; nothing was stored.",
            hint="Retry the failed files when nothing writes to it any more.",
            kind=ErrorKind.CHANGED,
        )


def make_folder(root: Path, folder: Path) -> None:
    """Create `folder` and what is missing above it.

    Raises ServiceError (DENIED) when a link inside `root` would lead outside, before anything is
    made there.
    """
    with translating_local(f"create the folder {folder}"):
        try:
            put_file.make_folder(str(root), str(folder))
        except put_file.LeadsOutError as error:
            raise leads_out(str(error), root) from error


def leads_out(link: str, root: Path) -> ServiceError:
    """That a link leads out of a folder."""
    return ServiceError(
        f"{link} is a link that leads out of {root}.",
        hint="Nothing was written. Remove the link or choose another folder.",
        kind=ErrorKind.DENIED,
    )


def reopen_temporary(path: Path) -> int | None:
    """A descriptor of the temporary file of a killed application, locked; None if it is gone, or
    another writes to it. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | OPEN_FLAGS)
    except FileNotFoundError:
        return None
    try:
        lock(descriptor)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        # Some file systems have no locks.
        pass
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether an application holds the lock of `create_temporary`. Raises OSError."""
    descriptor = os.open(path, _READ)
    try:
        lock(descriptor)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def remove_unlocked(path: Path) -> None:
    """Remove a temporary file that nobody writes to. Raises ServiceError."""
    with translating_local(f"remove {path}"), contextlib.suppress(FileNotFoundError):
        if not is_locked(path):
            path.unlink()


# -- names -----------------------------------------------------------------------------------


def local_parts(inside: str, *, windows: bool = os.name == "nt") -> tuple[tuple[str, ...], str]:
    """The parts of the local path for a key's part below the place looked at, and why any differ.

    Parts that no file can have (empty, `.`, `..`, with a NUL, too long) are written with `%XX` or
    shortened; everything else stays as it is, unnormalised. The reason is "" if nothing changed.
    """
    parts: list[str] = []
    reasons: list[str] = []
    for part in inside.split("/"):
        local, reason = _local_part(part, windows=windows)
        parts.append(local)
        if reason and reason not in reasons:
            reasons.append(reason)
    return tuple(parts), "; ".join(reasons)


def _local_part(part: str, *, windows: bool) -> tuple[str, str]:
    if part == "":
        return "%2F", "a part of the name is empty"
    if part in {".", ".."}:
        return "%2E" * len(part), f"“{part}” would leave its folder"
    illegal = _WINDOWS_ILLEGAL if windows else {"\0"}
    local = "".join(f"%{ord(char):02X}" if char in illegal else char for char in part)
    if windows and local[-1] in ". ":
        local = f"{local[:-1]}%{ord(local[-1]):02X}"
    if windows and local.split(".")[0].upper() in _WINDOWS_RESERVED:
        local = f"%{ord(local[0]):02X}{local[1:]}"
    reason = "" if local == part else "a character cannot be in a file name here"
    if len(local.encode()) > MAX_NAME_BYTES:
        return _shortened(local), "a part is too long for a file name"
    return local, reason


def _shortened(name: str) -> str:
    stem, extension = split_extension(name)
    if len(extension.encode()) > 16:
        stem, extension = name, ""
    mark = "~" + sha256(name.encode()).hexdigest()[:8] + extension
    room = MAX_NAME_BYTES - len(mark.encode())
    return stem.encode()[:room].decode(errors="ignore") + mark
