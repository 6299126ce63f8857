"""Questions: confirm, confirm by typing, choose from a list, one line of text, a message.

Every dialog answers None (or False) on Esc, and starts on the answer that changes nothing. Ctrl+S
says yes in each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui.widgets.dialogs.choose import Choice, Choose
from tui.widgets.dialogs.dialog import YES, Dialog
from tui.widgets.dialogs.typed_dialog import TypedDialog
from tui.widgets.text.safe_input import DiscreetInput, SafeInput
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

__all__ = ["AskText", "Choice", "Choose", "Confirm", "Dialog", "Message", "TypedConfirm"]

AnswerT = TypeVar("AnswerT")

NOT_THE_WORD = "That is not the word; nothing was done. Esc leaves."


class Message(Dialog[None]):
    """Something to read, of any length."""

    def __init__(self, title: str, body: str | Content) -> None:
        super().__init__(title)
        self.body = body

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-body"):
            yield Static(_body(self.body))
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close", id="close")

    @on(Button.Pressed)
    def _close(self) -> None:
        self.dismiss(None)


class _Question(Dialog[AnswerT], Generic[AnswerT]):
    """A question: the focus starts on Cancel; a button and Ctrl+S say yes."""

    BINDINGS: ClassVar[list[BindingType]] = [YES]

    def __init__(self, title: str, body: str | Content, *, yes: str, danger: bool) -> None:
        super().__init__(title)
        self.body = body
        self.yes = yes
        self.danger = danger
        self._drawn_at: float | None = None
        """When the question came to the screen."""
        self._pressed_at = 0.0
        """When the last key was pressed, which may be long before it is handled."""

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": self.yes}

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-body", can_focus=False):
            yield Static(_body(self.body))
        yield from self.compose_word()
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button(content(self.yes), id="yes", variant="error" if self.danger else "primary")

    def compose_word(self) -> ComposeResult:
        """What must be typed before yes is taken."""
        yield from ()

    def say_yes(self) -> None:
        """Answer yes, if nothing is missing."""
        raise NotImplementedError

    def say_no(self) -> None:
        """Answer no."""
        self.dismiss(None)

    def on_mount(self) -> None:
        self.query_one("#cancel").focus()
        self.call_after_refresh(self._drawn)

    def _drawn(self) -> None:
        self._drawn_at = monotonic()

    def on_key(self, event: events.Key) -> None:
        self._pressed_at = event.time

    def action_submit(self) -> None:
        # A key that was pressed before the question was there is no answer to it.
        if self._drawn_at is not None and self._pressed_at >= self._drawn_at:
            self.say_yes()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self.say_yes()
        else:
            self.say_no()


class Confirm(_Question[bool]):
    """Yes or no."""

    def __init__(
        self, title: str, body: str | Content, *, yes: str = "Yes", danger: bool = False
    ) -> None:
        super().__init__(title, body, yes=yes, danger=danger)

    def say_yes(self) -> None:
        self.dismiss(True)

    def say_no(self) -> None:
        self.dismiss(False)


class TypedConfirm(_Question[str]):
    """Answers what was typed, if it is `word`. What is typed on a button goes to the word."""

    def __init__(self, title: str, body: str | Content, *, word: str, yes: str = "Delete") -> None:
        super().__init__(title, body, yes=yes, danger=True)
        self.word = word

    def compose_word(self) -> ComposeResult:
        yield Static(
            Content("To go on, type ") + content(self.word, "bold") + Content(" and press Enter"),
            classes="dialog-prompt",
        )
        # Selected on focus, what was typed would be replaced by the next key.
        yield SafeInput(id="word", select_on_focus=False)
        yield SteadyText("", id="problem", classes="problem")

    def on_mount(self) -> None:
        self.query_one("#yes", Button).disabled = True

    def on_key(self, event: events.Key) -> None:
        """Typing on a button is meant for the word; what the field takes never comes here."""
        field = self.query_one(Input)
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        self.query_one("#yes", Button).disabled = event.value != self.word
        self.query_one("#problem", Static).update("")

    @on(Input.Submitted)
    def say_yes(self) -> None:
        typed = self.query_one(Input).value
        if typed == self.word:
            self.dismiss(typed)
        else:
            self.query_one("#problem", Static).update(NOT_THE_WORD)


class AskText(TypedDialog[str]):
    """One line of text, checked as it is typed. `check` gives the problems, none if it is good."""

    BINDINGS: ClassVar[list[BindingType]] = [YES]

    def __init__(
        self,
        title: str,
        prompt: str,
        *,
        value: str = "",
        secret: bool = False,
        check: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        super().__init__(title)
        self.prompt = prompt
        self.value = value
        self.secret = secret
        self.check = check

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": "Accept"}

    def compose_box(self) -> ComposeResult:
        yield Static(content(self.prompt, multiline=True), classes="dialog-prompt")
        yield DiscreetInput(self.value, password=self.secret)
        yield SteadyText("", id="problem", classes="problem")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def _problems(self, value: str) -> Sequence[str]:
        return self.check(value) if self.check else ()

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        self._esc.forget()
        self._show(self._problems(event.value) if event.value else ())

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Take the text, if it is good."""
        value = self.query_one(Input).value
        problems = self._problems(value)
        if problems:
            self._show(problems)
        else:
            self.dismiss(value)

    @property
    def is_typed_in(self) -> bool:
        return self.query_one(Input).value != self.value

    @property
    def state_line(self) -> Static:
        return self.query_one("#problem", Static)

    def _show(self, problems: Sequence[str]) -> None:
        self.tell("\n".join(problems), problem=True)


def _body(body: str | Content) -> Content:
    return body if isinstance(body, Content) else content(body, multiline=True)
