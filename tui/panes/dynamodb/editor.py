"""The item editor: JSON checked as it is typed, saved on a condition, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Static, TextArea
from textual.worker import Worker

from tui.panes.dynamodb.editing import Attempt, Conflict, ItemEdit, Save, draft_text, place_of
from tui.services.dynamodb import Draft, Item, ItemConflict, TableInfo, read_draft
from tui.services.errors import ServiceError
from tui.widgets.dialogs.dialogs import Confirm
from tui.widgets.dialogs.sending import SendingDialog
from tui.widgets.text.long_text import LongTextArea
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

CHECK_DELAY = 0.1
"""Seconds of rest after a key before the text is checked."""

BEGINNING = "Fill in the key and add attributes: DynamoDB JSON as it stands here, or plain JSON."
"""What a new item says before anything was typed."""


class JsonArea(LongTextArea):
    """A text area in which Ctrl+A selects everything, as most editors have it."""

    BINDINGS = [Binding("ctrl+a", "select_all", "Select all", show=False, id="editor.select_all")]


class StoredArea(TextArea):
    """The stored item as text. Lines of attributes that differ are bold and underlined."""

    marked: Collection[int] = ()
    """Numbers of these lines, from 0."""

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        if line_index in self.marked:
            line.stylize(Style(bold=True, underline=True))
        return line


class ConflictSide(Vertical):
    """The right half of the editor while what is stored is not what the edit began with."""

    DEFAULT_CSS = """
    ConflictSide {
        display: none;
        width: 1fr;
        border-left: solid $warning;
        padding: 0 0 0 1;
        & #stored-label { height: 1; color: $text-warning; text-style: bold; }
        & #differences { height: auto; max-height: 45%; }
        & #stored { height: 1fr; border: none; padding: 0; }
    }
    """

    def compose(self) -> ComposeResult:
        yield SteadyText("", id="stored-label", markup=False)
        with VerticalScroll(id="differences"):
            yield SteadyText("", id="difference-list", markup=False)
        yield StoredArea("", language="json", read_only=True, tab_behavior="focus", id="stored")

    def show(self, conflict: Conflict) -> None:
        """Say what is stored, and what differs."""
        self.display = True
        self.query_one("#stored-label", Static).update(content(conflict.label))
        listed = content(conflict.differences, multiline=True)
        self.query_one("#difference-list", Static).update(listed)
        area = self.query_one(StoredArea)
        area.marked = conflict.lines
        area.text = conflict.text


class ItemEditor(SendingDialog[Item]):
    """Edits an item as a text; answers the item once it is stored.

    When the stored item is not what the edit began with, both are shown with what differs, and two
    ways on are offered: to store only the attributes that were changed here, or the whole text. The
    text stays until it is saved or thrown away on purpose.
    """

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    ItemEditor {
        & #texts { height: 1fr; }
        & #item { width: 1fr; height: 1fr; border: none; padding: 0; }
        & #status { height: auto; max-height: 6; margin: 1 0 0 0; color: $text-muted; }
        & #status.problem { color: $text-error; }
        & #only-mine, & #over { display: none; }
    }
    """

    BINDINGS = [
        Binding("ctrl+s", "save", "Save", id="form.submit"),
        Binding("tab", "other_answers", "Other answers"),
    ]

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
        """`original` is what the edit begins with; None for a new item, whose key must be free."""
        super().__init__(title)
        self.edit = ItemEdit(table, save, original)
        self.initial = text
        self.cursor = cursor
        self._timer: Timer | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "other_answers":
            return self.edit.conflict is not None
        return super().check_action(action, parameters)

    def action_other_answers(self) -> None:
        self.focus_next()

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
        yield SteadyText("", id="status")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button("Only my change", id="only-mine")
            yield Button("Save over it", id="over", variant="error")
            yield Button("Save", id="save", variant="primary")

    def on_mount(self) -> None:
        self.area.cursor_location = self.cursor
        self.area.focus()
        self._check_after(0)

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]], *, group: str) -> Worker[None]:
        return self.run_worker(work, group=group, exclusive=True)

    @property
    def area(self) -> TextArea:
        return self.query_one("#item", TextArea)

    # -- checking --------------------------------------------------------------------------

    @on(TextArea.Changed, "#item")
    def _changed(self) -> None:
        self._esc.forget()
        self._check_after(CHECK_DELAY)

    def _check_after(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(max(delay, 0.001), self._start_check)

    def _start_check(self) -> None:
        self._begin(self._check, group="check")

    async def _check(self) -> None:
        draft = await self._draft()
        if self._esc.is_warning:
            return
        if self.area.text == self.initial and self.edit.original is None:
            self.tell(BEGINNING)  # nothing was typed yet: an unfilled key is no mistake
        else:
            self._show_draft(draft)

    async def _draft(self) -> Draft:
        return await asyncio.to_thread(read_draft, self.area.text, self.edit.table)

    def _show_draft(self, draft: Draft) -> None:
        self.tell(draft_text(draft), problem=bool(draft.problems))

    @property
    def state_line(self) -> Static:
        return self.query_one("#status", Static)

    @property
    def is_typed_in(self) -> bool:
        return self.area.text != self.initial

    # -- saving ----------------------------------------------------------------------------

    @property
    def is_sending(self) -> bool:
        # From the key on, which reads the text first and may ask.
        return any(
            worker.node is self and worker.group == "save" and not worker.is_finished
            for worker in self.workers
        )

    def action_save(self) -> None:
        self._save(self.edit.whole)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        edit = self.edit
        ways = {"save": edit.whole, "over": edit.over, "only-mine": edit.only_changes}
        if event.button.id in ways:
            self._save(ways[event.button.id])
        else:
            self.action_leave()

    def _save(self, way: Callable[[Item], Attempt]) -> None:
        async def save() -> None:
            item = await self._checked()
            if item is None:
                return
            attempt = way(item)
            if not attempt.title or await self._is_agreed(attempt):
                await self._send(attempt)

        # A second save would replace the first one's wait, and find what the first has written.
        if not self.is_sending:
            self._begin(save, group="save")

    async def _is_agreed(self, attempt: Attempt) -> bool:
        body = f"Stored now → what it becomes:\n\n{attempt.lost}"
        question = Confirm(attempt.title, body, yes=attempt.yes, danger=True)
        return bool(await self.app.push_screen_wait(question))

    async def _checked(self) -> Item | None:
        """The item of the text; None if it cannot be stored, which is then said."""
        if self._timer is not None:
            self._timer.stop()
        draft = await self._draft()
        self._show_draft(draft)
        if draft.item is None or draft.problems:
            self._go_to_problem(draft)
            return None
        return draft.item

    async def _send(self, attempt: Attempt) -> None:
        self.tell("Saving…")
        try:
            self.dismiss(await self.send(self.edit.send(attempt)))
        except ServiceError as error:
            if isinstance(error, ItemConflict) and self.edit.conflict is not None:
                self._show_conflict(self.edit.conflict)
            self.tell(str(error), problem=True)

    def _go_to_problem(self, draft: Draft) -> None:
        first = draft.problems[0]
        line = self.area.document.get_line(first.line - 1)
        self.area.cursor_location = place_of(first, line)
        self.area.focus()

    def _show_conflict(self, conflict: Conflict) -> None:
        over = self.query_one("#over", Button)
        over.display = bool(conflict.save_over)
        over.label = Content(conflict.save_over)
        self.query_one("#only-mine", Button).display = conflict.can_keep_theirs
        self.query_one(ConflictSide).show(conflict)
        self.refresh_bindings()
