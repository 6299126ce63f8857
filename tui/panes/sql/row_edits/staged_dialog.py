"""The staged changes as the SQL that will run; applied, or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from tui.panes.sql.row_edits import told
from tui.panes.sql.row_edits.staged import StagedChanges
from tui.services.errors import ServiceError
from tui.services.sql.row_edits.applying import ChangeRefusedError, EditsApplied
from tui.services.sql.row_edits.changes import script
from tui.services.sql.row_edits.taken_along import TakenAlong
from tui.widgets.dialogs.dialog import YES
from tui.widgets.dialogs.dialogs import Confirm
from tui.widgets.dialogs.sending import SendingDialog
from tui.widgets.grid.grid import Grid
from tui.widgets.text.long_text import LongTextArea
from tui.widgets.text.steady_text import SteadyText

Apply = Callable[[], Awaitable[EditsApplied]]
FindAlong = Callable[[], Awaitable[Sequence[TakenAlong]]]


class StagedDialog(SendingDialog[EditsApplied]):
    """Answers what was applied; what is staged stays so when it is left."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    StagedDialog {
        & Grid { height: auto; max-height: 35%; }
        & #sql { height: 1fr; min-height: 3; border: none; padding: 0; margin: 1 0 0 0;
            background: $panel; }
        & #told-box { height: auto; max-height: 40%; margin: 1 0 0 0; }
        & #told { height: auto; color: $text-muted; }
        & #told.problem { color: $text-error; }
    }
    """

    BINDINGS = [
        YES,
        Binding("U", "take_back", "Take back", id="staged.take_back"),
        Binding("K", "keep_mine", "Keep mine", id="staged.keep_mine"),
        Binding("D", "drop_all", "Drop all", id="staged.drop_all"),
        Binding("tab", "app.focus_next", "SQL", show=False),
    ]

    def __init__(
        self,
        staged: StagedChanges,
        apply: Apply,
        find_along: FindAlong,
        *,
        where: str,
        begins: bool,
        ends: bool,
        keep_mine: Callable[[], None],
        cancel: Callable[[], Awaitable[None]],
    ) -> None:
        """`find_along` looks for what the server changes by itself with what is staged. `where` is
        the server; `begins` and `ends` say how the transaction goes: see `script`.
        `cancel` stops on the server what is being applied."""
        super().__init__(f"Changes of {staged.table.sql_name} on {where}")
        self.staged = staged
        self._apply = apply
        self._find_along = find_along
        self._along = ""
        """What the server changes by itself with these changes."""
        self._is_looking = False
        """Whether that is looked for."""
        self._applies_then = False
        """Whether they are applied when nothing was found."""
        self._begins, self._ends = begins, ends
        self._keep_mine = keep_mine
        self._cancel = cancel
        self._cancelling = False
        self._grid = Grid()
        self._sql = LongTextArea("", soft_wrap=True, read_only=True, tab_behavior="focus", id="sql")
        self._drawn_at: float | None = None
        """When it came to the screen."""
        self._pressed_at = 0.0
        """When the last key was pressed, which may be long before it is handled."""
        self._told = SteadyText("", id="told", markup=False)

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": "Apply and commit" if self._begins and self._ends else "Apply"}

    def compose_box(self) -> ComposeResult:
        yield self._grid
        yield self._sql
        with VerticalScroll(id="told-box", can_focus=False):
            yield self._told
        with Horizontal(classes="dialog-buttons"):
            yield Button("Back", id="cancel")
            yield Button("Apply", id="apply", variant="primary")

    def on_mount(self) -> None:
        self._look()
        self._draw()
        self._grid.focus()
        self.call_after_refresh(self._drawn)

    def _drawn(self) -> None:
        self._drawn_at = monotonic()

    def on_key(self, event: events.Key) -> None:
        self._pressed_at = event.time

    def _draw(self) -> None:
        staged, at = self.staged, self._grid.cursor_row
        if staged.refused is not None:
            at = staged.refused.at
        rows = [told.cells_of(staged, each) for each in range(staged.count)]
        self._grid.show(told.COLUMNS, rows, cursor=at)
        self.run_worker(self._show_sql(), group="script", exclusive=True)
        self._tell_state()
        self.refresh_bindings()

    def _tell_state(self) -> None:
        staged = self.staged
        said = f"{staged.line}. Nothing is sent before Ctrl+S."
        if staged.refused is not None:
            self.tell(told.refusal_text(staged, staged.refused), problem=True)
        elif self._is_looking:
            self.tell(f"{said}\nLooking for rows of other tables that refer to these…")
        else:
            self.tell("\n".join(filter(None, (self._along, said))), problem=bool(self._along))

    def _look(self) -> None:
        self._is_looking, self._along = True, ""
        self.run_worker(self._look_for_more(), group="along", exclusive=True)

    async def _look_for_more(self) -> None:
        try:
            self._along = told.along_text(await self._find_along())
            if self._along and not self._begins:
                self._along += "\nWhat your open transaction has changed is not counted."
        except ServiceError as error:
            self._along = f"{told.UNKNOWN_ALONG} {error.message} {error.cause}".rstrip()
        self._is_looking = False
        self._tell_state()
        if self._applies_then and not self._along:
            self._start()
        self._applies_then = False

    async def _show_sql(self) -> None:
        """Values may be long: the text is not made on the event loop."""
        staged = self.staged
        text = await asyncio.to_thread(
            script, staged.table, staged.changes, begins=self._begins, ends=self._ends
        )
        self._sql.load_text(text)

    @property
    def state_line(self) -> Static:
        return self._told

    @property
    def is_typed_in(self) -> bool:
        return False  # what is staged outlives the dialog

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"take_back", "drop_all", "submit"}:
            return not self.is_sending
        if action == "keep_mine":
            refused = self.staged.refused
            return not self.is_sending and refused is not None and refused.now is not None
        return super().check_action(action, parameters)

    def action_take_back(self) -> None:
        if self._grid.current is None:
            return
        self.staged.take_back(self._grid.current)
        if self.staged.count:
            self._look()
            self._draw()
        else:
            self.dismiss(None)

    def action_drop_all(self) -> None:
        self.run_worker(self._drop_all(), group="drop", exclusive=True)

    async def _drop_all(self) -> None:
        question = Confirm(
            "Drop the staged changes?",
            f"{self.staged.line}. They were not sent.",
            yes="Drop them",
            danger=True,
        )
        if await self.app.push_screen_wait(question) and not self.is_sending:
            self.staged.clear()
            self.dismiss(None)

    def action_leave(self) -> None:
        """While it is applied, the first Esc stops that on the server."""
        if not self.is_sending or self._cancelling:
            super().action_leave()
            return
        self._cancelling = True
        self.tell("Stopping…")
        self.run_worker(self._cancel(), group="cancel")

    def action_keep_mine(self) -> None:
        self._keep_mine()
        self._draw()

    def action_submit(self) -> None:
        # A key that was pressed before the statements were there does not apply them.
        if self._drawn_at is not None and self._pressed_at >= self._drawn_at:
            self._start()

    def _start(self) -> None:
        if self._is_looking:
            self._applies_then = True
        elif not self.is_sending:
            self.run_worker(self._send(), group="apply", exclusive=True)

    async def _send(self) -> None:
        self.tell("Applying… Esc stops it.")
        try:
            self.dismiss(await self.send(self._apply()))
        except ChangeRefusedError as error:
            self.staged.refused = error
            self._draw()
        except ServiceError as error:
            self.tell(str(error), problem=True)
        finally:
            self._cancelling = False
            self.refresh_bindings()

    @on(Button.Pressed)
    def _button(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "apply":
            self._start()
        else:
            self.action_leave()
