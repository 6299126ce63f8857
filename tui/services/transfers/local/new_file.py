"""The name of a local file that is to be made, as the user typed it. Blocking."""

from __future__ import annotations

from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import ExistingFile, look_at, translating_local
from tui.services.transfers.local.naming import chosen_folder


def new_name(text: str) -> tuple[Path, ExistingFile | None]:
    """The path that a text names, and what is there now. Raises ServiceError if nothing can be
    written there."""
    target = chosen_folder(Path(text))
    with translating_local(f"write {target}"):
        existing = look_at(target)
        if target.is_dir():
            raise ServiceError(
                f"{target} is a folder.", hint="Type a name in it.", kind=ErrorKind.INVALID
            )
        if not target.parent.is_dir():
            raise ServiceError(
                f"There is no folder {target.parent}.",
                hint="Choose a folder that is there.",
                kind=ErrorKind.NOT_FOUND,
            )
    return target, existing
