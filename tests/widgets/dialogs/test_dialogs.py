"""Dialogs answer what was chosen, start on the harmless answer, and show data as data."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.widgets import Button, Input

from tests.driver import screen_text
from tests.hostile import HOSTILE_TEXT
from tests.widgets.dialog_app import DialogApp
from tui.services.errors import ServiceError
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose, Confirm, Message, TypedConfirm
from tui.widgets.dialogs.forms import (
    ChoiceField,
    Field,
    FlagField,
    FormDialog,
    NoteField,
    TextField,
    Values,
)
from tui.widgets.text.value_viewer import ValueViewer


async def test_confirm_starts_on_cancel() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, Confirm("Delete?", "3 objects", yes="Delete", danger=True))
        assert isinstance(app.focused, Button)
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        assert app.answers == [False]


async def test_confirm_answers_yes_after_moving_to_it() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, Confirm("Delete?", "3 objects", yes="Delete"))
        await pilot.press("right", "enter")
        assert app.answers == [True]


async def test_escape_leaves_without_an_answer() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, Confirm("Delete?", "3 objects"))
        await pilot.press("escape")
        assert app.answers == [None]


async def test_a_typed_answer_is_thrown_away_only_by_a_second_escape() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, AskText("Name", "A new name", value="old"))
        await pilot.press("escape")
        assert app.answers == [None]
        await app.show(pilot, AskText("Name", "A new name", value="old"))
        await pilot.press("x", "escape")
        assert "Esc again throws away" in screen_text(app)
        await pilot.press("y", "escape")
        assert len(app.answers) == 1
        await pilot.press("escape")
        assert app.answers == [None, None]


async def test_typed_confirm_wants_the_very_word() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, TypedConfirm("Delete", "everything", word="photos"))
        await pilot.press("enter")
        assert app.answers == [None]
        await app.show(pilot, TypedConfirm("Delete", "everything", word="photos"))
        await pilot.press("tab", "tab")
        app.screen.query_one(Input).focus()
        await pilot.press(*"photo", "enter")
        assert len(app.answers) == 1
        assert "That is not the word" in screen_text(app)
        await pilot.press("s")
        assert "That is not the word" not in screen_text(app)
        await pilot.press("enter")
        assert app.answers[-1] == "photos"


async def test_typing_on_cancel_goes_to_the_word_and_enter_there_still_cancels() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, TypedConfirm("Delete", "everything", word="delete 6"))
        assert isinstance(app.focused, Button)
        await pilot.press(*"delete", "space", "6")
        assert app.screen.query_one(Input).value == "delete 6"
        await pilot.press("enter")
        assert app.answers == ["delete 6"]
        await app.show(pilot, TypedConfirm("Delete", "everything", word="delete 6"))
        await pilot.press("enter")
        assert app.answers == ["delete 6", None]


async def test_the_notes_of_choices_stand_in_one_column() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        choices = [
            Choice(1, "key", "first note", key="k"),
            Choice(2, "a longer label", "second note", key="l"),
            Choice(3, "without a note that is by far the longest of all", key="m"),
        ]
        await app.show(pilot, Choose("Which?", choices))
        lines = screen_text(app).splitlines()
        first, second = (line for line in lines if "first note" in line or "second note" in line)
        assert first.index("first note") == second.index("second note")


async def test_a_list_is_wider_where_a_line_needs_it() -> None:
    note = "text/plain; charset=utf-8, 12 names of one's own"
    app = DialogApp()
    async with app.run_test(size=(120, 30)) as pilot:
        for label, width in (("short", 72), ("Headers and metadata", 79), ("A" * 60, 119)):
            await app.show(pilot, Choose("Which?", [Choice(1, label, note, key="h")]))
            assert app.screen.query_one(".dialog").outer_size.width == width
            assert note in screen_text(app)
            await pilot.press("escape")


async def test_what_is_typed_after_enter_goes_to_the_next_field_however_quickly() -> None:
    async def submit(values: Values) -> Values:
        return dict(values)

    fields: list[Field] = [
        TextField("name", "Name"),
        TextField("secret", "Secret"),
        FlagField("on", "On"),
    ]
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, FormDialog("New", fields, submit=submit))
        for key in ("a", "b", "enter", "c", "d"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.answers == [{"name": "ab", "secret": "cd", "on": ""}]


async def test_a_dialog_names_its_keys_in_the_footer() -> None:
    async def submit(values: Values) -> None:
        return None

    app = DialogApp()
    async with app.run_test() as pilot:
        form = FormDialog("New", [TextField("a", "A")], submit=submit, submit_label="Put")
        await app.show(pilot, form)
        assert "Ctrl+S Put Esc Back" in screen_text(app)


async def test_the_footer_of_a_dialog_names_the_key_that_was_chosen_in_its_place() -> None:
    app = DialogApp()
    app.set_keymap({"form.submit": "ctrl+y"})
    async with app.run_test() as pilot:
        await app.show(pilot, Confirm("Delete?", "3 objects", yes="Delete"))
        assert "Ctrl+Y Delete Esc Back" in screen_text(app)
        await pilot.press("ctrl+y")
        assert app.answers == [True]


async def test_choose_by_arrow_and_by_its_own_key() -> None:
    app = DialogApp()
    choices = [Choice(1, "one"), Choice(2, "two", "the second", key="t")]
    async with app.run_test() as pilot:
        await app.show(pilot, Choose("Number", choices))
        await pilot.press("down", "enter")
        await app.show(pilot, Choose("Number", choices))
        await pilot.press("t")
        assert app.answers == [2, 2]


async def test_over_a_dialog_too_a_tiny_terminal_says_so_and_comes_back() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, TypedConfirm("Delete", "everything", word="photos"))
        for size in ((70, 20), (50, 12)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "too small" in screen_text(app)
            assert "everything" not in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "too small" not in screen_text(app)
        assert "everything" in screen_text(app)


async def test_letters_move_in_a_list_where_they_choose_nothing() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        plain = [Choice(1, "one"), Choice(2, "two"), Choice(3, "three", key="k")]
        await app.show(pilot, Choose("Number", plain))
        await pilot.press("j", "enter")
        await app.show(pilot, Choose("Number", plain, current=1))
        await pilot.press("k")
        await app.show(pilot, Choose("Number", plain[:2], current=1))
        await pilot.press("k", "enter")
        assert app.answers == [2, 3, 1]


async def test_typing_goes_to_a_name_in_a_long_list() -> None:
    app = DialogApp()
    names = ["ap-south-1", "eu-central-1", "eu-south-1", "eu-west-1", "us-east-1"]
    async with app.run_test() as pilot:
        await app.show(pilot, Choose("Region", [Choice(n, n) for n in names]))
        assert "type a name" in screen_text(app)
        await pilot.press(*"EU-W")
        assert "typed: eu-w" in screen_text(app)
        await pilot.press("x", "enter")
        await app.show(pilot, Choose("Region", [Choice(n, n) for n in names]))
        await pilot.press(*"eu-w", "backspace", "s", "enter")
        await app.show(pilot, Choose("Region", [Choice(n, n) for n in names]))
        await pilot.press(*"east", "enter")
        assert app.answers == ["eu-west-1", "eu-south-1", "us-east-1"]


async def test_ask_text_shows_the_problem_and_stays() -> None:
    app = DialogApp()
    dialog = AskText("Name", "A name", check=lambda value: () if value == "good" else ("No good.",))
    async with app.run_test() as pilot:
        await app.show(pilot, dialog)
        await pilot.press(*"bad", "enter")
        assert app.answers == []
        assert "No good." in str(dialog.query_one("#problem").render())
        dialog.query_one(Input).value = "good"
        await pilot.press("enter")
        assert app.answers == ["good"]


@pytest.mark.parametrize("text", [text for text in HOSTILE_TEXT if "[" in text or "\n" in text])
async def test_hostile_text_is_shown_as_text_everywhere(text: str) -> None:
    app = DialogApp()

    async def submit(values: Values) -> str:
        return values["a"]

    async with app.run_test(notifications=True) as pilot:
        for dialog in (
            Message(text, text),
            Confirm(text, text, yes=text),
            TypedConfirm(text, text, word=text, yes=text),
            Choose(text, [Choice(text, text, text)], body=text),
            AskText(text, text, value=text),
            FormDialog(
                text,
                [
                    TextField("a", text, text, text),
                    ChoiceField("b", text, [(text, "v")], note=text),
                    FlagField("c", text, note=text),
                    NoteField(text),
                ],
                submit=submit,
                submit_label=text,
            ),
            ValueViewer(text, text, note=text),
        ):
            await app.show(pilot, dialog)
            await pilot.press("escape")
        assert app.answers == [None] * 7


async def test_a_form_checks_as_it_is_typed_and_keeps_its_text_when_sending_fails() -> None:
    app = DialogApp()
    sent: list[Values] = []

    async def submit(values: Values) -> str:
        sent.append(values)
        if len(sent) == 1:
            raise ServiceError("Could not create it.", cause="Taken", hint="Choose another name.")
        return values["name"]

    form = FormDialog(
        "New",
        [
            TextField(
                "name", "Name", check=lambda value: () if len(value) > 2 else ("Too short.",)
            ),
            FlagField("flag", "Flag", value=True),
            ChoiceField("kind", "Kind", [("One", "1"), ("Two", "2")], value="2"),
        ],
        submit=submit,
    )
    async with app.run_test(size=(80, 40)) as pilot:
        await app.show(pilot, form)
        await pilot.press("a")
        assert "Too short." in str(form.query_one("#note-name").render())
        await pilot.press("ctrl+s")
        assert sent == []
        await pilot.press("b", "c", "ctrl+s")
        await pilot.pause()
        problem = str(form.query_one("#form-problem").render())
        assert "Taken" in problem
        assert "Choose another name." in problem
        assert form.values["name"] == "abc"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.answers == ["abc"]
        assert sent[-1] == {"name": "abc", "flag": "yes", "kind": "2"}


async def test_a_form_that_is_being_sent_is_not_sent_twice() -> None:
    app = DialogApp()
    gate = asyncio.Event()
    calls = 0

    async def submit(values: Values) -> str:
        nonlocal calls
        calls += 1
        await gate.wait()
        return "done"

    async with app.run_test() as pilot:
        await app.show(pilot, FormDialog("New", [TextField("name", "Name", "x")], submit=submit))
        await pilot.press("ctrl+s", "ctrl+s", "enter")
        await pilot.pause()
        assert calls == 1
        gate.set()
        await pilot.pause()
        assert app.answers == ["done"]


@pytest.mark.parametrize("dialog", ["confirm", "typed"])
async def test_a_long_question_has_its_buttons_and_can_be_read_to_its_end(dialog: str) -> None:
    body = "\n".join(f"{number} of the things that go" for number in range(60)) + "\nthe last"
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.show(
            pilot, Confirm("?", body) if dialog == "confirm" else TypedConfirm("?", body, word="w")
        )
        await pilot.pause()
        seen = screen_text(app)
        assert "Cancel" in seen
        assert "PgDn Read on Ctrl+S" in seen
        assert "the last" not in seen
        for _ in range(6):
            await pilot.press("pagedown")
        await pilot.pause()
        assert "the last" in screen_text(app)
        assert "Cancel" in screen_text(app)
        assert isinstance(app.focused, Button)
        await pilot.press("pageup")
        assert "the last" not in screen_text(app)


async def test_a_short_question_has_nothing_to_read_on() -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.show(pilot, Confirm("?", "One thing."))
        await pilot.pause()
        assert "PgDn" not in screen_text(app)
