"""A window on an object: where it begins, what it keeps, which lines it knows."""

from __future__ import annotations

import pytest

from tui.services.errors import ServiceError
from tui.services.s3.objects import LIMIT, Beginning
from tui.services.s3.preview.window import (
    LineEnds,
    ObjectPosition,
    Window,
    place_of,
    placed,
    span_at,
)

UTF8 = LineEnds("utf-8")


def of(data: bytes) -> Beginning:
    return Beginning("b", "k", data, len(data), "")


def numbered(count: int) -> bytes:
    return b"".join(b"line %06d\n" % number for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("1,200", ObjectPosition(line=1200)),
        ("0", ObjectPosition(line=1)),
        (" @4096 ", ObjectPosition(offset=4096)),
        ("0x1000", ObjectPosition(offset=4096)),
        ("12.5 %", ObjectPosition(percent=12.5)),
        ("START", ObjectPosition(offset=0)),
        ("end", ObjectPosition(offset=-1)),
    ],
)
def test_a_place_is_a_line_a_byte_a_percentage_or_an_end(typed: str, place: ObjectPosition) -> None:
    assert place_of(typed, binary=False) == place


def test_a_bare_number_is_a_byte_of_binary_data() -> None:
    assert place_of("4096", binary=True) == ObjectPosition(offset=4096)


@pytest.mark.parametrize("typed", ["", "half", "101%", "-5", "@", "0xzz", "9" * 40, "1e5", "५"])
def test_what_names_no_place_is_refused(typed: str) -> None:
    with pytest.raises(ServiceError, match="names no place"):
        place_of(typed, binary=False)


def test_a_window_on_a_place_begins_with_its_line_and_does_not_invent_its_number() -> None:
    data = numbered(100_000)
    start, length = span_at(600_000, len(data), binary=False)
    window = placed(of(data), start, data[start : start + length], 600_000, UTF8)
    assert window.data.startswith(b"line 0")
    assert window.start <= 600_000 < window.start + len(b"line 000000\n")
    assert window.line is None
    assert not window.inside


def test_a_place_in_a_very_long_line_begins_at_a_whole_character_inside_it() -> None:
    data = "ü".encode() * 500_000
    start, length = span_at(400_001, len(data), binary=False)
    window = placed(of(data), start, data[start : start + length], 400_001, UTF8)
    assert window.inside
    assert window.start == 400_002
    assert window.data[:2] == "ü".encode()


def test_what_is_read_on_replaces_the_other_end_and_lines_keep_their_numbers() -> None:
    data = numbered(20_000)
    window = Window(of(data), 0, data[:60_000], 1)
    for _ in range(4):
        window = window.forward(data[window.end : window.end + 20_000], UTF8, most=60_000)
        assert len(window.data) <= 60_000
    assert window.line is not None
    assert window.data.startswith(b"line %06d\n" % window.line)
    line = window.line
    back = window.backward(data[window.start - 5_000 : window.start], UTF8, most=60_000)
    assert back.line is not None
    assert back.line < line
    assert back.data.startswith(b"line %06d\n" % back.line)
    assert len(back.data) <= 60_000


def test_at_the_beginning_lines_are_numbered_again() -> None:
    data = numbered(1_000)
    window = Window(of(data), 6_000, data[6_000:9_000], None)
    window = window.backward(data[:6_000], UTF8)
    assert (window.start, window.line, window.inside) == (0, 1, False)


def test_binary_data_moves_by_whole_rows() -> None:
    data = bytes(range(256)) * 4_000
    start, length = span_at(500_007, len(data), binary=True)
    window = placed(of(data), start, data[start : start + length], 500_007, None)
    assert (window.start, len(window.data)) == (500_000, LIMIT)
    window = window.forward(data[window.end : window.end + 1_003], None, most=LIMIT)
    assert window.start % 16 == 0
    assert window.data == data[window.start : window.end]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_lines_of_wide_characters_end_only_at_whole_characters(encoding: str) -> None:
    # Its bytes hold those of a line end across two characters.
    text = "\u0a00\u0a0a\u000d\u0a01x\nsecond\nthird"
    data = text.encode(encoding)
    lines = LineEnds(encoding)
    assert lines.count(data) == 2
    assert lines.begin(data, len(data)) == len(text[: text.rindex("\n") + 1].encode(encoding))
    assert data[lines.ends(data)[0] :].decode(encoding).startswith("second")
