"""An object's picture, read as a widget."""

from __future__ import annotations

from tui.services.errors import ErrorKind, ServiceError
from tui.services.formats.picture import LARGEST
from tui.services.quantities import size_text
from tui.services.s3 import S3Service
from tui.services.s3.objects import Beginning
from tui.widgets.drawing import Drawing
from tui.widgets.picture import drawn_picture


async def read_picture(
    s3: S3Service, beginning: Beginning, width: int, height: int, *, as_picture: bool = False
) -> Drawing:
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
    return await drawn_picture(data, width, height, as_picture=as_picture)
