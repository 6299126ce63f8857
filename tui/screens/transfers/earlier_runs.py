"""What earlier runs left behind when they were killed: transfers that were cut off, and unfinished
files of downloads. It is looked for, told of, gone on with or removed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.panes.s3.transfers.messages import (
    cut_off_line,
    cut_off_text,
    leftovers_text,
    remove_leftovers,
)
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers import CutOff, Leftover, TransferService
from tui.services.transfers.journal.journal_problem import JournalHeldError
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Confirm
from tui.widgets.text.safe_text import visible

LOOK_AGAIN = 2.0
"""Seconds after which a journal that another window holds is read again."""

SHOWN = 10
"""Unfinished files, or transfers, that a question names."""


class EarlierRuns:
    """Calls `changed` when something was found or is gone, `passed` when what was shown as an error
    is true no more."""

    def __init__(
        self,
        host: CommandHost,
        transfers: TransferService,
        changed: Callable[[], None],
        passed: Callable[[ServiceError], None],
    ) -> None:
        self._host = host
        self._transfers = transfers
        self._changed = changed
        self._passed = passed
        self._held: ServiceError | None = None
        """What was said of a journal that another window holds."""
        self.cut_off: tuple[CutOff, ...] = ()
        """Transfers of earlier runs that were killed."""
        self.leftovers: tuple[Leftover, ...] = ()
        """Unfinished files that killed downloads left behind."""

    @property
    def told(self) -> list[str]:
        """What is there, each with the key that works on it first: a narrow terminal cuts the
        rest."""
        said = []
        if self.cut_off:
            said.append(f"C goes on, K drops: {cut_off_text(self.cut_off)}")
        if self.leftovers:
            said.append(f"X removes {leftovers_text(self.leftovers)}")
        return said

    async def look(self) -> None:
        """Read the journal, and look into the folders of the last downloads."""
        is_free = await self._look_for_cut_off()
        while not is_free:
            await asyncio.sleep(LOOK_AGAIN)
            is_free = await self._look_for_cut_off()
        await self._look_for_leftovers()

    async def _look_for_cut_off(self) -> bool:
        """Read the journal; False where another window holds it."""
        held = None
        try:
            self.cut_off = await self._transfers.cut_off.find()
        except ServiceError as error:
            held = error if isinstance(error, JournalHeldError) else None
            if held is None or self._held is None:
                # Once: something else may be said since.
                self._host.show_error(error)
        if self._held is not None and held is None:
            self._passed(self._held)
        self._held = held
        self._changed()
        return held is None

    async def _look_for_leftovers(self) -> None:
        self.leftovers = await self._transfers.leftovers.anywhere()
        self._changed()

    async def go_on(self) -> None:
        """Go on with what was cut off. Raises ServiceError if nothing is any more."""
        await self._look_again()
        await self._for_each_cut_off(self._transfers.cut_off.go_on)
        await self._look_for_cut_off()

    async def drop(self) -> None:
        """Drop what was cut off, if that is confirmed. Raises as `go_on`."""
        found = await self._look_again()
        lines = _first([cut_off_line(job) for job in found[:SHOWN]], len(found))
        lines.append(
            "Their parts in S3 and their unfinished files are removed; what arrived stays."
        )
        question = Confirm("Drop what was cut off?", "\n".join(lines), yes="Drop", danger=True)
        if await self._host.ask(question):
            await self._for_each_cut_off(self._transfers.cut_off.drop)
            await self.look()

    async def remove_leftovers(self) -> None:
        """Remove the unfinished files, if that is confirmed."""
        found = self.leftovers
        names = [visible(str(each.path), edges=True) for each in found[:SHOWN]]
        body = "\n".join([f"{leftovers_text(found)}:", *_first(names, len(found))])
        question = Confirm("Remove unfinished files?", body, yes="Remove", danger=True)
        if await self._host.ask(question):
            await remove_leftovers(self._host, self._transfers, found)
            await self._look_for_leftovers()

    async def _look_again(self) -> tuple[CutOff, ...]:
        """Another window may have gone on with them, or dropped them. Raises ServiceError."""
        await self._look_for_cut_off()
        if not self.cut_off:
            raise ServiceError(
                "No transfer is cut off any more: another window has gone on with them, or has "
                "dropped them.",
                kind=ErrorKind.NOT_FOUND,
            )
        return self.cut_off

    async def _for_each_cut_off(self, do: Callable[[CutOff], Awaitable[object]]) -> None:
        """One that belongs to another account, say, does not keep the others back."""
        for job in self.cut_off:
            try:
                await do(job)
            except ServiceError as error:
                self._host.show_error(error)


def _first(names: list[str], of: int) -> list[str]:
    """These names, and how many more there are."""
    return [*names, *([f"… and {of - len(names):,} more"] if of > len(names) else [])]
