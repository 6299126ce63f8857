"""Keys that come all at once take effect one after the other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Button, Input, TextArea

from tests.driver import Driver
from tui.widgets.application.orderly_app import OrderlyApp


class Typing(OrderlyApp):
    """A field, a text and a button."""

    def compose(self) -> ComposeResult:
        yield Input()
        yield TextArea()
        yield Button("Go")

    def send(self, *keys: str) -> None:
        """All at once, as a slow line delivers them."""
        for key in keys:
            self.post_message(Key(key, key if len(key) == 1 else None))


async def settled(pilot: Pilot[int]) -> None:
    for _ in range(5):
        await pilot.pause()


@pytest.mark.parametrize("kind", [Input, TextArea])
async def test_backspace_removes_what_stands_before_it(
    tmp_path: Path, kind: type[Input | TextArea]
) -> None:
    app = Typing(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        field = app.query_one(kind)
        field.focus()
        await settled(pilot)
        app.send("a", "b", "backspace", "c", "left", "x", "home", "y")
        await settled(pilot)
        text = field.value if isinstance(field, Input) else field.text
    assert text == "yaxc"


async def test_what_follows_tab_goes_to_the_next_field(tmp_path: Path) -> None:
    app = Typing(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await settled(pilot)
        app.send("a", "tab", "b")
        app.post_message(Paste("pasted"))
        app.send("c")
        await settled(pilot)
        assert app.query_one(Input).value == "a"
        assert app.query_one(TextArea).text == "bpastedc"


async def test_a_key_whose_widget_goes_meanwhile_holds_up_no_other(tmp_path: Path) -> None:
    app = Typing(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        button = app.query_one(Button)
        button.focus()
        await settled(pilot)
        app.send("x")
        await button.remove()
        app.query_one(Input).focus()
        app.send("a", "b", "backspace", "c")
        driver = Driver(app, pilot)  # type: ignore[arg-type]  # any application has a screen
        await driver.until(lambda: app.query_one(Input).value == "ac", "the text")


async def test_it_is_known_when_every_key_was_sent(tmp_path: Path) -> None:
    app = Typing(tmp_path / "faults.log")
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await settled(pilot)
        app.send(*"abc", "backspace", *"def")
        seen: list[bool] = []
        while True not in seen or seen[-1]:
            await asyncio.sleep(0)
            seen.append(app.is_sending_keys)
        app.query_one(TextArea).focus()
        await settled(pilot)
        assert app.query_one(Input).value == "abdef"
