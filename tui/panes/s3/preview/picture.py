"""A picture in half blocks: two pixels in each cell of the terminal."""

from __future__ import annotations

import asyncio

from rich.color import Color
from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import size_text
from tui.services.s3 import S3Service
from tui.services.s3.formats.picture import LARGEST, Picture, small
from tui.services.s3.objects import Beginning


async def read_picture(s3: S3Service, beginning: Beginning, width: int, height: int) -> Static:
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
    return Static(await asyncio.to_thread(with_facts, picture))


def with_facts(picture: Picture) -> Text:
    """The picture as text; its facts stand below it."""
    return half_blocks(picture).append(picture.facts)


def half_blocks(picture: Picture) -> Text:
    """The picture as text, each line ended."""
    text = Text(no_wrap=True)
    rows = picture.rows
    for at in range(0, len(rows), 2):
        lower = rows[at + 1] if at + 1 < len(rows) else [(0, 0, 0)] * len(rows[at])
        for above, below in zip(rows[at], lower, strict=True):
            text.append("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
        text.append("\n")
    return text
