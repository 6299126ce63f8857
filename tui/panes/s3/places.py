"""The way back and forward through locations, and the places that are kept over a restart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import replace_private
from tui.services.s3 import S3Location

LONGEST_WAY = 200
"""Steps back that are remembered."""

RECENT = 100
"""Typed places that are remembered."""


class Trail:
    """Where one was, as in a web browser: a new step forgets what lay ahead."""

    def __init__(self) -> None:
        self._behind: list[S3Location] = []
        self._ahead: list[S3Location] = []

    @property
    def can_go_back(self) -> bool:
        return bool(self._behind)

    @property
    def can_go_forward(self) -> bool:
        return bool(self._ahead)

    def left(self, here: S3Location, there: S3Location) -> None:
        """A step from `here` to `there` was made."""
        if here != there:
            self._behind = [*self._behind[-LONGEST_WAY + 1 :], here]
            self._ahead.clear()

    def back(self, here: S3Location) -> S3Location:
        """The place before; ask `can_go_back` first."""
        self._ahead.append(here)
        return self._behind.pop()

    def forward(self, here: S3Location) -> S3Location:
        """The place that a step back left; ask `can_go_forward` first."""
        self._behind.append(here)
        return self._ahead.pop()

    def clear(self) -> None:
        """Another account: none of the places is known there."""
        self._behind.clear()
        self._ahead.clear()


class Places:
    """Bookmarks and typed places, in a private file of JSON: `{"bookmarks": […], "recent": […]}`.

    Locations are kept as `s3://bucket/prefix`. Blocking. A file that cannot be read is left as it
    is: what is kept in it is worth more than a new bookmark.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bookmarks: list[str] = []
        """In the order in which they were made."""
        self.recent: list[str] = []
        """The latest last."""

    def read(self) -> None:
        """Read the file. Raises ServiceError (INVALID) if there is one that is not ours."""
        try:
            kept = json.loads(self.path.read_bytes())
            self.bookmarks = _texts(kept["bookmarks"])
            self.recent = _texts(kept["recent"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._unusable(error) from error

    def toggle_bookmark(self, location: str) -> bool:
        """Keep a place, or forget it if it is kept; whether it is kept now. Raises ServiceError."""
        self.read()
        kept = location not in self.bookmarks
        if kept:
            self.bookmarks.append(location)
        else:
            self.bookmarks.remove(location)
        self._write()
        return kept

    def typed(self, location: str) -> None:
        """Remember a place that was typed. Raises ServiceError."""
        self.read()
        others = [each for each in self.recent if each != location]
        self.recent = [*others[-RECENT + 1 :], location]
        self._write()

    def _write(self) -> None:
        kept = {"bookmarks": self.bookmarks, "recent": self.recent}
        try:
            replace_private(self.path, json.dumps(kept, indent=1).encode())
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> ServiceError:
        return ServiceError(
            "Bookmarks and typed places cannot be kept.",
            cause=f"{self.path}: {error}",
            hint="Mend or remove that file; the folder must be writable.",
            kind=ErrorKind.INVALID,
        )


def _texts(kept: object) -> list[str]:
    if not isinstance(kept, Sequence) or isinstance(kept, str):
        raise TypeError("not a list")
    return [each for each in kept if isinstance(each, str)]
