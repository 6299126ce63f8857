"""What every screen of the application does with sizes, and with keys that come early; what is said
in place of a screen that the terminal has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual._styles_cache import StylesCache
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from tui.services.giving_way import key_waits
from tui.widgets.text.readable import ReadableText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.filter import LineFilter
    from textual.screen import Screen

    _Mixed = Screen[Any]
else:
    # Textual takes styles from the first base that is a widget: this one must be none.
    _Mixed = object

MIN_COLUMNS = 80
MIN_ROWS = 24


def release_drawn_lines() -> None:
    """Let go of the lines of widgets that are gone.

    Textual caches a method with `lru_cache`, and its key is the widget's cache of drawn lines:
    those of the last thousand widgets stay, about 2 MB for each screen that was opened.
    """
    StylesCache.get_inner_outer.cache_clear()


class OrderlyScreen(_Mixed):
    """A screen that takes no size but the terminal's present one. List it before the screen class
    it extends.

    A layout in a changed size makes Textual post a Resize of that size to the screen itself. Two
    sizes in its queue, with other messages between them, would change the layout back and forth
    and post one another again without end, and the event loop would never run anything else. It
    takes two resizes while a screen is busy.
    """

    _took_keys = False

    @property
    def is_filled(self) -> bool:
        """Whether what the keys are meant for is there; a screen that reads it first says so."""
        return True

    @property
    def takes_keys(self) -> bool:
        """Whether it is ready for keys: they would miss a field that has the focus a moment
        later. Once it is, it stays so."""
        if not self._took_keys:
            # While the terminal is not in front, nothing is given the focus.
            focused = self.focused is not None or not self.app.app_focus or not self.focus_chain
            self._took_keys = self.is_mounted and self.is_filled and focused
        return self._took_keys

    def get_line_filters(self) -> Sequence[LineFilter]:
        # All that a screen itself draws is what is below it, which a dialog makes faint.
        filters = super().get_line_filters()
        return [each for each in filters if not isinstance(each, ReadableText)]

    async def on_event(self, event: events.Event) -> None:
        # The application posts the present size to every visible screen, and each screen asks
        # for it when it comes to the top: nothing is lost with an older one.
        if isinstance(event, events.Resize) and event.size != self.app.size:
            return
        had_size = self._size
        await super().on_event(event)
        if isinstance(event, events.ScreenResume) and self._size != had_size:
            # The layout has just drawn everything; Textual would draw it once more.
            self._repaint_required = False

    async def _on_idle(self, event: events.Idle) -> None:
        # Textual draws when its clock of 60 frames a second ticks. While something long shows its
        # progress, a key would wait for up to a whole tick.
        if key_waits():
            self._on_timer_update()

    def on_unmount(self) -> None:
        release_drawn_lines()

    async def _on_resize(self, event: events.Resize) -> None:
        # Every layout in another size posts one to the screen itself, for which Textual would lay
        # out and draw everything a second time.
        if event.size == self._size:
            event.prevent_default()


class TooSmall(Static):
    """Covers its screen while the terminal is too small for it. The screen calls `fit` whenever
    its size changes, and has a layer `over`."""

    DEFAULT_CSS = """
    TooSmall { display: none; layer: over; dock: top; width: 100%; height: 100%;
        content-align: center middle; text-align: center; background: $surface;
        &.-shown { display: block; }
    }
    """

    def fit(self, size: Size) -> bool:
        """Show or hide it for a terminal of this size; whether it is shown."""
        small = size.width < MIN_COLUMNS or size.height < MIN_ROWS
        self.set_class(small, "-shown")
        if small:  # each update makes the screen lay out all its widgets
            self.update(
                Content(
                    f"{size.width}×{size.height} is too small.\nTristore needs a terminal of at "
                    f"least {MIN_COLUMNS}×{MIN_ROWS}.\nCtrl+Q quits."
                )
            )
        return small
