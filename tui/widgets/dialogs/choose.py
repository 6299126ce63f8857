"""A list to choose from, by the arrows, by typing a name, or by a key of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.widgets.dialogs.dialog import YES, Dialog
from tui.widgets.dialogs.option_pages import PagedOptions
from tui.widgets.text.safe_text import content, visible

_STEPS = {"j": "action_cursor_down", "k": "action_cursor_up"}

WIDTHS = range(72, 132)
"""Columns that the dialog may have: as many as its longest line needs, if the terminal has them."""

AROUND = 6
"""Columns of the dialog that its lines do not have."""

LABEL_WIDTH = 32
"""Columns up to which the labels of choices are padded, so that their notes are aligned."""

T = TypeVar("T")


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
    """A list; Enter or a choice's own key answers its value.

    Letters go to the first label that begins with them, or else contains them. In a list where
    choices have keys, a key chooses at once unless it goes on with what was typed. j and k move
    where choices have keys, or where they lead to no label.
    """

    BINDINGS: ClassVar[list[BindingType]] = [YES]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice[T]],
        *,
        body: str = "",
        current: int = 0,
    ) -> None:
        super().__init__(title)
        self.choices = list(choices)
        self.body = body
        self.current = current
        self._text = ""
        """What was typed so far."""
        self._width = WIDTHS.start

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": "Choose"}

    def _say_typed(self) -> None:
        """Show in the lower border what was typed, or that something can be."""
        hint = "" if self._has_keys else "type a name"
        said = content(f"typed: {self._text}" if self._text else hint)
        self.query_one(".dialog").border_subtitle = said

    @property
    def _has_keys(self) -> bool:
        return any(each.key for each in self.choices)

    def compose_box(self) -> ComposeResult:
        if self.body:
            yield Static(content(self.body, multiline=True), classes="dialog-prompt")
        width = max(
            (cell_len(visible(each.label)) for each in self.choices if each.note), default=0
        )
        width = min(width, LABEL_WIDTH)
        lines = [_choice_line(each, width) for each in self.choices]
        longest = max((line.cell_length for line in lines), default=0)
        self._width = min(max(longest + AROUND, WIDTHS.start), WIDTHS.stop)
        yield PagedOptions(*(Option(line) for line in lines))

    def on_mount(self) -> None:
        self.query_one(".dialog").styles.width = self._width
        options = self.query_one(OptionList)
        options.focus()
        self._say_typed()
        if self.choices:
            options.highlighted = self.current

    def on_key(self, event: events.Key) -> None:
        if event.key == "backspace":
            event.stop()
            self._go_to(self._text[:-1])
        elif event.is_printable and event.character:
            event.stop()
            self._take(event.character)

    def _take(self, character: str) -> None:
        """A letter goes on with what was typed, or chooses, or moves, or begins a name."""
        text = self._text + character.casefold()
        if self._text and self._places(text):
            self._go_to(text)
            return
        for choice in self.choices:
            if choice.key == character:
                self.dismiss(choice.value)
                return
        steps = self._has_keys or not self._places(text)
        if steps and not self._text and character in _STEPS:
            getattr(self.query_one(OptionList), _STEPS[character])()
        else:
            self._go_to(text)

    def _places(self, text: str) -> list[int]:
        """The choices whose label begins with a text, then those that contain it."""
        labels = [each.label.casefold() for each in self.choices]
        places = [n for n, label in enumerate(labels) if label.startswith(text)]
        return places + [n for n, label in enumerate(labels) if text in label]

    def _go_to(self, text: str) -> None:
        """Go where a text leads; a letter that leads nowhere is not taken."""
        places = self._places(text)
        if places:
            self._text = text
            self.query_one(OptionList).highlighted = places[0] if text else self.current
            self._say_typed()

    def action_submit(self) -> None:
        """Take the choice that is highlighted."""
        number = self.query_one(OptionList).highlighted
        if number is not None:
            self.dismiss(self.choices[number].value)

    @on(OptionList.OptionSelected)
    def _answer(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choices[event.option_index].value)


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
