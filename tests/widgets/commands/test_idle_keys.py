"""The key of a verb that does nothing where it is pressed is answered in one line."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from tests.driver import screen_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.footer import FooterLine
from tui.widgets.commands.idle_keys import ELSEWHERE, verb_of
from tui.widgets.commands.verbs import Verb

ALWAYS_WORK = {"help", "pane_s3", "pane_sql", "pane_dynamodb", "next_pane", "previous_pane"}
ALWAYS_WORK |= {"reload", "audit", "quit", "quit_anywhere", "cancel"}


class Host(Vertical, CommandHost, can_focus=True):
    TITLE_HERE = "Host"
    INSTEAD: ClassVar = {verbs.SORT.id: "It is sorted as it came."}
    full = False

    @command(
        verbs.DELETE, when=lambda host: host.full, instead="Nothing is here: n makes something."
    )
    async def delete(self) -> None:
        """Delete what is here."""
        self.full = False
        self.refresh_bindings()

    COMMANDS_HERE = (delete,)

    def compose(self) -> ComposeResult:
        yield Input()


class HostApp(App[None]):
    BINDINGS = [Binding("r", "again", "Again")]

    def __init__(self) -> None:
        super().__init__()
        self.again = 0

    def compose(self) -> ComposeResult:
        yield Host()
        yield FooterLine()

    def on_mount(self) -> None:
        self.query_one(Host).focus()

    def action_again(self) -> None:
        self.again += 1

    @property
    def said(self) -> str:
        return self.query_one(FooterLine).said


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("x", "Nothing is here: n makes something."),
        ("o", "It is sorted as it came."),
        ("slash", ELSEWHERE["filter"]),
        ("f7", ELSEWHERE["commit"]),
    ],
)
async def test_a_key_that_does_nothing_here_is_answered(key: str, line: str) -> None:
    app = HostApp()
    async with app.run_test(size=(100, 6)) as pilot:
        await pilot.press(key)
        assert screen_text(app).splitlines()[-1] == line


async def test_a_key_that_works_or_means_nothing_is_not_answered() -> None:
    app = HostApp()
    async with app.run_test(size=(100, 6)) as pilot:
        app.query_one(Host).full = True
        await pilot.press("x", "r", "escape", "q", "j")
        assert app.said == ""
        assert not app.query_one(Host).full
        assert app.again == 1


async def test_what_is_typed_into_a_field_is_not_answered() -> None:
    app = HostApp()
    async with app.run_test(size=(100, 6)) as pilot:
        app.query_one(Input).focus()
        await pilot.press("x", "o", "slash")
        assert app.query_one(Input).value == "xo/"
        assert app.said == ""


async def test_the_answer_goes_when_other_keys_work() -> None:
    app = HostApp()
    async with app.run_test(size=(100, 6)) as pilot:
        await pilot.press("x")
        assert app.said
        app.query_one(Host).full = True
        app.query_one(Host).refresh_bindings()
        await pilot.pause()
        assert app.said == ""


async def test_a_rebound_key_is_answered_too() -> None:
    app = HostApp()
    app.set_keymap({"sort": "f11"})
    async with app.run_test(size=(100, 6)) as pilot:
        await pilot.press("o")
        assert app.said == ""
        await pilot.press("f11")
        assert app.said == "It is sorted as it came."


def test_every_verb_has_an_answer_unless_it_always_works() -> None:
    every = {each.id for each in vars(verbs).values() if isinstance(each, Verb)}
    assert set(ELSEWHERE) == every - ALWAYS_WORK
    assert all(text.endswith(".") and len(text) <= 80 for text in ELSEWHERE.values())


def test_the_verb_of_a_key_that_the_user_chose() -> None:
    assert verb_of("o", {}) is verbs.SORT
    assert verb_of("o", {"sort": "f11"}) is None
    assert verb_of("f5", {}) is verbs.RUN
    assert verb_of("escape", {}) is None
