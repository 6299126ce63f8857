"""One of the tabs in the editor, and all of them on disk."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from textual.timer import Timer

from tui.panes.sql.editing.pause import Pause
from tui.panes.sql.editing.tab_strip import TabStrip
from tui.panes.sql.editing.tabs import EditorTabs, Tab
from tui.panes.sql.editor import SqlEditor
from tui.services.errors import ServiceError
from tui.services.sql.files.kept_tabs import TabsOnDisk
from tui.services.sql.files.sql_files import FileMark
from tui.widgets.text.long_text import TextState


class TabbedEditor:
    """Takes the text from the editor when another tab is shown, and before it is kept."""

    def __init__(
        self,
        editor: SqlEditor,
        path: Path,
        *,
        start: Callable[[Coroutine[Any, Any, None], str], object],
        call_later: Callable[[float, Callable[[], None]], Timer],
        left_out: Callable[[int], None],
        problem: Callable[[ServiceError], None],
    ) -> None:
        """`start` runs a coroutine as the worker of a group, `left_out` is told how many passwords
        are not kept, `problem` what could not be read."""
        self.editor = editor
        self.strip = TabStrip()
        self.model = EditorTabs()
        self.disk = TabsOnDisk(path)
        self._start = start
        self._pause = Pause(call_later, self._save)
        self._left_out, self._problem = left_out, problem
        self._loaded = False
        """Whether the texts of the last run are here, or are known not to come."""
        self._changes = 0
        """How often something changed that is kept."""
        self._kept = 0
        """How many of these changes are on disk."""
        self._cursor = (0, 0)

    # -- disk -------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Show what an earlier run left, with what was typed since the start behind it."""
        try:
            loaded = await self.disk.load()
            self._take()
            earlier = self.model.take(loaded.kept, loaded.taken)
            if self.editor.text:
                self.editor.put_earlier(earlier)
            elif earlier:
                self.editor.show_new(earlier, self.model.current.cursor)
            self._take()
            self._draw()
            if loaded.problems:
                self._problem(ServiceError("\n".join(loaded.problems)))
        finally:
            self._loaded = True
            if self._changes:
                self._pause.wait()

    def edited(self, place: str = "") -> None:
        """The text in the editor is another one now. `place` is the connection that a text is for
        which begins now."""
        self._take()
        tab = self.model.current
        if not tab.text or tab.text.isspace():
            tab.place = ""
        elif not tab.place:
            tab.place = place
        self._draw()
        self._changed()

    def moved(self) -> None:
        """The cursor may stand elsewhere."""
        if self.editor.cursor_location != self._cursor:
            self._cursor = self.editor.cursor_location
            self._changes += 1
            # One that is on its way is early enough: no timer for each key.
            if self._loaded and not self._pause.is_awaited:
                self._pause.wait()

    def settle(self, tab: Tab, place: str) -> None:
        """The text of a tab is for another connection now."""
        if place != tab.place:
            tab.place = place
            self._changed()

    def close_down(self) -> None:
        """Write what is newer than what is on disk. Blocking."""
        last = None
        if self._changes > self._kept:
            self._take()
            last = self.model.kept()
        self.disk.close(last)

    def _changed(self) -> None:
        self._changes += 1
        # Before that, what is typed would take the place of a text that is not here yet.
        if self._loaded:
            self._pause.wait()

    def _save(self) -> None:
        self._start(self._write(), "sql-buffer-save")

    async def _write(self) -> None:
        self._take()
        changes = self._changes
        self._left_out(await self.disk.save(self.model.kept()))
        self._kept = changes

    # -- tabs -------------------------------------------------------------------------------------

    @property
    def current(self) -> Tab:
        """The tab that is shown, with the text that the editor has now."""
        self._take()
        return self.model.current

    def new(self, text: str = "", file: FileMark | None = None) -> Tab:
        """Show a text in a tab of its own; one that is empty is taken for it."""
        self._set_aside()
        if file is not None and self.model.current.is_empty:
            tab = self.model.current
            tab.text = tab.saved = text
            tab.file, tab.state, tab.cursor = file, None, (0, 0)
        else:
            tab = self.model.new(text, file)
        self._show()
        return tab

    def go(self, at: int) -> bool:
        """Show a tab by its place, from 0; False if there is none."""
        self._set_aside()
        if not self.model.go(at):
            return False
        self._show()
        return True

    def step(self, step: int) -> bool:
        """Show the next tab or the one before; False if there is no other."""
        self._set_aside()
        if not self.model.step(step):
            return False
        self._show()
        return True

    def close(self, tab: Tab) -> None:
        """Take a tab away."""
        self._set_aside()
        self.model.close(tab)
        self._show()

    def reopen(self) -> bool:
        """Show the tab again that was closed last; False if there is none."""
        self._set_aside()
        if self.model.reopen() is None:
            return False
        self._show()
        return True

    def draw_names(self) -> None:
        """A tab has another name or another state now."""
        self._draw()
        self._changed()

    def _take(self) -> None:
        tab = self.model.current
        tab.text, tab.cursor = self.editor.text, self.editor.cursor_location

    def _set_aside(self) -> None:
        self._take()
        self.editor.clear_error()
        self.model.current.state = self.editor.state()

    def _show(self) -> None:
        tab = self.model.current
        if isinstance(tab.state, TextState):
            self.editor.resume(tab.state)
        else:
            self.editor.show_new(tab.text, tab.cursor)
        self._draw()
        self._changed()

    def _draw(self) -> None:
        self.strip.show(self.model.tabs, self.model.active)
