"""Pictures made small."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tui.panes.s3.preview.picture import with_facts
from tui.services.errors import ServiceError
from tui.services.s3.formats import picture
from tui.services.s3.formats.picture import is_picture, small


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
