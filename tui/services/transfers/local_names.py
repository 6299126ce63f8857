"""From a key to a local name that can exist, inside the chosen folder and nowhere else."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from hashlib import sha256

MAX_NAME_BYTES = 255
"""The longest name of one file on the usual file systems, in bytes."""

_WINDOWS_ILLEGAL = set('<>:"\\|?*') | {chr(code) for code in range(32)}
_WINDOWS_RESERVED = {"CON", "PRN", "AUX", "NUL"} | {
    f"{device}{number}" for device in ("COM", "LPT") for number in range(1, 10)
}


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
        return "%2F", "a part of the key is empty"
    if part in {".", ".."}:
        return "%2E" * len(part), f"“{part}” in the key would leave its folder"
    illegal = _WINDOWS_ILLEGAL if windows else {"\0"}
    local = "".join(f"%{ord(char):02X}" if char in illegal else char for char in part)
    if windows and local[-1] in ". ":
        local = f"{local[:-1]}%{ord(local[-1]):02X}"
    if windows and local.split(".")[0].upper() in _WINDOWS_RESERVED:
        local = f"%{ord(local[0]):02X}{local[1:]}"
    reason = "" if local == part else "a character of the key cannot be in a file name here"
    if len(local.encode()) > MAX_NAME_BYTES:
        return _shortened(local), "a part of the key is too long for a file name"
    return local, reason


def _shortened(name: str) -> str:
    stem, extension = _split_extension(name)
    if len(extension.encode()) > 16:
        stem, extension = name, ""
    mark = "~" + sha256(name.encode()).hexdigest()[:8] + extension
    room = MAX_NAME_BYTES - len(mark.encode())
    return stem.encode()[:room].decode(errors="ignore") + mark


def _split_extension(name: str) -> tuple[str, str]:
    # Works on any text; a Path would give parts of keys a meaning that they do not have.
    stem, dot, extension = name.rpartition(".")
    return (stem, dot + extension) if stem else (name, "")


def free_names(name: str) -> Iterator[str]:
    """`name (2).ext`, `name (3).ext`, … for a file name or a whole key."""
    folder, slash, last = name.rpartition("/")
    stem, extension = _split_extension(last)
    for number in range(2, 1000):
        yield f"{folder}{slash}{stem} ({number}){extension}"


def folded(path: str, *, case_sensitive: bool) -> str:
    """What two paths have in common when they name one file."""
    return path if case_sensitive else unicodedata.normalize("NFC", path).casefold()
