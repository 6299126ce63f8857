"""What a picker shows: one folder, what the filter leaves of it, and whether another is read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from fnmatch import translate
from pathlib import Path

from tui.services.transfers import EntryKind, LocalEntry, LocalFolders


class FolderBrowser:
    """Where a picker stands. The folder before stays until the next one is read."""

    def __init__(self, folders: LocalFolders, start: Path, changed: Callable[[str], None]) -> None:
        """`changed` is called when a folder was read, with the name that the cursor goes to, ""
        for none."""
        self.folders = folders
        self.folder = start
        self.entries: Sequence[LocalEntry] = ()
        self.shown: list[LocalEntry] = []
        """The entries that the filter leaves."""
        self.needle = ""
        """What the filter looks for: a part of the name, or a pattern with `*` or `?`."""
        self.hidden = False
        """Whether names that begin with a dot are shown."""
        self.is_reading = True
        """Whether a folder was asked for that is not shown yet: keys are meant for that one."""
        self.was_read = False
        """Whether there is a folder to stay in."""
        self._changed = changed
        self._asked = 0
        self._names: list[str] = []
        """The names of the entries, without case."""

    def filter_by(self, needle: str) -> None:
        """Show only the names with a text, or that fit a pattern."""
        self.needle = needle
        self._narrow()

    def toggle_hidden(self) -> None:
        """Show or leave out the names that begin with a dot."""
        self.hidden = not self.hidden
        self._narrow()

    def go(self, folder: Path, *, cursor_on: str = "") -> Coroutine[None, None, None]:
        """Read a folder. Raises ServiceError, and stays where it was."""

        async def find() -> tuple[Path, str]:
            return folder, cursor_on

        return self._go(find)

    def go_typed(self, typed: str) -> Coroutine[None, None, None]:
        """Read the folder that was typed; of a file its folder, with the cursor on the file.
        Raises ServiceError, and stays where it was."""

        async def find() -> tuple[Path, str]:
            path = await self.folders.resolve(typed, self.folder)
            if await self.folders.kind(path) is EntryKind.FOLDER:
                return path, ""
            return path.parent, path.name

        return self._go(find)

    def stay(self) -> None:
        """Wait no longer for the folder that was asked for."""
        self._asked += 1
        self.is_reading = False

    # A plain function, because keys wait from this moment on, and a worker begins later.
    def _go(self, find: Callable[[], Awaitable[tuple[Path, str]]]) -> Coroutine[None, None, None]:
        self._asked += 1
        self.is_reading = True
        return self._read(find, self._asked)

    async def _read(self, find: Callable[[], Awaitable[tuple[Path, str]]], number: int) -> None:
        try:
            folder, cursor_on = await find()
            entries = await self.folders.read(folder)
            # Of 100,000 it takes too long for a key to wait.
            names = await asyncio.to_thread(lambda: [each.name.casefold() for each in entries])
        finally:
            # An answer that was overtaken changes nothing.
            if number == self._asked:
                self.is_reading = False
        if number != self._asked:
            return
        if folder != self.folder:
            self.needle = ""
        self.folder, self.entries, self.was_read = folder, entries, True
        self._names = names
        self._narrow()
        if cursor_on and all(entry.name != cursor_on for entry in self.shown):
            self.needle = ""
            self.hidden = self.hidden or cursor_on.startswith(".")
            self._narrow()
        self._changed(cursor_on)

    def number_of(self, name: str) -> int:
        """Where a name stands among what is shown; 0 if it does not."""
        numbers = (number for number, entry in enumerate(self.shown) if entry.name == name)
        return next(numbers, 0) if name else 0

    def _narrow(self) -> None:
        wanted = self.needle.casefold()
        entries: Iterable[LocalEntry] = self.entries
        if any(sign in wanted for sign in "*?"):
            fits = re.compile(translate(wanted)).match
            entries = (each for each, name in zip(entries, self._names, strict=True) if fits(name))
        elif wanted:
            entries = (
                each for each, name in zip(entries, self._names, strict=True) if wanted in name
            )
        with_hidden = self.hidden or (wanted.startswith(".") and wanted != ".")
        self.shown = [each for each in entries if with_hidden or each.name[:1] != "."]
