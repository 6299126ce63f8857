"""The rows of a previewed table as cells."""

from __future__ import annotations

from tui.panes.s3.preview.rows import cells
from tui.services.s3.formats.table_source import Formula
from tui.widgets.grid.cells import Absent, Cell, Tone


def test_a_formula_is_told_from_a_text_that_reads_like_it() -> None:
    (row,) = cells([["=A1", Formula("=A1"), None, ""]], Absent.BLANK)
    assert row == ("=A1", Cell("ƒ =A1", Tone.DIM), Absent.BLANK, "")
