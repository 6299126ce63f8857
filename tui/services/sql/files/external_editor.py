"""A text in the editor of the user's own ($VISUAL, $EDITOR), by way of a private file."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.services.errors import ServiceError

FALLBACK = "vi"
"""What POSIX systems have where nothing is chosen."""

_CHOOSE = "Set VISUAL or EDITOR, such as: export EDITOR=nano"


def editor_command(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The editor and its options. ServiceError if there is none."""
    name = next((each for each in ("VISUAL", "EDITOR") if environment.get(each, "").strip()), "")
    value = environment[name] if name else FALLBACK
    said = f"${name}" if name else "neither VISUAL nor EDITOR is set"
    try:
        command = tuple(shlex.split(value))
    except ValueError as error:
        raise ServiceError(
            f"${name} cannot be read as a command: {value}", cause=str(error), hint=_CHOOSE
        ) from error
    if not command or shutil.which(command[0], path=environment.get("PATH")) is None:
        missing = command[0] if command else value
        raise ServiceError(f"The editor {missing} was not found ({said}).", hint=_CHOOSE)
    return command


@dataclass(frozen=True)
class EditedFile:
    """The private file that an editor is given."""

    path: Path
    text: str
    """What it held at first."""

    @classmethod
    def made(cls, text: str) -> EditedFile:
        """Write a text to a file that only its owner can reach. Blocking; ServiceError."""
        try:
            folder = Path(tempfile.mkdtemp(prefix="tristore-"))
            path = folder / "statement.sql"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text.encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise ServiceError(
                "The text could not be written to a file for the editor.", cause=str(error)
            ) from error
        return cls(path, text)

    def taken(self, command: Sequence[str], status: int) -> str | None:
        """What the editor left, None if it is what it was; the file is removed, unless what it
        holds would be lost. Blocking; ServiceError if the editor failed."""
        text, problem = self._read()
        if not problem and status == 0:
            self.remove()
            return None if text == self.text else text
        is_lost = bool(problem) or text != self.text
        if not is_lost:
            self.remove()
        ended = f"by signal {-status}" if status < 0 else f"with status {status}"
        raise ServiceError(
            problem or f"The editor {command[0]} ended {ended}; the text stays as it was.",
            hint=f"What it wrote is in {self.path}." if is_lost else "",
        )

    def given_up(self) -> None:
        """Nobody takes what the editor leaves: remove the file, unless it holds another text."""
        if self._read() == (self.text, ""):
            self.remove()

    def remove(self) -> None:
        """Remove the file with all that the editor left beside it."""
        shutil.rmtree(self.path.parent, ignore_errors=True)

    def _read(self) -> tuple[str, str]:
        """The text, and what is wrong with it."""
        try:
            text = self.path.read_bytes().decode("utf-8", "surrogatepass").replace("\r\n", "\n")
        except FileNotFoundError:
            return self.text, ""  # removed: nothing was meant to be taken
        except (OSError, UnicodeDecodeError) as error:
            return "", f"What the editor left could not be read: {error}"
        if "\0" in text:
            return "", "What the editor left has NUL characters; the text stays as it was."
        # Most editors end the last line, which is no change of the text.
        if text.endswith("\n") and not self.text.endswith("\n"):
            text = text[:-1]
        return text, ""
