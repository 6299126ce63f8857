"""Puts a small file that is whole in memory into its folder, and under its name only when all of it
is there. Blocking.

The application runs this file as a program, too, which takes orders over its standard input: see
`placing_process`. So it has only the standard library, and little of that.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

OPEN_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""What every file is opened with."""

CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | OPEN_FLAGS
"""For a file that must not be there yet."""

PLACED, TAKEN, LEADS_OUT, FAILED = "placed", "taken", "leads out", "failed"

Outcome = tuple[str, str, int, str]
"""What became of a file, and more of it: PLACED and its path; TAKEN and the name; LEADS_OUT and the
link; FAILED, what was being done ("write /x"), the number of the error and its words."""

HEAD = 4
"""Bytes before each message, which are its length."""


class LeadsOutError(Exception):
    """A link leads out of the chosen folder; it is told which."""


def make_folder(root: str, folder: str) -> None:
    """Create `folder`, which is in `root`, and what is missing above it. Raises LeadsOutError when
    a link inside `root` would lead outside, before anything is made there; OSError."""
    if not os.path.isdir(root):
        os.makedirs(root, exist_ok=True)
    current = root
    for part in folder[len(root) :].split(os.sep):
        if not part:
            continue
        # Asked once of each file: few calls.
        current = os.path.join(current, part)
        try:
            mode = os.lstat(current).st_mode
        except FileNotFoundError:
            _make(current)
            mode = os.lstat(current).st_mode
        if stat.S_ISDIR(mode):
            continue
        if stat.S_ISLNK(mode) and not _is_inside(_real(root), _real(current)):
            raise LeadsOutError(current)
        _make(current)


def _make(folder: str) -> None:
    try:
        os.mkdir(folder)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise


def _real(path: str) -> str:
    try:
        return os.path.realpath(path, strict=True)
    except FileNotFoundError:
        # The end of a link need not be there. Links in a circle are an error.
        return os.path.realpath(path)


def _is_inside(root: str, path: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def lock(descriptor: int) -> None:
    """Lock an open file until it is closed. Raises BlockingIOError if another has it locked."""
    try:
        import fcntl
    except ImportError:
        # Windows, where a file that is open cannot be removed.
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def create(temporary: str) -> int:
    """A new, empty file, open for reading and writing, and locked: so it is told from one that a
    killed application left behind. Raises OSError."""
    descriptor = os.open(temporary, CREATE, 0o666)
    with contextlib.suppress(OSError):
        # Some file systems have no locks.
        lock(descriptor)
    return descriptor


def place_new(temporary: str, target: str) -> None:
    """Give the finished temporary file its name, which nothing must have: FileExistsError."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this file system: claim the name first, then replace our own claim.
        os.close(os.open(target, CREATE, 0o666))
        os.replace(temporary, target)
    else:
        os.unlink(temporary)


def place_beside(temporary: str, target: str) -> str:
    """Like `place_new`, under the first free name beside `target`; gives that."""
    folder, name = os.path.split(target)
    for free in free_names(name):
        candidate = os.path.join(folder, free)
        try:
            place_new(temporary, candidate)
        except FileExistsError:
            continue
        return candidate
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)


def free_names(name: str) -> Iterator[str]:
    """`name (2).ext`, `name (3).ext`, … for a file name or a whole key."""
    folder, slash, last = name.rpartition("/")
    stem, extension = split_extension(last)
    for number in range(2, 1000):
        yield f"{folder}{slash}{stem} ({number}){extension}"


def split_extension(name: str) -> tuple[str, str]:
    """A name before its last dot, and the rest."""
    # Works on any text; a Path would give parts of keys a meaning that they do not have.
    stem, dot, extension = name.rpartition(".")
    return (stem, dot + extension) if stem else (name, "")


def put(
    root: str, target: str, temporary: str, data: bytes, modified: float | None, beside: bool
) -> Outcome:
    """Put a file in place that is not there yet: written under the name `temporary` in its folder,
    with its time, and only then given its own; `beside` is under a free name. What it could not
    place it removes."""
    folder = os.path.dirname(target)
    placed = ""
    doing = f"create the folder {folder}"
    try:
        make_folder(root, folder)
        doing = f"write to {folder}"
        temporary = os.path.join(folder, temporary)
        descriptor = create(temporary)
        doing = f"write {target}"
        try:
            _fill(descriptor, temporary, data, modified)
            placed = _named(temporary, target, beside)
        finally:
            if not placed:
                # What made it fail is worth more than what a full or lost disk says here.
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
            os.close(descriptor)
    except LeadsOutError as error:
        return LEADS_OUT, str(error), 0, ""
    except OSError as error:
        return FAILED, doing, error.errno or 0, error.strerror or str(error)
    return (PLACED, placed, 0, "") if placed else (TAKEN, target, 0, "")


def _fill(descriptor: int, temporary: str, data: bytes, modified: float | None) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    if modified is not None:
        which = descriptor if os.utime in os.supports_fd else temporary
        os.utime(which, (modified, modified))
    # A network file system says only at a close that its disk or the quota is full.
    os.close(os.dup(descriptor))


def _named(temporary: str, target: str, beside: bool) -> str:
    """Where it went; "" if the name is taken."""
    try:
        if beside:
            return place_beside(temporary, target)
        place_new(temporary, target)
    except FileExistsError:
        return ""
    return target


# -- as a program ----------------------------------------------------------------------------


def main() -> None:
    """Take orders from standard input, which is a socket, and answer there, until nobody is at the
    other end: then nothing more is begun, also of what was ordered.

    A message is a list: of orders, each a number and what `put` takes; of answers, each a number
    and its outcome. The first one says how names are encoded here.
    """
    import marshal
    import select
    import sys

    looks = select.poll()
    looks.register(0, 0)

    def say(message: str | list[tuple[int, str, str, int, str]]) -> None:
        content = marshal.dumps(message)
        left = memoryview(len(content).to_bytes(HEAD, "little") + content)
        while left:
            left = left[os.write(0, left) :]

    say(sys.getfilesystemencoding())
    held = bytearray()
    while arrived := os.read(0, 1 << 18):
        held += arrived
        for message in messages(held):
            outcomes: list[tuple[int, str, str, int, str]] = []
            for number, *order in marshal.loads(message):  # noqa: S302 - who made this process
                if looks.poll(0):
                    return
                outcomes.append((number, *put(*order)))
            say(outcomes)


def messages(held: bytearray) -> Iterator[bytes]:
    """Take out those that are whole."""
    while len(held) >= HEAD:
        end = HEAD + int.from_bytes(held[:HEAD], "little")
        if len(held) < end:
            return
        message = bytes(held[HEAD:end])
        del held[:end]
        yield message


if __name__ == "__main__":
    # The other end may have gone.
    with contextlib.suppress(OSError):
        main()
