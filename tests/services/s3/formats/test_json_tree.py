"""JSON as a tree."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.s3.formats.json_tree import JsonNode, parse


def test_values_stay_as_they_are_written() -> None:
    tree = parse('{"n": 1.10, "big": 9007199254740993, "s": "a\\"b", "l": [true, {}], "n": 2}')
    (root,) = tree.roots
    assert [(child.label, child.summary) for child in root.children] == [
        ("n", "1.10"),
        ("big", "9007199254740993"),
        ("s", '"a\\"b"'),
        ("l", "[2]"),
        ("n", "2"),
    ]
    assert not tree.note


def test_each_line_of_json_lines_is_a_value() -> None:
    tree = parse('{"a": 1}\n{"a": 2}\n')
    assert [root.children[0].text for root in tree.roots] == ["1", "2"]
    assert not tree.note


def test_json_that_is_cut_is_shown_as_far_as_it_goes() -> None:
    tree = parse('{"a": [1, 2],\n "b": "not clos')
    assert [child.label for child in tree.roots[0].children] == ["a"]
    assert "ends in the middle, in line 2" in tree.note
    assert "line 1 is no JSON" in parse("[1}").note


def test_deep_nesting_and_many_values_do_no_harm() -> None:
    tree = parse("[" * 10_000)
    depth = 0
    nodes: Sequence[JsonNode] = tree.roots
    while nodes:
        depth, nodes = depth + 1, nodes[0].children
    assert depth == 10_000
    assert "first 100 values" in parse("[" + "1," * 1000, most=100).note
