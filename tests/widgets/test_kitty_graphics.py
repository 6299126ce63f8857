"""Pictures as kitty's graphics protocol has them, with Unicode placeholders."""

from __future__ import annotations

import re
from base64 import standard_b64decode

import pytest
from rich.cells import cell_len

from tui.widgets.kitty_graphics import MARKS, MOST, cells, has_pictures, placed, removed, sent

COMMAND = re.compile("\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\\\")


def test_a_picture_is_sent_whole_in_pieces_that_no_terminal_answers() -> None:
    png = bytes(range(256)) * 40
    text = sent(png, 7, 30, 10)
    commands = COMMAND.findall(text)
    assert "".join(f"\x1b_G{head};{body}\x1b\\" for head, body in commands) == text
    assert commands[0][0] == "a=T,U=1,q=2,f=100,i=7,c=30,r=10,m=1"
    assert {head for head, _ in commands[1:-1]} == {"q=2,m=1"}
    assert commands[-1][0] == "q=2,m=0"
    assert all(len(body) <= 4096 and len(body) % 4 == 0 for _, body in commands)
    assert standard_b64decode("".join(body for _, body in commands)) == png
    assert sent(b"x", 7, 1, 1).count("\x1b_G") == 1
    assert COMMAND.fullmatch(removed(7))


def test_each_cell_says_its_place_and_the_number_of_the_picture() -> None:
    lines = cells(0x01_02_03, 3, 2)
    assert [line[0].text for line in lines] == [
        "".join(f"\U0010eeee{MARKS[y]}{MARKS[x]}" for x in range(3)) for y in range(2)
    ]
    assert {cell_len(line[0].text) for line in lines} == {3}
    style = lines[0][0].style
    assert style is not None
    assert style.color is not None
    assert style.color.triplet == (1, 2, 3)
    assert len(set(MARKS)) == MOST
    # The first ones, and the one at 100, of rowcolumn-diacritics.txt.
    assert [f"{ord(each):04X}" for each in (*MARKS[:6], MARKS[100])] == [
        *("0305", "030D", "030E", "0310", "0312", "033D", "07EB"),
    ]


def test_each_picture_has_a_number_that_a_colour_can_say() -> None:
    numbers = {placed(b"x", 1, 1, "").number for _ in range(5)}
    assert len(numbers) == 5
    assert all(0 < each <= 0xFF_FFFF for each in numbers)


@pytest.mark.parametrize(
    ("term", "color_system", "has"),
    [
        ("xterm-kitty", "truecolor", True),
        ("xterm-ghostty", "truecolor", True),
        # The number of the picture would be another one in 256 colours.
        ("xterm-kitty", "256", False),
        ("xterm-256color", "truecolor", False),
        ("tmux-256color", "truecolor", False),
        (None, None, False),
    ],
)
def test_only_terminals_that_are_known_to_show_pictures_get_them(
    term: str | None, color_system: str | None, has: bool
) -> None:
    assert has_pictures({"TERM": term} if term else {}, color_system) is has
