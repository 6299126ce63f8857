"""One key says yes in every dialog, each names it, and no early key is taken for a yes."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from tests.driver import screen_text
from tests.widgets.dialog_app import DialogApp
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose, Confirm, Dialog, TypedConfirm
from tui.widgets.dialogs.forms import FlagField, FormDialog, TextField, Values


async def value_of_a(values: Values) -> str:
    return values["a"]


async def test_ctrl_s_says_yes_in_every_dialog_and_each_names_it() -> None:
    app = DialogApp()
    dialogs: list[tuple[Dialog[Any], list[str], object]] = [
        (Confirm("Delete?", "all", yes="Delete", danger=True), [], True),
        (TypedConfirm("Delete?", "all", word="w", yes="Delete"), ["w"], "w"),
        (Choose("Which?", [Choice(1, "one"), Choice(2, "two")]), ["down"], 2),
        (AskText("Name", "A name"), ["n"], "n"),
        (FormDialog("New", [TextField("a", "A")], submit=value_of_a), ["n"], "n"),
    ]
    async with app.run_test() as pilot:
        for dialog, keys, _ in dialogs:
            await app.show(pilot, dialog)
            await pilot.press(*keys)
            assert "Ctrl+S" in screen_text(app)
            await pilot.press("ctrl+s")
            await pilot.pause()
        assert app.answers == [answer for _, _, answer in dialogs]


async def test_ctrl_s_without_the_word_deletes_nothing() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, TypedConfirm("Delete?", "all", word="photos"))
        await pilot.press("p", "ctrl+s")
        assert app.answers == []
        assert "That is not the word" in screen_text(app)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (Confirm("Delete?", "all", danger=True), True),
        (TypedConfirm("Delete?", "all", word="w"), "w"),
    ],
    ids=["yes or no", "a word"],
)
async def test_a_key_that_was_pressed_before_the_question_came_does_not_answer_it(
    question: Dialog[Any], answer: object
) -> None:
    app = DialogApp()
    early = events.Key("ctrl+s", None)
    async with app.run_test() as pilot:
        await app.show(pilot, question)
        assert app.focused is question.query_one("#cancel")
        for field in question.query(Input):
            field.value = "w"
        app.post_message(early)
        await pilot.pause()
        assert app.answers == []
        await pilot.press("ctrl+s")
        assert app.answers == [answer]


async def test_a_checkbox_says_with_characters_whether_it_is_on() -> None:
    app = DialogApp()
    fields = [FlagField("a", "Block it")]
    async with app.run_test() as pilot:
        await app.show(pilot, FormDialog("New", fields, submit=value_of_a))
        assert "[ ] Block it" in screen_text(app)
        await pilot.press("space")
        assert "[x] Block it" in screen_text(app)
