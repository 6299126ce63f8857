"""The keys that work now, in one line, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from rich.cells import cell_len
from textual import events
from textual.actions import parse
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey  # public nowhere else

from tui.widgets.command import CommandHost
from tui.widgets.key_names import key_names

BEFORE_ALL = ("help",)
"""Actions whose keys stay, whatever else has to go."""

AROUND_KEY = 2
"""Columns of a key besides its name and its word."""


@dataclass(frozen=True)
class Candidate:
    """A key that could stand in the line."""

    key: Widget
    chosen: bool = True
    """Whether it was meant for the line; the others fill the room that is left."""


class KeyLine(Footer):
    """Keys in the order of their hosts: the focused one first, the application last.

    Where there is room, the other commands that are available follow those of their host that are
    meant for the line. Nothing is ever cut: a key
    for which there is no room is left out, and F1 has them all. Under a dialog, which names its
    own keys, the line is empty.
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._fitted_to = 0
        """The width for which the keys were chosen."""

    def on_mount(self) -> None:
        super().on_mount()
        self.app.screen_change_signal.subscribe(self, self._screen_changed)

    def compose(self) -> ComposeResult:
        self._fitted_to = self.size.width
        if self._bindings_ready and self.app.screen_stack[-1:] == [self.screen]:
            yield from fitting(self._candidates(), self._fitted_to)

    def _candidates(self) -> list[Candidate]:
        active = self.screen.active_bindings.values()
        # One action may have several keys, not each of them meant for the line.
        meant_for = {each.binding.action for each in active if each.binding.show}
        found: dict[str, tuple[int, Candidate]] = {}
        for node, binding, enabled, tooltip in active:
            action = binding.action
            meant = action in meant_for
            command = _command_of(node, binding)
            if action in found or (meant and not binding.show) or not (meant or command):
                continue
            if command and not self._may_show(node, binding, command):
                continue
            key = FooterKey(
                binding.key,
                self.app.get_key_display(binding),
                binding.description,
                action,
                disabled=not enabled,
                tooltip=tooltip,
            ).data_bind(compact=Footer.compact)
            around = not command and isinstance(node, App | Screen)
            found[action] = (2 if around else int(not meant), Candidate(key, meant))
        # A second key to the same thing is worth no room.
        said = {_label(each.key) for _, each in found.values() if each.chosen}
        ordered = [each for _, each in sorted(found.values(), key=itemgetter(0))]
        return [each for each in ordered if each.chosen or _label(each.key) not in said]

    def _may_show(self, node: DOMNode, binding: Binding, verb_id: str) -> bool:
        """Whether the key leads to the command now: an input takes its letters itself, and
        read-only mode refuses what changes something."""
        focused = self.screen.focused
        # Textual sees to this for the keys whose names it can read back: not for the slash.
        typed = key_names(binding.key)
        if focused is not None and len(typed) == 1 and focused.check_consume_key(typed, typed):
            return False
        return not isinstance(node, CommandHost) or node.shows(verb_id)

    def _screen_changed(self, screen: Screen[object]) -> None:
        if self.is_attached:
            self.call_after_refresh(self.recompose)

    async def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._fitted_to:
            await self.recompose()


def _command_of(node: DOMNode, binding: Binding) -> str:
    """The id of the verb whose command the binding starts; empty if it starts none."""
    _, name, parameters = parse(binding.action)
    is_command = name == "command" and isinstance(node, CommandHost)
    return str(parameters[0]) if is_command else ""


def fitting(candidates: Iterable[Candidate], width: int) -> list[Widget]:
    """The keys that fit into `width` columns, in their order; of those that are meant for the line
    all while the width is not known (0)."""
    found = list(candidates)
    if not width:
        return [each.key for each in found if each.chosen]
    # After the last one no space is needed.
    left = width + 1
    kept: set[int] = set()
    ranked = sorted(
        range(len(found)), key=lambda n: (not _stays(found[n].key), not found[n].chosen, n)
    )
    for number in ranked:
        needed = _width(found[number].key)
        if needed <= left or _stays(found[number].key):
            left -= needed
            kept.add(number)
    return [each.key for number, each in enumerate(found) if number in kept]


def _stays(key: Widget) -> bool:
    return isinstance(key, FooterKey) and key.action.rpartition(".")[2] in BEFORE_ALL


def _label(key: Widget) -> str:
    return key.description if isinstance(key, FooterKey) else ""


def _width(key: Widget) -> int:
    if not isinstance(key, FooterKey):
        return 0
    return cell_len(key.key_display) + cell_len(key.description) + AROUND_KEY
