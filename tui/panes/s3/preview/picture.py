"""A picture in half blocks: two pixels in each cell of the terminal."""

from __future__ import annotations

import asyncio

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import size_text
from tui.services.s3 import S3Service
from tui.services.s3.formats.picture import LARGEST, Picture, small
from tui.services.s3.formats.picture import Color as Pixel
from tui.services.s3.objects import Beginning
from tui.widgets.drawing import Drawing, Lines


async def read_picture(s3: S3Service, beginning: Beginning, width: int, height: int) -> Drawing:
    """A widget of at most so many cells, its line of facts included. Raises ServiceError."""
    data = beginning.data
    if beginning.size > LARGEST:
        raise ServiceError(
            f"The picture has {size_text(beginning.size)}; at most {size_text(LARGEST)} are read.",
            hint="Its bytes are shown instead.",
            kind=ErrorKind.INVALID,
        )
    if beginning.truncated:
        data = (await s3.read_more(beginning, LARGEST)).data
    picture = await asyncio.to_thread(small, data, width, 2 * (height - 1))
    return Drawing(await asyncio.to_thread(with_facts, picture))


def with_facts(picture: Picture) -> Lines:
    """The lines of the picture; its facts stand below it."""
    return [*half_blocks(picture), [Segment(picture.facts)]]


def half_blocks(picture: Picture) -> Lines:
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
