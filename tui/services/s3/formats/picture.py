"""Pictures as a few pixels, for a terminal."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.formats.table_source import damaged

LARGEST = 8 * 1024 * 1024
"""Bytes of a picture that is read; it has to be read whole."""

MOST_PIXELS = 40_000_000
"""Pixels of a picture that is unpacked: a small file may claim any number."""

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


def small(data: bytes, width: int, height: int) -> Picture:
    """A picture in at most so many pixels. Raises ServiceError: it is damaged or too large, or
    Pillow is missing."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ServiceError(
            "A picture needs the library Pillow, which is not installed.",
            hint="Install it with: pip install 'tristore[images]'",
            kind=ErrorKind.INVALID,
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "WEBP"))
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
            flat = Image.new("RGB", made.size, (0, 0, 0))
            flat.paste(made, mask=made.getchannel("A"))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise damaged("picture", error) from error
    raw = flat.tobytes()
    step = 3 * flat.width
    rows = [
        [(raw[at], raw[at + 1], raw[at + 2]) for at in range(start, start + step, 3)]
        for start in range(0, len(raw), step)
    ]
    return Picture(facts, rows)
