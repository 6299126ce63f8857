"""What is typed behind a key that opens a dialog goes into that dialog, however late it comes."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from weakref import ref

import pytest
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input

from tests.driver import screen_text
from tui.services.errors import ServiceError
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.shared_commands import FilteringHost, LocationHost, filter_rows, go_to
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose
from tui.widgets.dialogs.forms import FormDialog, TextField, Values
from tui.widgets.grid.filter_line import FilterLine
from tui.widgets.path_box import PathBox


class Host(Vertical, FilteringHost, LocationHost, can_focus=True):
    TITLE_HERE = "Host"

    def __init__(self) -> None:
        super().__init__()
        self.answer = asyncio.Event()
        self.fails = False
        self.counted = 0
        self.escapes = 0
        self.begun = 0
        self.names: list[str | None] = []
        self.looked_up = 0
        self.path_box = PathBox()
        self.filter_line = FilterLine()

    def on_key(self, event: Key) -> None:
        self.escapes += event.key == "escape"

    def compose(self) -> ComposeResult:
        yield self.path_box
        yield self.filter_line

    async def lookup(self) -> None:
        self.begun += 1
        await self.answer.wait()
        self.looked_up += 1
        if self.fails:
            raise ServiceError("The service said no.")

    @command(verbs.NEW, asks=True)
    async def create(self) -> None:
        """Looks something up, then asks for a name."""
        await self.lookup()

        async def submit(values: Values) -> str:
            return values["name"]

        form = FormDialog("New", [TextField("name", "Name")], submit=submit)
        self.names.append(await self.ask(form))

    @command(verbs.COPY_AS, asks=True)
    async def chain(self) -> None:
        """Offers a choice, looks something up, and asks again after "yes"."""
        choices = [Choice("yes", "yes", key="y"), Choice("no", "no", key="n")]
        answer = await self.ask(
            Choose("Which?", choices), follows=lambda answer: answer.startswith("y")
        )
        if answer == "yes":
            await self.lookup()
            self.names.append(await self.ask(AskText("Second", "Name")))
        else:
            await self.lookup()

    @command(verbs.REFRESH)
    async def count(self) -> None:
        """Opens nothing, and may work long."""
        self.counted += 1

    @command(verbs.SORT)
    async def work(self) -> None:
        """Opens nothing, and works long."""
        await self.lookup()

    COMMANDS_HERE = (create, chain, count, work, go_to, filter_rows)


class HoldApp(OrderlyApp):
    CSS_PATH = "../../../tui/styles/dialogs.tcss"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.host = Host()

    def compose(self) -> ComposeResult:
        yield self.host

    def on_mount(self) -> None:
        self.host.focus()

    def works_always(self, key: str) -> bool:
        return key == "ctrl+q"

    BINDINGS = [Binding("ctrl+q", "leave", priority=True)]

    def action_leave(self) -> None:
        self.exit(3)

    def send(self, text: str) -> None:
        """All at once, as a terminal delivers what was typed ahead."""
        for character in text:
            key = {"\n": "enter", "\x1b": "escape", "\t": "tab", ":": "colon", "/": "slash"}
            printed = character if character.isprintable() else None
            self.post_message(Key(key.get(character, character), printed))


@pytest.fixture
def app(tmp_path: Path) -> HoldApp:
    return HoldApp(tmp_path / "faults.log")


async def until(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await pilot.pause(0.01)


async def settle(pilot: Pilot[int]) -> None:
    for _ in range(10):
        await pilot.pause(0.01)


def field(app: HoldApp) -> str:
    found = app.screen.query(Input)
    return found.first().value if found and len(app.screen_stack) > 1 else ""


async def test_a_name_typed_with_the_key_arrives_whole_in_the_form(app: HoldApp) -> None:
    app.host.answer.set()
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("ncolony-new")
        await until(pilot, lambda: field(app) == "colony-new")
        assert app.host.counted == 0


async def test_it_waits_for_a_service_that_answers_late(app: HoldApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("nrun")
        app.post_message(Paste("ning"))
        app.send("-r")
        await settle(pilot)
        assert len(app.screen_stack) == 1
        assert app.host.counted == 0
        app.host.answer.set()
        await until(pilot, lambda: field(app) == "running-r")
        app.send("\n")
        await until(pilot, lambda: app.host.names == ["running-r"])


async def test_a_dialog_that_was_left_is_let_go(app: HoldApp) -> None:
    app.host.answer.set()
    dialogs = []
    async with app.run_test() as pilot:
        await settle(pilot)
        for number in range(4):
            app.send("n")
            await until(pilot, lambda: len(app.screen_stack) > 1)
            dialogs.append(ref(app.screen))
            app.send("\x1b")
            await until(pilot, lambda number=number: len(app.host.names) > number)  # type: ignore[misc]  # binds now
        await settle(pilot)
        gc.collect()
        # The last one is let go when the next one comes.
        assert [each() for each in dialogs[:-1]] == [None] * 3


async def test_keys_for_a_dialog_that_does_not_come_are_dropped_and_it_is_said(
    app: HoldApp,
) -> None:
    app.host.fails = True
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        app.send("nrr")
        await settle(pilot)
        app.host.answer.set()
        await until(pilot, lambda: "dropped" in screen_text(app))
        assert app.host.counted == 0
        app.send("r")
        await until(pilot, lambda: app.host.counted == 1)


async def test_a_key_after_a_command_that_opened_nothing_works(app: HoldApp) -> None:
    app.host.fails = True
    app.host.answer.set()
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("n")
        await until(pilot, lambda: app.host.looked_up)
        await settle(pilot)
        app.send("r")
        await until(pilot, lambda: app.host.counted == 1)


async def test_escape_gives_up_a_dialog_that_does_not_come(app: HoldApp) -> None:
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        app.send("nrr\x1br")
        await until(pilot, lambda: app.host.counted == 1)
        app.host.answer.set()
        await settle(pilot)
        assert len(app.screen_stack) == 1
        assert app.host.looked_up == 0
        app.send("nagain")
        await until(pilot, lambda: field(app) == "again")


async def test_the_key_that_always_quits_does_so_while_others_wait(app: HoldApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("nrr")
        app.post_message(Key("ctrl+q", None))
        await until(pilot, lambda: app.return_value == 3)


async def test_a_command_that_opens_nothing_holds_no_key(app: HoldApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("orrr")
        await until(pilot, lambda: app.host.counted == 3)
        assert app.host.looked_up == 0


async def test_keys_behind_an_answer_wait_for_the_dialog_that_follows(app: HoldApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("yyrun\n")
        await settle(pilot)
        assert app.host.counted == 0
        app.host.answer.set()
        await until(pilot, lambda: app.host.names == ["run"])


async def test_keys_behind_an_answer_that_nothing_follows_work_below(app: HoldApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("ynrr")
        await until(pilot, lambda: app.host.counted == 2)
        app.send("y\x1br")
        await until(pilot, lambda: app.host.counted == 3)


@pytest.mark.parametrize(("typed", "reached"), [("", 1), ("run", 0)])
async def test_escape_behind_an_answer_is_for_the_screen_unless_something_was_typed(
    app: HoldApp, typed: str, reached: int
) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send("yy")
        await until(pilot, lambda: app.host.begun == 1)
        app.send(f"{typed}\x1br")
        await until(pilot, lambda: app.host.counted == 1)
        assert app.host.escapes == reached


@pytest.mark.parametrize("key", [":", "/"])
async def test_a_text_typed_with_the_key_of_an_input_arrives_in_it(app: HoldApp, key: str) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        app.send(f"{key}run-no-r")
        box = app.host.path_box if key == ":" else app.host.filter_line
        await until(pilot, lambda: box.field.value == "run-no-r")
        assert app.host.counted == 0


class SlowDialog(AskText):
    """Takes its time to have a field."""

    def __init__(self, may_fill: asyncio.Event) -> None:
        super().__init__("Slow", "Name")
        self.may_fill = may_fill

    async def _compose(self) -> None:
        await self.may_fill.wait()
        await super()._compose()


async def test_keys_wait_for_a_screen_that_is_mounted_late(app: HoldApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        may_fill = asyncio.Event()
        app.push_screen(SlowDialog(may_fill))
        app.send("rest")
        # The application waits for the screen, too: no pause of the pilot would end.
        for _ in range(20):
            await asyncio.sleep(0)
        assert app.host.counted == 0
        may_fill.set()
        await until(pilot, lambda: field(app) == "rest")


async def test_it_is_said_what_keys_wait_for(app: HoldApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.widgets.application.key_queue.SAY_AFTER", 0.0)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        app.send("nab")
        await until(pilot, lambda: "waits for New" in screen_text(app))
