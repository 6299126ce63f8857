"""Lines of SQL as comments, and back."""

from __future__ import annotations

from collections.abc import Sequence

MARK = "--"


def toggled(lines: Sequence[str]) -> list[str]:
    """The lines as comments; if all that have text are comments already, what was in them. Lines
    without text stay as they are, unless there is no other."""
    with_text = [line for line in lines if line.strip()]
    if with_text and all(line.lstrip().startswith(MARK) for line in with_text):
        return [_without_mark(line) for line in lines]
    indent = min((_indent(line) for line in with_text), default=0)
    return [
        f"{line[:indent]}{MARK} {line[indent:]}" if line.strip() or not with_text else line
        for line in lines
    ]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _without_mark(line: str) -> str:
    at = _indent(line)
    behind = line[at + len(MARK) :] if line.strip() else ""
    return line[:at] + behind.removeprefix(" ")
