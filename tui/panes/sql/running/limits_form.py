"""The form that limits how long a statement may take on this connection."""

from __future__ import annotations

from tui.config import MOST_TIME
from tui.services.sql import TimeLimits
from tui.widgets.dialogs.forms import FormDialog, NoteField, TextField, Values

SECONDS = "seconds; 0: no limit; empty: as the server has it"

PROBLEM = f"Write seconds from 0 to {MOST_TIME:,}, such as 30 or 0.5, or nothing."


def limits_form(now: TimeLimits) -> FormDialog[TimeLimits]:
    """Ask for limits; those of `now` stand there."""
    return FormDialog(
        "Limits of this connection",
        [
            TextField(
                "statement",
                "A statement may take",
                seconds_text(now.statement),
                placeholder=SECONDS,
                check=problems,
            ),
            TextField(
                "lock",
                "It may wait for a lock",
                seconds_text(now.lock),
                placeholder=SECONDS,
                check=problems,
            ),
            NoteField(
                "The server stops what takes longer. Each page of rows counts for itself. "
                "[sql] in the settings file says what a connection begins with."
            ),
        ],
        submit=_limits,
        submit_label="Set",
        only_reads=True,
    )


def seconds_text(seconds: float | None) -> str:
    """As it can be typed again."""
    return "" if seconds is None else f"{seconds:g}"


def seconds_of(text: str) -> float | None:
    """What was typed, None for nothing; ValueError if it is no time."""
    if not text.strip():
        return None
    seconds = float(text)
    if not 0 <= seconds <= MOST_TIME:
        raise ValueError(text)
    return seconds


def problems(text: str) -> list[str]:
    """What is wrong with what was typed."""
    try:
        seconds_of(text)
    except ValueError:
        return [PROBLEM]
    return []


async def _limits(values: Values) -> TimeLimits:
    return TimeLimits(seconds_of(values["statement"]), seconds_of(values["lock"]))
