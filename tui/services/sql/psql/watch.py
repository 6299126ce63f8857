"""What `\\watch` asks for: `[seconds] [i=seconds] [c=times] [m=rows]`.

Source of the rules: `exec_command_watch` in `src/bin/psql/command.c` of PostgreSQL 18.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from tui.services.sql.psql.commands import PsqlCommand

SECONDS = 2.0
"""Between two runs, unless it is said otherwise."""

_KINDS = {
    "i": "interval value",
    "interval": "interval value",
    "c": "iteration count",
    "count": "iteration count",
    "m": "minimum row count",
    "min_rows": "minimum row count",
}


@dataclass(frozen=True)
class WatchEvery:
    """How often a statement is run again."""

    seconds: float = SECONDS
    """From the start of a run to the start of the next."""
    times: int | None = None
    """Runs in all; None for no limit."""
    least: int = 0
    """It ends with a run that gives fewer rows."""


def watch_of(command: PsqlCommand) -> WatchEvery:
    """What a command asks for; its error at its place if it cannot be read."""
    given: dict[str, float] = {}
    for word in command.arguments:
        name, is_named, value = word.rpartition("=")
        kind = _KINDS.get(name) if is_named else _KINDS["i"]
        if kind is None:
            raise command.refused(f'\\watch: unrecognized parameter "{word}".')
        if kind in given:
            raise command.refused(f"\\watch: {kind} is specified more than once.")
        number = _seconds(value) if kind == _KINDS["i"] else _count(value)
        if number is None:
            raise command.refused(f'\\watch: incorrect {kind} "{value}".')
        given[kind] = number
    times = given.get(_KINDS["c"])
    return WatchEvery(
        given.get(_KINDS["i"], SECONDS),
        None if times is None else int(times),
        int(given.get(_KINDS["m"], 0)),
    )


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if seconds >= 0 and math.isfinite(seconds) else None


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\+?0*[1-9][0-9]{0,8}", text) else None
