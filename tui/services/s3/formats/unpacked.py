"""What packed data holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unpacked:
    """What packed data contains, as far as it goes."""

    data: bytes
    truncated: bool
    """Whether there is more, after the bytes at hand or after the limit."""
    problem: str = ""
    """Why it stops early, if the data is damaged."""
