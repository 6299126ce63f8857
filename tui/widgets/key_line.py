"""The keys that work now, in one line, as many as there is room for."""

from __future__ import annotations

from operator import itemgetter

from textual import events
from textual.actions import parse
from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.timer import Timer

from tui.widgets.command_host import CommandHost
from tui.widgets.idle_keys import HintLine
from tui.widgets.key_fit import LineKey, fitting, key_at, line_of
from tui.widgets.key_names import key_names
from tui.widgets.safe_text import content

SAID_FOR = 4.0
"""Seconds for which a sentence stands in the place of the keys."""


class KeyLine(HintLine):
    """Keys in the order of their hosts: the focused one first, the application last.

    Where there is room, the other commands that are available follow those of their host that are
    meant for the line. Nothing is ever cut: a key for which there is no room is left out, and the
    help has them all. Under a dialog, which names its own keys, the line is empty.

    It is one widget that draws a text, not a widget for each key: it looks again after every move
    of the cursor, and repaints only when the text is another one.
    """

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; color: $footer-foreground; background: $footer-background; }
    """

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[LineKey, ...] = ()
        """What is drawn."""
        self.said = ""
        """A sentence that stands in the place of the keys for a moment."""
        self._said_until: Timer | None = None
        self._under_mouse: LineKey | None = None
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

    def _candidates(self) -> list[LineKey]:
        # Of two keys of the application, the one that works everywhere is named where the other
        # is typed into a field.
        active = sorted(
            self.screen.active_bindings.values(),
            key=lambda each: each.binding.priority and isinstance(each.node, App),
        )
        # One action may have several keys, not each of them meant for the line.
        meant_for = {each.binding.action for each in active if each.binding.show}
        found: dict[str, tuple[int, LineKey]] = {}
        for node, binding, enabled, tooltip in active:
            action = binding.action
            meant = action in meant_for
            command = _command_of(node, binding)
            if action in found or (meant and not binding.show) or not (meant or command):
                continue
            if command and not self._may_show(node, binding, command):
                continue
            key = LineKey(
                binding.key,
                self.app.get_key_display(binding),
                binding.description,
                action,
                chosen=meant,
                enabled=enabled,
                tooltip=tooltip,
            )
            around = not command and isinstance(node, App | Screen)
            found[action] = (2 if around else int(not meant), key)
        # A second key to the same thing is worth no room.
        said = {each.label for _, each in found.values() if each.chosen}
        ordered = [each for _, each in sorted(found.values(), key=itemgetter(0))]
        return [each for each in ordered if each.chosen or each.label not in said]

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
