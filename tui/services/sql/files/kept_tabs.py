"""The texts of the editor's tabs on disk, so that they survive whatever ends the application.

Each text is a file of its own, and an index says which are open, in which order, and where the
cursors stand. A text is written before the index names it, and one that no index names becomes a
tab again. Passwords are not written.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.private_file import replace_private
from tui.services.sql.files.sql_files import ENCODING_NAMES, FileMark, holds, read_sql_file
from tui.services.sql.files.window_slot import WindowSlot
from tui.services.sql.text.passwords import without_passwords

MAX_BYTES = 40_000_000
"""A file larger than this is not read back: it was not written here."""


END = (10**9, 10**9)
"""A cursor at the end of any text."""


@dataclass(frozen=True)
class KeptTab:
    """One tab, as it is kept."""

    id: int
    text: str = field(default="", repr=False)
    cursor: tuple[int, int] = (0, 0)
    file: FileMark | None = None
    is_saved: bool = False
    """Whether the file holds this text."""
    place: str = ""
    """Who is connected where on the connection that it is for; empty if that is not known."""
    is_in_file_only: bool = field(default=False, compare=False)
    """Whether it is saved, and what is kept of it here lacks passwords."""


@dataclass(frozen=True)
class KeptTabs:
    """All of them, in order."""

    tabs: tuple[KeptTab, ...] = ()
    active: int = 0
    closed: tuple[KeptTab, ...] = ()
    """Those that were closed; the last one last."""


@dataclass(frozen=True)
class LoadedTabs:
    """What an earlier run left."""

    kept: KeptTabs
    problems: tuple[str, ...] = ()
    """What could not be read, a sentence each. It is left where it is."""
    taken: frozenset[int] = frozenset()
    """Numbers that no new tab may have: files are there under them."""


class TabsOnDisk:
    """Files that only their owner can read, each replaced as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        """`path` is the file of the first text; the others are beside it."""
        self.slot = WindowSlot(path)
        # One thread: texts are written in the order in which they were given.
        self._pool = BlockingPool("sql-tabs", 1)
        self._busy = threading.Lock()
        self._may_write = False
        """Whether the files held are ours to replace: they were read, or there were none."""
        self._closed = False
        self._written: dict[int, tuple[str, int]] = {}
        """For each tab the text that was given last, and how many passwords were left out."""
        self._index: bytes = b""

    async def load(self) -> LoadedTabs:
        """What an earlier run left; no tabs if there was none. ServiceError if no file can be held:
        what is saved then goes to other files."""
        return await self._pool.run(self._load)

    async def save(self, kept: KeptTabs) -> int:
        """Write what is not there already; how many passwords in it were left out. ServiceError if
        that fails."""
        return await self._pool.run(self._save, kept)

    def close(self, last: KeptTabs | None = None) -> None:
        """Write the last state, if there is a newer one, and let the files go. Blocking; writes
        that wait are dropped. ServiceError if something could not be written."""
        self._pool.close()
        with self._busy:
            try:
                if last is not None and not self._closed:
                    self._write(last)
            finally:
                self._closed = True
                self.slot.release()

    # -- reading ----------------------------------------------------------------------------------

    def _load(self) -> LoadedTabs:
        with self._busy:
            if self._closed:
                return LoadedTabs(KeptTabs())
            try:
                self.slot.hold_newest()
                loaded = self._read()
            except OSError as error:
                raise ServiceError(
                    "The editor's texts of the last run could not be read.",
                    cause=str(error),
                    hint=f"{self.slot.path} is left as it is; what you type is kept beside it.",
                ) from error
            self._may_write = True
            return loaded

    def _read(self) -> LoadedTabs:
        problems: list[str] = []
        named = self._read_index(problems)
        on_disk = self.slot.tabs_on_disk()
        known = {each.id for each in (*named.tabs, *named.closed)}
        # A crash between the two writes, or an index that is damaged: no text is forgotten.
        found = tuple(KeptTab(each, cursor=END) for each in on_disk if each not in known)
        tabs = self._with_texts((*named.tabs, *found), problems)
        active = named.tabs[named.active].id if named.active < len(named.tabs) else 0
        return LoadedTabs(
            KeptTabs(
                tabs,
                next((at for at, each in enumerate(tabs) if each.id == active), 0),
                self._with_texts(named.closed, problems),
            ),
            tuple(problems),
            frozenset(on_disk),
        )

    def _read_index(self, problems: list[str]) -> KeptTabs:
        path = self.slot.index
        try:
            data = path.read_bytes()
            return _parsed(json.loads(data))
        except FileNotFoundError:
            return KeptTabs()
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            beside = path.with_name(f"{path.name}.damaged")
            path.replace(beside)
            problems.append(
                f"The list of the editor's tabs was damaged ({type(error).__name__}) and is now "
                f"{beside}; all texts are here, their order and their files are not known."
            )
            return KeptTabs()

    def _with_texts(self, tabs: tuple[KeptTab, ...], problems: list[str]) -> tuple[KeptTab, ...]:
        read = []
        for tab in tabs:
            path = self.slot.text(tab.id)
            try:
                read.append(_with_text(tab, self._text(tab.id, path)))
            except FileNotFoundError:
                read.append(replace(tab, is_saved=False))
            except (OSError, UnicodeDecodeError) as error:
                problems.append(
                    f"A text of the last run could not be read ({error}); {path} is left as it is."
                )
        return tuple(read)

    def _text(self, tab: int, path: Path) -> str:
        if path.stat().st_size > MAX_BYTES:
            raise OSError("it is too large to be the editor's text")
        text = path.read_bytes().decode("utf-8", "surrogatepass")
        # What an earlier version kept is taken out, of the file too.
        kept, left_out = without_passwords(text)
        if left_out:
            replace_private(path, kept.encode("utf-8", "surrogatepass"))
        self._written[tab] = kept, 0
        return kept

    # -- writing ----------------------------------------------------------------------------------

    def _save(self, kept: KeptTabs) -> int:
        with self._busy:
            return 0 if self._closed else self._write(kept)

    def _write(self, kept: KeptTabs) -> int:
        try:
            if not self._may_write:
                # Nothing was read: no text that is there may be replaced.
                self.slot.hold_new()
                self._may_write = True
            for tab in (*kept.tabs, *kept.closed):
                self._write_text(tab)
            self._write_index(kept)
            self._drop(kept)
        except OSError as error:
            raise ServiceError(
                "The editor's text could not be written to disk.",
                cause=str(error),
                hint="It is still here in the editor; copy what you need.",
            ) from error
        return sum(self._written[tab.id][1] for tab in kept.tabs)

    def _write_text(self, tab: KeptTab) -> None:
        before = self._written.get(tab.id, ("", 0))
        if tab.text != before[0]:
            text, left_out = without_passwords(tab.text)
            if text != before[0] or before[1]:
                data = text.encode("utf-8", "surrogatepass")
                replace_private(self.slot.text(tab.id), data)
            before = tab.text, left_out
        self._written[tab.id] = before

    def _write_index(self, kept: KeptTabs) -> None:
        data = json.dumps(
            {
                "active": kept.active,
                "tabs": [self._entry(tab) for tab in kept.tabs],
                "closed": [self._entry(tab) for tab in kept.closed],
            }
        ).encode()
        if data != self._index:
            replace_private(self.slot.index, data)
            self._index = data

    def _entry(self, tab: KeptTab) -> dict[str, Any]:
        entry = asdict(tab)
        del entry["text"]
        # Without its password the text that is kept is not the one in the file.
        entry["is_in_file_only"] = tab.is_saved and bool(self._written[tab.id][1])
        return entry

    def _drop(self, kept: KeptTabs) -> None:
        named = {tab.id for tab in (*kept.tabs, *kept.closed)}
        for tab in [each for each in self._written if each not in named]:
            self.slot.text(tab).unlink(missing_ok=True)
            del self._written[tab]


