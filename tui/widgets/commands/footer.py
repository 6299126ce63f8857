"""The keys that work now, in one line, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from rich.cells import cell_len
from textual import events
from textual.actions import parse
from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.timer import Timer

from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.idle_keys import HintLine
from tui.widgets.commands.verbs import GO_ON, key_names
from tui.widgets.text.safe_text import content

FIRST = ("help", "ask_quit", "cleanup", "transfers")
"""Actions whose keys get room before all others; the first keeps its place whatever else goes."""

LEAVING = "escape"
"""The key that leads out of what is shown, which keeps its place like the first."""

KEY_STYLE = "bold $footer-key-foreground"

SAID_FOR = 4.0
"""Seconds for which a sentence stands in the place of the keys."""


@dataclass(frozen=True)
class FooterKey:
    """A key that may stand in the line."""

    key: str
    """Textual's name of the key."""
    shown: str
    """The key as people write it."""
    label: str
    action: str
    chosen: bool = True
    """Whether it was meant for the line; the others fill the room that is left."""
    enabled: bool = True
    tooltip: str = ""
    is_main: bool = False
    """Whether it is what the screen is there for."""

    @property
    def width(self) -> int:
        """Columns of the key and its word."""
        return cell_len(self.shown) + 1 + cell_len(self.label)

    @property
    def rank(self) -> int:
        """Its place in `FIRST`, where the key that leaves and the main one are first too; else
        their number."""
        if self.key == LEAVING or self.is_main:
            return 0
        name = self.action.rpartition(".")[2]
        return FIRST.index(name) if name in FIRST else len(FIRST)


def fitting(candidates: Iterable[FooterKey], width: int) -> tuple[FooterKey, ...]:
    """The keys that fit into `width` columns, in their order, whole."""
    found = list(candidates)
    left = width + 1  # no space follows the last key
    kept: set[int] = set()
    ranked = sorted(range(len(found)), key=lambda n: (found[n].rank, not found[n].chosen, n))
    for number in ranked:
        needed = found[number].width + 1
        if needed <= left or found[number].rank == 0:
            left -= needed
            kept.add(number)
    return tuple(key for number, key in enumerate(found) if number in kept)


def line_of(keys: Sequence[FooterKey]) -> Content:
    """The keys with their words."""
    return Content(" ").join(
        Content.styled(each.shown, KEY_STYLE)
        + Content.styled(f" {each.label}", "" if each.enabled else "dim")
        for each in keys
    )


def key_at(keys: Sequence[FooterKey], column: int) -> FooterKey | None:
    """The key that is drawn in a column; None between two keys and behind the last."""
    for left, each in _placed(keys):
        if left <= column < left + each.width:
            return each
    return None


def _placed(keys: Sequence[FooterKey]) -> Iterator[tuple[int, FooterKey]]:
    left = 0
    for each in keys:
        yield left, each
        left += each.width + 1


class FooterLine(HintLine):
    """Keys in the order of their hosts: the focused one first, the application last.

    Where there is room, the other commands that are available follow those of their host that are
    meant for the line. Nothing is ever cut: a key for which there is no room is left out, but never
    that of what the screen is there for, and the help has them all. Under a dialog, which has a
    line of its own, it is empty.

    It is one widget that draws a text, not a widget for each key: it looks again after every move
    of the cursor, and repaints only when the text is another one.
    """

    DEFAULT_CSS = """
    FooterLine { dock: bottom; height: 1; color: $footer-foreground;
        background: $footer-background; }
    """

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[FooterKey, ...] = ()
        """What is drawn."""
        self.said = ""
        """A sentence that stands in the place of the keys for a moment."""
        self._said_until: Timer | None = None
        self._under_mouse: FooterKey | None = None
        self._will_look = False

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed, immediate=True)
        self.app.screen_change_signal.subscribe(self, self._changed, immediate=True)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)
        self.app.screen_change_signal.unsubscribe(self)

    def on_resize(self) -> None:
        self.look()

    def render(self) -> Content:
        return content(self.said, "$text-warning") if self.said else line_of(self.keys)

    def say(self, text: str) -> None:
        """Show a sentence until the keys are others, or for some seconds."""
        if self._said_until is not None:
            self._said_until.stop()
        self._said_until = self.set_timer(SAID_FOR, self._end_saying) if text else None
        if text != self.said:
            self.said = text
            self.refresh()

    def _end_saying(self) -> None:
        self.say("")

    # -- which keys ------------------------------------------------------------------------

    def _changed(self, screen: Screen[object]) -> None:
        # One key press says several times that the keys may be others: one look follows.
        if not self._will_look:
            self._will_look = True
            self.call_after_refresh(self.look)

    def look(self) -> None:
        """Ask anew which keys work, and repaint if they are others than before."""
        self._will_look = False
        if not self.is_attached or not self.app.app_focus:
            return
        on_top = self.app.screen_stack[-1:] == [self.screen]
        keys = fitting(self._candidates(), self.size.width) if on_top else ()
        if keys != self.keys:
            self.keys = keys
            self.say("")
            self.refresh()

    def _candidates(self) -> list[FooterKey]:
        # Of two keys of the application, the one that works everywhere is named where the other
        # is typed into a field.
        active = sorted(
            self.screen.active_bindings.values(),
            key=lambda each: each.binding.priority and isinstance(each.node, App),
        )
        # One action may have several keys, not each of them meant for the line.
        meant_for = {each.binding.action for each in active if each.binding.show}
        found: dict[str, tuple[int, FooterKey]] = {}
        for node, binding, enabled, tooltip in active:
            action = binding.action
            meant = action in meant_for
            command = _command_of(node, binding)
            if action in found or (meant and not binding.show) or not (meant or command):
                continue
            if command and not self._may_show(node, binding, command):
                continue
            is_main = command == GO_ON.id
            key = FooterKey(
                binding.key,
                key_names(binding.key),
                self.label_of(binding),
                action,
                chosen=meant,
                enabled=enabled,
                tooltip=tooltip,
                is_main=is_main,
            )
            around = not command and isinstance(node, App | Screen)
            found[action] = (2 if around else int(not meant), key)
        # A second key to the same thing is worth no room.
        said = {each.label for _, each in found.values() if each.chosen}
        ordered = [each for _, each in sorted(found.values(), key=itemgetter(0))]
        return [each for each in ordered if each.chosen or each.label not in said]

    def label_of(self, binding: Binding) -> str:
        """The word for a key."""
        return binding.description

    def _may_show(self, node: DOMNode, binding: Binding, verb_id: str) -> bool:
        """Whether the key leads to the command now: an input takes its letters itself, and
        read-only mode refuses what changes something."""
        focused = self.screen.focused
        # Textual sees to this for the keys whose names it can read back: not for the slash.
        typed = key_names(binding.key)
        if focused is not None and len(typed) == 1 and focused.check_consume_key(typed, typed):
            return False
        return not isinstance(node, CommandHost) or node.shows(verb_id)

    # -- mouse -----------------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        pressed = None if self.said else key_at(self.keys, event.x)
        if pressed is None:
            return
        event.stop()
        if pressed.enabled:
            self.app.simulate_key(pressed.key)
        else:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        under = key_at(self.keys, event.x)
        if under != self._under_mouse:
            self._under_mouse = under
            self.tooltip = Content(under.tooltip) if under and under.tooltip else None


def _command_of(node: DOMNode, binding: Binding) -> str:
    """The id of the verb whose command the binding starts; empty if it starts none."""
    _, name, parameters = parse(binding.action)
    is_command = name == "command" and isinstance(node, CommandHost)
    return str(parameters[0]) if is_command else ""
