"""The command palette: every command that works now, in the words of the footer and the help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from textual.actions import parse
from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from tui.screens.matching import match
from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.verbs import key_names


class CommandsNow(Provider):
    """Commands of the focused pane and of the screens around it."""

    def _entries(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        for host, command in self._host_commands():
            title = f"{host.TITLE_HERE}: {command.label}  {key_names(command.verb.keys)}"
            yield title, command.help, partial(host.action_command, command.verb.id)
        for node in (self.screen, self.app):
            for binding in node.BINDINGS:
                if isinstance(binding, Binding):
                    yield from self._binding_entry(node, binding)
        for system in self.app.get_system_commands(self.screen):
            yield system.title, system.help, system.callback

    def _host_commands(self) -> Iterator[tuple[CommandHost, Any]]:
        focused = self.screen.focused
        hosts = [] if focused is None else list(focused.ancestors_with_self)
        if self.screen not in hosts:
            hosts.append(self.screen)
        for host in hosts:
            if isinstance(host, CommandHost):
                for command in host.commands_now():
                    yield host, command

    def _binding_entry(
        self, node: Any, binding: Binding
    ) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        if not binding.tooltip or binding.action.startswith("command("):
            return
        _, name, parameters = parse(binding.action)
        if node.check_action(name, parameters):
            title = f"{binding.description}  {key_names(binding.key)}"
            yield title, binding.tooltip, partial(node.run_action, binding.action)

    def _unique(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        seen: set[str] = set()
        for title, text, callback in self._entries():
            if title not in seen:
                seen.add(title)
                yield title, text, callback

    async def discover(self) -> Hits:
        for title, text, callback in self._unique():
            yield DiscoveryHit(Content(title), callback, help=text)

    async def search(self, query: str) -> Hits:
        for title, text, callback in self._unique():
            score, letters = match(query, title, text)
            if score:
                shown = Content(title)
                for letter in letters:
                    shown = shown.stylize(self.match_style or "reverse", letter, letter + 1)
                yield Hit(score, shown, callback, text=title, help=text)


class Palette(LeavesOnce, CommandPalette):
    """Textual's palette, at any speed of typing."""

    def run_worker(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        # Neither does a search begin for what was typed before it went.
        return super().run_worker(_nothing if self._left else work, *args, **kwargs)

    def _action_command_list(self, action: str) -> None:
        # Before its first layout the list knows no lines to move by.
        with suppress(KeyError):
            super()._action_command_list(action)


async def _nothing() -> None:
    return
