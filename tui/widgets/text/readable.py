"""Text that can be read on what is behind it, in every theme.

A theme chooses its colours for its own background. Drawn on a bar, on the row of the cursor or on a
button they may be too faint: of the 22 themes only two of ours kept the contrast everywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.color import Color as DrawnColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

LEAST = 4.5
"""The contrast that text of this size needs: https://www.w3.org/TR/WCAG21/#contrast-minimum"""

_STEPS = 16

_LINES = re.compile("[\\s\u2500-\u259f\U0001fb00-\U0001fbff]*|\U0010eeee.*")
"""Borders, bars and pictures: no text, and meant to be faint where they are. The last is the cell
of a picture that the terminal shows (`kitty_graphics`), whose colour is its number."""


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """1 to 21: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: ColorTriplet) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(text: ColorTriplet, behind: ColorTriplet) -> ColorTriplet:
    """The colour that is nearest to `text`, on the way to black or white, and can be read."""
    ends = (ColorTriplet(255, 255, 255), ColorTriplet(0, 0, 0))
    end = max(ends, key=lambda each: contrast(each, behind))
    for step in range(_STEPS):
        tried = ColorTriplet(
            *(a + (b - a) * step // _STEPS for a, b in zip(text, end, strict=True))
        )
        if contrast(tried, behind) >= LEAST:
            return tried
    return end


@lru_cache(4096)
def _readable_style(style: Style, around: Color) -> Style:
    behind = style.bgcolor
    if behind is None or behind.is_default:
        behind = around.rich_color
    front = style.color
    # A colour of the terminal's own palette is known to the terminal only.
    if front is None or front.triplet is None or behind.triplet is None:
        return style
    text, field = front.triplet, behind.triplet
    if style.reverse:
        mended = readable(field, text)
        changed = Style(bgcolor=DrawnColor.from_triplet(mended))
        return style if mended == field else style + changed
    mended = readable(text, field)
    return style if mended == text else style + Style(color=DrawnColor.from_triplet(mended))


class ReadableText(LineFilter):
    """Makes the text of a line lighter or darker where it would be too faint."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.style is None or _LINES.fullmatch(segment.text)
            else Segment(segment.text, _readable_style(segment.style, background), segment.control)
            for segment in segments
        ]
