"""The line of keys shows whole keys only, and always the one that shows all of them."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding

from tests.driver import screen_text
from tui.widgets.commands.footer import FooterKey, FooterLine, fitting, key_at, line_of


class KeysApp(App[None]):
    BINDINGS = [
        Binding("a", "one", "Open it"),
        Binding("b", "two", "Publish everything there is"),
        Binding("c", "three", "Copy"),
        Binding("d", "help", "Help"),
        Binding("e", "five", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        yield FooterLine()

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


class ManyBindings(KeysApp):
    """Counts what its line of keys does."""

    looks = 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        self.looks += action == "one"
        return True

    def action_five(self) -> None:
        self.exit()


async def test_several_news_of_one_moment_are_one_look() -> None:
    app = ManyBindings()
    async with app.run_test(size=(120, 5)) as pilot:
        await pilot.pause()
        app.looks = 0
        for _ in range(10):
            app.screen.refresh_bindings()
        await pilot.pause()
        assert app.looks == 1


async def test_a_click_on_a_key_does_what_the_key_does() -> None:
    app = ManyBindings()
    async with app.run_test(size=(120, 5)) as pilot:
        await pilot.pause()
        await pilot.click(FooterLine, offset=(app.line().index("d Help") - 1, 0))
        assert not app._exit
        await pilot.click(FooterLine, offset=(app.line().index("e Quit"), 0))
        await pilot.pause()
    assert app._exit


@pytest.mark.parametrize(
    ("column", "key"), [(0, "a"), (8, "a"), (9, None), (10, "b"), (15, "b"), (16, None)]
)
def test_each_column_belongs_to_one_key_or_to_none(column: int, key: str | None) -> None:
    keys = (FooterKey("a", "a", "Open it", "one"), FooterKey("b", "b", "Copy", "two"))
    assert line_of(keys).plain == "a Open it b Copy"
    found = key_at(keys, column)
    assert (found.key if found else None) == key


@pytest.mark.parametrize("width", [40, 20, 12])
def test_the_key_that_leaves_is_never_left_out(width: int) -> None:
    keys = [
        FooterKey("s", "s", "Save the whole report", "save"),
        FooterKey("escape", "Esc", "Back", "command('back')"),
        FooterKey("f1", "F1", "Help", "app.help"),
        FooterKey("q", "q", "Quit", "app.ask_quit"),
    ]
    shown = [each.label for each in fitting(keys, width)]
    assert shown[:2] == ["Back", "Help"]


@pytest.mark.parametrize("width", [30, 40, 80])
def test_the_main_key_has_a_place_in_every_width(width: int) -> None:
    keys = [FooterKey(each, each, "Another key", f"do_{each}") for each in "abcdefgh"]
    keys.append(FooterKey("ctrl+s", "Ctrl+S", "Send", "send", is_main=True))
    assert "Send" in [each.label for each in fitting(keys, width)]
