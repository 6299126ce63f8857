"""The line below the editor in which one types what to find, and what to put in its place."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from tui.services.sql.text.text_search import TextWanted
from tui.widgets.text.safe_input import SafeInput
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText


class FindField(SafeInput):
    """What to find."""

    BINDINGS = [
        Binding("enter,down", "bar_step(1)", "Next"),
        Binding("up,shift+enter", "bar_step(-1)", "Before", id="find.before"),
        Binding("tab", "to_replacement", "Replace"),
    ]

    def action_bar_step(self, step: int) -> None:
        """The next hit, or the one before."""
        self.post_message(FindBar.Step(step))

    def action_to_replacement(self) -> None:
        """To what is put in the place of what is found."""
        self.post_message(FindBar.ReplacementWanted())


class ReplaceField(SafeInput):
    """What to put in its place."""

    BINDINGS = [
        Binding("enter", "replace(False)", "Replace"),
        Binding("alt+a", "replace(True)", "Replace all", id="find.replace_all"),
        Binding("down", "bar_step(1)", "Next", show=False),
        Binding("up,shift+enter", "bar_step(-1)", "Before", show=False),
        Binding("tab,shift+tab", "to_find", "Find", show=False),
    ]

    def action_replace(self, every: bool) -> None:
        """Replace the hit that is marked, or every one."""
        self.post_message(FindBar.Replace(self.value, every=every))

    def action_bar_step(self, step: int) -> None:
        """The next hit, or the one before."""
        self.post_message(FindBar.Step(step))

    def action_to_find(self) -> None:
        """Back to what to find."""
        self.post_message(FindBar.FindWanted())


class FindBar(Vertical):
    """Hidden until it is wanted. Its second line comes with Tab."""

    DEFAULT_CSS = """
    FindBar { display: none; height: auto; background: $panel;
        & > Horizontal { height: 1; padding: 0 1; }
        & Static { width: auto; height: 1; color: $text-muted; }
        & .find-label { width: 8; }
        & Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; }
        & Input:focus { background: $boost; }
        & #replace-line { display: none; }
        & .problem { color: $text-error; }
    }
    """

    BINDINGS = [
        Binding("escape", "close", "Close", id="find.close"),
        Binding(
            "alt+c",
            "toggle_case",
            "Case",
            id="find.case",
            tooltip="While something is looked for in the editor: let upper and lower case count.",
        ),
        Binding(
            "alt+r",
            "toggle_pattern",
            "Pattern",
            id="find.pattern",
            tooltip="While something is looked for in the editor: take it as a regular expression.",
        ),
    ]

    class Changed(Message):
        """Something else is looked for."""

        def __init__(self, wanted: TextWanted) -> None:
            self.wanted = wanted
            super().__init__()

    class Step(Message):
        """The next hit (1), or the one before (-1)."""

        def __init__(self, step: int) -> None:
            self.step = step
            super().__init__()

    class Replace(Message):
        """Put a text in the place of the hit that is marked, or of all."""

        def __init__(self, text: str, *, every: bool) -> None:
            self.text = text
            self.every = every
            super().__init__()

    class Closed(Message):
        """It was left."""

    class ReplacementWanted(Message):
        """The second line should come."""

    class FindWanted(Message):
        """The first line should have the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.field = FindField(compact=True, select_on_focus=False)
        self.replacement = ReplaceField(compact=True, select_on_focus=False)
        self._said = SteadyText("", id="find-said")
        self._replace_line = Horizontal(id="replace-line")
        self.is_exact = self.is_pattern = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("Find", classes="find-label", markup=False)
            yield self.field
            yield self._said
        with self._replace_line:
            yield Static("Replace", classes="find-label", markup=False)
            yield self.replacement
            yield Static("Enter this one · Alt+A all", markup=False)

    @property
    def wanted(self) -> TextWanted:
        """What is looked for."""
        return TextWanted(self.field.value, self.is_pattern, self.is_exact)

    @property
    def is_typed_in(self) -> bool:
        """Whether one of its fields has the focus."""
        return self.field.has_focus or self.replacement.has_focus

    def open(self, text: str = "") -> None:
        """Show it, with a text to look for; without one, with what was looked for before."""
        self.display = True
        if text and "\n" not in text:
            self.field.value = text
        self.field.select_all()
        # Not `focus()`, which lets the keys that follow at once still go to the editor.
        self.screen.set_focus(self.field)
        self.post_message(self.Changed(self.wanted))

    def say(self, text: str, *, problem: bool = False) -> None:
        """How many were found, or why none were."""
        switches = [" case"] if self.is_exact else []
        switches += [" pattern"] if self.is_pattern else []
        self._said.update(content("".join([text, *switches])))
        self._said.set_class(problem, "problem")

    def action_close(self) -> None:
        self.display = self._replace_line.display = False
        self.post_message(self.Closed())

    def action_toggle_case(self) -> None:
        self.is_exact = not self.is_exact
        self.post_message(self.Changed(self.wanted))

    def action_toggle_pattern(self) -> None:
        self.is_pattern = not self.is_pattern
        self.post_message(self.Changed(self.wanted))

    def on_find_bar_replacement_wanted(self, event: ReplacementWanted) -> None:
        event.stop()
        self._replace_line.display = True
        self.screen.set_focus(self.replacement)

    def on_find_bar_find_wanted(self, event: FindWanted) -> None:
        event.stop()
        self.screen.set_focus(self.field)

    def on_click(self, event: events.Click) -> None:
        event.stop()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input is self.field and self.display:
            self.post_message(self.Changed(self.wanted))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
