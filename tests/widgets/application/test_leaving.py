"""Keys that come faster than screens go: one answer each, and nobody else's screen taken away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.app import App
from textual.events import Key
from textual.screen import Screen

from tests.driver import screen_text
from tui.screens.palette import Palette
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose, Confirm
from tui.widgets.dialogs.forms import FormDialog, TextField, Values

NUMBERS = [Choice(number, f"number {number}", key=str(number % 10)) for number in range(30)]


class Asking(App[None]):
    """Runs one worker that asks."""

    def __init__(self, work: Callable[[App[Any]], Awaitable[None]]) -> None:
        super().__init__()
        self._work = work

    def on_mount(self) -> None:
        self.run_worker(self._work(self), group="asking")


def send(app: App[Any], *keys: str) -> None:
    """All at once, as from a key that is held down or a line that stutters."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("key", ["enter", "3"])
async def test_a_key_pressed_twice_answers_one_question_and_not_the_next(key: str) -> None:
    answers: list[Any] = []

    async def work(app: App[Any]) -> None:
        answers.append(await app.push_screen_wait(Choose("first", NUMBERS)))
        answers.append(await app.push_screen_wait(AskText("second", "text")))

    app = Asking(work)
    async with app.run_test() as pilot:
        await pilot.pause()
        first = app.screen
        send(app, key, key, key, key)
        await pilot.pause()
        while app.screen is first or not app.screen.is_mounted:
            await pilot.pause(0.01)
        first.dismiss(7)  # whatever of the first comes late
        await pilot.pause()
        assert isinstance(app.screen, AskText)
        await pilot.press("escape")
        await pilot.pause()
        assert len(answers) == 2


async def test_an_answer_that_comes_under_another_screen_leaves_that_one_alone() -> None:
    sent = asyncio.Event()
    answers: list[Any] = []

    async def submit(values: Values) -> str:
        await sent.wait()
        return "made"

    async def work(app: App[Any]) -> None:
        form: FormDialog[str] = FormDialog("New", [TextField("name", "Name")], submit=submit)
        answers.append(await app.push_screen_wait(form))

    app = Asking(work)
    async with app.run_test() as pilot:
        await pilot.press("a", "enter")
        app.push_screen(Confirm("Quit?", "Something runs."))
        await pilot.pause()
        sent.set()
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        await pilot.press("escape")
        await pilot.pause()
        assert answers == ["made"]
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize("make", [lambda: Choose("all", NUMBERS), Palette])
async def test_page_keys_may_come_before_the_list_is_laid_out(
    make: Callable[[], Screen[Any]],
) -> None:
    async def work(app: App[Any]) -> None:
        await app.push_screen_wait(make())

    app = Asking(work)
    async with app.run_test() as pilot:
        while len(app.screen_stack) == 1:
            await asyncio.sleep(0)
        send(app, "pagedown", "pageup", "down", "pagedown")
        await pilot.pause()
        assert len(app.screen_stack) == 2
        assert screen_text(app).strip()


async def test_the_palette_opens_and_closes_at_any_speed() -> None:
    async def work(app: App[Any]) -> None:
        for _ in range(3):
            app.push_screen(Palette())
            send(app, "t", "escape", "escape")
            while len(app.screen_stack) > 1:
                await asyncio.sleep(0)

    app = Asking(work)
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        assert len(app.screen_stack) == 1
