"""An input draws what is typed, pasted or stored without letting the terminal interpret it."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tests.driver import screen_text
from tests.hostile import HOSTILE_TEXT
from tui.widgets.safe_input import SafeInput
from tui.widgets.safe_text import printable


class OneInput(App[None]):
    def __init__(self, value: str) -> None:
        super().__init__()
        self._text = value

    def compose(self) -> ComposeResult:
        yield SafeInput(self._text, select_on_focus=False)


@pytest.mark.parametrize("value", [*HOSTILE_TEXT, "\x9b31m", "a\x7f", "\ud800", "日\x1b本"])
def test_each_character_is_drawn_as_one_that_can_be_printed(value: str) -> None:
    drawn = printable(value)
    assert drawn.isprintable()
    assert len(drawn) == len(value)
    assert not value.isprintable() or drawn == value


async def test_escapes_are_seen_and_sent_on_as_they_are() -> None:
    app = OneInput("a\x1b[31mred\x07")
    async with app.run_test(size=(40, 5)) as pilot:
        field = app.query_one(SafeInput)
        assert "a␛[31mred␇" in screen_text(app)
        await pilot.press("end", "left", "backspace", "X")
        assert field.value == "a\x1b[31mreX\x07"
        await pilot.click(SafeInput, offset=(3 + 1, 1))
        assert field.cursor_position == 1
