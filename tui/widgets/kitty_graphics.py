"""Pictures in a terminal that has kitty's graphics protocol with Unicode placeholders.

The picture is sent once, under a number; then ordinary cells of the screen show their part of it:
the placeholder character, with its row and column as combining marks and the number as its colour.
So the rest of the screen is drawn as always, and the picture goes away where something is drawn
over it. Nothing is asked of the terminal, and it answers nothing (`q=2`).

Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

from __future__ import annotations

import array
import itertools
import os
import sys
from base64 import standard_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import App

from tui.widgets.drawing import Drawing, StyledLines

_TERMINALS = {"xterm-kitty", "xterm-ghostty"}
"""What TERM is in those that are known to have placeholders. WezTerm and Konsole have the protocol
without them. A multiplexer, which would not pass the pictures on, has a TERM of its own."""

USUAL_CELL = 10, 20
"""Pixels of a cell where the terminal does not tell."""

_CHUNK = 4096
_PLACEHOLDER = "\U0010eeee"
_MARKS = (
    "0305 030D-030E 0310 0312 033D-033F 0346 034A-034C 0350-0352 0357 035B 0363-036F 0483-0487 "
    "0592-0595 0597-0599 059C-05A1 05A8-05A9 05AB-05AC 05AF 05C4 0610-0617 0657-065B 065D-065E "
    "06D6-06DC 06DF-06E2 06E4 06E7-06E8 06EB-06EC 0730 0732-0733 0735-0736 073A 073D 073F-0741 "
    "0743 0745 0747 0749-074A 07EB-07F1 07F3 0816-0819 081B-0823 0825-0827 0829-082D 0951 "
    "0953-0954 0F82-0F83 0F86-0F87 135D-135F 17DD 193A 1A17 1A75-1A7C 1B6B 1B6D-1B73 1CD0-1CD2 "
    "1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC "
    "20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF"
)
"""The combining marks that say 0, 1, 2, …: the beginning of rowcolumn-diacritics.txt there."""

_NUMBERS = itertools.count(os.getpid() % 0xFF_FFFF + 1)


def _marks() -> str:
    found: list[str] = []
    for part in _MARKS.split():
        first, _, last = part.partition("-")
        found += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return "".join(found)


MARKS = _marks()
MOST = len(MARKS)
"""Rows and columns of a picture at most."""


def has_pictures(environ: Mapping[str, str], color_system: str | None) -> bool:
    """Whether the terminal shows pictures; by its own name, so that nothing has to be asked."""
    return environ.get("TERM") in _TERMINALS and color_system == "truecolor"


def shows_pictures(app: App[object]) -> bool:
    """Whether the terminal of an application does, and every colour reaches it as it is."""
    drawn = not (app.is_headless or app.no_color or app.native_ansi_color)
    return drawn and has_pictures(os.environ, app.console.color_system)


def cell_pixels() -> tuple[int, int]:
    """The width and height of a cell of the terminal."""
    try:
        import fcntl
        import termios
    except ImportError:
        return USUAL_CELL
    size = array.array("H", [0, 0, 0, 0])
    try:
        fcntl.ioctl(sys.__stdout__ or 1, termios.TIOCGWINSZ, size)
    except OSError:
        return USUAL_CELL
    rows, columns, width, height = size
    if not (rows and columns and width >= columns and height >= rows):
        return USUAL_CELL
    return width // columns, height // rows


def sent(png: bytes, number: int, columns: int, rows: int) -> str:
    """What gives the terminal a picture, and so many cells for it."""
    data = standard_b64encode(png).decode()
    parts = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    shown = f"a=T,U=1,q=2,f=100,i={number},c={columns},r={rows},"
    written = []
    for at, part in enumerate(parts):
        more = int(at + 1 < len(parts))
        written.append(f"\x1b_G{'' if at else shown}{'q=2,' if at else ''}m={more};{part}\x1b\\")
    return "".join(written)


def removed(number: int) -> str:
    """What takes it from the terminal again."""
    return f"\x1b_Ga=d,d=I,q=2,i={number}\x1b\\"


def cells(number: int, columns: int, rows: int) -> StyledLines:
    """The lines in which the terminal shows it."""
    color = Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255)
    style = Style.from_color(color)
    return [
        [Segment("".join(f"{_PLACEHOLDER}{MARKS[y]}{MARKS[x]}" for x in range(columns)), style)]
        for y in range(rows)
    ]


@dataclass(frozen=True)
class Placed:
    """A picture, ready to be sent and drawn."""

    number: int
    sent: str
    lines: StyledLines


def placed(png: bytes, columns: int, rows: int, below: str) -> Placed:
    """A picture in at most `MOST` rows and columns, with a line of text below it. Takes some
    milliseconds."""
    # 24 bits are what a colour says.
    number = next(_NUMBERS) % 0xFF_FFFF + 1
    lines = [*cells(number, columns, rows), [Segment(below)]]
    return Placed(number, sent(png, number, columns, rows), lines)


class KittyPicture(Drawing):
    """A picture that the terminal shows while this is on the screen."""

    def __init__(self, picture: Placed) -> None:
        super().__init__(picture.lines)
        self._picture = picture

    def on_mount(self) -> None:
        self._write(self._picture.sent)

    def on_unmount(self) -> None:
        self._write(removed(self._picture.number))

    def _write(self, text: str) -> None:
        # Behind what the screen has written, from the thread that writes all of it.
        driver = self.app._driver  # noqa: SLF001  # Textual has no public way to it
        if driver is not None:
            driver.write(text)
