"""The workspace: three panes side by side, or one at a time in a small terminal.

The frames are painted first. What is heavy (the panes' modules, a sandbox) is loaded behind them.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.panes.pane_entries import PANE_ENTRIES, PaneEntry, entry_of
from tui.screens.header import HeaderLine
from tui.services.errors import ServiceError
from tui.widgets.application.orderly_screen import OrderlyScreen, TooSmall
from tui.widgets.commands import verbs
from tui.widgets.commands.footer import FooterLine
from tui.widgets.commands.verbs import Verb, binding
from tui.widgets.text.safe_text import content

if TYPE_CHECKING:
    from tui.services.bundle import Services

WIDE_COLUMNS = 110
"""Below this many columns, or `WIDE_ROWS` rows, one pane is shown at a time."""
WIDE_ROWS = 30
EVEN_COLUMNS = 145
"""Below this many columns the panes on the left and on the right are equally wide."""


class PaneFrame(Container):
    """The border of a pane, there from the first frame; the pane itself is mounted into it."""

    def __init__(self, entry: PaneEntry) -> None:
        super().__init__(id=entry.id, classes="pane-frame")
        self.entry = entry
        self.pane: Any = None
        """The pane; None until it is there, with all its widgets."""
        self.border_title = Content(f"{entry.title} ") + Content.styled(entry.key_label, "dim")
        self._waits_for = "Starting…"

    def render(self) -> RenderResult:
        # Not in a widget of its own, which the first frame would wait for.
        if self.pane is not None:
            return super().render()
        return content(self._waits_for, "$text-muted", multiline=True)

    def wait(self, text: str) -> None:
        """Say what the frame waits for."""
        self._waits_for = text
        self.refresh()

    def activate(self, is_active: bool) -> None:
        """Look like the pane that is worked in, or like another one."""
        if is_active != self.has_class("-active"):
            self.set_class(is_active, "-active", update=False)
            # Only the frame looks different. Textual would style all that is in it anew: fifty
            # widgets and their parts.
            self.app.stylesheet.update_nodes([self])

    async def fill(self, services: Services) -> None:
        """Load the pane's module off the loop and put the pane into the frame."""
        module = await asyncio.to_thread(importlib.import_module, self.entry.module)
        pane = getattr(module, self.entry.pane_class)(services)
        await self.mount(pane)
        self.pane = pane
        self.refresh()


def _pane_binding(verb: Verb, place_id: str, tooltip: str) -> Binding:
    # Before the focused widget: keys that follow at once must reach the pane that was chosen.
    return binding(verb, f"show_pane('{place_id}')", tooltip, priority=True)


