"""A dialog that comes late never opens over what the user has begun meanwhile."""

from __future__ import annotations

import asyncio

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Input

from tests.driver import screen_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.footer import FooterLine
from tui.widgets.dialogs.dialogs import Message


class Host(Vertical, CommandHost, can_focus=True):
    TITLE_HERE = "Host"

    def __init__(self) -> None:
        super().__init__()
        self.answer = asyncio.Event()
        self.said: list[str] = []
        self.read_only = False

    @property
    def is_read_only(self) -> bool:
        return self.read_only

    @command(verbs.INFO)
    async def slow(self) -> None:
        """Asks once the service has answered."""
        await self.answer.wait()
        self.said.append("asked")
        await self.ask(Message("Late", "the answer"))
        self.said.append("over")

    @command(verbs.NEW, footer=True, changes=True)
    async def quick(self) -> None:
        """Asks at once, then works and reports."""
        await self.ask(Message("Quick", "a form"))
        await self.answer.wait()
        await self.ask(Message("Report", "what became of it"))

    @command(verbs.COPY_AS)
    async def other(self) -> None:
        """Opens something else at once."""
        await self.ask(Message("Other", "something else"))

    @command(verbs.SORT)
    async def sort(self) -> None:
        """Does something without a dialog."""
        self.said.append("sorted")

    @command(verbs.FILTER, footer=True, when=lambda host: len(host.query(Input)) > 0)
    async def narrow(self) -> None:
        """Has a key whose name Textual cannot read back."""

    COMMANDS_HERE = (slow, quick, other, sort, narrow)


class HostApp(App[None]):
    CSS_PATH = "../../tui/styles/dialogs.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.host = Host()

    def compose(self) -> ComposeResult:
        yield self.host
        yield Input()
        yield FooterLine()

    def on_mount(self) -> None:
        self.host.focus()

    @property
    def text(self) -> str:
        return screen_text(self)

    @property
    def last_line(self) -> str:
        return self.text.splitlines()[-1].strip()


async def settle(pilot: Pilot[None]) -> None:
    for _ in range(5):
        await pilot.pause()


async def test_an_answer_does_not_open_over_a_dialog_that_was_opened_meanwhile() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await pilot.press("i", "n")
        app.host.answer.set()
        await settle(pilot)
        assert app.host.said == ["asked", "over"]
        assert "a form" in app.text
        assert "the answer" not in app.text
        assert len(app.screen_stack) == 2


async def test_an_answer_is_dropped_when_another_command_came_after_it() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await pilot.press("i", "o")
        app.host.answer.set()
        await settle(pilot)
        assert app.host.said == ["sorted", "asked", "over"]
        assert len(app.screen_stack) == 1


async def test_an_answer_is_dropped_when_the_user_works_elsewhere() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await pilot.press("i", "tab")
        assert isinstance(app.focused, Input)
        app.host.answer.set()
        await settle(pilot)
        assert len(app.screen_stack) == 1


async def test_an_answer_about_a_place_that_was_left_is_dropped() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await pilot.press("i")
        app.host.overtake()
        app.host.answer.set()
        await settle(pilot)
        assert len(app.screen_stack) == 1


async def test_an_answer_that_nothing_overtook_is_shown() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await pilot.press("i")
        app.host.answer.set()
        await settle(pilot)
        assert "the answer" in app.text


async def test_a_report_of_what_was_done_waits_for_the_dialog_that_is_open() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await pilot.press("n", "escape", "y")
        app.host.answer.set()
        await settle(pilot)
        assert "something else" in app.text
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        async with asyncio.timeout(30):
            while "what became of it" not in app.text:
                await pilot.pause(0.02)


async def test_keys_typed_behind_the_one_that_opens_a_dialog_start_nothing() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        for key in "nyo":
            app.post_message(events.Key(key, key))
        await settle(pilot)
        assert "a form" in app.text
        assert len(app.screen_stack) == 2
        assert app.host.said == []


async def test_read_only_mode_refuses_a_change_at_once_and_leaves_it_out_of_the_line() -> None:
    app = HostApp()
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert "n New" in app.last_line
        app.host.read_only = True
        app.host.refresh_bindings()
        await settle(pilot)
        assert "n New" not in app.last_line
        available = [each.verb for each in app.host.commands_now()]
        assert available == [verbs.INFO, verbs.COPY_AS, verbs.SORT]
        await pilot.press("n")
        await settle(pilot)
        assert len(app.screen_stack) == 1
        assert "Read-only mode: New is refused." in app.text


async def test_under_a_dialog_the_line_names_no_key_of_what_is_below() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "n New" in app.last_line
        await pilot.press("n")
        await settle(pilot)
        assert "n New" not in app.text
        await pilot.press("escape")
        await settle(pilot)
        assert "n New" in app.last_line


async def test_commands_fill_the_room_that_is_left_and_give_way_first() -> None:
    app = HostApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        assert app.last_line == "n New i Info y Copy as… o Sort"
        await pilot.resize_terminal(16, 20)
        await settle(pilot)
        assert app.last_line == "n New i Info"


async def test_the_line_names_no_command_whose_key_an_input_takes() -> None:
    app = HostApp()
    async with app.run_test() as pilot:
        await app.host.mount(Input(id="inside"))
        app.host.query_one("#inside").focus()
        await settle(pilot)
        for word in ("New", "Filter", "Sort"):
            assert word not in app.last_line
