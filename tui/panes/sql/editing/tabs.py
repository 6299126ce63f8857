"""The tabs of the editor: their texts, their files, which one is shown, which were closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from tui.services.sql.files.kept_tabs import KeptTab, KeptTabs
from tui.services.sql.files.sql_files import FileMark

CLOSED = 20
"""Closed tabs whose texts are kept."""

CLOSED_CHARACTERS = 20_000_000
"""Characters of all of them together; the last one closed is kept however long it is."""

TITLE = 18
"""Characters of a title made of the text."""

LOOKED_AT = 2_000
"""Characters of the text in which its first words are looked for."""


@dataclass(eq=False)
class Tab:
    """One text. While it is shown, the editor has the newest."""

    id: int
    """Its number on disk; no other tab has it."""
    text: str = field(default="", repr=False)
    cursor: tuple[int, int] = (0, 0)
    file: FileMark | None = None
    saved: str | None = field(default=None, repr=False)
    """The text as the file holds it; None if that is not known, or there is no file."""
    place: str = ""
    """Who is connected where on the connection that it is for; empty if that is not known."""
    state: object = field(default=None, repr=False)
    """What the editor keeps of it while another is shown: its undo steps, what it has scrolled."""

    @property
    def is_changed(self) -> bool:
        """Whether there is a file that holds another text."""
        return self.file is not None and self.text != self.saved

    @property
    def is_empty(self) -> bool:
        """Whether nothing is lost with it."""
        return self.file is None and not self.text.strip()

    @property
    def is_kept_elsewhere(self) -> bool:
        """Whether its text is in a file, or there is none."""
        return self.is_empty or (self.file is not None and not self.is_changed)

    @property
    def title(self) -> str:
        """The name of its file, or the first words of its text."""
        if self.file is not None:
            return PurePath(self.file.path).name
        return first_words(self.text) or "empty"

    def kept(self) -> KeptTab:
        """As it is written to disk."""
        is_saved = self.file is not None and not self.is_changed
        return KeptTab(self.id, self.text, self.cursor, self.file, is_saved, self.place)


def first_words(text: str) -> str:
    """What a text begins with, comments passed over unless there is nothing else."""
    lines = [line.strip() for line in text[:LOOKED_AT].splitlines() if line.strip()]
    chosen = next((line for line in lines if not line.startswith("--")), "")
    words = " ".join((chosen or (lines[0].lstrip("- ") if lines else "")).split())
    return words if len(words) <= TITLE else words[: TITLE - 1].rstrip() + "…"


class EditorTabs:
    """At least one tab, and one of them is shown."""

    def __init__(self) -> None:
        self.tabs = [Tab(1)]
        self.active = 0
        """Which one is shown."""
        self.closed: list[Tab] = []
        """Those whose text can be had again; the last one closed is the last."""
        self._taken: set[int] = set()
        """Numbers under which files are on disk."""

    @property
    def current(self) -> Tab:
        """The one that is shown."""
        return self.tabs[self.active]

    def new(self, text: str = "", file: FileMark | None = None) -> Tab:
        """Show a new tab behind the one that is shown."""
        tab = Tab(self._free_id(), text, file=file, saved=None if file is None else text)
        self.active += 1
        self.tabs.insert(self.active, tab)
        return tab

    def go(self, at: int) -> bool:
        """Show a tab by its place, from 0; False if there is none, or it is shown."""
        if at == self.active or not 0 <= at < len(self.tabs):
            return False
        self.active = at
        return True

    def step(self, step: int) -> bool:
        """Show the next one or the one before; behind the last comes the first."""
        return self.go((self.active + step) % len(self.tabs))

    def close(self, tab: Tab) -> None:
        """Take a tab away. The one that is shown then is the one behind it."""
        at = self.tabs.index(tab)
        del self.tabs[at]
        if not tab.is_empty:
            tab.state = None
            self.closed.append(tab)
            self._drop_oldest()
        if not self.tabs:
            self.tabs.append(Tab(self._free_id()))
        if at < self.active or self.active == len(self.tabs):
            self.active -= 1

    def reopen(self) -> Tab | None:
        """Show the tab that was closed last; None if there is none."""
        if not self.closed:
            return None
        tab = self.closed.pop()
        if len(self.tabs) == 1 and self.current.is_empty:
            self.tabs, self.active = [tab], 0
        else:
            self.active += 1
            self.tabs.insert(self.active, tab)
        return tab

    def of_file(self, path: str) -> int | None:
        """The place of the tab of a file."""
        for at, tab in enumerate(self.tabs):
            if tab.file is not None and tab.file.path == path:
                return at
        return None

    # -- what is kept on disk ---------------------------------------------------------------------

    def kept(self) -> KeptTabs:
        """As they are written to disk."""
        tabs, closed = (tuple(tab.kept() for tab in each) for each in (self.tabs, self.closed))
        return KeptTabs(tabs, self.active, closed)

    def take(self, kept: KeptTabs, taken: Iterable[int]) -> str:
        """Put the tabs of an earlier run in the place of the one that is shown; others that were
        opened meanwhile stay behind them. The text of the one to show is returned, not taken:
        something may have been typed meanwhile. A file that was opened meanwhile stays the one that
        is shown."""
        typed = self.current
        is_file = typed.file is not None
        opened = [
            each for each in self.tabs if (each is not typed or is_file) and not each.is_empty
        ]
        self._taken = set(taken)
        self.closed = [_tab(each) for each in kept.closed]
        if not kept.tabs:
            for each in opened:
                if each is not typed:
                    each.id = self._free_id(without=each)
            typed.id = self._free_id(without=typed)
            return ""
        self.tabs = [_tab(each) for each in kept.tabs]
        for each in opened:
            each.id = self._free_id()
            self.tabs.append(each)
        if is_file:
            self.active = self.tabs.index(typed)
            return ""
        self.active = kept.active
        shown = self.current
        earlier, shown.text = shown.text, typed.text
        return earlier

    def _free_id(self, without: Tab | None = None) -> int:
        used = self._taken | {each.id for each in (*self.tabs, *self.closed) if each is not without}
        return next(number for number in range(1, len(used) + 2) if number not in used)

    def _drop_oldest(self) -> None:
        while len(self.closed) > CLOSED or (
            len(self.closed) > 1 and sum(len(each.text) for each in self.closed) > CLOSED_CHARACTERS
        ):
            del self.closed[0]


def _tab(kept: KeptTab) -> Tab:
    saved = kept.text if kept.is_saved else None
    return Tab(kept.id, kept.text, kept.cursor, kept.file, saved, kept.place)
