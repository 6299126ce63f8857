"""Plain bytes, to be looked at."""

from __future__ import annotations


def hex_dump(data: bytes, *, eights: int = 2, start: int = 0) -> str:
    """Offset, bytes in hex and their printable ASCII, a line for each `eights` times 8 bytes.

    `start` is the offset of the first byte.
    """
    lines = []
    for offset in range(0, len(data), 8 * eights):
        row = data[offset : offset + 8 * eights]
        groups = [row[at : at + 8].hex(" ") for at in range(0, 8 * eights, 8)]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        spaced = "  ".join(f"{each:<23}" for each in groups)
        lines.append(f"{start + offset:08x}  {spaced}  |{shown}|")
    return "\n".join(lines)
