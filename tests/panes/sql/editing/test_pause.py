"""When texts are written to disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui.panes.sql.editing.pause import SAVE_AFTER, SAVE_LATEST, Pause


class Clock:
    """Time that goes by when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, act: Callable[[], None]) -> Any:
        self.due.append((self.now + seconds, act))
        return self

    def stop(self) -> None:
        self.due.pop()

    def go(self, seconds: float) -> None:
        self.now += seconds
        for at, act in [each for each in self.due if each[0] <= self.now]:
            self.due.remove((at, act))
            act()


def test_texts_are_written_in_a_pause_and_now_and_then_without_one() -> None:
    clock, written = Clock(), list[float]()
    pause = Pause(clock.call_later, lambda: written.append(clock.now), lambda: clock.now)
    for _ in range(3):
        pause.wait()
        clock.go(SAVE_AFTER / 2)
    assert written == []
    clock.go(SAVE_AFTER / 2)
    assert len(written) == 1
    assert not pause.is_awaited
    begun = clock.now
    while clock.now - begun < 3 * SAVE_LATEST:
        pause.wait()
        clock.go(SAVE_AFTER / 2)
    assert len(written) == 1 + 3 - 1
