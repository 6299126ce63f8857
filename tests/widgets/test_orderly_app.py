"""The end of the application: in order, whatever it overtakes."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Static

from tui.widgets.dialogs import Choice, Choose
from tui.widgets.orderly_app import OrderlyApp


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
