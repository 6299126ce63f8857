"""The lines of a difference as they are drawn: what differs is to be seen."""

from __future__ import annotations

from tui.panes.s3.versions.difference_dialog import AROUND, CUT, DrawnLine, drawn_lines
from tui.services.s3.preview.difference import DiffLine, DiffMark


def text_of(line: DrawnLine) -> str:
    return "".join(text for text, _ in line.runs)


def drawn(*lines: tuple[DiffMark, str]) -> list[str]:
    return [text_of(each) for each in drawn_lines([DiffLine(*line) for line in lines])]


def test_tabs_and_blanks_at_the_end_of_a_changed_line_are_seen() -> None:
    lines = drawn(
        (DiffMark.SAME, "same\tx "),
        (DiffMark.REMOVED, "\ta\t1"),
        (DiffMark.ADDED, "    a   1  "),
    )
    assert lines == ["same    x ", "␉   a␉   1", "    a   1␠␠"]


def test_lines_that_differ_far_from_their_beginning_are_drawn_from_there() -> None:
    begin = "x" * 50_000
    lines = drawn(
        (DiffMark.REMOVED, f"{begin}old"), (DiffMark.ADDED, f"{begin}new"), (DiffMark.ADDED, begin)
    )
    assert lines[0] == f"… {50_000 - AROUND:,} the same … {'x' * AROUND}old"
    assert lines[1].endswith("xnew")
    assert lines[2] == f"{'x' * CUT} … {50_000 - CUT:,} more characters"


def test_only_lines_that_took_the_place_of_one_another_are_compared() -> None:
    long = "y" * 500
    lines = drawn(
        (DiffMark.REMOVED, f"{long}1"),
        (DiffMark.SAME, ""),
        (DiffMark.ADDED, f"{long}2"),
        (DiffMark.REMOVED, "a"),
        (DiffMark.REMOVED, "b"),
        (DiffMark.ADDED, "c"),
    )
    assert lines == [f"{long}1", "", f"{long}2", "a", "b", "c"]
