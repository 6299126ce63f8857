"""A JSON tree: its title, its branches on request, and the search in it."""

from __future__ import annotations

import json

import pytest
from textual.app import App

from tui.panes.s3.preview.search import PreviewSearch
from tui.services.formats.json_tree import JsonNode, find_value, names_of, parse
from tui.widgets.json_view import AT_ONCE, Gap, JsonView


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
    assert str(JsonView(parse(text)).root.label) == title


SEARCHED = parse('{"Name": "ada", "list": [1, {"name": "x"}, [], "[red]Ada"]}\n{"last": "ADA"}')


def test_values_and_names_are_found_in_both_directions_round_the_end() -> None:
    hits = [(0, 0), (0, 1, 3), (1, 0)]
    at = None
    for hit in [*hits, hits[0]]:
        at = find_value(SEARCHED, "ada", at, 1)
        assert at == hit
    for hit in [hits[2], hits[1], hits[0], hits[2]]:
        at = find_value(SEARCHED, "ada", at, -1)
        assert at == hit
    assert find_value(SEARCHED, "name", (0, 0), 1) == (0, 1, 1, 0)
    assert find_value(SEARCHED, "nothing", None, 1) is None
    # A number in a list is no name, and a bracket no text.
    assert find_value(SEARCHED, "2", None, 1) is None
    assert find_value(SEARCHED, "{", None, 1) is None


def test_a_place_is_named_and_a_single_root_has_no_name() -> None:
    assert names_of(SEARCHED, (0, 1, 3)) == ["0", "list", "3"]
    assert names_of(parse('{"a": [7]}'), (0, 0, 0)) == ["a", "0"]


def test_values_nested_without_end_are_searched() -> None:
    deep = parse("[" * 50_000 + "1")
    assert find_value(deep, "1", None, 1) == (0,) * 50_001


def shown(tree: JsonView) -> list[str]:
    """The children of the root, gaps as how many they hide."""
    found = []
    for line in tree.root.children:
        gap = line.data
        assert gap is not None
        found.append(gap.label if isinstance(gap, JsonNode) else f"…{gap.last - gap.first}")
    return found


def test_a_value_far_down_is_shown_among_its_neighbours() -> None:
    tree = JsonView(parse(json.dumps(list(range(1000)))))
    tree._fill(tree.root)
    assert shown(tree) == [*map(str, range(AT_ONCE)), "…800"]
    child = tree._child(tree.root, 650)
    assert isinstance(child.data, JsonNode)
    assert child.data.text == "650"
    assert shown(tree) == [
        *map(str, range(AT_ONCE)),
        "…400",
        *map(str, range(600, 800)),
        "…200",
    ]
    first_gap = tree.root.children[AT_ONCE]
    assert tree.chosen(first_gap) is None
    assert shown(tree)[AT_ONCE : 2 * AT_ONCE + 1] == [*map(str, range(200, 400)), "…200"]
    assert not any(isinstance(each.data, Gap) and not each.data.children for each in child.children)


async def test_a_closed_line_says_what_it_holds_and_an_open_one_shows_it() -> None:
    tree = JsonView(parse('{"id": 1, "[red]": [7]}\n{"id": 2}\n'))
    app: App[None] = App()
    async with app.run_test() as pilot:
        await app.mount(tree)
        await pilot.pause()
        first, second = tree.root.children
        assert str(first.label) == "0: {2} id: 1, [red]: [1]"
        assert str(second.label) == "1: {1} id: 2"
        for _ in range(2):
            first.toggle()
            await pilot.pause()
            assert str(first.label) == ("0: {2}" if first.is_expanded else str(first.label))
        assert str(first.label) == "0: {2} id: 1, [red]: [1]"


async def test_n_goes_from_hit_to_hit_and_opens_what_holds_it() -> None:
    text = json.dumps({"a": [{"x": number, "at": number % 500 == 499} for number in range(1000)]})
    tree, search = JsonView(parse(text)), PreviewSearch()
    app: App[None] = App()
    async with app.run_test() as pilot:
        await app.mount(tree)
        await pilot.pause()
        search.begin("TRUE")
        said = []
        for step in (1, 1, 1, -1):
            said.append(await search.find(tree, step=step, more=False))
            await pilot.pause()
        assert said == [
            "“TRUE” at a › 499 › at.",
            "“TRUE” at a › 999 › at.",
            "“TRUE” at a › 499 › at.",
            "“TRUE” at a › 999 › at.",
        ]
        assert tree.path == (0, 0, 999, 1)
        search.begin("nowhere")
        assert "not found here" in await search.find(tree, step=1, more=False)
