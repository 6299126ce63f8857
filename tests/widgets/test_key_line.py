"""The line of keys shows whole keys only, and always the one that shows all of them."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding

from tests.driver import screen_text
from tui.widgets.key_line import KeyLine


class KeysApp(App[None]):
    BINDINGS = [
        Binding("a", "one", "Open it"),
        Binding("b", "two", "Publish everything there is"),
        Binding("c", "three", "Copy"),
        Binding("d", "help", "Help"),
        Binding("e", "five", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        yield KeyLine()

    def line(self) -> str:
        return screen_text(self).splitlines()[-1].strip()


async def test_a_wide_line_has_every_key_in_order() -> None:
    app = KeysApp()
    async with app.run_test(size=(120, 5)) as pilot:
        await pilot.pause()
        assert app.line() == "a Open it b Publish everything there is c Copy d Help e Quit"


async def test_what_has_no_room_is_left_out_whole_and_help_stays() -> None:
    app = KeysApp()
    async with app.run_test(size=(31, 5)) as pilot:
        await pilot.pause()
        assert app.line() == "a Open it c Copy d Help e Quit"
        await pilot.resize_terminal(16, 5)
        await pilot.pause()
        assert app.line() == "a Open it d Help"


async def test_a_line_that_grows_shows_more_keys_again() -> None:
    app = KeysApp()
    async with app.run_test(size=(16, 5)) as pilot:
        await pilot.pause()
        assert app.line() == "a Open it d Help"
        await pilot.resize_terminal(120, 5)
        await pilot.pause()
        assert "b Publish everything there is" in app.line()
