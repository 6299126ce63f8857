"""An S3 browser on a scripted listing, and the view that it tells."""

from __future__ import annotations

from collections.abc import Iterable

from tests.panes.s3.scripted import ScriptedS3
from tui.panes.s3.browser import S3Browser
from tui.panes.s3.entries import raw_name
from tui.panes.s3.loading import Work
from tui.services.s3 import S3Location

TOP = S3Location("b")
NUMBERS = [f"{number:04}" for number in range(350)]


class View:
    """What a view does: it knows the rows that it drew, and is told when to look again."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self.s3 = ScriptedS3(keys)
        self.browser = S3Browser(self.s3, self.look)
        self.drawn: list[str] = []
        self.states: list[str] = []
        self._rows: object = None

    def look(self) -> None:
        shown = self.browser.shown
        if shown is not self._rows:
            self._rows, self.drawn = shown, []
        # Rows are drawn once: what was drawn of the same list may not change.
        self.drawn += [raw_name(entry) for entry in shown[len(self.drawn) :]]
        if self.states[-1:] != [self.browser.state]:
            self.states.append(self.browser.state)

    @property
    def here(self) -> str:
        entry = self.browser.current
        return "" if entry is None else raw_name(entry)

    def names(self) -> list[str]:
        """The rows, which are also what was drawn."""
        names = [raw_name(entry) for entry in self.browser.shown]
        assert names == self.drawn
        return names


async def at(location: S3Location, keys: Iterable[str]) -> View:
    view = View(keys)
    await view.browser.go(location)
    return view


def begun(work: Work | None) -> Work:
    """What must have begun."""
    assert work is not None
    return work