def _with_text(tab: KeptTab, text: str) -> KeptTab:
    """The text of a tab; from its file if that still holds it and only there it is whole."""
    if tab.is_in_file_only and tab.file is not None:
        try:
            file = read_sql_file(tab.file.path, tab.file.encoding)
        except ServiceError:
            return replace(tab, text=text, is_saved=False)
        if file.mark.digest == tab.file.digest:
            return replace(tab, text=file.text)
        return replace(tab, text=text, is_saved=False)
    # After a crash the text may be newer than what the index says of it.
    is_saved = (
        tab.is_saved and tab.file is not None and (tab.file.has_mixed_ends or holds(tab.file, text))
    )
    return replace(tab, text=text, is_saved=is_saved)


def _parsed(data: Any) -> KeptTabs:
    """What an index says. Raises what Python raises of an index of another shape."""
    tabs = tuple(map(_tab, data["tabs"]))
    closed = tuple(map(_tab, data["closed"]))
    numbers = [tab.id for tab in (*tabs, *closed)]
    if len(set(numbers)) != len(numbers) or min(numbers, default=1) < 1:
        raise ValueError("a tab is named twice")
    return KeptTabs(tabs, max(0, min(int(data["active"]), len(tabs) - 1)), closed)


def _tab(data: Any) -> KeptTab:
    row, column = data["cursor"]
    file = data["file"]
    return KeptTab(
        int(data["id"]),
        cursor=(max(0, int(row)), max(0, int(column))),
        file=None if file is None else _mark(file),
        is_saved=bool(data["is_saved"]),
        place=str(data.get("place", "")),
        is_in_file_only=bool(data["is_in_file_only"]),
    )


def _mark(data: Any) -> FileMark:
    texts = {key: str(data[key]) for key in ("path", "encoding", "newline", "digest")}
    if texts["encoding"] not in ENCODING_NAMES or texts["newline"] not in {"\n", "\r\n"}:
        raise ValueError("a file has an unknown encoding")
    return FileMark(**texts, has_mixed_ends=bool(data.get("has_mixed_ends")))
