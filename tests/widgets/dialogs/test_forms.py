"""Forms: which fields they show and where; leaving one loses nothing typed and nothing sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Select

from tests.driver import screen_text
from tests.widgets.dialog_app import DialogApp
from tui.services.errors import ServiceError
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.forms import ChoiceField, FormDialog, NoteField, TextField, Values


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


# -- which fields there are, and where ---------------------------------------------------------


def is_by_hour(values: Values) -> bool:
    return values["billing"] == "hour"


def capacity_form(answers: list[dict[str, str]]) -> FormDialog[str]:
    """A form with a field that only one of the choices needs."""

    async def submit(values: Values) -> str:
        answers.append(dict(values))
        return "sent"

    return FormDialog(
        "New",
        [
            TextField("name", "Name", "x", wide=True),
            ChoiceField("billing", "Billing", [("By request", "request"), ("By hour", "hour")]),
            TextField(
                "units",
                "Units",
                check=lambda text: () if text else ("is missing",),
                when=is_by_hour,
            ),
            TextField("comment", "Comment"),
        ],
        submit=submit,
    )


async def test_a_field_that_does_not_apply_is_neither_shown_nor_reached_nor_checked() -> None:
    app = DialogApp()
    sent: list[dict[str, str]] = []
    form = capacity_form(sent)
    async with app.run_test() as pilot:
        await app.show(pilot, form)
        assert "Units" not in screen_text(app)
        await pilot.press("tab", "tab")
        assert form.focused is not None
        assert form.focused.id == "field-comment"
        await pilot.press("enter")
        await until(pilot, lambda: sent)
    assert sent == [{"name": "x", "billing": "request", "units": "", "comment": ""}]


async def test_a_field_comes_with_the_choice_that_needs_it_and_goes_with_its_problem() -> None:
    app = DialogApp()
    sent: list[dict[str, str]] = []
    form = capacity_form(sent)
    async with app.run_test() as pilot:
        await app.show(pilot, form)
        billing = form.query_one("#field-billing", Select)
        billing.value = "hour"
        await until(pilot, lambda: "Units" in screen_text(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Units: is missing" in screen_text(app))
        assert form.focused is not None
        assert form.focused.id == "field-units"
        billing.focus()
        billing.value = "request"
        await until(pilot, lambda: "Units" not in screen_text(app))
        assert sent == []


@pytest.mark.parametrize(("width", "columns"), [(80, 1), (109, 1), (110, 2), (160, 2)])
async def test_a_wide_terminal_shows_the_fields_in_two_columns(width: int, columns: int) -> None:
    app = DialogApp()
    form = capacity_form([])
    async with app.run_test(size=(width, 24)) as pilot:
        await app.show(pilot, form)
        form.query_one("#field-billing", Select).value = "hour"
        await until(pilot, lambda: "Units" in screen_text(app))
        await pilot.pause()
        billing, units, name, comment = (
            form.query_one(f"#field-{each}").region
            for each in ("billing", "units", "name", "comment")
        )
        assert (billing.y == units.y and billing.right < units.x) == (columns == 2)
        assert comment.y > units.y
        assert name.width > 60
        # The keys walk them as they are read.
        order = []
        for _ in range(4):
            assert form.focused is not None
            order.append(form.focused.id)
            await pilot.press("tab")
        assert order == [f"field-{each}" for each in ("name", "billing", "units", "comment")]


async def test_a_field_with_a_row_for_itself_begins_in_the_first_column() -> None:
    app = DialogApp()

    async def submit(values: Values) -> str:
        return ""

    fields = [TextField(f"f{n}", f"Field {n}", wide=n == 3) for n in range(5)]
    form = FormDialog("New", [*fields, NoteField("A note.")], submit=submit)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.show(pilot, form)
        await pilot.pause()
        places = [form.query_one(f"#field-f{n}").region for n in range(5)]
        assert [each.x == places[0].x for each in places] == [True, False, True, True, True]
        assert places[2].width == places[0].width
        assert places[4].width == places[0].width
        assert places[3].width > 2 * places[0].width
        assert form.query_one(".form-note").region.y > places[4].y


async def test_what_is_wrong_is_seen_with_many_fields_in_a_small_terminal() -> None:
    app = DialogApp()
    fields = [TextField(f"f{n}", f"Field {n}", check=lambda _: ("is wrong",)) for n in range(12)]

    async def submit(values: Values) -> str:
        return ""

    async with app.run_test(size=(80, 24)) as pilot:
        await app.show(pilot, FormDialog("New", fields, submit=submit))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Field 0: is wrong" in screen_text(app))
        assert "Create" in screen_text(app)
