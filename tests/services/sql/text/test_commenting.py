"""Lines as comments, and back."""

from __future__ import annotations

import pytest

from tui.services.sql.text.commenting import toggled


@pytest.mark.parametrize(
    ("lines", "commented"),
    [
        (["select 1"], ["-- select 1"]),
        (["    a,", "", "  b"], ["  --   a,", "", "  -- b"]),
        (["-- a", "b"], ["-- -- a", "-- b"]),
        ([""], ["-- "]),
        (["\tx"], ["\t-- x"]),
    ],
)
def test_lines_become_comments_and_are_what_they_were_again(
    lines: list[str], commented: list[str]
) -> None:
    assert toggled(lines) == commented
    assert toggled(commented) == lines


def test_a_comment_without_a_blank_is_one_too() -> None:
    assert toggled(["--a", "  --  b", ""]) == ["a", "   b", ""]
