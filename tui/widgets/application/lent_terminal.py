"""Another program in the terminal of the application, which goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.app import SuspendNotSupported

from tui.services.errors import ServiceError
from tui.widgets.application.orderly_app import OrderlyApp


async def run_in_terminal(
    app: OrderlyApp, command: Sequence[str], *, descriptors: Sequence[int] = ()
) -> int:
    """Give the terminal to a program until it ends; its status. `descriptors` are the open files
    that it inherits. ServiceError if it cannot be started, or there is no terminal to give."""
    try:
        with app.lend_terminal():
            process = await asyncio.create_subprocess_exec(*command, pass_fds=descriptors)
            try:
                return await process.wait()
            except asyncio.CancelledError:
                process.terminate()  # the application ends
                raise
    except SuspendNotSupported as error:
        raise ServiceError("This terminal cannot be given to another program.") from error
    except OSError as error:
        raise ServiceError(f"{command[0]} could not be started.", cause=str(error)) from error
