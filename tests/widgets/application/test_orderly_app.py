"""The end of the application: in order, whatever it overtakes."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from textual._compositor import LayoutUpdate
from textual.app import ComposeResult
from textual.binding import Binding
from textual.driver import Driver
from textual.screen import Screen
from textual.widgets import Static

from tests.idle_loop import every_frame_drawn
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.dialogs.dialogs import Choice, Choose


class Ending(OrderlyApp):
    """Is quit while a dialog is on its way."""

    def compose(self) -> ComposeResult:
        yield Static("body")

    def quit_under_a_dialog(self) -> None:
        self.push_screen(Choose("Which?", [Choice(1, "one")]))
        self.exit(0)


async def test_a_dialog_that_the_end_overtakes_is_no_defect(tmp_path: Path) -> None:
    app = Ending(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        await pilot.pause()
        app.quit_under_a_dialog()
    assert app.return_value == 0
    assert app.return_code == 0
    assert not (tmp_path / "faults.log").exists()


async def test_a_dialog_that_the_closing_of_the_screens_overtakes_is_no_defect(
    tmp_path: Path,
) -> None:
    app = Ending(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        await pilot.pause()
        app.push_screen(Choose("Which?", [Choice(1, "one")]))
        app.push_screen(Choose("Which?", [Choice(1, "one")]))
    assert not (tmp_path / "faults.log").exists()


async def test_all_is_drawn_again_behind_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, drawn = Ending(tmp_path / "faults.log"), list[object]()
    async with app.run_test() as pilot:
        await pilot.pause()
        monkeypatch.setattr(app, "_display", lambda screen, update: drawn.append(update))
        with every_frame_drawn():
            app.post_message(Driver.SignalResume())
            await pilot.pause()
        assert any(isinstance(each, LayoutUpdate) for each in drawn)


async def test_an_exception_of_a_handler_still_comes_out(tmp_path: Path) -> None:
    class Broken(Ending):
        def on_mount(self) -> None:
            raise ZeroDivisionError

    try:
        async with Broken(tmp_path / "faults.log").run_test():
            pass
    except ZeroDivisionError:
        return
    raise AssertionError("nothing was raised")


class Asking(Screen[None]):
    """Has actions that ask its widgets."""

    BINDINGS = [Binding("a", "ask", "Ask")]

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("body")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        self.asked.append(action)
        return action != "ask" or self.query_one(Static).display

    def action_ask(self) -> None:
        self.query_one(Static).update("asked")


async def test_no_action_meets_a_screen_before_its_widgets_are_there(tmp_path: Path) -> None:
    app = Ending(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        screen = Asking()
        there = app.push_screen(screen)
        assert await app.run_action("ask", screen) is False
        assert "a" not in {key for key, active in screen.active_bindings.items() if active.enabled}
        assert screen.asked == []
        await there
        await pilot.pause()
        assert await app.run_action("ask", screen) is True


async def test_work_that_is_replaced_before_it_begins_is_closed(tmp_path: Path) -> None:
    done: list[str] = []

    async def work(name: str) -> None:
        done.append(name)

    first, second = work("first"), work("second")
    app = Ending(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        app.run_worker(first, group="g", exclusive=True)
        app.run_worker(second, group="g", exclusive=True)
        await pilot.pause()
        assert done == ["second"]
        assert inspect.getcoroutinestate(first) == inspect.CORO_CLOSED
