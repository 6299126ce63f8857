"""The value viewer: the whole value, copied as it is, from the end for a log."""

from __future__ import annotations

import asyncio

import pytest

from tests.driver import screen_text
from tests.watchdog import watchdog
from tests.widgets.dialog_app import DialogApp
from tui.widgets.text.value_view import ValueView
from tui.widgets.text.value_viewer import ValueViewer


async def test_the_viewer_copies_the_raw_value_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    app = DialogApp()
    value = "\x1b[31m[/]\n" + "x" * 10_000
    copied: list[str] = []
    monkeypatch.setattr("tui.widgets.application.clipboard._system_copy", copied.append)
    async with app.run_test() as pilot:
        await app.show(pilot, ValueViewer("Value", value))
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard == value
        assert copied == [value]


@pytest.mark.parametrize("at_end", [False, True])
async def test_a_very_long_value_is_shown_and_copied_whole_without_delay(
    monkeypatch: pytest.MonkeyPatch, at_end: bool
) -> None:
    app = DialogApp()
    value = "begin\n" + "a line of many words\n" * 250_000 + "\x1bend"
    monkeypatch.setattr("tui.widgets.application.clipboard._system_copy", lambda text: None)
    async with app.run_test(size=(160, 45)) as pilot:
        with watchdog():
            await app.show(pilot, ValueViewer("Value", value, at_end=at_end))
            async with asyncio.timeout(30):
                while len(app.screen.query_one(ValueView).rows or "") < 250_000:
                    await pilot.pause(0.02)
            await pilot.pause()
        assert f"{len(value):,} characters" in screen_text(app)
        view = app.screen.query_one(ValueView)
        edge = view.render_line(view.size.height - 1 if at_end else 0)
        assert edge.text.strip() == ("␛end" if at_end else "begin")
        with watchdog():
            await pilot.press("home" if at_end else "end")
            await pilot.press("pageup", "pagedown", "w")
            await pilot.pause()
        async with asyncio.timeout(30):
            while view.rows is None or view.rows.width:
                await pilot.pause(0.02)
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard == value


async def test_what_no_clipboard_can_hold_is_told() -> None:
    app = DialogApp()
    async with app.run_test(notifications=True) as pilot:
        await app.show(pilot, ValueViewer("Value", "caf\udce9"))
        await pilot.press("y")
        async with asyncio.timeout(30):
            while "This is not text in UTF-8" not in screen_text(app):
                await pilot.pause(0.02)


async def test_a_log_is_shown_from_its_end() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        text = "\n".join(f"line {number}" for number in range(200))
        await app.show(pilot, ValueViewer("Log", text, at_end=True))
        await pilot.pause()
        assert "line 199" in screen_text(app)
        assert "line 0\n" not in screen_text(app)
