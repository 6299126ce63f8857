"""An input whose text the terminal never takes for commands."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Input

from tui.widgets.safe_text import CONTROL_STYLE, printable


class SafeInput(Input):
    """Draws each character that cannot be printed as one picture; the value stays as it is.

    A key may hold escapes, and what is pasted, too: Textual would send them to the terminal.
    """

    @property
    def _value(self) -> Text:
        if self.password or self.value.isprintable():
            return super()._value
        text = Text(no_wrap=True, overflow="ignore", end="")
        for character, drawn in zip(self.value, printable(self.value), strict=True):
            text.append(drawn, "" if character == drawn else CONTROL_STYLE)
        return text

    def _position_to_cell(self, position: int) -> int:
        return cell_len(printable(self.value[:position]))

    def _cell_offset_to_index(self, offset: int) -> int:
        left = offset + self.scroll_offset.x
        for index, character in enumerate(printable(self.value)):
            left -= cell_len(character)
            if left < 0:
                return index
        return len(self.value)
