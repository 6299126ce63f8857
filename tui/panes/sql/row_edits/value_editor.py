"""One value as a text: NULL, an empty text and no value at all are different things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Button, Static, TextArea

from tui.panes.sql.row_edits.escapes import escaped, needs_escapes, unescaped
from tui.services.quantities import counted
from tui.services.sql.row_edits.table import EditedColumn
from tui.widgets.dialogs.dialog import YES
from tui.widgets.dialogs.typed_dialog import TypedDialog
from tui.widgets.text.long_text import LongTextArea
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

WITH_ESCAPES = (
    "It has characters that no editor shows: they are written as escapes, \\r \\t \\x1b \\u2028, "
    "and a backslash as \\\\."
)

NUL = "\0"

LONGEST = 2_000_000
LONGEST_ESCAPED = 50_000
"""Characters of a value that is edited here; of one with escapes, which are read at each key."""

SHORT = 300
"""Characters; a longer value, and one of several lines, gets most of the screen."""


@dataclass(frozen=True)
class Entered:
    """What was entered for a column."""

    value: str | None = None
    """None for NULL."""
    left_out: bool = False
    """Whether the column of a new row is left out, and gets its default."""


@dataclass
class ValueEdit:
    """What is being entered, without a screen."""

    column: EditedColumn
    text: str
    is_null: bool
    has_escapes: bool = False
    """Whether `text` is written with escapes."""
    left_out: bool = False
    may_be_left_out: bool = False

    @staticmethod
    def of(column: EditedColumn, entered: Entered, *, new: bool) -> ValueEdit:
        """Begin with what stands there."""
        value = entered.value or ""
        escapes = needs_escapes(value)
        text = escaped(value) if escapes else value
        is_null = entered.value is None and not entered.left_out
        return ValueEdit(column, text, is_null, escapes, entered.left_out, new)

    @property
    def is_too_long(self) -> bool:
        """Whether keys would have to wait for it."""
        return len(self.text) > (LONGEST_ESCAPED if self.has_escapes else LONGEST)

    @property
    def too_long(self) -> str:
        """What is said of one that is."""
        return f"This value is too long to be edited here: {len(self.text):,} characters."

    @property
    def problem(self) -> str:
        """Why it cannot be staged; "" if it can."""
        if self.is_null or self.left_out:
            return ""
        try:
            value = unescaped(self.text) if self.has_escapes else self.text
        except ValueError as error:
            return str(error)
        return "A value cannot contain a NUL character." if NUL in value else ""

    @property
    def entered(self) -> Entered:
        """What is meant now; only without a problem."""
        if self.left_out:
            return Entered(left_out=True)
        if self.is_null:
            return Entered(None)
        return Entered(unescaped(self.text) if self.has_escapes else self.text)

    @property
    def _not_the_text(self) -> str:
        return ", not the text above" if self.text else ""

    @property
    def said(self) -> str:
        """What is staged with Ctrl+S, in words."""
        if self.left_out:
            default = self.column.default or "there is no default, so NULL"
            return f"left out: {default}{self._not_the_text}"
        if self.is_null:
            refused = " · the column is NOT NULL" if self.column.not_null else ""
            return f"NULL{self._not_the_text}{refused}"
        if self.problem:
            return self.problem
        lines = self.text.count("\n") + 1
        length = len(self.entered.value or "")
        count = counted(length, "character") if length else "an empty text"
        said = f"text: {count}" + (f" in {lines:,} lines" if lines > 1 else "")
        return f"{said}\n{WITH_ESCAPES}" if self.has_escapes else said


class ValueEditor(TypedDialog[Entered]):
    """Edits one value; its answer is what is to be staged."""

    DEFAULT_CSS = """
    ValueEditor {
        & #value { height: 6; border: none; padding: 0; background: $panel; }
        & #value.-unused { text-opacity: 30%; }
        & #about, & #state { height: auto; color: $text-muted; }
        & #state { margin: 1 0 0 0; color: $foreground; text-style: bold; }
        & #state.problem { color: $text-error; }
    }
    """

    BINDINGS = [
        YES,
        Binding("alt+n", "null", "NULL", id="value.null"),
        Binding("alt+l", "left_out", "Leave out", id="value.left_out"),
    ]

    def __init__(self, title: str, edit: ValueEdit) -> None:
        super().__init__(title)
        self.edit = edit
        self._began = replace(edit)
        self._area = LongTextArea(self.edit.text, soft_wrap=True, tab_behavior="focus", id="value")
        self._state = SteadyText("", id="state", markup=False)

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": "Stage", "null": "Text" if self.edit.is_null else "NULL"}

    def compose_box(self) -> ComposeResult:
        column = self.edit.column
        about = [column.type_name, *(["NOT NULL"] if column.not_null else [])]
        about += [f"default {column.default}"] if column.default else []
        yield Static(content(" · ".join(about)), id="about")
        yield self._area
        yield self._state
        with Horizontal(classes="dialog-buttons"):
            yield Button("NULL", id="null")
            if self.edit.may_be_left_out:
                yield Button("Leave out", id="left-out")
            yield Button("Cancel", id="cancel")
            yield Button("Stage", id="stage", variant="primary")

    def on_mount(self) -> None:
        is_long = len(self.edit.text) > SHORT or "\n" in self.edit.text
        self.query_one(".dialog").set_class(is_long, "dialog-large")
        self._area.move_cursor(self._area.document.end)
        self._area.focus()
        self._tell()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "left_out":
            return self.edit.may_be_left_out
        return super().check_action(action, parameters)

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._area.text != self.edit.text:
            # Whoever types means a text.
            self.edit.text = self._area.text
            self.edit.is_null = self.edit.left_out = False
            self._esc.forget()
            self._tell()

    def _tell(self) -> None:
        edit = self.edit
        self._area.set_class(edit.is_null or edit.left_out, "-unused")
        self.tell(edit.said, problem=bool(edit.problem))
        self.refresh_bindings()

    def action_null(self) -> None:
        self.edit.is_null, self.edit.left_out = not self.edit.is_null, False
        self._esc.forget()
        self._tell()

    def action_left_out(self) -> None:
        self.edit.left_out, self.edit.is_null = not self.edit.left_out, False
        self._esc.forget()
        self._tell()

    def action_submit(self) -> None:
        if self.edit.problem:
            self._area.focus()
        else:
            self.dismiss(self.edit.entered)

    @property
    def is_typed_in(self) -> bool:
        return self.edit != self._began

    def busy(self) -> list[str]:
        """What would be lost by quitting now."""
        return [f"What you typed into “{self.dialog_title}” is not staged."] * self.is_typed_in

    @property
    def state_line(self) -> Static:
        return self._state

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        actions = {
            "null": self.action_null,
            "left-out": self.action_left_out,
            "stage": self.action_submit,
        }
        actions.get(event.button.id or "", self.action_leave)()
