"""What came of the statements of one run: their outcomes in order, and the rows that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tui.panes.sql.loaded_result import LoadedResult
from tui.services.sql import Result

KEPT_RESULTS = 100
KEPT_BYTES = 64 * 1024 * 1024
"""Results of a run, and bytes of them, whose rows are kept; of those before, the outcomes are."""


@dataclass(frozen=True)
class RunLog:
    """What has to be said of each statement of a run, and the rows that it gave."""

    results: tuple[Result, ...] = ()
    total: int = 1
    """Statements of the run, those not run included."""
    failed: bool = False
    """Whether the one after `results` failed."""
    notices: tuple[str, ...] = ()
    """What the server said before the one that failed did."""
    kept: tuple[LoadedResult | None, ...] = field(default=(), repr=False)
    """The rows of each of `results`; None if it has none, or if they are not kept."""
    at: int | None = None
    """Which of them is shown."""

    @property
    def choices(self) -> list[int]:
        """Those that can be shown."""
        return [at for at, each in enumerate(self.kept) if each is not None]

    @property
    def shown(self) -> LoadedResult | None:
        """The rows of the one that is shown."""
        return None if self.at is None else self.kept[self.at]

    @property
    def which(self) -> str:
        """Which of several results is shown, and how to see another; "" if there is one."""
        choices = self.choices
        if self.at is None or len(choices) < 2:
            return ""
        return f" · result {choices.index(self.at) + 1} of {len(choices)}: [ ] change it"

    def moved(self, step: int) -> RunLog:
        """With the next of its results shown, or the one before; at an end it stays."""
        choices = self.choices
        if self.at is None:
            return self
        place = choices.index(self.at) + step
        return replace(self, at=choices[max(0, min(place, len(choices) - 1))])


class RunUnderWay:
    """Collects what the statements of a run come to."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.results: list[Result] = []
        self._kept: list[LoadedResult | None] = []
        self._first_kept = 0
        self._count = self._bytes = 0

    def add(self, loaded: LoadedResult) -> None:
        """One statement has ended."""
        self.results.append(loaded.result)
        has_rows = loaded.result.columns is not None
        self._kept.append(loaded if has_rows else None)
        if has_rows:
            self._count += 1
            if self.total > 1:
                self._bytes += loaded.rows.bytes
        while self._count > 1 and (self._count > KEPT_RESULTS or self._bytes > KEPT_BYTES):
            self._drop_first()

    def _drop_first(self) -> None:
        dropped = self._kept[self._first_kept]
        if dropped is not None:
            self._kept[self._first_kept] = None
            self._count -= 1
            self._bytes -= dropped.rows.bytes
        self._first_kept += 1

    @property
    def last_with_rows(self) -> LoadedResult | None:
        """The last result that has rows."""
        return next((each for each in reversed(self._kept) if each is not None), None)

    def log(
        self, *, failed: bool = False, notices: Sequence[str] = (), is_over: bool = True
    ) -> RunLog:
        """What is to be said of all; when the run is over, the last result with rows is the one
        that is shown."""
        choices = [at for at, each in enumerate(self._kept) if each is not None]
        return RunLog(
            tuple(self.results),
            self.total,
            failed,
            tuple(notices),
            tuple(self._kept),
            choices[-1] if choices and is_over else None,
        )
