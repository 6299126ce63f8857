"""Leaving a form: nothing typed is thrown away unasked, nothing sent is lost sight of."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot

from tests.driver import screen_text
from tui.services.errors import ServiceError
from tui.widgets.command_host import CommandHost
from tui.widgets.forms import FormDialog, TextField, Values


class Host(Vertical, CommandHost):
    pass


class FormApp(App[None]):
    """A host whose worker asks with one form, whose sending waits for the test."""

    def __init__(self, *, fails: bool = False, only_reads: bool = False) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.fails = fails
        self.answers: list[str | None] = []
        self.sent = self.given_up = False
        self.form = FormDialog(
            "New", [TextField("name", "Name", "x")], submit=self.submit, only_reads=only_reads
        )

    def compose(self) -> ComposeResult:
        yield Host()

    def on_mount(self) -> None:
        host = self.query_one(Host)
        host.start(self.work(host), group="asking")

    async def work(self, host: Host) -> None:
        answer = await host.ask(self.form)
        self.answers.append(answer)

    async def submit(self, values: Values) -> str:
        self.sent = True
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up = True
            raise
        if self.fails:
            raise ServiceError("Could not create it.")
        return f"made {values['name']}"

    @property
    def is_open(self) -> bool:
        return self.form in self.screen_stack


async def until(pilot: Pilot[Any], condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await pilot.pause(0.01)


async def test_an_untouched_form_is_left_at_once() -> None:
    app = FormApp()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.form.is_current)
        await pilot.press("escape")
        await until(pilot, lambda: app.answers == [None])


async def test_what_was_typed_is_thrown_away_only_by_a_second_escape() -> None:
    app = FormApp()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.form.is_current)
        await pilot.press("y", "escape")
        assert app.is_open
        assert "Esc again throws away" in screen_text(app)
        # Whoever goes on typing did not mean it.
        await pilot.press("z", "escape")
        assert app.is_open
        assert app.form.busy()
        await pilot.press("escape")
        await until(pilot, lambda: app.answers == [None])
    assert not app.sent


@pytest.mark.parametrize("fails", [False, True])
async def test_what_was_sent_is_not_lost_sight_of_when_the_form_is_left(fails: bool) -> None:
    app = FormApp(fails=fails)
    async with app.run_test(notifications=True) as pilot:
        await until(pilot, lambda: app.form.is_current)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.sent)
        await pilot.press("escape")
        assert app.is_open
        assert "It was sent" in screen_text(app)
        assert "was sent" in app.form.busy()[0]
        await pilot.press("escape")
        await until(pilot, lambda: not app.is_open)
        assert app.answers == []
        app.gate.set()
        if fails:
            await until(pilot, lambda: "Could not create it." in screen_text(app))
        else:
            await until(pilot, lambda: app.answers == ["made x"])
    assert not app.given_up


async def test_what_only_reads_is_given_up_with_its_form() -> None:
    app = FormApp(only_reads=True)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.form.is_current)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.sent)
        await pilot.press("escape")
        await until(pilot, lambda: app.given_up and app.answers == [None])
