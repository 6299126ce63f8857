"""Unfinished files of earlier downloads, in words, and their removal."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.quantities import counted, size_text
from tui.services.transfers import Leftover, TransferService
from tui.widgets.command_host import CommandHost

SHOWN = 5
"""Files that could not be removed and are named."""


def leftovers_text(found: Sequence[Leftover]) -> str:
    """ "2 unfinished files of earlier downloads (1.2 GiB)"."""
    size = size_text(sum(each.size for each in found))
    return f"{counted(len(found), 'unfinished file')} of earlier downloads ({size})"


async def remove_leftovers(
    host: CommandHost, transfers: TransferService, found: Sequence[Leftover]
) -> None:
    """Remove unfinished files, and say what became of them."""
    if not found:
        return
    problems = await transfers.leftovers.remove(found)
    lines = [f"Removed {counted(len(found) - len(problems), 'unfinished file')}."]
    lines += [f"Still there: {each.name}: {each.reason}" for each in problems[:SHOWN]]
    host.say("\n".join(lines), severity="warning" if problems else "information")
