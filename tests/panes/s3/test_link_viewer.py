"""The QR code of a link holds the link, and says when it does not fit."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import ScrollableContainer
from textual.widgets import Static

from tui.panes.s3.link_viewer import CodeDialog, LinkViewer, qr_lines

LINK = "https://bucket.s3.amazonaws.com/a%20b?X-Amz-Signature=" + "0f" * 150


def test_the_code_has_finders_in_three_corners_and_light_around() -> None:
    lines = qr_lines(LINK)
    assert len({len(line) for line in lines}) == 1
    assert not lines[0].strip()
    assert lines[1].strip().startswith("█▀▀▀▀▀█")
    assert lines[1].strip().endswith("█▀▀▀▀▀█")


def test_another_link_is_another_code() -> None:
    assert qr_lines(LINK) != qr_lines(LINK + "1")


class Window(App[None]):
    """Shows a link."""

    def __init__(self, link: str) -> None:
        super().__init__()
        self.link = link

    def compose(self) -> ComposeResult:
        yield Static("behind")

    def on_mount(self) -> None:
        self.push_screen(LinkViewer("Link", self.link))


@pytest.mark.parametrize(("size", "said"), [((100, 60), ""), ((80, 24), "make it larger")])
async def test_a_key_shows_the_code_and_says_if_it_has_no_room(
    size: tuple[int, int], said: str
) -> None:
    app = Window(LINK)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(app.screen, CodeDialog)
        assert said in str(app.screen.query_one("#room", Static).content)
        if not said:
            # The whole code is seen, its last line too.
            assert app.screen.query_one("#code").region.bottom <= 60 - 2
            assert app.screen.query_one(ScrollableContainer).max_scroll_y == 0
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, LinkViewer)


async def test_a_link_that_no_code_holds_is_said() -> None:
    app = Window("x" * 2954)
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(app.screen, LinkViewer)
        assert any("too long" in each.message for each in app._notifications)