class Workspace(OrderlyScreen, Screen[None]):
    """Holds the three panes and knows which one is worked in."""

    BINDINGS = [
        _pane_binding(verbs.PANE_S3, "s3", "Work in the S3 pane."),
        _pane_binding(verbs.PANE_SQL, "sql", "Work in the SQL pane."),
        _pane_binding(verbs.PANE_DYNAMODB, "dynamodb", "Work in the DynamoDB pane."),
        binding(verbs.NEXT_PANE, "next_pane(1)", "Go to the next pane."),
        binding(verbs.PREVIOUS_PANE, "next_pane(-1)", "Go to the previous pane."),
        binding(
            verbs.ZOOM,
            "zoom",
            "Give the whole screen to this pane, with the detail of the row under the cursor "
            "beside the rows, or take it back.",
            show=True,
        ),
    ]

    TITLE_HERE = "Workspace"

    def __init__(self) -> None:
        super().__init__()
        self.active = PANE_ENTRIES[0].id
        self.zoomed = False
        self._filled: set[str] | None = None
        """The panes that are there already, while they are loaded; None before and after that."""

    def compose(self) -> ComposeResult:
        # Before there are widgets: afterwards each class would style all of them once more.
        self._arrange_self()
        yield HeaderLine()
        yield Static(id="tabs")
        frames = [PaneFrame(entry) for entry in PANE_ENTRIES]
        frames[0].add_class("-active")
        yield from frames
        yield TooSmall()
        yield FooterLine()

    @property
    def takes_keys(self) -> bool:
        # Before there are panes, keys may still quit or open what is elsewhere. While they come,
        # what is typed behind the key of a pane is meant for that one.
        return self._filled is None or self.active in self._filled

    # -- panes -----------------------------------------------------------------------------

    def frame(self, place_id: str) -> PaneFrame:
        """The frame of a pane."""
        return self.query_one(f"#{place_id}", PaneFrame)

    @property
    def frames(self) -> list[PaneFrame]:
        """The frames in the order of Tab."""
        return [self.frame(entry.id) for entry in PANE_ENTRIES]

    def wait(self, text: str) -> None:
        """Say in every frame what the start waits for."""
        for frame in self.frames:
            frame.wait(text)

    async def fill(self, services: Services, location: str | None) -> None:
        """Load the three panes, the active one first, and open `location` in its pane."""
        entry = entry_of(location) if location else None
        if entry is not None:
            self.active = entry.id
        self._arrange()
        ordered = sorted(self.frames, key=lambda frame: frame.id != self.active)
        self._filled = filled = set[str]()
        try:
            await self._fill(ordered, filled, services, entry, location)
        finally:
            self._filled = None

    async def _fill(
        self,
        frames: Sequence[PaneFrame],
        filled: set[str],
        services: Services,
        entry: PaneEntry | None,
        location: str | None,
    ) -> None:
        for frame in frames:
            await frame.fill(services)
            if frame.id == self.active:
                self._arrange()
                self.set_focus(frame.pane.focus_target())
            filled.add(frame.id or "")
            if entry is not None and location is not None and frame.id == entry.id:
                try:
                    frame.pane.open(location)
                except ServiceError as error:
                    frame.pane.account_changed()
                    frame.pane.show_error(error)
            else:
                frame.pane.account_changed()

    def account_changed(self) -> None:
        """Tell every pane that the account is another."""
        for frame in self.frames:
            if frame.pane is not None:
                frame.pane.overtake()
                frame.pane.account_changed()

    def credentials_renewed(self) -> None:
        """Tell every pane that its calls are signed anew, in the same account and region."""
        for frame in self.frames:
            if frame.pane is not None:
                frame.pane.credentials_renewed()

    def contents_removed(self) -> None:
        """Tell every pane that what it shows may be gone: a cleanup deleted something."""
        for frame in self.frames:
            if frame.pane is not None:
                frame.pane.contents_removed()

    def busy(self) -> list[str]:
        """What would be lost by quitting now, a sentence for each."""
        said: list[str] = []
        for frame in self.frames:
            if frame.pane is not None:
                said += [frame.pane.busy(), *frame.pane.changes_under_way()]
        return [text for text in said if text]

    # -- arrangement -----------------------------------------------------------------------

    def on_mount(self) -> None:
        self._arrange()

    def on_screen_resume(self) -> None:
        for frame in self.frames:
            if frame.pane is not None:
                frame.pane.come_back()

    def on_resize(self) -> None:
        self._arrange()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is not self.focused:
            return  # another pane was chosen since
        for frame in self.frames:
            if frame in event.widget.ancestors_with_self and frame.id != self.active:
                self.active = frame.id or self.active
                self._arrange()

    @property
    def is_single(self) -> bool:
        """Whether only one pane is on the screen."""
        return self.zoomed or self.is_narrow

    @property
    def is_narrow(self) -> bool:
        """Whether there is room for one pane only."""
        return self.app.size.width < WIDE_COLUMNS or self.app.size.height < WIDE_ROWS

    def _arrange_self(self) -> None:
        self.set_class(self.is_single, "-single")
        self.set_class(self.app.size.width < EVEN_COLUMNS, "-even")

    def _arrange(self) -> None:
        self._arrange_self()
        self.set_class(self.query_one(TooSmall).fit(self.size), "-too-small")
        for frame in self.frames:
            is_active = frame.id == self.active
            frame.activate(is_active)
            if frame.pane is not None:
                frame.pane.take_screen(is_active and self.is_single)
        self.query_one("#tabs", Static).update(self._tab_line())

    def _tab_line(self) -> Content:
        tabs = []
        for entry in PANE_ENTRIES:
            label = f" {entry.key_label} {entry.title} "
            if entry.id == self.active:
                tabs.append(Content.styled(f"[{label}]", "bold reverse"))
            else:
                tabs.append(Content.styled(f" {label} ", "$text-muted"))
        line = Content(" ").join(tabs)
        more = "   z or Alt+Z: back to three panes" if self.zoomed and not self.is_narrow else ""
        return line + Content.styled(more, "$text-muted")

    def action_show_pane(self, place_id: str) -> None:
        self.active = place_id
        self._arrange()
        pane = self.frame(place_id).pane
        # Not `focus()`, which lets the keys that follow at once still go to the pane before. Nor do
        # they go there while the pane is still to come.
        self.set_focus(None if pane is None else pane.focus_target())

    def action_next_pane(self, step: int) -> None:
        ids = [entry.id for entry in PANE_ENTRIES]
        self.action_show_pane(ids[(ids.index(self.active) + step) % len(ids)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "zoom":
            return self.zoomed or not self.is_narrow
        return super().check_action(action, parameters)

    def action_zoom(self) -> None:
        self.zoomed = not self.zoomed
        self._arrange()
