"""A picture: as itself where the terminal shows pictures, else in half blocks, two pixels in each
cell."""

from __future__ import annotations

import asyncio

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from tui.services.formats.picture import Color as Pixel
from tui.services.formats.picture import Picture, scaled, small
from tui.widgets.drawing import Drawing, StyledLines
from tui.widgets.kitty_graphics import MOST, KittyPicture, Placed, cell_pixels, placed


async def drawn_picture(data: bytes, width: int, height: int, *, as_picture: bool) -> Drawing:
    """A widget of at most so many cells, its line of facts included. Raises ServiceError."""
    if as_picture:
        return KittyPicture(await asyncio.to_thread(kitty_picture, data, width, height - 1))
    picture = await asyncio.to_thread(small, data, width, 2 * (height - 1))
    return Drawing(await asyncio.to_thread(with_facts, picture))


def kitty_picture(
    data: bytes, columns: int, rows: int, cell: tuple[int, int] | None = None
) -> Placed:
    """A picture in at most so many cells, each of so many pixels. Raises ServiceError."""
    across, down = cell or cell_pixels()
    columns, rows = max(min(columns, MOST), 1), max(min(rows, MOST), 1)
    made = scaled(data, columns * across, rows * down)
    # It is fitted into these cells, however many pixels it has.
    return placed(made.png, -(-made.width // across), -(-made.height // down), made.facts)


def with_facts(picture: Picture) -> StyledLines:
    """The lines of the picture; its facts stand below it."""
    return [*half_blocks(picture), [Segment(picture.facts)]]


def half_blocks(picture: Picture) -> StyledLines:
    """The lines of the picture. Takes a while: 20 microseconds for each cell."""
    rows = picture.rows
    return [
        [_half_block(*cell) for cell in zip(rows[at], _row_below(rows, at), strict=True)]
        for at in range(0, len(rows), 2)
    ]


def _row_below(rows: list[list[Pixel]], at: int) -> list[Pixel]:
    return rows[at + 1] if at + 1 < len(rows) else [(0, 0, 0)] * len(rows[at])


def _half_block(above: Pixel, below: Pixel) -> Segment:
    return Segment("▀", Style.from_color(Color.from_rgb(*above), Color.from_rgb(*below)))
