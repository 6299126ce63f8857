"""A form with validation as you type, that stays open with its text when sending it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static

from tui.services.errors import ServiceError
from tui.widgets.dialogs.dialog import YES
from tui.widgets.dialogs.form_fields import (
    ChoiceField,
    Field,
    Flag,
    FlagField,
    Hint,
    Note,
    NoteField,
    TextField,
    Values,
)
from tui.widgets.dialogs.option_pages import Dropdown
from tui.widgets.dialogs.sending import SendingDialog
from tui.widgets.text.safe_input import SafeInput
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

ResultT = TypeVar("ResultT")

__all__ = [
    "ChoiceField",
    "Field",
    "FlagField",
    "FormDialog",
    "NoteField",
    "TextField",
    "Values",
]


TWO_COLUMNS_FROM = 110
"""Columns of a terminal from which a form has two columns of fields."""

MANY_FIELDS = 4
"""As many fields make two columns; fewer are seen at once in one."""


class FormDialog(SendingDialog[ResultT], Generic[ResultT]):
    """Fields, a submit button, and what is wrong said beside it.

    Only the fields that apply to the present values are shown, and only they are checked.

    `submit` is awaited with the values; what it returns is the dialog's answer. A ServiceError
    from it is shown in the form, which stays open, so nothing typed is lost. `check` sees all
    values together. What `summary` makes of them stands above the buttons, in sight however
    far the fields are scrolled.

    What was sent goes on when the form is left: `outstanding` is then awaited by whoever asked.
    With `only_reads` it is given up instead. Enter goes to the next line of text, and from the last
    one it submits; with `enter_submits` from each: where mostly the first is all that is typed.
    """

    # The first field is focused below, without scrolling what stands above it away.
    AUTO_FOCUS = ""

    BINDINGS = [
        YES,
        # Before the input sees it: what is typed next is meant for the next field, however late
        # this one's news of the Enter would come.
        Binding("enter", "next_field", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        submit: Callable[[Values], Awaitable[ResultT]],
        submit_label: str = "Create",
        check: Callable[[Values], Sequence[str]] | None = None,
        danger: bool = False,
        only_reads: bool = False,
        summary: Callable[[Values], str] | None = None,
        enter_submits: bool = False,
    ) -> None:
        super().__init__(title)
        self.fields = list(fields)
        self.submit = submit
        self.submit_label = submit_label
        self.check = check
        self.danger = danger
        self.only_reads = only_reads
        self.summary = summary
        self.enter_submits = enter_submits
        self._touched: set[str] = set()

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": self.submit_label}

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(classes="form-fields", can_focus=False) as around:
            around.set_class(self.summary is not None, "-summed-up")
            for each in self.fields:
                yield from self._compose_field(each)
        if self.summary is not None:
            yield SteadyText("", id="form-summary")
        yield SteadyText("", id="form-problem", classes="problem")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button(
                content(self.submit_label),
                id="submit",
                variant="error" if self.danger else "primary",
            )

    def _compose_field(self, each: Field) -> ComposeResult:
        if isinstance(each, NoteField):
            yield Note(
                content(each.text, multiline=True),
                classes="form-note warning" if each.warning else "form-note",
            )
            return
        with Vertical(classes="form-field -wide" if each.wide else "form-field"):
            if isinstance(each, FlagField):
                yield Flag(content(each.label), each.value, id=f"field-{each.name}")
            else:
                yield Static(content(each.label), classes="form-label")
            if isinstance(each, TextField):
                yield SafeInput(
                    each.value,
                    placeholder=each.placeholder,
                    password=each.secret,
                    id=f"field-{each.name}",
                )
            elif isinstance(each, ChoiceField):
                yield Dropdown(
                    [(content(shown), value) for shown, value in each.options],
                    value=each.value or (each.options[0][1] if each.options else Select.NULL),
                    allow_blank=not each.options,
                    id=f"field-{each.name}",
                )
            yield Hint(content(each.note, multiline=True), id=f"note-{each.name}")

    def on_resize(self) -> None:
        self._set_columns()

    def _set_columns(self) -> None:
        asked = [each for each in self.fields if not isinstance(each, NoteField)]
        wide = self.app.size.width >= TWO_COLUMNS_FROM
        self.set_class(wide and len(asked) >= MANY_FIELDS, "-two-columns")

    def on_mount(self) -> None:
        self._set_columns()
        self._show_what_applies()
        for each in self.fields:
            if not isinstance(each, NoteField):
                # Its place is not known before the first layout, which begins at the top.
                self.query_one(f"#field-{each.name}").focus(scroll_visible=False)
                return

    @on(events.DescendantFocus)
    def _show_whole_field(self, event: events.DescendantFocus) -> None:
        """The label above and the problem below a field come into view with it."""
        around = event.widget.parent
        if isinstance(around, Vertical) and around.has_class("form-field"):
            self.call_after_refresh(self._bring_into_view, around)

    async def _bring_into_view(self, around: Vertical) -> None:
        # Textual has begun to glide to the field itself; two of those at once end anywhere.
        await self.query_one(".form-fields").stop_animation("scroll_y", complete=False)
        around.scroll_visible(animate=False)

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields now; that of a field that does not apply is empty."""
        entered = self._entered
        return {
            each.name: entered[each.name] if _applies(each, entered) else ""
            for each in self.fields
            if not isinstance(each, NoteField)
        }

    @property
    def _entered(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in self.fields:
            if isinstance(each, TextField):
                found[each.name] = self.query_one(f"#field-{each.name}", Input).value
            elif isinstance(each, FlagField):
                flag = self.query_one(f"#field-{each.name}", Checkbox).value
                found[each.name] = "yes" if flag else ""
            elif isinstance(each, ChoiceField):
                chosen: Any = self.query_one(f"#field-{each.name}", Select).value
                found[each.name] = chosen if isinstance(chosen, str) else ""
        return found

    def tell(self, text: str, *, problem: bool = False) -> None:
        """Say what is wrong with the form as a whole; empty clears it."""
        self.query_one("#form-problem", Static).update(content(text, multiline=True))

    def _problems(self, each: TextField, value: str) -> Sequence[str]:
        return each.check(value) if each.check else ()

    def _show_field(self, each: TextField, value: str) -> bool:
        problems = self._problems(each, value)
        note = self.query_one(f"#note-{each.name}", Static)
        note.set_class(bool(problems), "problem")
        note.update(content("\n".join(problems) or each.note, multiline=True))
        return not problems

    @property
    def is_typed_in(self) -> bool:
        values = self._entered
        return any(
            values[each.name] != each.value for each in self.fields if isinstance(each, TextField)
        )

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        for each in self.fields:
            if isinstance(each, TextField) and event.input.id == f"field-{each.name}":
                if event.value != each.value or each.name in self._touched:
                    self._touched.add(each.name)
                    self._show_field(each, event.value)
                    self._esc.forget()
                    if not self.is_sending:
                        self.tell("")
                self.field_changed(each.name, event.value)

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    def _follow_values(self) -> None:
        if self._show_what_applies() and not self.is_sending:
            self.tell("")  # it may be about a field that went

    def _show_what_applies(self) -> bool:
        """Show the fields that apply now, and the summary; whether a field went."""
        entered = self._entered
        went = False
        for each in self.fields:
            if not isinstance(each, NoteField) and each.when is not None:
                around = self.query_one(f"#field-{each.name}").parent
                assert isinstance(around, Vertical)
                applies = each.when(entered)
                went = went or (around.display and not applies)
                around.display = applies
        self._leave_free_beside()
        if self.summary is not None:
            text = content(self.summary(self.values), multiline=True)
            self.query_one("#form-summary", Static).update(text)
        return went

    def _leave_free_beside(self) -> None:
        """Of two columns, leave the second free where what follows has a row for itself.

        Textual would begin that row in the second column.
        """
        in_first: Widget | None = None
        for each in self.query_one(".form-fields").children:
            each.remove_class("-alone")
            has_row = each.has_class("-wide") or each.has_class("form-note")
            if not each.display:
                continue
            if has_row and in_first is not None:
                in_first.add_class("-alone")
            in_first = each if not has_row and in_first is None else None

    def field_changed(self, name: str, value: str) -> None:
        """For forms whose fields depend on one another."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "next_field":
            if self.enter_submits:
                return False
            return isinstance(self.focused, Input) and self.focused is not self._last_input
        return super().check_action(action, parameters)

    @property
    def _last_input(self) -> Input | None:
        shown = [each for each in self.query(Input) if _is_displayed(each)]
        return shown[-1] if shown else None

    def action_next_field(self) -> None:
        self.focus_next()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "submit":
            self.action_submit()
        elif not self.is_sending:
            self.dismiss(None)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        if self._sent is not None and self.only_reads:
            self._sent.cancel()
            self.dismiss(None)
        else:
            super().action_leave()

    def action_submit(self) -> None:
        """Check everything; send it if it is good."""
        entered, values = self._entered, self.values
        wrong = [
            each
            for each in self.fields
            if isinstance(each, TextField)
            and _applies(each, entered)
            and not self._show_field(each, entered[each.name])
        ]
        if wrong:
            self._touched.update(each.name for each in wrong)
            self.query_one(f"#field-{wrong[0].name}").focus()
            self.tell(f"{wrong[0].label}: {self._problems(wrong[0], values[wrong[0].name])[0]}")
            return
        problems = self.check(values) if self.check else ()
        if problems:
            self.tell("\n".join(problems))
            return
        button = self.query_one("#submit", Button)
        if not button.disabled:
            button.disabled = True
            self.run_worker(self._send(values), group="form-submit", exclusive=True)

    async def _send(self, values: Values) -> None:
        self.tell("Working…")
        try:
            self.dismiss(await self.send(self.submit(values)))
        except ServiceError as error:
            self.tell(str(error))
            self.query_one("#submit", Button).disabled = False


def _applies(each: TextField | ChoiceField | FlagField, entered: Values) -> bool:
    return each.when is None or each.when(entered)


def _is_displayed(field: Input) -> bool:
    return all(node.display for node in field.ancestors_with_self)
