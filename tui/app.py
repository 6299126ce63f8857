"""The application: start, header, screens, palette, keys that work everywhere.

What the first frame does not show (dialogs, help, palette) is imported by the action that wants it.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import constants
from textual.app import SystemCommand
from textual.binding import Binding
from textual.command import Provider
from textual.screen import Screen

from tui import paths
from tui.config import Settings
from tui.screens.cut_off import tell_cut_off
from tui.screens.shown_account import ShownAccount
from tui.screens.workspace import Workspace
from tui.services.errors import ServiceError
from tui.services.loading import load_all
from tui.widgets.application import themes
from tui.widgets.application.few_colors import FEW_COLORS, fitted, has_few
from tui.widgets.application.orderly_app import WIND_UP, OrderlyApp
from tui.widgets.commands import verbs
from tui.widgets.commands.verbs import binding, key_names
from tui.widgets.text.readable import ReadableText
from tui.widgets.text.safe_text import visible

if TYPE_CHECKING:
    from pathlib import Path

    from textual.filter import LineFilter
    from textual.theme import Theme

    from tui.services.bundle import Services

OpenServices = Callable[[Callable[[str], None]], Awaitable["Services"]]
"""Makes the services; told where to report progress, which a starting sandbox does."""

_SCREEN_OF = {
    "audit": "AuditScreen",
    "cleanup": "CleanupScreen",
    "sides": "SidesScreen",
    "transfers": "TransfersScreen",
}
"""The screens that are opened once: while one is open, the key that opens it does nothing."""

LATER = (
    "tui.screens.help",
    "tui.screens.palette",
    "tui.panes.sql.rds.flow",
    "tui.panes.sql.connecting.refused.fixes",
)
"""Modules that no pane needs to show its data; loaded when the data are there."""

_MOVES = {"region", "profile", "reload"}
"""What leads to another account or region: not while a dialog is about the present one."""

HEADER_INTERVAL = 0.5
"""Seconds between two looks at the transfers in flight."""

SETTLE_AFTER = 3.0
"""Seconds after the panes are there when the rest is loaded and all is taken for permanent: to look
for garbage among the modules would hold up a key for a tenth of a second now and then. Until then
nothing looks for garbage: most of what comes in is modules and descriptions of the SDK, and looking
through them was a sixth of the processor time until the panes show data."""


def _palette() -> type[Provider]:
    from tui.screens.palette import CommandsNow

    return CommandsNow


class TristoreApp(OrderlyApp):
    """One screen with three panes; cleanup, transfers and help over it."""

    TITLE = "Tristore"
    CSS_PATH = "styles/workspace.tcss"
    # In the layer of the panes, where a message takes rows of its own and covers nothing: right
    # above the footer, the newest last.
    CSS = """
    ToastRack { layer: default; dock: bottom; align: left bottom; margin: 0 0 1 0;
        max-height: 3; overflow: hidden; }
    Toast { width: 1fr; max-width: 100%; max-height: 3; margin: 0; padding: 0 1; }
    """
    COMMANDS = {_palette}
    ENABLE_COMMAND_PALETTE = True

    BINDINGS = [
        binding(verbs.HELP, "help", "Show every key.", show=True),
        binding(verbs.CLEANUP, "cleanup", "List what is in this region, and remove it.", show=True),
        binding(
            verbs.TRANSFERS,
            "transfers",
            "Watch, cancel and retry uploads and downloads.",
            show=True,
        ),
        binding(
            verbs.SIDES,
            "sides",
            "Local files beside S3: Tab changes the side, Space marks, Ctrl+S sends what is marked "
            "to the other side.",
        ),
        binding(verbs.REGION, "region", "Choose another region."),
        binding(verbs.PROFILE, "profile", "Choose another profile of the shared AWS files."),
        binding(verbs.RELOAD, "reload", "Read the credentials again and load every pane anew."),
        binding(verbs.AUDIT, "audit", "Read the log of every call that changed something."),
        binding(verbs.QUIT, "ask_quit", "Quit; asks only if something is running.", show=True),
        binding(
            verbs.QUIT_ANYWHERE,
            "ask_quit",
            "Quit from anywhere, an input included.",
            show=True,
            priority=True,
        ),
    ]

    def __init__(
        self,
        open_services: OpenServices,
        settings: Settings,
        location: str | None = None,
        *,
        theme_file: Path | None = None,
    ) -> None:
        super().__init__(paths.log_file())
        self._open_services = open_services
        self.settings = settings
        self.location = location
        self._readable = ReadableText()
        self.services: Services | None = None
        self.shown_account: ShownAccount | None = None
        """None until the services are there."""
        for theme in themes.OWN:
            self.register_theme(theme)
        self._theme_file = theme_file
        """Where a theme that is chosen is kept for the next start; None is nowhere."""
        last = themes.DEFAULT if theme_file is None else themes.remembered(theme_file)
        self.theme = settings.theme or last
        if settings.keys:
            self.set_keymap(dict(settings.keys))

    def get_css_variables(self) -> dict[str, str]:
        return fitted(super().get_css_variables(), self._color_system)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._readable]

    @property
    def _color_system(self) -> str | None:
        # Without a terminal, a picture of the screen has every colour unless it is asked for fewer.
        whole = self.is_headless and constants.COLOR_SYSTEM == "auto"
        return "truecolor" if whole else self.console.color_system

    def get_default_screen(self) -> Screen[Any]:
        return Workspace()

    @property
    def workspace(self) -> Workspace:
        """The screen under all others."""
        screen = self.screen_stack[0]
        assert isinstance(screen, Workspace)
        return screen

    def works_always(self, key: str) -> bool:
        keys = self._keymap.get(verbs.QUIT_ANYWHERE.id, verbs.QUIT_ANYWHERE.keys)
        return key in keys.split(",")

    def get_key_display(self, binding: Binding) -> str:
        return key_names(binding.key)

    def _theme_chosen(self, theme: Theme) -> None:
        if self._theme_file is not None:
            self.begin(partial(self._remember_theme, self._theme_file, theme.name), group="theme")

    async def _remember_theme(self, path: Path, name: str) -> None:
        said = await asyncio.to_thread(themes.remember, path, name, self.settings.theme)
        if said:
            self.notify(visible(said), markup=False)

    # -- start -----------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.set_class(has_few(self._color_system), FEW_COLORS)
        self.theme_changed_signal.subscribe(self, self._theme_chosen)
        self.end_well_on_signals()
        self.workspace.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.begin(self._start, group="start")

    async def _start(self) -> None:
        try:
            await self._open()
        finally:
            if not self.is_headless:
                self.set_timer(SETTLE_AFTER, self._settle)

    def _settle(self) -> None:
        self.begin(self._load_rest, group="rest")

    async def _load_rest(self) -> None:
        """Load what the first key that wants it would wait for."""
        try:
            await load_all(LATER)
        finally:
            gc.freeze()
            gc.enable()

    async def _open(self) -> None:
        try:
            services = await self._open_services(self.workspace.wait)
        except ServiceError as error:
            self.workspace.wait(str(error))
            return
        self.services = services
        self.fault_log = services.fault_log
        self.fault_log_ends = services.account.is_sandbox
        account = self.shown_account = ShownAccount(self, services)
        account.update_header()
        self.set_interval(HEADER_INTERVAL, account.update_header)
        account.read_identity()
        await self.workspace.fill(services, self.location)
        self.begin(partial(tell_cut_off, self, services), group="cut-off")

    # -- everywhere ------------------------------------------------------------------------

    def action_region(self) -> None:
        if self.shown_account is not None:
            self.shown_account.choose_region()

    def action_profile(self) -> None:
        if self.shown_account is not None:
            self.shown_account.choose_profile()

    def action_reload(self) -> None:
        if self.shown_account is not None:
            self.shown_account.read_credentials_again()

    def action_cleanup(self) -> None:
        self._push_lazily("tui.screens.cleanup", _SCREEN_OF["cleanup"], verbs.CLEANUP.label)

    def action_transfers(self) -> None:
        self._push_lazily("tui.screens.transfers", _SCREEN_OF["transfers"], verbs.TRANSFERS.label)

    def action_sides(self) -> None:
        pane = self.workspace.frame("s3").pane
        if pane is not None:
            here = pane.browser.location
            self._push_lazily("tui.screens.sides", _SCREEN_OF["sides"], verbs.SIDES.label, here)

    def _push_lazily(self, module: str, name: str, what: str, *more: object) -> None:
        """Push a screen whose module is only imported when it is wanted; once on the stack."""
        if self.services is None or self._is_open(name):
            return
        worker = self.begin(partial(self._push, module, name, *more), group="screen")
        self.keys_wait_for(what, worker)

    def _is_open(self, name: str) -> bool:
        return any(type(each).__name__ == name for each in self.screen_stack)

    async def _push(self, module: str, name: str, *more: object) -> None:
        loaded = await asyncio.to_thread(importlib.import_module, module)
        screen = getattr(loaded, name)(self.services, *more)
        self.push_screen(screen, lambda _: self._left(screen))
        if self.shown_account is not None:
            self.call_after_refresh(self.shown_account.update_header)

    def _left(self, screen: Screen[Any]) -> None:
        if getattr(screen, "has_removed", False):
            self.workspace.contents_removed()
        location = getattr(screen, "location", None)
        if location is not None:
            self.workspace.frame("s3").pane.stand_at(location)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        name = _SCREEN_OF.get(action)
        if action in _MOVES:
            return self.shown_account is None or self.shown_account.may_change
        if name is not None:
            return not self._is_open(name)
        return super().check_action(action, parameters)

    def action_audit(self) -> None:
        self._push_lazily("tui.screens.audit", _SCREEN_OF["audit"], verbs.AUDIT.label)

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen, help_sections

        if not isinstance(self.screen, HelpScreen):
            everywhere = [self.workspace.BINDINGS, self.BINDINGS]
            self.push_screen(HelpScreen(help_sections(self.screen, everywhere, self.settings.keys)))

    def action_command_palette(self) -> None:
        from tui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            # Without Textual's id: one that goes may still be there when the next comes.
            self.push_screen(Palette())

    def search_themes(self) -> None:
        from textual.theme import ThemeProvider

        from tui.screens.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for a theme"))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield SystemCommand("Theme", "Change how the application looks.", self.action_change_theme)

    # -- end -------------------------------------------------------------------------------

    def action_ask_quit(self) -> None:
        self.keys_wait_for(verbs.QUIT.label, self.begin(self._ask_quit, group="quit"))

    async def _ask_quit(self) -> None:
        from tui.screens.questions import may_quit

        if await may_quit(self, self.services):
            self.exit(0)

    async def wind_up(self) -> None:
        if self.services is not None:
            await self.services.leave_transfers(WIND_UP)

    async def action_quit(self) -> None:
        self.action_ask_quit()
