"""What moving the cursor costs: it must not grow with the number of moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unittest.mock import patch

from textual.app import App
from textual.events import Key
from textual.pilot import Pilot

from tests.driver import screen_text
from tests.idle_loop import every_frame_drawn
from tui.widgets.commands.footer import FooterLine

MOVES = 300
BURST = 4
"""Keys that come at once, as they do while one is held down."""


@dataclass(frozen=True)
class Upkeep:
    """What the application keeps up for what is on the screen."""

    widgets: int
    watchers: int
    """Callbacks of reactive attributes, over all widgets."""
    subscriptions: int
    """Subscribers of the signals that the line of keys listens to."""


def upkeep(app: App[object]) -> Upkeep:
    nodes = [app, *app.screen.walk_children(with_self=True)]
    watchers = [each for node in nodes for each in getattr(node, "__watchers", {}).values()]
    signals = (app.screen.bindings_updated_signal, app.screen_change_signal)
    callbacks = [each for signal in signals for each in signal._subscriptions.values()]
    return Upkeep(
        len(nodes), sum(len(each) for each in watchers), sum(len(each) for each in callbacks)
    )


@dataclass(frozen=True)
class Cost:
    """What happened while the cursor moved."""

    mounted: int
    """Widgets that came."""
    repaints: int
    """Of the line of keys."""


async def moving(pilot: Pilot[object], keys: Sequence[str], moves: int = MOVES) -> Cost:
    """Press the keys in turn, `moves` times altogether."""
    app = pilot.app
    mounted = repaints = 0
    register, render = App._register, FooterLine.render

    def registered(self: App[object], *arguments: object, **options: object) -> object:
        nonlocal mounted
        mounted += len(arguments) - 1
        return register(self, *arguments, **options)  # type: ignore[arg-type]  # passed on as they are

    def rendered(self: FooterLine) -> object:
        nonlocal repaints
        repaints += 1
        return render(self)

    await pilot.pause()
    screen_text(app)  # What was to be painted before the moves is painted.
    before = upkeep(app)
    with (
        every_frame_drawn(),
        patch.object(App, "_register", registered),
        patch.object(FooterLine, "render", rendered),
    ):
        for number in range(moves):
            app.post_message(Key(keys[number % len(keys)], None))
            if number % BURST == 0:
                await pilot.pause()
        await pilot.pause()
    assert upkeep(app) == before
    return Cost(mounted, repaints)
