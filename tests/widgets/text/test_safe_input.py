"""An input draws what is typed, pasted or stored without letting the terminal interpret it."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tests.driver import screen_text
from tests.hostile import HOSTILE_TEXT
from tui.widgets.text.safe_input import DiscreetInput, SafeInput
from tui.widgets.text.safe_text import printable


class OneInput(App[None]):
    def __init__(self, value: str, kind: type[SafeInput] = SafeInput) -> None:
        super().__init__()
        self._text, self._kind = value, kind

    def compose(self) -> ComposeResult:
        yield self._kind(self._text, select_on_focus=False)


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


async def test_the_password_of_a_connection_is_not_drawn_and_sent_on_exactly() -> None:
    app = OneInput("", DiscreetInput)
    async with app.run_test(size=(60, 5)) as pilot:
        field = app.query_one(DiscreetInput)
        for key in "postgres://ada:日pw":
            await pilot.press(key)
        assert "postgres://ada:•••" in screen_text(app)
        for key in "@db/x":
            await pilot.press(key)
        assert "postgres://ada:•••@db/x" in screen_text(app)
        assert "日" not in screen_text(app)
        assert field.value == "postgres://ada:日pw@db/x"
        # A dot has one column, whatever it stands for.
        await pilot.click(DiscreetInput, offset=(3 + len("postgres://ada:••"), 1))
        assert field.cursor_position == len("postgres://ada:日p")
