"""An input whose text the terminal never takes for commands."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Input

from tui.services.secret_parts import secret_parts
from tui.widgets.text.safe_text import CONTROL_STYLE, printable

HIDDEN = "•"
"""Drawn for a character of a password."""


class SafeInput(Input):
    """Draws each character that cannot be printed as one picture; the value stays as it is.

    A key may hold escapes, and what is pasted, too: Textual would send them to the terminal.
    """

    @property
    def drawn(self) -> str:
        """What is drawn, a character for each of the value."""
        return printable(self.value)

    @property
    def _value(self) -> Text:
        if self.password or self.drawn == self.value:
            return super()._value
        text = Text(no_wrap=True, overflow="ignore", end="")
        for character, drawn in zip(self.value, self.drawn, strict=True):
            text.append(drawn, "" if character == drawn else CONTROL_STYLE)
        return text

    def _position_to_cell(self, position: int) -> int:
        return cell_len(self.drawn[:position])

    def _cell_offset_to_index(self, offset: int) -> int:
        left = offset + self.scroll_offset.x
        for index, character in enumerate(self.drawn):
            left -= cell_len(character)
            if left < 0:
                return index
        return len(self.value)


class DiscreetInput(SafeInput):
    """Draws dots for the password of a connection that is typed or edited; the value is exact."""

    @property
    def drawn(self) -> str:
        drawn = list(super().drawn)
        for start, end in secret_parts(self.value):
            drawn[start:end] = HIDDEN * (end - start)
        return "".join(drawn)
