"""One cell of a grid on its way to the terminal: made safe, cut, padded."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from tui.widgets.cells import Absent, Cell, CellValue, Tone, drawn_text
from tui.widgets.safe_text import pieces


def cell_pieces(value: CellValue, limit: int, *, header: bool = False) -> list[tuple[str, bool]]:
    """The drawn (text, was made visible) runs, looking at no more than `limit` characters."""
    if isinstance(value, Absent):
        return [(value.value, False)] if value.value else []
    text = value.text if isinstance(value, Cell) else value
    if not header and (text or not isinstance(value, Cell)):
        text = drawn_text(text)
    begins = len(text) - len(text.lstrip(" "))
    if len(text.rstrip(" ")) - begins > limit:
        text = text[: begins + limit]
    return pieces(text, edges=True)


def tone_name(value: CellValue) -> str:
    """The component class that a value's looks come from, without its prefix; empty for plain."""
    if isinstance(value, Absent) or value == "":
        return "absent"
    if isinstance(value, Cell) and value.tone is not Tone.PLAIN:
        return str(value.tone.value)
    return ""


def draw_cell(
    value: CellValue,
    width: int,
    style: Style,
    control: Style,
    *,
    right: bool = False,
    header: bool = False,
) -> list[Segment]:
    """Exactly `width` terminal cells; what is longer ends in an ellipsis.

    `control` is the style of characters that were made visible.
    """
    segments: list[Segment] = []
    room = width
    for text, made_visible in cell_pieces(value, width * 2 + 2, header=header):
        here = control if made_visible else style
        size = cell_len(text)
        if size > room:
            _cut(segments, text, room, here)
            room = 0
            break
        segments.append(Segment(text, here))
        room -= size
    padding = Segment(" " * room, style)
    return [padding, *segments] if right else [*segments, padding]


def _cut(segments: list[Segment], text: str, room: int, style: Style) -> None:
    """Add what fits of `text` and an ellipsis; without room the last segment gives way to it."""
    if room:
        segments.append(Segment(set_cell_size(text, room - 1) + "…", style))
        return
    last = segments.pop()
    short = set_cell_size(last.text, max(cell_len(last.text) - 1, 0))
    segments.append(Segment(short + "…", last.style))
