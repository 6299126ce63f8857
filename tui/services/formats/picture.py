"""Pictures as a few pixels, for a terminal."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.services.errors import ErrorKind, ServiceError
from tui.services.formats.damaged import damaged

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 8 * 1024 * 1024
"""Bytes of a picture that is read; it has to be read whole."""

MOST_PIXELS = 40_000_000
"""Pixels of a picture that is unpacked: a small file may claim any number."""

LARGEST_SENT = 400_000
"""Bytes of a picture that a terminal is sent: behind them the screen has to wait."""

_MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """A picture made small."""

    facts: str
    """Its format and its real size in pixels."""
    rows: list[list[Color]]


def is_picture(data: bytes) -> bool:
    """Whether the first bytes are those of PNG, JPEG, GIF, BMP or WebP."""
    return data.startswith(_MAGIC) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


@dataclass(frozen=True)
class Scaled:
    """A picture made smaller, for a terminal that shows pictures."""

    facts: str
    """Its format and its real size in pixels."""
    png: bytes
    """May have fewer pixels, so that it is sent quickly."""
    width: int
    """Pixels in which it is to be shown."""
    height: int


def small(data: bytes, width: int, height: int) -> Picture:
    """A picture in at most so many pixels. Raises ServiceError: it is damaged or too large, or
    Pillow is missing."""
    facts, flat = _scaled(data, width, height)
    raw = flat.tobytes()
    step = 3 * flat.width
    rows = [
        [(raw[at], raw[at + 1], raw[at + 2]) for at in range(start, start + step, 3)]
        for start in range(0, len(raw), step)
    ]
    return Picture(facts, rows)


def scaled(data: bytes, width: int, height: int, most: int = LARGEST_SENT) -> Scaled:
    """A picture as PNG, in at most so many pixels and about `most` bytes. Raises as `small`."""
    facts, flat = _scaled(data, width, height)
    width, height = flat.size
    while True:
        out = io.BytesIO()
        flat.save(out, "PNG")
        png = out.getvalue()
        if len(png) <= most or max(flat.size) < 64:
            return Scaled(facts, png, width, height)
        shrunk = max((most / len(png)) ** 0.5 * 0.95, 0.25)
        flat.thumbnail((max(int(flat.width * shrunk), 1), max(int(flat.height * shrunk), 1)))


def _scaled(data: bytes, width: int, height: int) -> tuple[str, Image]:
    try:
        import PIL.Image
    except ImportError as error:
        raise ServiceError(
            "A picture needs the library Pillow, which is not installed.",
            hint="Install it with: pip install 'tristore[images]'",
            kind=ErrorKind.INVALID,
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = PIL.Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "WEBP"))
            facts = f"{image.format} · {image.width:,} × {image.height:,} pixels"
            if image.width * image.height > MOST_PIXELS:
                raise ServiceError(
                    f"The picture has {image.width:,} × {image.height:,} pixels; at most "
                    f"{MOST_PIXELS:,} in all are unpacked.",
                    hint="Download it to open it elsewhere.",
                    kind=ErrorKind.INVALID,
                )
            image.draft("RGB", (width, height))
            made = image.convert("RGBA")
            made.thumbnail((max(width, 1), max(height, 1)))
            flat = PIL.Image.new("RGB", made.size, (0, 0, 0))
            flat.paste(made, mask=made.getchannel("A"))
    except (OSError, ValueError, SyntaxError, EOFError, PIL.Image.DecompressionBombError) as error:
        raise damaged("picture", error) from error
    return facts, flat
