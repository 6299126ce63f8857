"""The item editor: JSON checked as it is typed, saved on a condition, never lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Static, TextArea
from textual.worker import Worker

from tui.panes.dynamodb.conflict import ConflictSide, lost_by_saving, overwritten_by_yours
from tui.services.dynamodb import (
    AttributeValue,
    Draft,
    Item,
    ItemConflict,
    KeyType,
    TableInfo,
    read_draft,
    to_json,
)
from tui.services.dynamodb.merging import differences, only_yours
from tui.services.dynamodb.values import BinaryValue, NumberValue, StringValue
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.dialogs import Confirm, Dialog
from tui.widgets.leaving import EscTwice
from tui.widgets.long_text import LongTextArea
from tui.widgets.safe_text import content

CHECK_DELAY = 0.1
"""Seconds of rest after a key before the text is checked."""

PROBLEMS_SHOWN = 3

_BLANK = re.compile(r'(?:\{\s*"[NSB]"\s*:\s*)?""')
"""A value that is to be filled in; the cursor belongs before its last quote."""

BEGINNING = "Fill in the key and add attributes: DynamoDB JSON as it stands here, or plain JSON."
"""What a new item says before anything was typed."""

Save = Callable[[Item, Item | None], Awaitable[None]]
"""Stores an item in place of another; None says that its key must be free."""


class JsonArea(LongTextArea):
    """A text area in which Ctrl+A selects everything, as most editors have it."""

    BINDINGS = [Binding("ctrl+a", "select_all", "Select all", show=False, id="editor.select_all")]


class ItemEditor(Dialog[Item]):
    """A text that becomes an item; answers the item once it is stored.

    When the stored item is not what the edit began with, both are shown with what differs, and two
    ways on are offered: to store only the attributes that were changed here, or the whole text. The
    condition is then that what is stored is as it was shown. The text stays until it is saved or
    thrown away on purpose.
    """

    DEFAULT_CSS = """
    ItemEditor {
        & #texts { height: 1fr; }
        & #item { width: 1fr; height: 1fr; border: none; padding: 0; }
        & #status { height: auto; max-height: 6; margin: 1 0 0 0; color: $text-muted; }
        & #status.problem { color: $text-error; }
        & #only-mine, & #over { display: none; }
    }
    """

    @property
    def keys_shown(self) -> str:
        if self.is_mounted and self.query_one(ConflictSide).display:
            return "Ctrl+S save · Tab other answers · Esc back"
        return "Ctrl+S save · Esc back"

    BINDINGS = [Binding("ctrl+s", "save", "Save", id="form.submit")]

    def __init__(
        self,
        title: str,
        table: TableInfo,
        text: str,
        *,
        save: Save,
        original: Item | None = None,
        cursor: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__(title)
        self.table = table
        self.initial = text
        self.save = save
        self.original = original
        """What the edit began with; None for a new item, whose key must be free."""
        self.cursor = cursor
        self.stored: Item | None = None
        """What the store was found to hold instead."""
        self.outstanding: asyncio.Future[Item] | None = None
        """The end of a save that was under way when the editor was left."""
        self._sent: asyncio.Future[Item] | None = None
        self._esc = EscTwice()
        self._timer: Timer | None = None

    def compose_box(self) -> ComposeResult:
        with Horizontal(id="texts"):
            yield JsonArea(
                self.initial,
                language="json",
                soft_wrap=True,
                show_line_numbers=True,
                tab_behavior="focus",
                id="item",
            )
            yield ConflictSide()
        yield Static("", id="status")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button("Only my change", id="only-mine")
            yield Button("Save over it", id="over", variant="error")
            yield Button("Save", id="save", variant="primary")

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self.area.cursor_location = self.cursor
        self.area.focus()
        self._check_soon(0)

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]], *, group: str) -> Worker[None]:
        return self.run_worker(work, group=group, exclusive=True)

    @property
    def area(self) -> TextArea:
        return self.query_one("#item", TextArea)

    # -- checking --------------------------------------------------------------------------

    @on(TextArea.Changed, "#item")
    def _changed(self) -> None:
        self._esc.forget()
        self._check_soon(CHECK_DELAY)

    def _check_soon(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(max(delay, 0.001), self._start_check)

    def _start_check(self) -> None:
        self._begin(self._check, group="check")

    async def _check(self) -> None:
        draft = await self._draft()
        if not self._esc.is_warning:
            self.show_draft(draft)

    async def _draft(self) -> Draft:
        return await asyncio.to_thread(read_draft, self.area.text, self.table)

    def show_draft(self, draft: Draft, *, sending: bool = False) -> None:
        """Say what the text is, or what is wrong with it and where; of a new item that nobody
        touched yet, only if it is to be sent."""
        if self.area.text == self.initial and self.original is None and not sending:
            self._status(BEGINNING)
            return
        if not draft.problems and draft.notation is not None and draft.size is not None:
            self._status(f"✓ {draft.notation.value} · {draft.size:,} bytes of 409,600")
            return
        lines = [str(problem) for problem in draft.problems[:PROBLEMS_SHOWN]]
        more = len(draft.problems) - len(lines)
        if more:
            lines.append(f"and {more} more")
        self._status("\n".join(lines), problem=True)

    def _status(self, text: str, *, problem: bool = False) -> None:
        status = self.query_one("#status", Static)
        status.set_class(problem, "problem")
        status.update(content(text, multiline=True))

    # -- saving ----------------------------------------------------------------------------

    @property
    def _is_saving(self) -> bool:
        return any(
            worker.node is self and worker.group == "save" and not worker.is_finished
            for worker in self.workers
        )

    def action_save(self) -> None:
        self._start_saving(self._save)

    def _start_saving(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._is_saving:
            # A second save would await in place of the first, and meet what the first has written.
            return
        self._begin(work, group="save")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        ways = {"save": self._save, "over": self._save_over, "only-mine": self._save_only_mine}
        if event.button.id in ways:
            self._start_saving(ways[event.button.id])
        else:
            self.action_leave()

    async def _save(self) -> None:
        """Store the text, if what is stored is what the edit began with."""
        item = await self._checked()
        if item is not None:
            await self._send(item, self.original)

    async def _save_over(self) -> None:
        """Store the text in place of what is stored, as it was shown."""
        item, stored = await self._checked(), self.stored
        if item is None:
            return
        if stored is not None:
            lost = lost_by_saving(differences(self.original, item, stored))
            title = "Save over what somebody else stored?"
            if lost and not await self._agreed(title, lost, "Save over it"):
                return
        await self._send(item, stored)

    async def _save_only_mine(self) -> None:
        """Store only what was changed here, on top of what is stored, as it was shown."""
        item, stored = await self._checked(), self.stored
        if item is None or stored is None or self.original is None:
            return
        lost = overwritten_by_yours(differences(self.original, item, stored))
        title = "Replace what both of you changed?"
        if lost and not await self._agreed(title, lost, "Replace"):
            return
        await self._send(only_yours(self.original, item, stored), stored)

    async def _agreed(self, title: str, lost: str, yes: str) -> bool:
        body = f"Stored now → what it becomes:\n\n{lost}"
        return bool(await self.app.push_screen_wait(Confirm(title, body, yes=yes, danger=True)))

    async def _checked(self) -> Item | None:
        """The item of the text; None if it cannot be stored, which is then said."""
        if self._timer is not None:
            self._timer.stop()
        draft = await self._draft()
        self.show_draft(draft, sending=True)
        if draft.item is None or draft.problems:
            self._go_to_problem(draft)
            return None
        return draft.item

    async def _send(self, item: Item, expected: Item | None) -> None:
        """Store the item in place of the one that is expected there; None expects none."""
        self._status("Saving…")
        self._esc.forget()
        self._sent = asyncio.ensure_future(self._store(item, expected))
        try:
            # Shielded: this worker ends with the editor, what was sent does not.
            await asyncio.shield(self._sent)
        except ItemConflict as conflict:
            self._show_conflict(conflict, item)
        except ServiceError as error:
            self._status(str(error), problem=True)
        else:
            self.dismiss(item)
        finally:
            self._sent = None

    async def _store(self, item: Item, base: Item | None) -> Item:
        await self.save(item, base)
        return item

    def _go_to_problem(self, draft: Draft) -> None:
        first = draft.problems[0]
        line = self.area.document.get_line(first.line - 1)
        blank = _BLANK.match(line, first.column - 1)
        column = first.column - 1 if blank is None else blank.end() - 1
        self.area.cursor_location = (first.line - 1, column)
        self.area.focus()

    def _show_conflict(self, conflict: ItemConflict, item: Item) -> None:
        self.stored = stored = conflict.current
        side, over = self.query_one(ConflictSide), self.query_one("#over", Button)
        mine = self.query_one("#only-mine", Button)
        over.display, mine.display = True, False
        over.label = Content("Save over it")
        if stored is None:
            over.label = Content("Store it again")
            side.show_deleted()
        elif conflict.kind is ErrorKind.EXISTS and self.original is not None:
            # A move must not replace the item that has the new key: only another key helps.
            over.display = False
            side.show_other(stored)
        else:
            found = differences(self.original, item, stored)
            side.show_changed(stored, found, new=self.original is None)
            mine.display = self.original is not None
        self._status(str(conflict), problem=True)
        self._say_keys()

    # -- leaving ---------------------------------------------------------------------------

    def busy(self) -> list[str]:
        """What would be lost by quitting now, a sentence for each."""
        if self._is_saving:
            return [f"“{self.dialog_title}” is being saved."]
        if self.area.text != self.initial:
            return [f"“{self.dialog_title}”: the text was not saved."]
        return []

    def action_leave(self) -> None:
        sent = self._sent is not None
        if self._esc.leaves(typed=self.area.text != self.initial, sent=sent or self._is_saving):
            self.outstanding = self._sent
            self.dismiss(None)
        else:
            self._status(self._esc.warning(sent=sent), problem=True)


def template(table: TableInfo) -> tuple[str, tuple[int, int]]:
    """A new item with its key attributes to be filled in, and where the cursor goes."""
    blank = Item({key.name: _EMPTY[key.type] for key in table.key})
    text = to_json(blank)
    return text, (1, text.splitlines()[1].rindex('""') + 1)


_EMPTY: dict[KeyType, AttributeValue] = {
    KeyType.STRING: StringValue(""),
    KeyType.NUMBER: NumberValue(""),
    KeyType.BINARY: BinaryValue(b""),
}
