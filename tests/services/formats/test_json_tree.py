"""JSON as a tree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tui.services.formats.json_tree import JsonNode, parse


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


@pytest.mark.parametrize("piece", ["x", '\\"', "\\\\", 'ab\\"' + 255 * "c", "[{,:\\n"])
@pytest.mark.parametrize("length", [255, 4095, 4096, 4097, 65_537, 300_001])
def test_a_text_of_any_length_is_one_value(piece: str, length: int) -> None:
    long = f'"{piece * (length // len(piece) + 1)}"'
    tree = parse(f'{{"a": {long}, {long} : [1, {long}]}}')
    (root,) = tree.roots
    assert (root.children[0].text, root.children[1].children[1].text) == (long, long)
    assert not tree.note
    cut = parse(f"[7, {long[:-1]}").roots[0].children
    assert [(each.text, each.cut) for each in cut] == [("7", False), (long[:-1], True)]


def test_each_line_of_json_lines_is_a_value() -> None:
    tree = parse('{"a": 1}\n{"a": 2}\n')
    assert [root.children[0].text for root in tree.roots] == ["1", "2"]
    assert not tree.note


def test_json_that_is_cut_is_shown_as_far_as_it_goes() -> None:
    tree = parse('{"a": [1, 2],\n "b": "not clos')
    (root,) = tree.roots
    assert [(child.label, child.summary) for child in root.children] == [
        ("a", "[2]"),
        ("b", '"not clos…'),
    ]
    # What the text ends in may hold more, or be longer.
    assert root.summary == "{2+}"
    assert parse('{"a": {"b": [1, 23').roots[0].inside == "a: {1+}"
    assert parse("[1, 23").roots[0].inside == "1, 23…"
    assert parse('[1, "x').roots[0].inside == '1, "x…'
    assert [each.summary for each in parse('{"a": 1}\n{"na').roots] == ["{1}", "{0+}"]
    assert "ends in the middle, in line 2" in tree.note
    assert "line 1 is no JSON" in parse("[1}").note


def test_a_closed_value_says_the_beginning_of_what_it_holds() -> None:
    (root,) = parse('{"id": 1.10, "l": [1, {}], "o": {"x": 1}, "e": [], "s": "a\tb"}').roots
    assert root.inside == 'id: 1.10, l: [2], o: {1}, e: [0], s: "a\tb"'
    assert root.children[1].inside == "1, {0}"
    assert root.children[3].inside == root.children[0].inside == ""
    long = parse(f'["{"x" * 500}", 2]').roots[0].inside
    assert len(long) < 130
    assert long.endswith("x…, …")


def test_deep_nesting_and_many_values_do_no_harm() -> None:
    tree = parse("[" * 10_000)
    depth = 0
    nodes: Sequence[JsonNode] = tree.roots
    while nodes:
        depth, nodes = depth + 1, nodes[0].children
    assert depth == 10_000
    assert "first 100 values" in parse("[" + "1," * 1000, most=100).note
