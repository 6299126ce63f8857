"""Colours for terminals that have fewer than the theme uses.

Rich takes for each colour the nearest one that the terminal has. Of the 256 of a terminal without
COLORTERM the nearest to a bluish dark grey is a dark blue: bars became blue stripes. A grey without
a tint is met by the terminal's own greys. Of 16 colours there is one grey, too few for bars, rows
and the cursor.
"""

from __future__ import annotations

from textual.color import Color, ColorParseError

_BACKGROUNDS = ("background", "surface", "panel", "footer-background")
"""What the names of background colours begin with."""

_BARS = ("panel", "footer-background")

FEW_COLORS = "-few-colors"
"""The class of an application in a terminal with 16 colours or none; its style sheet has the rest:
the cursor in reverse, no bars."""


def has_few(color_system: str | None) -> bool:
    """Whether the terminal has 16 colours or none; `color_system` is Rich's name."""
    return color_system not in {"truecolor", "256"}


def fitted(variables: dict[str, str], color_system: str | None) -> dict[str, str]:
    """The colours of a theme by name, for a terminal."""
    if color_system == "truecolor":
        return variables
    if has_few(color_system):
        return {**variables, **dict.fromkeys(_BARS, variables["surface"])}
    return {
        name: _grey(value) if name.startswith(_BACKGROUNDS) else value
        for name, value in variables.items()
    }


def _grey(value: str) -> str:
    """The grey that is as bright as a colour; what is no plain colour stays."""
    try:
        color = Color.parse(value)
    except ColorParseError:
        return value
    return value if color.a < 1 or color.ansi is not None else color.monochrome.hex
