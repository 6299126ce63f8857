"""A document of JSON to change: checked as it is typed, never lost when sending it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static, TextArea

from tui.services.errors import ServiceError
from tui.widgets.dialogs.dialog import YES
from tui.widgets.dialogs.sending import SendingDialog
from tui.widgets.text.long_text import LongTextArea
from tui.widgets.text.safe_text import content


class JsonEditor(SendingDialog[bool]):
    """Answers True once `submit` took the text. `check` gives what is wrong with a text; `note`
    stands where it says nothing. Without `submit` the document is only shown.

    What was sent goes on when the editor is left: `outstanding` is then awaited by whoever asked.
    """

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    JsonEditor {
        & #document { height: 1fr; min-height: 3; border: none; padding: 0; }
        & #status { height: auto; max-height: 12; margin: 1 0 0 0; color: $text-muted; }
        & #status.problem { color: $text-error; }
    }
    """

    BINDINGS = [YES]

    def __init__(
        self,
        title: str,
        text: str,
        *,
        check: Callable[[str], Sequence[str]],
        submit: Callable[[str], Awaitable[bool]] | None,
        note: str = "",
    ) -> None:
        super().__init__(title)
        self.text = text
        self.check = check
        self.submit = submit
        self.note = note

    @property
    def is_typed_in(self) -> bool:
        return self._area.text != self.text

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": "Save"}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "submit":
            return self.submit is not None
        return super().check_action(action, parameters)

    def compose_box(self) -> ComposeResult:
        area = LongTextArea(
            self.text,
            language="json",
            read_only=self.submit is None,
            tab_behavior="focus",
            show_line_numbers=True,
            id="document",
        )
        area.cursor_blink = False
        yield area
        yield Static(content(self.note, multiline=True), id="status")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close" if self.submit is None else "Cancel", id="cancel")
            if self.submit is not None:
                yield Button("Save", id="submit", variant="primary")

    def on_mount(self) -> None:
        self._area.focus()

    @property
    def _area(self) -> TextArea:
        return self.query_one(TextArea)

    @property
    def state_line(self) -> Static:
        return self.query_one("#status", Static)

    @on(TextArea.Changed)
    def _check(self) -> None:
        self._esc.forget()
        if self.is_sending:
            return
        text = self._area.text
        problems = self.check(text) if text.strip() else ()
        self.tell("\n".join(problems) or self.note, problem=bool(problems))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "submit":
            self.action_submit()
        else:
            self.action_leave()

    def action_submit(self) -> None:
        """Send the text, if nothing is wrong with it, and it is not being sent."""
        if self.is_sending:
            return
        text = self._area.text
        problems = self.check(text) if text.strip() else ()
        if problems:
            self.tell("\n".join(problems), problem=True)
        elif self.submit is not None:
            self.run_worker(self._send(self.submit, text), group="form-submit", exclusive=True)

    async def _send(self, submit: Callable[[str], Awaitable[bool]], text: str) -> None:
        self.tell("Working…")
        try:
            done = await self.send(submit(text))
        except ServiceError as error:
            self.tell(str(error), problem=True)
            return
        if done:
            self.dismiss(True)
        else:
            self.tell(self.note)
