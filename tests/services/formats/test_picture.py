"""Pictures made small."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image
from rich.cells import cell_len

from tui.services.errors import ServiceError
from tui.services.formats import picture
from tui.services.formats.picture import is_picture, scaled, small
from tui.widgets.picture import kitty_picture, with_facts


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (255, 0, 0)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_made_small_in_its_colours() -> None:
    data = png(100, 50)
    assert is_picture(data)
    made = small(data, 20, 20)
    assert (len(made.rows[0]), len(made.rows)) == (20, 10)
    assert made.rows[0][0] == (255, 0, 0)
    lines = with_facts(made)
    assert [len(line) for line in lines] == [20] * 5 + [1]
    assert {each.text for line in lines[:-1] for each in line} == {"▀"}
    assert "PNG · 100 × 50 pixels" in lines[-1][0].text


def test_damaged_and_huge_pictures_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (png(100, 50)[:60], b"\x89PNG\r\n nothing"):
        with pytest.raises(ServiceError, match="damaged or cut short"):
            small(data, 20, 20)
    monkeypatch.setattr(picture, "MOST_PIXELS", 100)
    with pytest.raises(ServiceError, match="at most 100 in all"):
        small(png(100, 50), 20, 20)


def test_a_picture_for_a_terminal_that_shows_them_has_its_shape() -> None:
    # 400 by 100 pixels are 40 by 5 cells; larger ones are made as small as there is room.
    for data, columns, rows in ((png(400, 100), 40, 5), (png(4_000, 1_000), 80, 10)):
        made = kitty_picture(data, 80, 40, (10, 20))
        assert f",c={columns},r={rows}," in made.sent
        assert [cell_len(line[0].text) for line in made.lines[:-1]] == [columns] * rows


def test_a_picture_is_sent_in_a_bounded_number_of_bytes() -> None:
    out = io.BytesIO()
    Image.frombytes("RGB", (400, 300), random.Random(1).randbytes(360_000)).save(out, "PNG")
    made = scaled(out.getvalue(), 400, 300, most=50_000)
    assert (made.width, made.height) == (400, 300)
    assert len(made.png) <= 50_000
    assert Image.open(io.BytesIO(made.png)).width < 400
