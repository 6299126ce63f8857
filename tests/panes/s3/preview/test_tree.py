"""The title of a JSON tree says what the text is."""

from __future__ import annotations

import pytest

from tui.panes.s3.preview.tree import PreviewTree
from tui.services.s3.formats.json_tree import parse


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('{"a": 1, "b": [2]}', "{2}"),
        ("[1, 2, 3]", "[3]"),
        ('"[red]"', '"[red]"'),
        ('{"a": 1}\n{"a": 2}\n', "2 values"),
    ],
)
def test_a_single_value_has_no_number(text: str, title: str) -> None:
    assert str(PreviewTree(parse(text)).root.label) == title
