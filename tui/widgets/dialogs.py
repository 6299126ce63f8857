"""Questions: confirm, confirm by typing, choose from a list, one line of text, a message.

Every dialog answers None (or False) on Esc, and starts on the answer that changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.widgets.leaving import EscTwice, LeavesOnce
from tui.widgets.options import Options
from tui.widgets.safe_text import content, visible
from tui.widgets.too_small import TooSmall

_STEPS = {"j": "action_cursor_down", "k": "action_cursor_up"}

LABEL_WIDTH = 32
"""Columns up to which the labels of choices are padded, so that their notes are aligned."""

NOT_THE_WORD = "That is not the word; nothing was done. Esc leaves."

T = TypeVar("T")
AnswerT = TypeVar("AnswerT")


class Dialog(LeavesOnce, ModalScreen[AnswerT]):
    """A box in the middle of the screen. Esc leaves it with the answer None."""

    # Not the application's: the first frame shows no dialog and need not wait for this sheet.
    # Absolute, because a relative path would start from the folder of each subclass.
    CSS_PATH = Path(__file__).parent.parent / "styles" / "dialogs.tcss"

    KEYS_SHOWN: ClassVar[str] = "Esc back"
    """What `keys_shown` says unless a subclass computes it."""

    BINDINGS = [
        Binding("escape", "leave", "Back", id="dialog.leave"),
        Binding("down,right", "app.focus_next", show=False),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("pagedown", "read_on(1)", show=False),
        Binding("pageup", "read_on(-1)", show=False),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.dialog_title = title

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = content(self.dialog_title)
            box.border_subtitle = content(self.keys_shown)
            yield from self.compose_box()
        yield TooSmall()

    @property
    def keys_shown(self) -> str:
        """The keys that the lower border names; empty where the dialog names them itself."""
        return self.KEYS_SHOWN

    def compose_box(self) -> ComposeResult:
        """The widgets inside the box."""
        yield from ()

    def on_resize(self) -> None:
        self.query_one(TooSmall).fit(self.size)
        self.call_after_refresh(self._say_keys)

    def _say_keys(self) -> None:
        """A text that is longer than the screen must not look as if it ended there."""
        longer = any(body.max_scroll_y for body in self.query(".dialog-body"))
        parts = ["PgDn reads on"] if longer else []
        parts += [self.keys_shown] if self.keys_shown else []
        for box in self.query(".dialog"):
            box.border_subtitle = content(" · ".join(parts))

    def action_read_on(self, pages: int) -> None:
        for body in self.query(".dialog-body, .form-fields"):
            body.scroll_relative(y=pages * (body.size.height - 1), animate=False)

    def action_leave(self) -> None:
        self.dismiss(None)


class Message(Dialog[None]):
    """Something to read, of any length."""

    def __init__(self, title: str, body: str | Content) -> None:
        super().__init__(title)
        self.body = body

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-body"):
            yield Static(_body(self.body))
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close", id="close")

    @on(Button.Pressed)
    def _close(self) -> None:
        self.dismiss(None)


class Confirm(Dialog[bool]):
    """Yes or no; the focus starts on Cancel."""

    def __init__(
        self, title: str, body: str | Content, *, yes: str = "Yes", danger: bool = False
    ) -> None:
        super().__init__(title)
        self.body = body
        self.yes = yes
        self.danger = danger

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-body", can_focus=False):
            yield Static(_body(self.body))
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button(content(self.yes), id="yes", variant="error" if self.danger else "primary")

    def on_mount(self) -> None:
        self.query_one("#cancel").focus()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class TypedConfirm(Dialog[str]):
    """Answers what was typed, if it is `word`; the focus starts on Cancel, where typing goes to
    the word."""

    def __init__(self, title: str, body: str | Content, *, word: str, yes: str = "Delete") -> None:
        super().__init__(title)
        self.body = body
        self.word = word
        self.yes = yes

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-body", can_focus=False):
            yield Static(_body(self.body))
        yield Static(
            Content("To go on, type ") + content(self.word, "bold") + Content(" and press Enter"),
            classes="dialog-prompt",
        )
        # Selected on focus, what was typed would be replaced by the next key.
        yield Input(id="word", select_on_focus=False)
        yield Static("", id="problem", classes="problem")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button(content(self.yes), id="yes", variant="error", disabled=True)

    def on_mount(self) -> None:
        self.query_one("#cancel").focus()

    def on_key(self, event: events.Key) -> None:
        """Typing on a button is meant for the word; what the field takes never comes here."""
        field = self.query_one(Input)
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        self.query_one("#yes", Button).disabled = event.value != self.word
        self.query_one("#problem", Static).update("")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        if event.value == self.word:
            self.dismiss(event.value)
        else:
            self.query_one("#problem", Static).update(NOT_THE_WORD)

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        typed = self.query_one(Input).value
        self.dismiss(typed if event.button.id == "yes" and typed == self.word else None)


@dataclass(frozen=True)
class Choice(Generic[T]):
    """One line of a list to choose from."""

    value: T
    label: str
    note: str = ""
    """Said dimly after the label."""
    key: str = ""
    """A key that chooses it at once."""


class Choose(Dialog[T], Generic[T]):
    """A list; Enter or a choice's own key answers its value. j and k move where they are no
    choice's key.

    In one that is `typed`, for long lists, letters go to the next label that begins with them.
    """

    KEYS_SHOWN = "Enter choose · Esc back"

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice[T]],
        *,
        body: str = "",
        current: int = 0,
        typed: bool = False,
    ) -> None:
        super().__init__(title)
        self.choices = list(choices)
        self.body = body
        self.current = current
        self.typed = typed
        self._text = ""
        """What was typed so far."""

    @property
    def keys_shown(self) -> str:
        typed = f"typed: {self._text}" if self._text else "type a name"
        return f"{typed} · {self.KEYS_SHOWN}" if self.typed else self.KEYS_SHOWN

    def compose_box(self) -> ComposeResult:
        if self.body:
            yield Static(content(self.body, multiline=True), classes="dialog-prompt")
        width = max(
            (cell_len(visible(each.label)) for each in self.choices if each.note), default=0
        )
        width = min(width, LABEL_WIDTH)
        yield Options(*(Option(_choice_line(each, width)) for each in self.choices))

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.focus()
        if self.choices:
            options.highlighted = self.current

    def on_key(self, event: events.Key) -> None:
        for choice in self.choices:
            if choice.key and event.character == choice.key:
                event.stop()
                self.dismiss(choice.value)
                return
        if self.typed:
            self._type(event)
        elif event.character in _STEPS:
            event.stop()
            getattr(self.query_one(OptionList), _STEPS[event.character])()

    def _type(self, event: events.Key) -> None:
        """Go to the first label that begins with what was typed, or else contains it; a letter
        that leads nowhere is not taken."""
        if event.key == "backspace":
            text = self._text[:-1]
        elif event.is_printable and event.character:
            text = self._text + event.character.casefold()
        else:
            return
        event.stop()
        labels = [each.label.casefold() for each in self.choices]
        places = [n for n, label in enumerate(labels) if label.startswith(text)]
        places += [n for n, label in enumerate(labels) if text in label]
        if places:
            self._text = text
            self.query_one(OptionList).highlighted = places[0] if text else self.current
            self._say_keys()

    @on(OptionList.OptionSelected)
    def _answer(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choices[event.option_index].value)


class AskText(Dialog[str]):
    """One line of text, checked as it is typed. `check` gives the problems, none if it is good."""

    KEYS_SHOWN = "Enter accept · Esc back"

    def __init__(
        self,
        title: str,
        prompt: str,
        *,
        value: str = "",
        secret: bool = False,
        check: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        super().__init__(title)
        self.prompt = prompt
        self.value = value
        self.secret = secret
        self.check = check
        self._esc = EscTwice()

    def compose_box(self) -> ComposeResult:
        yield Static(content(self.prompt, multiline=True), classes="dialog-prompt")
        yield Input(self.value, password=self.secret)
        yield Static("", id="problem", classes="problem")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def _problems(self, value: str) -> Sequence[str]:
        return self.check(value) if self.check else ()

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        self._esc.forget()
        self._show(self._problems(event.value) if event.value else ())

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        problems = self._problems(event.value)
        if problems:
            self._show(problems)
        else:
            self.dismiss(event.value)

    def action_leave(self) -> None:
        if self._esc.leaves(typed=self.query_one(Input).value != self.value):
            self.dismiss(None)
        else:
            self._show([self._esc.warning(sent=False)])

    def _show(self, problems: Sequence[str]) -> None:
        self.query_one("#problem", Static).update(content("\n".join(problems), multiline=True))


def _body(body: str | Content) -> Content:
    return body if isinstance(body, Content) else content(body, multiline=True)


def _choice_line(choice: Choice[Any], width: int) -> Content:
    """The line of a choice; labels take `width` columns, so that the notes stand in one."""
    line = content(choice.label)
    if choice.note:
        line = line.pad_right(max(width - line.cell_length, 0))
    if choice.key:
        line = Content.styled(f"{choice.key}  ", "bold $text-accent") + line
    if choice.note:
        line = line + "  " + content(choice.note, "$text-muted")
    return line
