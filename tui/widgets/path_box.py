"""The line that says where a pane stands, and takes another place to go to."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui.widgets.text.safe_input import DiscreetInput
from tui.widgets.text.safe_text import content, visible
from tui.widgets.text.steady_text import SteadyText

GROWTH = 3
"""Columns that a state may grow or shrink by before the screen is laid out anew."""


class PathField(DiscreetInput):
    """Enter is named in the line of keys, which shows nothing of Textual's own inputs."""

    BINDINGS = [Binding("enter", "submit", "Go")]

    takes_lines = False
    """Whether several lines that are pasted are one location too; else the first line is taken."""

    def _on_paste(self, event: events.Paste) -> None:
        if self.takes_lines and len(event.text.strip().splitlines()) > 1:
            # An Input would keep the first line only: whoever owns the field takes them all.
            event.prevent_default()


class PathBox(Horizontal):
    """Shows a location; `edit()` turns it into an input, Enter posts `Submitted`, Esc gives up.

    A location with control characters is shown safely; editing starts from the raw text only when
    that can be typed.
    """

    DEFAULT_CSS = """
    PathBox { height: 1; padding: 0 1; background: $panel;
        & > Static { height: 1; text-overflow: ellipsis; text-wrap: nowrap; }
        & > #location { width: 1fr; text-style: bold; }
        & > #state { width: auto; color: $text-muted; }
        & > Input { display: none; }
        &.-editing > Static { display: none; }
        &.-editing > Input { display: block; height: 1; border: none; padding: 0; }
    }
    """

    BINDINGS = [
        Binding("escape", "give_up", "Back"),
        Binding("up", "recall(-1)", "Typed before"),
        Binding("down", "recall(1)", show=False),
    ]

    class Submitted(Message):
        """Another location was typed."""

        def __init__(self, location: str) -> None:
            self.location = location
            super().__init__()

    class GivenUp(Message):
        """Editing ended without another location."""

    def __init__(self, placeholder: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.past: list[str] = []
        """What was typed before, the latest last."""
        self._recalled = 0
        """Which of `past` stands in the field; its length: none."""
        self._location = ""
        self._shown = SteadyText("", id="location")
        self._state = SteadyText("", id="state")
        self._state_room = 0
        """Columns of the screen that the state has."""
        self._most = 0
        """Columns that it may have."""
        self.field = PathField(placeholder=placeholder, compact=True)
        """Takes another location while the box is edited."""

    def compose(self) -> ComposeResult:
        yield self._shown
        yield self._state
        yield self.field

    def show(
        self, location: str, state: str = "", *, brief: str = "", brief_state: str = ""
    ) -> None:
        """Say where the pane stands and, on the right, how much of it is loaded. `brief` stands in
        the place of a location for which there is no room, `brief_state` of such a state."""
        self._location = location
        if brief_state and cell_len(state) > self.size.width * 60 // 100:
            state = brief_state
        most, width = self._most_for_state(location), cell_len(state)
        room = self.size.width - 2 - min(width, most)
        shown = brief if brief and cell_len(location) > room else location
        self._shown.update(content(shown), layout=False)
        # A load to the end says how far it is twice a second; only another width moves anything.
        wide = self._room_for(width) if width + GROWTH <= most else width
        self._state.update(content(" " * (wide - width) + state), layout=wide != self._state_room)
        self._state_room = wide

    def _most_for_state(self, location: str) -> int:
        """The columns that a state may take: what a short location leaves of them, and three fifths
        beside a long one."""
        whole = self.size.width
        most = max(whole * 60 // 100, whole - 2 - cell_len(visible(location)))
        if most != self._most:
            self._most = most
            self._state.styles.max_width = most
        return most

    def _room_for(self, width: int) -> int:
        """The columns for a state of this width: a little more for one that grows, as a count
        does."""
        if 0 <= self._state_room - width <= GROWTH:
            return self._state_room
        return width + GROWTH if 0 < width - self._state_room <= GROWTH else width

    @property
    def typed(self) -> str:
        """Another location that is being typed, or "": none is, or it is the one that is shown."""
        is_typed = self.has_class("-editing") and self.field.value.strip() != self._location
        return self.field.value.strip() if is_typed else ""

    def edit(self) -> None:
        """Take another location."""
        self._recalled = len(self.past)
        self.field.value = self._location if self._location.isprintable() else ""
        self.add_class("-editing")
        # Not `focus()`, which lets the keys that follow at once still go to the rows.
        self.screen.set_focus(self.field)

    def action_give_up(self) -> None:
        self.remove_class("-editing")
        self.post_message(self.GivenUp())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.past) if action == "recall" else super().check_action(action, parameters)

    def action_recall(self, step: int) -> None:
        """Put what was typed earlier or later into the field."""
        self._recalled = min(max(self._recalled + step, 0), len(self.past))
        recalled = [*self.past, ""][self._recalled]
        self.field.value = recalled if recalled.isprintable() else ""
        self.field.cursor_position = len(self.field.value)

    @on(Input.Submitted)
    def _go(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value:
            self.past = [*(each for each in self.past if each != event.value), event.value]
        self.remove_class("-editing")
        self.post_message(self.Submitted(event.value))

    def on_input_blurred(self, event: Input.Blurred) -> None:
        event.stop()
        self.remove_class("-editing")
