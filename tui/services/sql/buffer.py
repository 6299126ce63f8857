"""The editor's text on disk, so that it survives whatever ends the application."""

from __future__ import annotations

from pathlib import Path

from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.private_file import replace_private

MAX_BYTES = 10_000_000
"""A file larger than this is not read back: it was not written here."""


class EditorBuffer:
    """One text file that only its owner can read, replaced as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # One thread: texts are written in the order in which they were given.
        self._pool = BlockingPool("sql-buffer", 1)
        self._written: str | None = None

    async def load(self) -> str:
        """The text of the last run; empty if there is none. ServiceError if it cannot be read."""
        return await self._pool.run(self._load)

    async def save(self, text: str) -> None:
        """Write `text` unless it is there already. ServiceError if that fails."""
        await self._pool.run(self.save_now, text)

    def _load(self) -> str:
        try:
            if self.path.stat().st_size > MAX_BYTES:
                raise ServiceError(f"{self.path} is too large to be the editor's text.")
            text = self.path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise ServiceError(
                "The editor's text of the last run could not be read.",
                cause=str(error),
                hint=f"{self.path} is left as it is until you type.",
            ) from error
        self._written = text
        return text

    def save_now(self, text: str) -> None:
        """`save`, blocking."""
        if text == self._written:
            return
        try:
            replace_private(self.path, text.encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise ServiceError(
                "The editor's text could not be written to disk.",
                cause=str(error),
                hint="It is still here in the editor; copy what you need.",
            ) from error
        self._written = text

    def close(self) -> None:
        """Drop writes that wait; the caller saves the last text itself."""
        self._pool.close()
