"""A text lays the screen out anew only when it takes another size."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from tui.widgets.text.steady_text import SteadyText


class TextApp(App[None]):
    CSS = "#auto { width: auto; }"

    def compose(self) -> ComposeResult:
        yield SteadyText(Content("9 hits"), id="filling")
        yield SteadyText(Content("9 hits"), id="auto")


@pytest.mark.parametrize(
    ("which", "text", "lines"),
    [("filling", "10 hits", 1), ("filling", "a long text " * 4, 3), ("filling", "a\nb", 2)],
)
async def test_it_has_the_lines_that_its_text_takes(which: str, text: str, lines: int) -> None:
    async with TextApp().run_test(size=(20, 6)) as pilot:
        widget = pilot.app.query_one(f"#{which}", SteadyText)
        for each, height in ((text, lines), ("9 hits", 1), (text, lines)):
            widget.update(Content(each))
            await pilot.pause()
            assert widget.size.height == height
            rows = pilot.app.screen._compositor.render_strips()
            assert each.split()[0] in "".join(part.text for part in rows[0])


@pytest.mark.parametrize(("which", "moves"), [("filling", False), ("auto", True)])
async def test_only_another_size_lays_the_screen_out(which: str, moves: bool) -> None:
    async with TextApp().run_test(size=(20, 6)) as pilot:
        await pilot.pause()
        pilot.app.query_one(f"#{which}", SteadyText).update(Content("10 hits"))
        assert pilot.app.screen._layout_required is False
        assert pilot.app.query_one(f"#{which}", SteadyText)._layout_required is moves
